"""Sanitizes attached files: pictures and the pages of a PDF are redrawn, so nothing hidden survives.

A picture's pixels are counted before it is decoded. Refused with a reason: a file of two types at once (a
picture that is also an archive or an HTML page), and what redrawing would lose (files inside a PDF, a scan
that cannot be read).
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
# One picture of 50 megapixels takes 150 MB while it is drawn: one at a time.
_drawing = Lock()
FORMATS = {"jpg": "JPEG", "png": "PNG", "heic": "HEIF"}
QUALITY = 88
TAIL = 66_000
MANY_LEVELS = 16  # of grey: a sheet of so many says something


def clean(upload: Upload) -> Clean:
    """The sanitized file; Refused at `files` with its name and the reason."""
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
    """Refuse a file of two types: its owner would lose the second one without a word, as it is redrawn.

    Only what cannot stand among pixels by chance is looked for: ten megabytes of a photo hold any four bytes,
    «<svg» and «PK» too. Scripts need no search, for nothing of the bytes is kept.
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
    """Whether a ZIP's end record stands near the end: one disk, and a comment no longer than what follows."""
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
    """(kind, bytes) of the picture redrawn: rotated by its EXIF, without metadata and trailing data."""
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
            ImageOps.exif_transpose(picture, in_place=True)  # a copy of a large one would be 200 MB more
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
    """How many values the pixels of a one-channel picture have, MANY_LEVELS at most; others keep theirs."""
    if picture.mode not in ("L", "I", "F") and not picture.mode.startswith("I;"):
        return MANY_LEVELS
    counted = picture.convert("I").getcolors(MANY_LEVELS - 1) if picture.mode != "L" else picture.getcolors()
    return len(counted) if counted else MANY_LEVELS


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits: Pillow would cut values off at 255 and make a scan white."""
    if not picture.mode.startswith("I"):
        return picture
    whole = picture.convert("I")
    return whole.point(lambda level: level * (1 / 257)).convert("L")  # type: ignore[operator]


def _encode(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Encode the pixels alone: Pillow writes texts and profiles from `info`, so it is cleared."""
    modes = ("1", "L", "LA", "RGB", "RGBA") if kind == "png" else ("L", "RGB")
    if kind == "jpg" and picture.has_transparency_data:  # what was drawn on nothing is read on white
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    plain = picture if picture.mode in modes else picture.convert("RGBA" if kind == "png" else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    if kind == "png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=QUALITY)
    return kind, out.getvalue()
