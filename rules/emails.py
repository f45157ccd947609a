"""E-mail addresses as people type them: one parser for settings, payments, registration and the registry.

Stored addresses are accepted by any mail server (RFC 5321): letters of other alphabets only in the domain,
which is stored in punycode (RFC 5891). Whether an address exists is checked by sending a letter, not by a
pattern.
"""

import re

from rules import Refused
from rules.typed_text import clean

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
NAME = re.compile(rf"(?=.{{1,64}}$){_ATOM}(?:\.{_ATOM})*")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=.*[a-z])[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
LONGEST = 254
SAY = "Укажите адрес целиком, например anna@mail.ru."


def parse(text: str, field: str = "email") -> str:
    """Return the address in its stored form, the domain in lower case and punycode. Refused at `field`
    otherwise.
    """
    name, _, typed = clean(text).rpartition("@")
    domain = _ascii_domain(typed.lower())
    if not NAME.fullmatch(name) or not DOMAIN.fullmatch(domain) or len(name) + 1 + len(domain) > LONGEST:
        only_latin = bool(domain) and bool(name) and not name.isascii()
        raise Refused(**{field: f"До знака @ — только латинские буквы и цифры. {SAY}" if only_latin else SAY})
    return f"{name}@{domain}"


def _ascii_domain(domain: str) -> str:
    """Return «пример.рф» as xn--e1afmkfd.xn--p1ai, "" for an invalid domain."""
    if domain.isascii():
        return domain
    import idna  # its tables are needed only for such a domain

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def format_address(address: str | None) -> str:
    """Return the address as its owner writes it: anna@пример.рф."""
    name, at, domain = (address or "").rpartition("@")
    if "xn--" not in domain:
        return address or ""
    import idna

    try:
        return name + at + idna.decode(domain)
    except idna.IDNAError:
        return address or ""
