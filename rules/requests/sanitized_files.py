"""Sanitizes attached files: pictures and the pages of a PDF are redrawn, so nothing hidden survives.

A picture's pixels are counted before it is decoded. Refused with a reason: a file of two types at once (a
picture that is also an archive or an HTML page), and what redrawing would lose (files inside a PDF, a scan
that cannot be read).
"""

import io
import warnings
from hashlib import sha256
from threading import Lock

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from rules import Refused
from rules.requests import pdf_pages
from rules.requests.attachments import (
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


def clean(upload: Upload) -> Clean:
    """The sanitized file; Refused at `files` with its name and the reason."""
    raw, name = upload.content.read(), safe_name(upload.name)
    kind = kind_of(raw[:64])
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
    """Refuse a file of two types: different programs would see different contents."""
    found = ""
    if b"PK\x05\x06" in raw[-TAIL:]:
        found = "архив"
    elif kind != "pdf" and b"%PDF-" in raw:
        found = "PDF"
    elif kind != "pdf" and any(sign in raw.lower() for sign in (b"<script", b"<html", b"<?php", b"<svg")):
        found = "страница со скриптом"
    if found:
        raise _refused(
            name, f"внутри него спрятан ещё и другой файл ({found}). Сохраните его заново и приложите."
        )


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
            return _encode(_to_eight_bits(picture), "png" if kind == "png" else "jpg")
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise _refused(name, "в нём больше 50 мегапикселей. Уменьшите снимок.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise damaged from None


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits: Pillow would cut values off at 255 and make a scan white."""
    if not picture.mode.startswith("I"):
        return picture
    whole = picture.convert("I")
    return whole.point(lambda level: level * (1 / 257)).convert("L")  # type: ignore[operator]


def _encode(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Encode the pixels alone: Pillow writes texts and profiles from `info`, so it is cleared."""
    modes = ("1", "L", "LA", "RGB", "RGBA") if kind == "png" else ("L", "RGB")
    plain = picture if picture.mode in modes else picture.convert("RGBA" if kind == "png" else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    if kind == "png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=QUALITY)
    return kind, out.getvalue()
