"""Sanitizes attached files: images and the pages of a PDF are redrawn, so no hidden content survives.

The number of pixels is checked before an image is decoded. Refused with a reason: a file of two types at once
(an image that is also an archive or a PDF), and a file that would lose content when redrawn (attached files
of a PDF, an unreadable scan).
"""

import io
import re
import struct
import warnings
from hashlib import sha256
from threading import Lock

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from rules import Refused
from rules.requests import pdf_pages
from rules.requests.attachments import (
    HEAD,
    PIXELS,
    TYPES,
    WHAT_IS_TAKEN,
    Clean,
    Upload,
    describe_other,
    kind_of,
    safe_name,
)

pillow_heif.register_heif_opener(thumbnails=False)
# An image of 50 megapixels takes 150 MB while it is redrawn, so only one is redrawn at a time.
_drawing = Lock()
FORMATS = {"jpg": "JPEG", "png": "PNG", "heic": "HEIF"}
QUALITY = 88
TAIL = 66_000
MANY_LEVELS = 16  # grey levels; an image with this many is not an empty sheet


def clean(upload: Upload) -> Clean:
    """Return the sanitized file. Refused at `files` with the file's name and the reason."""
    raw, name = upload.content.read(), safe_name(upload.name)
    kind = kind_of(raw[:HEAD])
    if kind is None:
        raise _refused(name, f"это {describe_other(raw[:64])}. {WHAT_IS_TAKEN}")
    _check_single(raw, kind, name)
    if kind == "pdf":
        data = _redraw_pdf(raw, name)
    else:
        kind, data = _redraw_picture(raw, kind, name)
    return Clean(safe_name(upload.name, kind), TYPES[kind], data, sha256(data).hexdigest())


def _refused(name: str, why: str) -> Refused:
    return Refused(files=f"Файл «{name}» не принят: {why}")


def _check_single(raw: bytes, kind: str, name: str) -> None:
    """Refuse a file of two types at once: redrawing would silently drop the second one.

    Only signatures that cannot occur by chance are searched for: ten megabytes of a photo may contain any
    four bytes, also «<svg» and «PK». Scripts need no search, because none of the original bytes are kept.
    """
    found = ""
    if _ends_as_archive(raw):
        found = "архив"
    elif kind != "pdf" and re.search(rb"%PDF-[12]\.\d[\r\n]", raw):
        found = "PDF"
    if found:
        raise _refused(
            name, f"внутри него спрятан ещё и другой файл ({found}). Сохраните его заново и приложите."
        )


def _ends_as_archive(raw: bytes) -> bool:
    """Return whether a valid ZIP end record is near the end: a single disk, and a comment that fits in the
    file.
    """
    at = raw.rfind(b"PK\x05\x06", max(0, len(raw) - TAIL))
    if at < 0 or len(raw) - at < 22:
        return False
    disk, first, here, whole = struct.unpack_from("<4H", raw, at + 4)
    comment = struct.unpack_from("<H", raw, at + 20)[0]
    return (disk, first) == (0, 0) and here == whole and comment <= len(raw) - at - 22


def _redraw_pdf(raw: bytes, name: str) -> bytes:
    try:
        return pdf_pages.redraw(raw)
    except pdf_pages.Unreadable as why:
        raise _refused(name, str(why)) from None


def _redraw_picture(raw: bytes, kind: str, name: str) -> tuple[str, bytes]:
    """Return (kind, bytes) of the redrawn image: rotated by its EXIF, without metadata and trailing data."""
    damaged = _refused(
        name, "он повреждён и не открывается. Сохраните его заново или сфотографируйте ещё раз."
    )
    try:
        with warnings.catch_warnings(), _drawing:
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(raw), formats=[FORMATS[kind]])
            if picture.width * picture.height > PIXELS:
                raise _refused(name, "в нём больше 50 мегапикселей. Уменьшите снимок.")
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)  # in place, because a copy may take 200 MB more
            drawn = _to_eight_bits(picture)
            if _levels(drawn) == 1 and _levels(picture) >= MANY_LEVELS:
                raise _refused(
                    name, "после обработки он стал бы пустым листом. Сохраните скан в 8 битах и приложите."
                )
            return _encode(drawn, "png" if kind == "png" else "jpg")
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise _refused(name, "в нём больше 50 мегапикселей. Уменьшите снимок.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise damaged from None


def _levels(picture: Image.Image) -> int:
    """Return the number of distinct values in a one-channel image, at most MANY_LEVELS; MANY_LEVELS for
    others.
    """
    if picture.mode not in ("L", "I", "F") and not picture.mode.startswith("I;"):
        return MANY_LEVELS
    counted = picture.convert("I").getcolors(MANY_LEVELS - 1) if picture.mode != "L" else picture.getcolors()
    return len(counted) if counted else MANY_LEVELS


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits. Pillow would clip values at 255 and turn the scan white."""
    if not picture.mode.startswith("I"):
        return picture
    whole = picture.convert("I")
    return whole.point(lambda level: level * (1 / 257)).convert("L")  # type: ignore[operator]


def _encode(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Encode only the pixels. `info` is cleared, because Pillow writes its texts and profiles into the
    file.
    """
    modes = ("1", "L", "LA", "RGB", "RGBA") if kind == "png" else ("L", "RGB")
    if kind == "jpg" and picture.has_transparency_data:  # JPEG has no transparency: white background
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    plain = picture if picture.mode in modes else picture.convert("RGBA" if kind == "png" else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    if kind == "png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=QUALITY)
    return kind, out.getvalue()
