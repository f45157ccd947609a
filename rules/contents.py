"""What is inside an attached file: pictures are drawn anew, so nothing hidden survives; a PDF is searched, kept whole.

A picture's pixels are counted before it is unpacked. A second nature in one file (a picture that is also an archive or
a page) is refused by its name, and so are scripts, embedded files, passwords and decompression bombs in a PDF.
"""

import io
import warnings
import zlib
from collections.abc import Iterator
from hashlib import sha256
from threading import Lock

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, apply_configuration
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from rules import Refused
from rules.attachments import PIXELS, TYPES, WHAT_IS_TAKEN, Clean, Upload, kind_of, safe_name, what_else

pillow_heif.register_heif_opener(thumbnails=False)
# All that pypdf unpacks for us are tables of objects; a page's own streams are only counted, below.
NARROW = {"zlib_maximum_output_length": 16_000_000, "lzw_maximum_output_length": 16_000_000, "page_tree_maximum_entries": 2_000}
# One picture of 50 megapixels takes 150 MB while it is drawn: one at a time.
_drawing = Lock()
FORMATS = {"jpg": "JPEG", "png": "PNG", "heic": "HEIF"}
QUALITY = 88
OBJECTS = 20_000
PARTS = 300_000
UNPACKED = 200 * 1024 * 1024
TAIL = 66_000
ACTIVE = {
    "/JavaScript": "скрипты",
    "/JS": "скрипты",
    "/Launch": "запуск программ",
    "/EmbeddedFile": "вложенные файлы",
    "/EmbeddedFiles": "вложенные файлы",
    "/RichMedia": "встроенное видео или Flash",
    "/XFA": "форму XFA со скриптами",
    "/SubmitForm": "отправку данных на чужой сайт",
    "/ImportData": "загрузку чужих данных",
    "/GoToE": "ссылку на вложенный файл",
    "/Rendition": "встроенное видео",
}


def clean(upload: Upload) -> Clean:
    """The file as it may be kept; Refused at `files` with its name and the reason."""
    raw, shown = upload.content.read(), safe_name(upload.name)
    kind = kind_of(raw[:64])
    if kind is None:
        raise _refused(shown, f"это {what_else(raw[:64])}. {WHAT_IS_TAKEN}")
    _check_single(raw, kind, shown)
    if kind == "pdf":
        _check_pdf(raw, shown)
        data = _ended(raw)
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
    elif kind == "pdf" and 0 < raw.rfind(b"%%EOF") < len(raw) - 2048:
        found = "что-то после конца документа"
    if found:
        raise _refused(shown, f"внутри него спрятан ещё и другой файл ({found}). Сохраните его заново и приложите.")


def _ended(raw: bytes) -> bytes:
    """A PDF up to its end: a few bytes after it are no part of the document, and may be another one."""
    end = raw.rfind(b"%%EOF") + 5
    return raw[:end] if end > 4 and raw[end:].strip(b"\0 \r\n\t") else raw


