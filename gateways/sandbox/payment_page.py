"""The payment page of the sandbox bank: what a person may do on it, and how the bank then notifies the shop.

The behaviours are those of real banks: a webhook comes at once, late, twice, or never.
"""

import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gateways.sandbox.bank import CARDS, SandboxBank
from gateways.sandbox.v3_api import ApiError, finish_payment, format_instant

Json = dict[str, Any]
SLOW = 20.0
# Webhooks of each behaviour: how many, after how many seconds.
BEHAVIOURS = {"once": (1, 0.0), "twice": (2, 0.0), "late": (1, SLOW), "never": (0, 0.0)}
log = logging.getLogger("cabinet.sandbox")


def find_payment(bank: SandboxBank, id: str) -> tuple[Json, Json] | None:
    """Return a payment for the bank's page: the v3 object and the bank's private data; None if unknown."""
    with bank.writing() as file:
        try:
            return bank.load(file, "payments", id, "")
        except ApiError:
            return None


def decide(bank: SandboxBank, id: str, choice: str, card: str = "good", manner: str = "once") -> bool:
    """Pay or refuse, once; False if it was decided before or the page is out of date."""
    with bank.writing() as file:
        thing, extra = bank.load(file, "payments", id, "")
        if thing["status"] != "pending" or "card" in extra:
            return False
        times, after = BEHAVIOURS[manner]
        pays = choice == "pay" and CARDS[card][2]
        if choice == "pay":
            set_payment_method(bank, file, thing, extra, card)
        if manner == "late":
            extra |= {"card": pays, "ripe": format_instant(bank.clock() + timedelta(seconds=after))}
        else:
            finish_payment(
                thing, pays, "insufficient_funds" if choice == "pay" else "general_decline", bank.clock()
            )
        bank.save(file, "payments", thing, extra)
        bank.ring(file, "payment.succeeded" if pays else "payment.canceled", id, extra["calls"], times, after)
        return True


def set_payment_method(bank: SandboxBank, file: Any, thing: Json, extra: Json, card: str) -> None:
    """Record the payment method and, if it was asked for, a token for charging it again."""
    first, last, now, _alone = CARDS[card]
    saved = bool(extra["save"] and now)
    method = {"type": "sbp", "id": str(uuid.uuid4()), "saved": saved, "title": "СБП"}
    if thing["payment_method"]["type"] == "bank_card":
        card_fields = {
            "first6": first,
            "last4": last,
            "card_type": "Mir",
            "expiry_month": "12",
            "expiry_year": "2031",
        }
        method |= {"type": "bank_card", "card": card_fields, "title": f"Мир •• {last}"}
    thing["payment_method"] = method
    if saved:
        body = json.dumps({"method": method, "calls": extra["calls"]})
        file.execute("INSERT INTO method VALUES (?, ?, ?)", (method["id"], body, card))


def due_webhooks(bank: SandboxBank) -> list[tuple[int, str, Json]]:
    """Return the webhooks that are due: (id, address, the notification as it is now)."""
    with bank.writing() as file:
        rows = file.execute(
            "SELECT id, url, event, thing FROM call WHERE done IS NULL AND due<=? ORDER BY id LIMIT 50",
            (format_instant(bank.clock()),),
        ).fetchall()
        return [(id, url, notification(bank, file, event, thing)) for id, url, event, thing in rows]


def notification(bank: SandboxBank, file: Any, event: str, id: str) -> Json:
    thing, _ = bank.load(file, "refunds" if event.startswith("refund.") else "payments", id, "")
    return {"type": "notification", "event": event, "object": thing}


def deliver_webhooks(bank: SandboxBank, send: Callable[[str, Json], int] | None = None) -> int:
    """Send the due webhooks and return how many were answered 200.

    A webhook that failed is sent again in ten seconds.
    """
    delivered = 0
    for id, url, body in due_webhooks(bank):
        good = (send or post)(url, body) == 200
        with bank.writing() as file:
            later = format_instant(bank.clock() + timedelta(seconds=10))
            file.execute("UPDATE call SET done=?, due=? WHERE id=?", (later if good else None, later, id))
        delivered += good
    return delivered


def post(url: str, body: Json) -> int:
    import httpx

    try:
        return httpx.post(url, json=body, timeout=10, trust_env=False).status_code
    except httpx.HTTPError as problem:
        log.info("the shop did not answer: %s", type(problem).__name__)
        return 0
