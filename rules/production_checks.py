"""Settings that must not be used in production: the demonstration's secrets and bank details, a missing
receipt service.

`find_errors` returns all problems at once, in words for the operator. Settings that are safe but look
forgotten are warnings for `litestar check` (`find_warnings`).
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

PLACEHOLDER = "замените"
REQUISITES = ("name", "account", "bank", "bic", "correspondent", "inn", "kpp")
# Only these two of the demonstration's bank details are invented; БИК and the treasury account are real.
OWN_REQUISITES = ("account", "inn")
FACE = ("company", "brand", "office_address", "service_phone", "service_mail", "mail_from", "sms_sender")
MAILBOX = re.compile(r"[^@\s<>\"',;:]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,24}")


def find_errors(own: Any, first: Any) -> Iterator[str]:
    """Yield sentences «CABINET_…: …», none when the settings are fit for production. `first` has the defaults
    by field name.
    """
    yield from _secrets(own, first)
    yield from _money(own, first)
    yield from _receipts(own)
    if listens_everywhere(own.host) and not own.trusted_proxy:
        yield (
            f"CABINET_HOST: адрес {own.host or 'пустой'} открывает кабинет всей сети; так можно только за "
            "прокси "
            "(CABINET_TRUSTED_PROXY=true)"
        )
    for name in sorted(_placeholders(own)):
        yield f"CABINET_{name.upper()}: осталось слово «{PLACEHOLDER}» из образца"


def _secrets(own: Any, first: Any) -> Iterator[str]:
    if not own.secrets or any(secret in first("secrets") or len(secret) < 32 for secret in own.secrets):
        yield (
            'CABINET_SECRETS: нужен список своих секретов, каждый не короче 32 знаков, например ["…"]; '
            "учебный секрет не годится и среди прежних"
        )
    if not own.attachment_keys or any(key in first("attachment_keys") for key in own.attachment_keys):
        yield (
            'CABINET_ATTACHMENT_KEYS: нужен список своих ключей AES-256, например ["…"]; учебный не '
            "годится и среди прежних"
        )
    elif not all(aes_256(key) for key in own.attachment_keys):
        yield (
            "CABINET_ATTACHMENT_KEYS: каждый ключ — base64 от ровно 32 байтов; образец команды — в "
            "deploy/env.example"
        )


def _money(own: Any, first: Any) -> Iterator[str]:
    for name, whose in (("requisites", "оператора"), ("police_requisites", "вневедомственной охраны")):
        value, invented = getattr(own, name), first(name)
        if lacking := [part for part in REQUISITES if not value.get(part)]:
            yield f"CABINET_{name.upper()}: в реквизитах {whose} не хватает {', '.join(lacking)}"
        elif any(value[part] == invented[part] for part in OWN_REQUISITES):
            yield (
                f"CABINET_{name.upper()}: это выдуманные реквизиты; по ним люди платят через QR-код, "
                f"назовите реквизиты {whose}"
            )
    if own.bank != "yookassa":
        return
    if not _over_tls(own.bank_url):
        yield "CABINET_BANK_URL: банку пишут только по https"
    for name, what in (
        ("bank_shop", "номер своего магазина в банке"),
        ("bank_secret", "секрет своего магазина в банке"),
        ("bank_police_shop", "номер магазина вневедомственной охраны"),
        ("bank_police_secret", "секрет магазина вневедомственной охраны"),
    ):
        if not getattr(own, name) or getattr(own, name) == first(name):
            yield f"CABINET_{name.upper()}: назовите {what}, сейчас здесь учебный"


def _receipts(own: Any) -> Iterator[str]:
    if own.receipts_by == "":
        yield (
            "CABINET_RECEIPTS: кто делает чеки (54-ФЗ)? api и CABINET_RECEIPTS_API — касса по API банка; "
            "bank — сам банк, без участия кабинета; none — кабинет о чеках не говорит"
        )
    if own.receipts_by != "api":
        return
    for name in ("receipts_api", "receipts_shop", "receipts_secret"):
        if not getattr(own, name):
            yield f"CABINET_{name.upper()}: без этого касса чеков не примет"
    if own.receipts_api and not _over_tls(own.receipts_api):
        yield "CABINET_RECEIPTS_API: кассе пишут только по https"


def _placeholders(own: Any) -> Iterator[str]:
    """Yield fields that still contain a placeholder of the example file."""
    for name in type(own).model_fields:
        value = getattr(own, name)
        words = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        if any(PLACEHOLDER in str(word).lower() for word in words):
            yield name


def listens_everywhere(host: str) -> bool:
    """Return whether this address means every interface of the machine: 0.0.0.0, ::, ::ffff:0.0.0.0 or an
    empty one.
    """
    if not host.strip("[]"):
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_unspecified


def aes_256(key: str) -> bool:
    """Return whether this is base64 of 32 bytes."""
    try:
        return len(b64decode(key, validate=True)) == 32
    except ValueError:
        return False


def _over_tls(address: str) -> bool:
    """Return whether the URL is https, or plain http to this machine, where a test bank or a local relay may
    run.
    """
    parts = urlsplit(address)
    try:
        local = parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def find_warnings(own: Any) -> Iterator[str]:
    """Yield warnings for `litestar check` about settings that are probably unintended; they do not prevent a
    start.
    """
    if not own.secure:
        yield "CABINET_ORIGIN без https"
    if own.bank == "sandbox":
        yield "банк учебный: через банк не платят (CABINET_BANK)"
    elif not own.bank_url.startswith("https://"):
        yield "банк без https, на этой же машине (CABINET_BANK_URL)"
    if own.sms_gateway == "phone":
        yield "SMS никуда не уходят (CABINET_SMS_GATEWAY)"
    elif not own.sms_server:
        yield "SMS некуда отдавать (CABINET_SMS_SERVER)"
    if not own.smtp_server:
        yield "письма никуда не уходят (CABINET_SMTP_SERVER)"
    if not own.trusted_proxy:
        yield "адрес человека берётся без прокси (CABINET_TRUSTED_PROXY)"
    if own.metrics_port:
        yield (
            "порт показателей задан для всех служб сразу, а нужен каждой свой: он стоит в самих службах "
            "(CABINET_METRICS_PORT)"
        )
    if not own.security_mail:
        yield "некуда писать об уязвимостях, назовём почту службы (CABINET_SECURITY_MAIL)"
    if same := [f"CABINET_{name.upper()}" for name in FACE if name not in own.model_fields_set]:
        yield f"как в образце, не названо своё: {', '.join(same)}"
