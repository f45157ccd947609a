"""AES keys of panels as staff type them. DC-09 encrypts with 128, 192 or 256 bits."""

import re

from rules import Problems

ACCOUNT = re.compile(r"[0-9A-F]{1,16}", re.ASCII)
DIGITS = re.compile(r"[0-9a-fA-F]*", re.ASCII)
LENGTHS = {32: 128, 48: 192, 64: 256}


def parse_panel_key(number: str, digits: str) -> tuple[str, str]:
    """Return (account, key in hexadecimal). Refused at "number" or "digits"."""
    account, bare, problems = "".join(number.split()).upper(), "".join(digits.split()), Problems()
    if not ACCOUNT.fullmatch(account):
        problems["number"] = "Номер прибора — от 1 до 16 цифр и букв A–F, как в его настройках."
    if not DIGITS.fullmatch(bare) or len(bare) not in LENGTHS:
        problems["digits"] = "Ключ — 32, 48 или 64 шестнадцатеричных знака: 128, 192 или 256 бит."
    elif len(set(bare)) == 1:
        problems["digits"] = "Такой ключ угадают первым. Задайте прибору случайный."
    problems.check()
    return account, bare.lower()
