"""Drivers of cash registers: `SandboxRegister` for demonstrations and `BankRegister` for the bank's own.

The sandbox register prints at once and invents its numbers (`SANDBOX_ID_PREFIX`). The bank's register is
YooKassa v3 /receipts in the scenario «сначала платёж, потом чек»: the same Idempotence-Key makes one receipt.
"""

import hashlib
from datetime import datetime

import httpx

from rules import machine_json
from rules.money.fiscal_receipts import SANDBOX_ID_PREFIX, ReceiptDocument, ReceiptLine
from rules.money.fiscal_register import (
    FiscalRegister,
    RegisterDeclined,
    RegisteredReceipt,
    RegisterUnreachable,
)
from settings import Settings

VAT_CODES = {None: 1, 0: 2, 10: 3, 20: 4, 5: 7, 7: 8, 22: 11}
CALCULATED = {10: 5, 20: 6, 5: 9, 7: 10, 22: 12}


def configured_register(settings: Settings) -> FiscalRegister | None:
    """Return the register from the settings; None if the cabinet makes no receipts.

    The embedded register never makes fiscal receipts.
    """
    if settings.receipts_by == "embedded":
        return SandboxRegister()
    if settings.receipts_by == "api":
        return BankRegister(settings.receipts_api, settings.receipts_shop, settings.receipts_secret)
    return None


class SandboxRegister:
    """Prints at once and stores nothing.

    Every answer is computed from the key, so a repeat gets the same answer.
    """

    storage = "0000000000000001"

    def register(self, sheet: ReceiptDocument, key: str, now: datetime) -> RegisteredReceipt:
        if sheet.total <= 0 or not sheet.contact:
            raise RegisterDeclined("В чеке нет суммы или адреса покупателя.")
        return self.ask(f"{SANDBOX_ID_PREFIX}{hashlib.sha256(key.encode()).hexdigest()[:20]}", now)

    def ask(self, id: str, now: datetime) -> RegisteredReceipt:
        number = int(hashlib.sha256(id.encode()).hexdigest()[:15], 16)
        return RegisteredReceipt(id, "done", str(number % 10**6), self.storage, f"{number % 10**10:010}", now)


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

    def register(self, sheet: ReceiptDocument, key: str, now: datetime) -> RegisteredReceipt:
        if sheet.settled == "money" and sheet.bank_id and (made := self._made_by_the_bank(sheet)):
            return made
        return _parse_receipt(
            self._call("POST", "/receipts", json=_request_body(sheet), headers={"Idempotence-Key": key})
        )

    def ask(self, id: str, now: datetime) -> RegisteredReceipt:
        return _parse_receipt(self._call("GET", f"/receipts/{id}"))

    def _made_by_the_bank(self, sheet: ReceiptDocument) -> RegisteredReceipt | None:
        """Return the receipt that the bank printed together with the payment, if the shop is set up so."""
        found = self._call("GET", "/receipts", params={f"{sheet.direction}_id": sheet.bank_id})
        valid = [one for one in found.get("items", []) if one.get("status") != "canceled"]
        return _parse_receipt(valid[0]) if valid else None

    def _call(self, method: str, path: str, **more) -> dict:
        try:
            response = self.client.request(method, path, **more)
            answer = machine_json.load(response.content)
        except (httpx.HTTPError, ValueError) as error:
            raise RegisterUnreachable(type(error).__name__) from error
        if response.status_code == 429 or response.status_code >= 500 or not isinstance(answer, dict):
            raise RegisterUnreachable(f"HTTP {response.status_code}")
        if response.status_code >= 400:
            raise RegisterDeclined(
                str(answer.get("description") or answer.get("code") or response.status_code)
            )
        return answer


def _parse_receipt(answer: dict) -> RegisteredReceipt:
    states = {"pending": "pending", "succeeded": "done", "canceled": "refused"}
    try:
        at = datetime.fromisoformat(answer["registered_at"]) if answer.get("registered_at") else None
        return RegisteredReceipt(
            str(answer["id"]),
            states[answer["status"]],  # type: ignore[arg-type]
            str(answer.get("fiscal_document_number") or ""),
            str(answer.get("fiscal_storage_number") or ""),
            str(answer.get("fiscal_attribute") or ""),
            at,
        )
    except (KeyError, ValueError) as error:
        raise RegisterUnreachable(f"nonsense: {type(error).__name__}") from error


def _request_body(sheet: ReceiptDocument) -> dict:
    who = {"email": sheet.contact} if "@" in sheet.contact else {"phone": sheet.contact.lstrip("+")}
    settled = {"money": "cashless", "advance": "prepayment"}[sheet.settled]
    body = {
        "type": sheet.direction,
        "send": True,
        "customer": who,
        "items": [_item(line) for line in sheet.lines],
        "settlements": [{"type": settled, "amount": _amount(sheet.total)}],
    }
    return body | ({f"{sheet.direction}_id": sheet.bank_id} if sheet.bank_id else {})


def _item(line: ReceiptLine) -> dict:
    return {
        "description": line.text.replace("\u00a0", " "),
        "quantity": 1.0,
        "amount": _amount(line.amount),
        "vat_code": CALCULATED.get(line.vat or 0, 1) if line.calculated else VAT_CODES[line.vat],
        "payment_mode": line.mode,
        "payment_subject": "payment" if line.mode == "advance" else "service",
    }


def _amount(kopecks: int) -> dict:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}
