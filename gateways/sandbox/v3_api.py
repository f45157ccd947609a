"""The words of YooKassa's v3 API as the sandbox bank says them: amounts, errors, payments and their ends."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from rules import machine_json

Json = dict[str, Any]
SBP_MOST = 70_000_000


class Wrong(Exception):
    """A v3 error: HTTP status, code, description, parameter."""

    def __init__(self, status: int, code: str, description: str, parameter: str | None = None) -> None:
        self.status, self.body = status, {"type": "error", "id": str(uuid.uuid4()), "code": code}
        self.body |= {"description": description} | ({"parameter": parameter} if parameter else {})


def parsed(body: bytes) -> Json:
    try:
        said = machine_json.load(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Wrong(400, "invalid_request", "Body is not a JSON object")
    return said


def head(at: datetime) -> Json:
    return {"id": str(uuid.uuid4()), "created_at": stamp(at)}


def blank_payment(shop: str, said: Json, at: datetime) -> Json:
    if len(str(said.get("description", ""))) > 128:
        raise Wrong(400, "invalid_request", "Description is longer than 128", "description")
    return head(at) | {
        "status": "pending",
        "paid": False,
        "test": True,
        "refundable": False,
        "amount": money(kopecks(said.get("amount"))),
        "description": said.get("description"),
        "metadata": said.get("metadata") or {},
        "recipient": {"account_id": shop, "gateway_id": "1"},
    }


def opened(thing: Json, said: Json, origin: str) -> Json:
    """A payment waiting for a person on the bank's page."""
    kind = (said.get("payment_method_data") or {}).get("type", "bank_card")
    confirm = said.get("confirmation") or {}
    if kind not in ("bank_card", "sbp") or confirm.get("type") != "redirect" or not confirm.get("return_url"):
        raise Wrong(400, "invalid_request", "Only redirect by card or SBP", "confirmation")
    if kind == "sbp" and kopecks(said["amount"]) > SBP_MOST:
        raise Wrong(400, "invalid_request", "SBP takes at most 700 000 RUB", "amount.value")
    url = f"{origin}/bank/pay/{thing['id']}"
    method = {"type": kind, "id": thing["id"], "saved": False}
    return {"payment_method": method, "confirmation": {"type": "redirect", "confirmation_url": url}}


def settle(thing: Json, paid: object, reason: str, at: datetime) -> None:
    """The end of a payment: succeeded, or canceled for a reason."""
    thing.pop("confirmation", None)
    if paid:
        thing |= {"status": "succeeded", "paid": True, "refundable": True, "captured_at": stamp(at)}
        return
    thing |= {"status": "canceled", "cancellation_details": {"party": "payment_network", "reason": reason}}


def calls_of(back: str) -> str:
    """A real shop writes its callback address into the bank's settings; here it is beside where the buyer
    returns.
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
        raise Wrong(400, "invalid_request", "Amount is not roubles", "amount")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def bound(text: str | None, otherwise: str) -> str:
    try:
        return stamp(datetime.fromisoformat(text)) if text else otherwise
    except ValueError:
        raise Wrong(400, "invalid_request", "Not an ISO 8601 moment", "created_at") from None
