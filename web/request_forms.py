"""What comes with a request: read within the limits of its route, and never so that others wait.

A body is refused by its declared length and again while it comes, before anything is taken apart: Litestar's
own readers do that by `request_max_body_size`. The form itself is taken apart here, because Litestar's parser
keeps the last thousand bodies in memory, passwords included, counts no fields, and answers a stray byte with
500.

What was typed, in a form or in an address, is cleaned here and nowhere else (rules/typed_text.py), so no
handler meets an invisible sign.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast
from urllib.parse import unquote_plus

from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict, MultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, HTTPException
from litestar.plugins.htmx import HTMXRequest
from litestar.types import Empty
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from rules.requests.attachments import LARGEST, MOST
from rules.typed_text import clean
from web.executors import Busy

KB = 1024
SMALL = 64 * KB  # a form without files
FIELDS = 200
TEXT = 1024 * KB  # the words beside files, all fields together
FILES_LIMIT = MOST * LARGEST + 1024 * KB
PIECE = 64 * KB
# Bodies with files lie on the disk while they come: so many at once in a process, one of each person.
CONCURRENT_UPLOADS = 12


# Kept to the letter: rules.access.passwords reads them.
PASSWORDS = frozenset({"password", "current"})


class TooLong(HTTPException):
    """More bytes or fields than the route takes: 413. `detail` is for machines and the log."""

    status_code = 413


class Request(HTMXRequest):
    """The house's request: its form is read once, within the route's limits; what an address asks is
    cleaned.
    """

    @property
    def query_params(self) -> MultiDict[Any]:
        return MultiDict([(name, clean(value)) for name, value in super().query_params.multi_items()])

    async def form(self) -> FormMultiDict:
        if self._form is Empty:
            held: Any = self._connection_state.form
            if held is Empty:
                held = (
                    self._connection_state.form
                ) = await self._read_form()  # Litestar closes its files at the end
            self._form = FormMultiDict.from_form_data(held)
        return cast("FormMultiDict", self._form)

    async def _read_form(self) -> dict[str, Any]:
        kind, options = self.content_type
        most = int(self.route_handler.opt.get("fields", FIELDS))
        if kind == RequestEncodingType.URL_ENCODED:
            body = await self._read_text()
            if len(body) <= SMALL:
                return parse_url_encoded(body, most)
            return await asyncio.to_thread(parse_url_encoded, body, most)
        if kind == RequestEncodingType.MULTI_PART:
            return await parse_multipart(self.stream(), options.get("boundary", ""), most)
        return {}

    async def _read_text(self) -> bytes:
        """A form without files, whole: where files are taken it may be no larger than anywhere else, for it
        lies in memory.
        """
        limit = (
            SMALL
            if self.route_handler.opt.get("files")
            else self.route_handler.resolve_request_max_body_size() or SMALL
        )
        if (self.content_length or 0) > limit:
            raise TooLong(f"more than {limit} bytes without files")
        body = bytearray()
        async for chunk in self.stream():
            body += chunk
            if len(body) > limit:
                raise TooLong(f"more than {limit} bytes without files")
        return bytes(body)


def clean_fields(form: FormMultiDict) -> dict[str, str]:
    """What was typed, cleaned, the last value of a repeated field, files left out; passwords as they are."""
    return {
        name: value if name in PASSWORDS else clean(value)
        for name, value in form.multi_items()
        if isinstance(value, str)
    }


def parse_url_encoded(body: bytes, most: int) -> dict[str, Any]:
    """Field → value, or values in their order; a byte that is no UTF-8 becomes U+FFFD. TooLong for more than
    `most` fields.
    """
    if body.count(b"&") >= most:
        raise TooLong(f"more than {most} fields")
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for pair in filter(None, body.decode("latin-1").split("&")):
        name, _, value = pair.partition("=")
        found[_plain(name)].append(_plain(value))
    return _single(found)


def _plain(text: str) -> str:
    return decode_text(unquote_plus(text, "latin-1").encode("latin-1"))


def decode_text(raw: bytes | bytearray) -> str:
    """The one place where a stranger's bytes become words: what is no UTF-8 is replaced, so that nothing
    later fails on it.
    """
    return raw.decode("utf-8", "replace")


async def parse_multipart(stream: AsyncIterator[bytes], boundary: str, most: int) -> dict[str, Any]:
    """The same of a form with files, taken apart as it comes; whatever ends it early closes the files already
    begun.
    """
    found: defaultdict[str, list[Any]] = defaultdict(list)
    try:
        await _parse_parts(stream, boundary, most, found)
    except BaseException as wrong:
        for file in [one for values in found.values() for one in values if isinstance(one, UploadFile)]:
            await file.close()
        if isinstance(wrong, ParserLimitReached):
            raise TooLong(f"more than {most} fields, or a field's head too long") from None
        if isinstance(wrong, (MultipartError, UnicodeError)):
            raise ClientException("not multipart/form-data") from None
        raise
    return _single({name: [_value(one) for one in values] for name, values in found.items()})


def _value(part: UploadFile | bytearray) -> UploadFile | str:
    return part if isinstance(part, UploadFile) else decode_text(part)


async def _parse_parts(
    stream: AsyncIterator[bytes], boundary: str, most: int, found: dict[str, list[Any]]
) -> None:
    words = 0
    into: UploadFile | bytearray = bytearray()
    with PushMultipartParser(boundary.encode(), max_segment_count=most) as parser:
        async for chunk in stream:
            for piece in _pieces(chunk):
                if parser.closed:
                    return
                for part in parser.parse(piece):
                    if isinstance(part, MultipartSegment):
                        into = (
                            UploadFile(part.content_type or "", part.filename)
                            if part.filename
                            else bytearray()
                        )
                        found[part.name or ""].append(into)
                    elif part and isinstance(into, UploadFile):
                        await into.write(part)
                    elif part and isinstance(into, bytearray):
                        words += len(part)
                        if words > TEXT:
                            raise TooLong(f"more than {TEXT} bytes of text")
                        into.extend(part)
                    elif isinstance(into, UploadFile):
                        await into.seek(0)
                await asyncio.sleep(
                    0
                )  # a server may hand over megabytes at once: others are answered between its pieces


def _pieces(chunk: bytes) -> Iterator[bytes]:
    for at in range(0, len(chunk), PIECE):
        yield chunk[at : at + PIECE]


def _single(found: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


_uploading: set[str] = set()


@asynccontextmanager
async def limit_uploads(owner: str) -> AsyncIterator[None]:
    """A place for a large body while it comes and is worked on: one for each `owner`. Busy when there is
    none.
    """
    if owner in _uploading or len(_uploading) >= CONCURRENT_UPLOADS:
        raise Busy
    with _taken(owner):
        yield


@contextmanager
def _taken(owner: str) -> Iterator[None]:
    _uploading.add(owner)
    try:
        yield
    finally:
        _uploading.discard(owner)
