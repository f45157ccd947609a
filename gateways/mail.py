"""E-mail over SMTP. Without a server nothing is sent: the demonstration's phone page shows the outbox."""

import asyncio
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

from settings import Settings

TIMEOUT = 15


def send(settings: Settings, letters: list[tuple[str, str, str]]) -> list[tuple[str, str, bool]]:
    """Return per (address, subject, text): the Message-ID, an error, and whether the error is permanent."""
    if not settings.smtp_server:
        return [("", "", False)] * len(letters)
    return asyncio.run(_send(settings, letters)) if letters else []


async def _send(settings: Settings, letters: list[tuple[str, str, str]]) -> list[tuple[str, str, bool]]:
    host, _, port = settings.smtp_server.rpartition(":")
    server = aiosmtplib.SMTP(
        hostname=host,
        port=int(port),
        timeout=TIMEOUT,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        username=settings.smtp_login or None,
        password=settings.smtp_secret or None,
    )
    try:
        await server.connect()
    except (aiosmtplib.SMTPException, OSError) as wrong:
        return [("", type(wrong).__name__, False)] * len(letters)
    outcomes = [await _send_one(server, build_message(settings, *each)) for each in letters]
    with suppress(aiosmtplib.SMTPException, OSError):
        await server.quit()
    return outcomes


async def _send_one(server: aiosmtplib.SMTP, message: EmailMessage) -> tuple[str, str, bool]:
    try:
        await server.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return "", f"SMTP {refused.recipients[0].code}", 500 <= refused.recipients[0].code < 600
    except aiosmtplib.SMTPResponseException as wrong:
        return "", f"SMTP {wrong.code}", 500 <= wrong.code < 600
    except (aiosmtplib.SMTPException, OSError) as wrong:
        return "", type(wrong).__name__, False
    return str(message["message-id"]), "", False


def build_message(settings: Settings, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["from"] = Address(settings.company, addr_spec=settings.mail_from)
    message["to"] = to
    message["subject"] = " ".join(subject.split()) or settings.company
    message["date"] = formatdate(localtime=False)
    message["message-id"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    message["auto-submitted"] = "auto-generated"
    message.set_content(text)
    return message
