"""Uploading and downloading files, shared by requests, their conversations and the staff pages."""

import logging

from litestar.datastructures import UploadFile
from litestar.response import Stream
from sqlmodel import Session

from db.journal import Person
from db.requests import attachments, sealed_attachments
from db.requests.attachments import Attachment
from gateways import antivirus, inspector
from rules import Refused
from rules.requests.attachments import Clean, Upload, check_all, safe_name, size_words
from web import PRIVATE, Request
from web.responses import content_disposition

log = logging.getLogger("cabinet.uploads")


def clean_uploads(
    db: Session, who: Person, files: list[UploadFile], already: list[Attachment], clamd: str = ""
) -> list[Clean]:
    """Return the sanitized files; Refused at `files` for the first that is not accepted. `already` are the
    attachments counted towards the same limit. Files sent by staff do not count towards a subscriber's quota.
    `clamd` is the address of the virus scanner, "" for none.
    """
    uploads = [Upload(one.filename, _measure_size(one), one.file) for one in files]  # type: ignore[arg-type]
    check_all(uploads, len(already), attachments.used_bytes(db, who.id) if who.kind == "subscriber" else 0)
    for one in uploads if clamd else []:
        _scan_for_viruses(clamd, one)
    return inspector.sanitize(uploads)


def _scan_for_viruses(clamd: str, upload: Upload) -> None:
    name = safe_name(upload.name)
    try:
        found = antivirus.scan(clamd, upload.content.read())
    except antivirus.ScannerUnreachable as wrong:
        log.warning("the scanner does not answer: %s", wrong)
        raise Refused(files="Сейчас не можем проверить файл. Отправьте его через несколько минут.") from None
    upload.content.seek(0)
    if found:
        log.warning("a file was refused: %s", found)
        raise Refused(
            files=f"Файл «{name}» не принят: проверка нашла в нём вирус. Проверьте своё устройство."
        )


def _measure_size(upload: UploadFile) -> int:
    upload.file.seek(0, 2)
    size = upload.file.tell()
    upload.file.seek(0)
    return size


def attachment_row(row: Attachment, href: str) -> tuple[str, str | None, str]:
    """Return (name, URL, size) for the list of files."""
    return row.name, href, size_words(row.size)


def download_response(request: Request, db: Session, row: Attachment) -> Stream:
    """Return the file as a download; its headers leave it no rights should a browser open it all the same."""
    pieces = list(sealed_attachments.read(db, request.app.state.settings.attachment_keys, row))
    headers = PRIVATE | {
        "content-disposition": content_disposition(row.name),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "content-length": str(row.size),
    }
    return Stream(iter(pieces), media_type=row.type, headers=headers)
