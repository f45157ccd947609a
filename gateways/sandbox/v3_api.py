"""Values of YooKassa's v3 API for the sandbox bank: amounts, errors, payments and their final states."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from rules import machine_json

Json = dict[str, Any]
SBP_MOST = 70_000_000


class ApiError(Exception):
    """A v3 error: HTTP status, code, description, parameter."""

    def __init__(self, status: int, code: str, description: str, parameter: str | None = None) -> None:
        self.status, self.body = status, {"type": "error", "id": str(uuid.uuid4()), "code": code}
        self.body |= {"description": description} | ({"parameter": parameter} if parameter else {})


def parse_body(body: bytes) -> Json:
    try:
        form = machine_json.load(body)
    except ValueError:
        form = None
    if not isinstance(form, dict):
        raise ApiError(400, "invalid_request", "Body is not a JSON object")
    return form


def object_head(at: datetime) -> Json:
    return {"id": str(uuid.uuid4()), "created_at": format_instant(at)}


def blank_payment(shop: str, form: Json, at: datetime) -> Json:
    if len(str(form.get("description", ""))) > 128:
        raise ApiError(400, "invalid_request", "Description is longer than 128", "description")
    return object_head(at) | {
        "status": "pending",
        "paid": False,
        "test": True,
        "refundable": False,
        "amount": money(kopecks(form.get("amount"))),
        "description": form.get("description"),
        "metadata": form.get("metadata") or {},
        "recipient": {"account_id": shop, "gateway_id": "1"},
    }


def confirmation_fields(thing: Json, form: Json, origin: str) -> Json:
    """Return the fields of a payment that waits for a person on the bank's page."""
    kind = (form.get("payment_method_data") or {}).get("type", "bank_card")
    confirm = form.get("confirmation") or {}
    if kind not in ("bank_card", "sbp") or confirm.get("type") != "redirect" or not confirm.get("return_url"):
        raise ApiError(400, "invalid_request", "Only redirect by card or SBP", "confirmation")
    if kind == "sbp" and kopecks(form["amount"]) > SBP_MOST:
        raise ApiError(400, "invalid_request", "SBP takes at most 700 000 RUB", "amount.value")
    url = f"{origin}/bank/pay/{thing['id']}"
    method = {"type": kind, "id": thing["id"], "saved": False}
    return {"payment_method": method, "confirmation": {"type": "redirect", "confirmation_url": url}}


def finish_payment(thing: Json, paid: object, reason: str, at: datetime) -> None:
    """End a payment: succeeded, or canceled for a reason."""
    thing.pop("confirmation", None)
    if paid:
        thing |= {"status": "succeeded", "paid": True, "refundable": True, "captured_at": format_instant(at)}
        return
    thing |= {"status": "canceled", "cancellation_details": {"party": "payment_network", "reason": reason}}


def webhook_url(back: str) -> str:
    """Return the shop's webhook address, derived from the return address.

    A real shop enters its webhook address in the bank's settings.
    """
    match = re.match(r"https?://[^/]+", back)
    return f"{match[0]}/callbacks/bank" if match else ""


def money(amount: int) -> Json:
    return {"value": f"{amount // 100}.{amount % 100:02}", "currency": "RUB"}


def kopecks(amount: object) -> int:
    value = amount.get("value") if isinstance(amount, dict) else None
    wrong_coin = isinstance(amount, dict) and amount.get("currency", "RUB") != "RUB"
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", str(value), re.ASCII)
    if not match or wrong_coin:
        raise ApiError(400, "invalid_request", "Amount is not roubles", "amount")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def format_instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def parse_bound(text: str | None, otherwise: str) -> str:
    try:
        return format_instant(datetime.fromisoformat(text)) if text else otherwise
    except ValueError:
        raise ApiError(400, "invalid_request", "Not an ISO 8601 moment", "created_at") from None