def _redrawn(raw: bytes, kind: str, shown: str) -> tuple[str, bytes]:
    """(kind, bytes) of the same picture drawn anew: turned as it was meant, without EXIF, comments and what trails it."""
    damaged = _refused(shown, "он повреждён и не открывается. Сохраните его заново или сфотографируйте ещё раз.")
    try:
        with warnings.catch_warnings(), _drawing:
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(raw), formats=[FORMATS[kind]])
            if picture.width * picture.height > PIXELS:
                raise _refused(shown, "в нём больше 50 мегапикселей. Уменьшите снимок.")
            picture.load()
            return _drawn(ImageOps.exif_transpose(picture), "png" if kind == "png" else "jpg")
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise _refused(shown, "в нём больше 50 мегапикселей. Уменьшите снимок.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise damaged from None


def _drawn(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """Pixels alone: `info` is where Pillow keeps words, profiles and marks, and from where it would write them again."""
    kept = ("1", "L", "LA", "RGB", "RGBA") if kind == "png" else ("L", "RGB")
    plain = picture if picture.mode in kept else picture.convert("RGBA" if kind == "png" else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    if kind == "png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=QUALITY)
    return kind, out.getvalue()


def _check_pdf(raw: bytes, shown: str) -> None:
    try:
        with apply_configuration(**NARROW):  # type: ignore[arg-type]
            _check_reader(PdfReader(io.BytesIO(raw), strict=False), shown)
    except Refused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError, zlib.error,
            AssertionError, NotImplementedError, OverflowError):  # fmt: skip
        raise _refused(shown, "он повреждён и не открывается. Сохраните его заново.") from None


def _check_reader(reader: PdfReader, shown: str) -> None:
    if reader.is_encrypted:
        raise _refused(shown, "он закрыт паролем. Сохраните его без пароля.")
    if not len(reader.pages):
        raise _refused(shown, "в нём нет ни одной страницы.")
    _search(reader, shown)


def _search(reader: PdfReader, shown: str) -> None:
    unpacked = 0
    for one in _objects(reader, shown):
        for found in _names(one):
            if words := ACTIVE.get(found):
                raise _refused(shown, f"он содержит {words}. Напечатайте его в новый PDF и приложите.")
        if isinstance(one, StreamObject):
            unpacked += _unpacked(one, shown)
            if unpacked > UNPACKED:
                raise _refused(shown, "при открытии он раздувается до огромного размера. Сохраните его заново.")


def _objects(reader: PdfReader, shown: str) -> Iterator[DictionaryObject]:
    """Every dictionary of the document, those inside other objects included, whether or not a page leads to it."""
    ids = {(number, generation) for generation, table in reader.xref.items() for number in table}
    ids |= {(number, 0) for number in reader.xref_objStm}
    if len(ids) > OBJECTS:
        raise _refused(shown, "он устроен слишком сложно. Напечатайте его в новый PDF и приложите.")
    seen = 0
    for one in (reader.trailer, *(IndirectObject(n, g, reader) for n, g in sorted(ids) if n)):
        waiting: list = [one.get_object()]
        while waiting:
            one = waiting.pop()
            if not isinstance(one, (DictionaryObject, ArrayObject)):
                continue
            # Counted as it goes, so that an hour's work hidden in a small file ends after seconds.
            seen += 1 + len(one)
            if seen > PARTS:
                raise _refused(shown, "он устроен слишком сложно. Напечатайте его в новый PDF и приложите.")
            if isinstance(one, DictionaryObject):
                yield one
            inner = one.values() if isinstance(one, DictionaryObject) else one
            waiting += [value for value in inner if isinstance(value, (DictionaryObject, ArrayObject))]


def _names(one: DictionaryObject) -> Iterator[str]:
    """Keys, and the values that say what a dictionary is or does."""
    yield from one.keys()
    for key in ("/S", "/Type", "/Subtype"):
        value = one.get(key)
        value = value.get_object() if isinstance(value, IndirectObject) else value
        if isinstance(value, str):
            yield value


def _unpacked(stream: StreamObject, shown: str) -> int:
    """How large a stream becomes, counted without keeping it; pictures and fonts in other codings are bounded elsewhere."""
    codings = stream.get("/Filter")
    chain = list(codings) if isinstance(codings, ArrayObject) else [codings]
    if chain.count("/FlateDecode") + chain.count("/Fl") + chain.count("/LZWDecode") > 1:
        raise _refused(shown, "его части упакованы многократно. Напечатайте его в новый PDF и приложите.")
    if chain[0] not in ("/FlateDecode", "/Fl"):
        return len(stream._data)
    worker, left, size = zlib.decompressobj(), stream._data, 0
    while left and not worker.eof and size <= UNPACKED:
        size += len(worker.decompress(left, 1 << 20))
        left = worker.unconsumed_tail
    return size
