"""Files coming in and going out, shared by requests, the envelope and the desk."""

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


def cleaned(
    db: Session, who: Person, files: list[UploadFile], already: list[Attachment], clamd: str = ""
) -> list[Clean]:
    """Each file checked and ready to be kept; Refused at `files` for the first that is not. `already` count
    as sent along.
    Staff's files take nobody's place. `clamd` is the scanner's address, if there is one.

    """
    uploads = [Upload(one.filename, _size(one), one.file) for one in files]
    check_all(uploads, len(already), attachments.used_bytes(db, who.id) if who.kind == "subscriber" else 0)
    for one in uploads if clamd else []:
        _scan(clamd, one)
    return inspector.sanitize(uploads)


def _scan(clamd: str, upload: Upload) -> None:
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


def _size(upload: UploadFile) -> int:
    upload.file.seek(0, 2)
    size = upload.file.tell()
    upload.file.seek(0)
    return size


def attachment_row(row: Attachment, href: str) -> tuple[str, str | None, str]:
    """(name, address, size) as the list of files prints it."""
    return row.name, href, size_words(row.size)


def download(request: Request, db: Session, row: Attachment) -> Stream:
    """The file itself, only ever as a download and, should a browser open it all the same, without any
    rights.
    """
    pieces = list(sealed_attachments.read(db, request.app.state.settings.attachment_keys, row))
    headers = PRIVATE | {
        "content-disposition": content_disposition(row.name),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "content-length": str(row.size),
    }
    return Stream(iter(pieces), media_type=row.type, headers=headers)
