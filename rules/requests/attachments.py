"""Which files may be attached: PDF, JPEG, PNG and HEIC, recognised by content; their number, size and name.

The name is only displayed: no path is ever built from it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from rules import Refused

PADDING = b"\xef\xbb\xbf\0\r\n\t "  # some programs put a byte order mark or an empty line before a PDF
HEAD = 1024  # the first bytes, which identify the file type
MB = 1024 * 1024
LARGEST = 10 * MB
MOST = 5
QUOTA = 200 * MB
PIXELS = 50_000_000
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
WHAT_IS_TAKEN = "Приложите PDF, JPEG, PNG или HEIC."
RESERVED = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
LONGEST = 80


@dataclass(frozen=True)
class Upload:
    """One uploaded file: the name from the browser, the size in bytes, and the contents."""

    name: str
    size: int
    content: BinaryIO


@dataclass(frozen=True)
class Clean:
    """A sanitized file: safe name, real MIME type, and bytes without hidden parts."""

    name: str
    type: str
    data: bytes
    sha256: str


def check_all(uploads: Sequence[Upload], already: int = 0, used: int = 0) -> None:
    """Check the number and the sizes of files before any content is read; Refused at `files`.

    `already` is the number of files that the message has, `used` is the bytes that the subscriber's files
    take.
    """
    if len(uploads) + already > MOST:
        raise Refused(
            files=f"Можно приложить не больше {MOST} файлов. Остальные отправьте следующим сообщением."
        )
    for one in uploads:
        if one.size > LARGEST:
            raise Refused(
                files=f"Файл «{safe_name(one.name)}» больше 10 МБ. Уменьшите его или разделите на части."
            )
        if one.size == 0:
            raise Refused(files=f"Файл «{safe_name(one.name)}» пуст. Проверьте его и приложите ещё раз.")
    if used + sum(one.size for one in uploads) > QUOTA:
        raise Refused(
            files="Место для ваших файлов кончилось: 200 МБ на абонента. Пришлите файлы на нашу почту."
        )


def kind_of(head: bytes) -> str | None:
    """Return "pdf", "jpg", "png" or "heic" from the first 1024 bytes; None for anything else, whatever the
    name.

    A PDF may begin after bytes that a mail program or a scanner put before it (ISO 32000-1, annex H.3, note
    13), unless those bytes identify another file type.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS and b"avif" not in head[:64]:
        return "heic"
    return "pdf" if b"%PDF-" in head[:HEAD] and not _sign(head.lstrip(PADDING)) else None


def describe_other(head: bytes) -> str:
    """Return the apparent type of a refused file, in words for the person who uploaded it."""
    return _sign(head) or "файл другого вида"


def _sign(head: bytes) -> str:
    return next((words for sign, words in SIGNS if sign in head[: len(sign) + 12]), "")


SIGNS = (
    (b"PK\x03\x04", "архив или документ Word, Excel"),
    (b"\xd0\xcf\x11\xe0", "документ старого Word или Excel"),
    (b"GIF8", "картинка GIF"),
    (b"WEBP", "картинка WebP"),
    (b"ftyp", "видео или картинка другого вида"),
    (b"MZ", "программа"),
    (b"\x7fELF", "программа"),
    (b"<svg", "картинка SVG"),
    (b"<?xml", "документ XML"),
    (b"<!DOCTYPE", "страница сайта"),
    (b"<html", "страница сайта"),
)


def safe_name(name: str, extension: str = "") -> str:
    """Return the file's name without folders and control characters (including those of text direction), at
    most 80 characters. With `extension` the name gets this extension in place of its own.
    """
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(
        sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C"
    )
    plain = " ".join(RESERVED.sub(" ", plain).split()).strip(". ")
    stem = re.sub(r"\.(pdf|jpe?g|png|hei[cf]|jfif)$", "", plain, flags=re.IGNORECASE) if extension else plain
    stem = stem[:LONGEST].rstrip(". ") or "файл"
    return f"{stem}.{extension}" if extension else stem


def size_words(size: int) -> str:
    """Return the size in words: «1,2 МБ», «340 КБ»."""
    if size >= MB:
        return f"{size / MB:.1f}".replace(".", ",") + "\u00a0МБ"
    return f"{max(1, round(size / 1024))}\u00a0КБ"
