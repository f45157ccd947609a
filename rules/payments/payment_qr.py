"""The QR code for paying from a bank's app: ГОСТ Р 56042-2014, «ST00012» (UTF-8), fields separated by «|»."""

from dataclasses import dataclass
from io import BytesIO

import segno

LIMITS = {
    "Name": 160,
    "BankName": 45,
    "Purpose": 210,
    "PayerAddress": 160,
    "LastName": 60,
    "PersAcc": 30,
    "Contract": 30,
}


@dataclass(frozen=True)
class PayeeAccount:
    """The payee's bank details. `account` and `correspondent` have 20 digits, `bic` has nine."""

    name: str
    account: str
    bank: str
    bic: str
    correspondent: str
    inn: str = ""
    kpp: str = ""


def code_text(to: PayeeAccount, purpose: str, amount: int | None = None, **more: str) -> str:
    """Return the code's text; `amount` is kopecks.

    `more` are fields with the standard's own names (PersAcc, LastName, PayerAddress…).
    """
    fields = {
        "Name": to.name,
        "PersonalAcc": to.account,
        "BankName": to.bank,
        "BIC": to.bic,
        "CorrespAcc": to.correspondent,
        "Sum": str(amount) if amount else "",
        "Purpose": purpose,
        "PayeeINN": to.inn,
        "KPP": to.kpp,
    } | more
    parts = [f"{name}={clean_value(value, LIMITS.get(name, 200))}" for name, value in fields.items() if value]
    return "|".join(["ST00012", *parts])


def parse_code(code: str) -> dict[str, str]:
    """Return the fields of a code's text; ValueError if it is not such a code."""
    first, *rest = code.split("|")
    if first != "ST00012":
        raise ValueError("not ST00012")
    return dict(part.split("=", 1) for part in rest)  # type: ignore[arg-type]


def draw_svg(code: str) -> bytes:
    """Return the code as an SVG file, black on white whatever the page's colours are."""
    drawn = BytesIO()
    segno.make(code, error="m", encoding="utf-8").save(drawn, kind="svg", scale=4, border=4, light="#fff")
    return drawn.getvalue()


def clean_value(value: str, limit: int) -> str:
    # The separator may not occur inside a value, and many banks' readers fail on a line break.
    return " ".join(value.replace("|", "/").split())[:limit]
