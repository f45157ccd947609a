"""Reading request bodies within the limits of their route, without blocking other requests.

A body is refused by its declared length and again while it arrives, before it is parsed: Litestar's readers
do that by `request_max_body_size`. The form itself is parsed here, because Litestar's parser caches the last
thousand bodies in memory, passwords included, does not limit fields, and answers an invalid byte with 500.

Text from forms and addresses is cleaned here and nowhere else (rules/typed_text.py), so no handler meets an
invisible character.
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
SMALL_BODY = 64 * KB  # a form without files
FIELDS_LIMIT = 200
TEXT_LIMIT = 1024 * KB  # text fields of a form with files, together
FILES_LIMIT = MOST * LARGEST + 1024 * KB
PARSE_CHUNK = 64 * KB
# Bodies with files are spooled to disk: at most this many at once in a process, one per person.
CONCURRENT_UPLOADS = 12


# Kept to the letter: rules.access.passwords reads them.
PASSWORDS = frozenset({"password", "current"})


class TooLong(HTTPException):
    """More bytes or fields than the route accepts: 413. `detail` is for API clients and the log."""

    status_code = 413


class Request(HTMXRequest):
    """The application's request class: its form is read once, within the route's limits; query parameters are
    cleaned.
    """

    @property
    def query_params(self) -> MultiDict[Any]:
        return MultiDict([(name, clean(value)) for name, value in super().query_params.multi_items()])

    async def form(self) -> FormMultiDict:
        if self._form is Empty:
            stored: Any = self._connection_state.form
            if stored is Empty:
                stored = (
                    self._connection_state.form
                ) = await self._read_form()  # Litestar closes its files at the end
            self._form = FormMultiDict.from_form_data(stored)
        return cast("FormMultiDict", self._form)

    async def _read_form(self) -> dict[str, Any]:
        kind, options = self.content_type
        most = int(self.route_handler.opt.get("fields", FIELDS_LIMIT))
        if kind == RequestEncodingType.URL_ENCODED:
            body = await self._read_text()
            if len(body) <= SMALL_BODY:
                return parse_url_encoded(body, most)
            return await asyncio.to_thread(parse_url_encoded, body, most)
        if kind == RequestEncodingType.MULTI_PART:
            return await parse_multipart(self.stream(), options.get("boundary", ""), most)
        return {}

    async def _read_text(self) -> bytes:
        """Return the whole body of a form without files. On a route that accepts files it may be no larger
        than on others, because it is held in memory.
        """
        limit = (
            SMALL_BODY
            if self.route_handler.opt.get("files")
            else self.route_handler.resolve_request_max_body_size() or SMALL_BODY
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
    """Return the cleaned text fields, the last value of a repeated field; passwords are left as typed."""
    return {
        name: value if name in PASSWORDS else clean(value)
        for name, value in form.multi_items()
        if isinstance(value, str)
    }


def parse_url_encoded(body: bytes, most: int) -> dict[str, Any]:
    """Return field → value, or the list of values of a repeated field. Invalid UTF-8 becomes U+FFFD. TooLong
    for more than `most` fields.
    """
    if body.count(b"&") >= most:
        raise TooLong(f"more than {most} fields")
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for pair in filter(None, body.decode("latin-1").split("&")):
        name, _, value = pair.partition("=")
        found[_decode_value(name)].append(_decode_value(value))
    return _unwrap_single_values(found)


def _decode_value(text: str) -> str:
    return decode_text(unquote_plus(text, "latin-1").encode("latin-1"))


def decode_text(raw: bytes | bytearray) -> str:
    """Decode bytes from outside; invalid UTF-8 is replaced, so that nothing later fails on it."""
    return raw.decode("utf-8", "replace")


async def parse_multipart(stream: AsyncIterator[bytes], boundary: str, most: int) -> dict[str, Any]:
    """Parse a form with files as it arrives, into the same shape. When parsing fails, files already created
    are closed.
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
    return _unwrap_single_values(
        {name: [_part_value(one) for one in values] for name, values in found.items()}
    )


def _part_value(part: UploadFile | bytearray) -> UploadFile | str:
    return part if isinstance(part, UploadFile) else decode_text(part)


async def _parse_parts(
    stream: AsyncIterator[bytes], boundary: str, most: int, found: dict[str, list[Any]]
) -> None:
    text_bytes = 0
    target: UploadFile | bytearray = bytearray()
    with PushMultipartParser(boundary.encode(), max_segment_count=most) as parser:
        async for chunk in stream:
            for piece in _split_chunk(chunk):
                if parser.closed:
                    return
                for part in parser.parse(piece):
                    if isinstance(part, MultipartSegment):
                        target = (
                            UploadFile(part.content_type or "", part.filename)
                            if part.filename
                            else bytearray()
                        )
                        found[part.name or ""].append(target)
                    elif part and isinstance(target, UploadFile):
                        await target.write(part)
                    elif part and isinstance(target, bytearray):
                        text_bytes += len(part)
                        if text_bytes > TEXT_LIMIT:
                            raise TooLong(f"more than {TEXT_LIMIT} bytes of text")
                        target.extend(part)
                    elif isinstance(target, UploadFile):
                        await target.seek(0)
                await asyncio.sleep(0)  # a chunk may be megabytes: let other requests run between its pieces


def _split_chunk(chunk: bytes) -> Iterator[bytes]:
    for at in range(0, len(chunk), PARSE_CHUNK):
        yield chunk[at : at + PARSE_CHUNK]


def _unwrap_single_values(found: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


_uploading: set[str] = set()


@asynccontextmanager
async def limit_uploads(owner: str) -> AsyncIterator[None]:
    """Hold one of the places for large bodies while it arrives and is processed: one for each `owner`. Busy
    when there is none.
    """
    if owner in _uploading or len(_uploading) >= CONCURRENT_UPLOADS:
        raise Busy
    with _upload_slot(owner):
        yield


@contextmanager
def _upload_slot(owner: str) -> Iterator[None]:
    _uploading.add(owner)
    try:
        yield
    finally:
        _uploading.discard(owner)
