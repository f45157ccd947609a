"""Production settings as an operator writes them: deploy/env.example with its blanks filled in."""

import json
import re
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent.parent / "deploy" / "env.example"
OUR_INN, POLICE_INN = "7707083893", "7712345678"
REQUISITES = {
    "name": "ООО «Сигнал»", "account": "40702810900000002851", "bank": "ПАО «Банк»", "bic": "044030827",
    "correspondent": "30101810900000000827", "inn": OUR_INN, "kpp": "784101001",
}  # fmt: skip
POLICE = REQUISITES | {"name": "УФК (УВО)", "account": "03100643000000017201", "inn": POLICE_INN}
# Settings that any production cabinet needs besides its secrets.
MONEY = {
    "CABINET_REQUISITES": json.dumps(REQUISITES),
    "CABINET_POLICE_REQUISITES": json.dumps(POLICE),
    "CABINET_RECEIPTS": "none",
}
FILLED = MONEY | {
    "CABINET_SECRETS": json.dumps(["a-secret-of-this-operators-own-0123456789"]),
    "CABINET_ATTACHMENT_KEYS": json.dumps(["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]),
    "CABINET_ORIGIN": "https://lk.example.ru",
    "CABINET_BANK_SHOP": "506751",
    "CABINET_BANK_SECRET": "live_ours",
    "CABINET_BANK_POLICE_SHOP": "506752",
    "CABINET_BANK_POLICE_SECRET": "live_police",
}


def lines() -> list[tuple[bool, str, str]]:
    """Return (whether it is set, name, value) of every setting in the example."""
    found = re.findall(r"^(#?)(CABINET_[A-Z0-9_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.M)
    return [(not mark, name, value) for mark, name, value in found]


def environment(**change: str) -> dict[str, str]:
    """Return the example with its blanks filled in; `change` overrides settings."""
    return {name: value for on, name, value in lines() if on} | FILLED | change


def settings(**change: object):
    """Return the same as Settings, with fields changed by their own names."""
    from settings import Settings

    fields = {name.removeprefix("CABINET_").lower(): value for name, value in environment().items()}
    parsed = {name: json.loads(value) if value[:1] in "[{" else value for name, value in fields.items()}
    return Settings(_env_file=None, **(parsed | change))
