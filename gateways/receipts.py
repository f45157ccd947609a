"""Fiscal receipts: handed to the cash register in the cloud and asked about until it has printed them.

Two registers with one shape: `Embedded` needs nothing and registers at once, in a demonstration only: its
numbers are invented (`rules.money.fiscal_receipts.INVENTED`); `BankRegister` is the bank's own (YooKassa v3
/receipts, scenario «сначала платёж, потом чек»), where a repeated Idempotence-Key makes one receipt.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import httpx

from rules import machine_json
from rules.money.fiscal_receipts import INVENTED, Declined, Line, Sheet, Unreachable

VAT_CODES = {None: 1, 0: 2, 10: 3, 20: 4, 5: 7, 7: 8, 22: 11}
CALCULATED = {10: 5, 20: 6, 5: 9, 7: 10, 22: 12}


@dataclass(frozen=True, slots=True)
class Registered:
    """What the register says of a receipt. Document, storage and sign (ФД, ФН, ФПД) come once it is done."""

    id: str
    state: Literal["pending", "done", "refused"]
    document: str = ""
    storage: str = ""
    sign: str = ""
    at: datetime | None = None


class Register(Protocol):
    def register(self, sheet: Sheet, key: str, now: datetime) -> Registered:
        """Hand over once per `key`; Unreachable or Declined when it did not go."""

    def ask(self, id: str, now: datetime) -> Registered: ...


def register(settings) -> Register | None:
    """The register the operator named; None where receipts are not the cabinet's to make. The embedded one is
    never real.
    """
    if settings.receipts_by == "embedded":
        return Embedded()
    if settings.receipts_by == "api":
        return BankRegister(settings.receipts_api, settings.receipts_shop, settings.receipts_secret)
    return None


class Embedded:
    """Registers at once and remembers nothing: all it answers follows from the key, so a repeat answers the
    same.
    """

    storage = "0000000000000001"

    def register(self, sheet: Sheet, key: str, now: datetime) -> Registered:
        if sheet.total <= 0 or not sheet.contact:
            raise Declined("В чеке нет суммы или адреса покупателя.")
        return self.ask(f"{INVENTED}{hashlib.sha256(key.encode()).hexdigest()[:20]}", now)

    def ask(self, id: str, now: datetime) -> Registered:
        number = int(hashlib.sha256(id.encode()).hexdigest()[:15], 16)
        return Registered(id, "done", str(number % 10**6), self.storage, f"{number % 10**10:010}", now)


class BankRegister:
    """The register behind the bank's API. Every call ends within `timeout` seconds."""

    def __init__(
        self,
        api: str,
        shop: str,
        secret: str,
        timeout: float = 10,
        transport: httpx.BaseTransport | None = None,
    ):
        self.client = httpx.Client(base_url=api, auth=(shop, secret), timeout=timeout, transport=transport)

    def register(self, sheet: Sheet, key: str, now: datetime) -> Registered:
        if sheet.settled == "money" and sheet.bank_id and (made := self._made_by_the_bank(sheet)):
            return made
        return _registered(
            self._call("POST", "/receipts", json=_body(sheet), headers={"Idempotence-Key": key})
        )

    def ask(self, id: str, now: datetime) -> Registered:
        return _registered(self._call("GET", f"/receipts/{id}"))

    def _made_by_the_bank(self, sheet: Sheet) -> Registered | None:
        """A shop may have the bank print the receipt together with the payment; then that one is ours."""
        found = self._call("GET", "/receipts", params={f"{sheet.direction}_id": sheet.bank_id})
        kept = [one for one in found.get("items", []) if one.get("status") != "canceled"]
        return _registered(kept[0]) if kept else None

    def _call(self, method: str, path: str, **more) -> dict:
        try:
            answer = self.client.request(method, path, **more)
            said = machine_json.load(answer.content)
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status_code == 429 or answer.status_code >= 500 or not isinstance(said, dict):
            raise Unreachable(f"HTTP {answer.status_code}")
        if answer.status_code >= 400:
            raise Declined(str(said.get("description") or said.get("code") or answer.status_code))
        return said


def _registered(said: dict) -> Registered:
    states = {"pending": "pending", "succeeded": "done", "canceled": "refused"}
    try:
        at = datetime.fromisoformat(said["registered_at"]) if said.get("registered_at") else None
        return Registered(
            str(said["id"]),
            states[said["status"]],  # type: ignore[arg-type]
            str(said.get("fiscal_document_number") or ""),
            str(said.get("fiscal_storage_number") or ""),
            str(said.get("fiscal_attribute") or ""),
            at,
        )
    except (KeyError, ValueError) as error:
        raise Unreachable(f"nonsense: {type(error).__name__}") from error


def _body(sheet: Sheet) -> dict:
    who = {"email": sheet.contact} if "@" in sheet.contact else {"phone": sheet.contact.lstrip("+")}
    settled = {"money": "cashless", "advance": "prepayment"}[sheet.settled]
    body = {
        "type": sheet.direction,
        "send": True,
        "customer": who,
        "items": [_item(line) for line in sheet.lines],
        "settlements": [{"type": settled, "amount": _money(sheet.total)}],
    }
    return body | ({f"{sheet.direction}_id": sheet.bank_id} if sheet.bank_id else {})


def _item(line: Line) -> dict:
    return {
        "description": line.text.replace("\u00a0", " "),
        "quantity": 1.0,
        "amount": _money(line.amount),
        "vat_code": CALCULATED.get(line.vat or 0, 1) if line.calculated else VAT_CODES[line.vat],
        "payment_mode": line.mode,
        "payment_subject": "payment" if line.mode == "advance" else "service",
    }


def _money(kopecks: int) -> dict:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}
