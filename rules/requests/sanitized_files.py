"""What is inside an attached file: everything is drawn anew, pictures and the pages of a PDF, so nothing
hidden survives.

A picture's pixels are counted before it is unpacked. A second nature in one file (a picture that is also an
archive or a page) is refused by its name, and so is what would be lost without a trace: files inside a PDF, a
scan that cannot be read.
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
    kind_of,
    safe_name,
    what_else,
)

pillow_heif.register_heif_opener(thumbnails=False)
# One picture of 50 megapixels takes 150 MB while it is drawn: one at a time.
_drawing = Lock()
FORMATS = {"jpg": "JPEG", "png": "PNG", "heic": "HEIF"}
QUALITY = 88
TAIL = 66_000


def clean(upload: Upload) -> Clean:
    """The file as it may be kept; Refused at `files` with its name and the reason."""
    raw, shown = upload.content.read(), safe_name(upload.name)
    kind = kind_of(raw[:64])
    if kind is None:
        raise _refused(shown, f"это {what_else(raw[:64])}. {WHAT_IS_TAKEN}")
    _check_single(raw, kind, shown)
    if kind == "pdf":
        data = _redraw_pdf(raw, shown)
    else:
        kind, data = _redrawn(raw, kind, shown)
    return Clean(safe_name(upload.name, kind), TYPES[kind], data, sha256(data).hexdigest())


def _refused(shown: str, why: str) -> Refused:
    return Refused(files=f"Файл «{shown}» не принят: {why}")


def _check_single(raw: bytes, kind: str, shown: str) -> None:
    """Refuse what is two things at once: each program would see another one."""
    found = ""
    if b"PK\x05\x06" in raw[-TAIL:]:
        found = "архив"
    elif kind != "pdf" and b"%PDF-" in raw:
        found = "PDF"
    elif kind != "pdf" and any(sign in raw.lower() for sign in (b"<script", b"<html", b"<?php", b"<svg")):
        found = "страница со скриптом"
    if found:
        raise _refused(
            shown, f"внутри него спрятан ещё и другой файл ({found}). Сохраните его заново и приложите."
        )


def _redraw_pdf(raw: bytes, shown: str) -> bytes:
    try:
        return pdf_pages.redraw(raw)
    except pdf_pages.Unreadable as why:
        raise _refused(shown, str(why)) from None


def _redrawn(raw: bytes, kind: str, shown: str) -> tuple[str, bytes]:
    """(kind, bytes) of the same picture drawn anew: turned as it was meant, without EXIF, comments and what
    trails it.
    """
    damaged = _refused(
        shown, "он повреждён и не открывается. Сохраните его заново или сфотографируйте ещё раз."
    )
    try:
        with warnings.catch_warnings(), _drawing:
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(raw), formats=[FORMATS[kind]])
            if picture.width * picture.height > PIXELS:
                raise _refused(shown, "в нём больше 50 мегапикселей. Уменьшите снимок.")
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)  # a copy of a large one would be 200 MB more
            return _drawn(_to_eight_bits(picture), "png" if kind == "png" else "jpg")
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise _refused(shown, "в нём больше 50 мегапикселей. Уменьшите снимок.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise damaged from None


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """Sixteen bits of grey as eight: Pillow cuts them off at 255, and a scan becomes a white sheet."""
    if not picture.mode.startswith("I"):
        return picture
    whole = picture.convert("I")
    return whole.point(lambda level: level * (1 / 257)).convert("L")  # type: ignore[operator]


def _drawn(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Pixels alone: `info` is where Pillow keeps words, profiles and marks, and from where it would write
    them again.
    """
    kept = ("1", "L", "LA", "RGB", "RGBA") if kind == "png" else ("L", "RGB")
    plain = picture if picture.mode in kept else picture.convert("RGBA" if kind == "png" else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    if kind == "png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=QUALITY)
    return kind, out.getvalue()
