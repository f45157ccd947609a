"""YooKassa v3 (yookassa.ru/developers/api) over `httpx`; why not the SDK: docs/bank.md.

One deadline covers all tries of a call, even if the bank sends a byte a second. All tries of one call carry
the same Idempotence-Key, which the caller stores with the payment.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from threading import BoundedSemaphore
from typing import Any

import httpx

from rules import machine_json
from rules.payments.banking import (
    BankPayment,
    BankRefund,
    BankRefused,
    BankSilent,
    Callback,
    PaymentOrder,
    SavedCard,
)

# yookassa.ru/developers/using-api/webhooks#ip, the networks notifications come from.
NETWORKS = (
    "185.71.76.0/27", "185.71.77.0/27", "77.75.153.0/25", "77.75.156.11/32", "77.75.156.35/32",
    "77.75.154.128/25", "2a02:5180::/32",
)  # fmt: skip
STATES = {"pending": "pending", "waiting_for_capture": "pending", "succeeded": "paid", "canceled": "failed"}
REFUND_STATES = {"pending": "pending", "succeeded": "done", "canceled": "failed"}
RETRY_STATUSES = {202, 429, 500, 502, 503, 504}
PAUSES = (0.0, 0.3, 0.9)
# At most so many threads may wait for a bank that hangs; the rest of the cabinet needs the others.
_slots = BoundedSemaphore(16)
Json = dict[str, Any]


class YooKassa:
    """`shops` maps a payee to (shop id, secret key). Money for the police, in their own shop, is not ours."""

    def __init__(
        self,
        shops: Mapping[str, tuple[str, str]],
        url: str = "https://api.yookassa.ru/v3",
        *,
        networks: tuple[str, ...] = NETWORKS,
        deadline: float = 10.0,
        transport: Callable[[httpx.Request], httpx.Response] | None = None,
    ) -> None:
        self.shops, self.url, self.deadline = shops, url.rstrip("/"), deadline
        self.networks = [ip_network(each) for each in networks]
        self.transport = transport

    def create(self, order: PaymentOrder, key: str) -> BankPayment:
        kind = {"card": "bank_card", "sbp": "sbp"}[order.method]
        confirm = {"type": "redirect", "return_url": order.return_url}
        body = payment_body(order) | {"payment_method_data": {"type": kind}, "confirmation": confirm}
        if order.save_card:
            body["save_payment_method"] = True
        return parse_payment(self._ask("POST", "/payments", order.payee, body=body, key=key))

    def charge_saved(self, order: PaymentOrder, token: str, key: str) -> BankPayment:
        body = payment_body(order) | {"payment_method_id": token}
        return parse_payment(self._ask("POST", "/payments", order.payee, body=body, key=key))

    def status(self, bank_id: str, payee: str = "operator") -> BankPayment:
        return parse_payment(self._ask("GET", f"/payments/{checked_id(bank_id)}", payee))

    def refund(
        self, bank_id: str, amount: int, key: str, payee: str = "operator", description: str = ""
    ) -> BankRefund:
        body = {"payment_id": bank_id, "amount": money(amount)} | (
            {"description": description} if description else {}
        )
        return parse_refund(self._ask("POST", "/refunds", payee, body=body, key=key))

    def refund_status(self, bank_id: str, payee: str = "operator") -> BankRefund:
        return parse_refund(self._ask("GET", f"/refunds/{checked_id(bank_id)}", payee))

    def receipt(self, body: Json, key: str, payee: str = "operator") -> Json:
        """Send a fiscal receipt (v3 «receipts») unchanged and return the answer with `id` and `status`."""
        return self._ask("POST", "/receipts", payee, body=body, key=key)

    def receipt_status(self, bank_id: str, payee: str = "operator") -> Json:
        return self._ask("GET", f"/receipts/{checked_id(bank_id)}", payee)

    def between(self, since: datetime, until: datetime, payee: str = "operator") -> list[BankPayment]:
        return [parse_payment(item) for item in self._list("/payments", since, until, payee)]

    def refunds_between(self, since: datetime, until: datetime, payee: str = "operator") -> list[BankRefund]:
        return [parse_refund(item) for item in self._list("/refunds", since, until, payee)]

    def _list(self, path: str, since: datetime, until: datetime, payee: str) -> list[Json]:
        """Return all objects of a v3 list created in [since, until)."""
        params = {
            "created_at.gte": format_instant(since),
            "created_at.lt": format_instant(until),
            "limit": "100",
        }
        found: list[Json] = []
        while True:
            answer = self._ask("GET", path, payee, params=params)
            found += answer.get("items") or []
            if not answer.get("next_cursor"):
                return found
            params["cursor"] = str(answer["next_cursor"])

    def read_callback(self, body: bytes) -> Callback:
        return read_callback(body)

    def trusted(self, address: str) -> bool:
        try:
            source = ip_address(address)
        except ValueError:
            return False
        return any(source in network for network in self.networks)

    def _ask(
        self,
        method: str,
        path: str,
        payee: str,
        *,
        body: Json | None = None,
        key: str = "",
        params: Mapping[str, str] | None = None,
    ) -> Json:
        request = httpx.Request(
            method, self.url + path, params=params, json=body, headers={"Idempotence-Key": key} if key else {}
        )
        if not _slots.acquire(timeout=1):
            raise BankSilent("too many are waiting for the bank already")
        try:
            return asyncio.run(self._within(request, payee))
        finally:
            _slots.release()

    async def _within(self, request: httpx.Request, payee: str) -> Json:
        # httpx limits each read, not their sum; asyncio cancels at any point.
        try:
            async with asyncio.timeout(self.deadline):
                return await self._tries(request, payee)
        except TimeoutError:
            raise BankSilent("no answer in time") from None

    async def _tries(self, request: httpx.Request, payee: str) -> Json:
        trouble = BankSilent("not asked")
        through = httpx.MockTransport(self.transport) if self.transport else None
        each = httpx.Timeout(self.deadline / 2, connect=self.deadline / 4)
        auth = self.shops[payee]
        async with httpx.AsyncClient(auth=auth, timeout=each, transport=through, trust_env=False) as client:
            for pause in PAUSES:
                await asyncio.sleep(pause)
                try:
                    return read_answer(await client.send(request))
                except (httpx.HTTPError, BankSilent) as problem:
                    trouble = BankSilent(f"{type(problem).__name__}: {problem}")
        raise trouble


def read_answer(response: httpx.Response) -> Json:
    """Return the answer's object; BankRefused for a v3 error, BankSilent for HTML, a list or broken text."""
    if response.status_code in RETRY_STATUSES:
        raise BankSilent(f"HTTP {response.status_code}")
    try:
        answer = machine_json.load(response.content)
    except ValueError:
        raise BankSilent(f"HTTP {response.status_code}, not JSON") from None
    if not isinstance(answer, dict):
        raise BankSilent(f"HTTP {response.status_code}, not an object")
    if response.status_code == 200:
        return answer
    if answer.get("type") != "error":
        raise BankSilent(f"HTTP {response.status_code}, not an error of v3")
    raise BankRefused(str(answer.get("code", "")), str(answer.get("description", "")))


def parse_payment(answer: Json) -> BankPayment:
    """Parse a v3 payment; BankSilent if it is malformed, so that it is never taken for «not paid»."""
    try:
        failed = answer.get("cancellation_details") or {}
        return BankPayment(
            bank_id=checked_text(answer["id"]),
            state=STATES[answer["status"]],  # type: ignore[arg-type]
            amount=kopecks(answer["amount"]["value"]),
            currency=checked_text(answer["amount"]["currency"]),
            order_id=(answer.get("metadata") or {}).get("order"),
            page=confirmation_url(answer.get("confirmation") or {}),
            card=saved_card(answer.get("payment_method") or {}),
            paid_with=(answer.get("payment_method") or {}).get("title"),
            reason=failed.get("reason"),
            refunded=kopecks((answer.get("refunded_amount") or {}).get("value", "0.00")),
            at=parse_instant(answer.get("created_at")),
            contract=contract_number((answer.get("metadata") or {}).get("contract")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BankSilent(f"not a payment: {problem!r}") from None


def parse_refund(answer: Json) -> BankRefund:
    try:
        failed = answer.get("cancellation_details") or {}
        return BankRefund(
            bank_id=checked_text(answer["id"]),
            state=REFUND_STATES[answer["status"]],  # type: ignore[arg-type]
            amount=kopecks(answer["amount"]["value"]),
            payment_bank_id=checked_text(answer["payment_id"]),
            reason=failed.get("reason"),
            description=answer.get("description"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BankSilent(f"not a refund: {problem!r}") from None


def read_callback(body: bytes) -> Callback:
    """Parse a v3 notification. It is not signed: only the id is used, to ask the bank about it."""
    answer = machine_json.load(body)
    if (
        not isinstance(answer, dict)
        or answer.get("type") != "notification"
        or not isinstance(answer.get("object"), dict)
    ):
        raise ValueError("not a notification")
    event, thing = checked_text(answer.get("event")), answer["object"]
    return Callback(
        checked_text(thing.get("payment_id") if event.startswith("refund.") else thing.get("id")), event
    )


def payment_body(order: PaymentOrder) -> Json:
    return {
        "amount": money(order.amount),
        "capture": True,
        "description": order.description[:128],
        "metadata": {"order": order.id} | ({"contract": str(order.contract)} if order.contract else {}),
    }


def money(amount: int) -> Json:
    return {"value": f"{amount // 100}.{amount % 100:02}", "currency": "RUB"}


def kopecks(value: object) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,12}\.[0-9]{2}", value):
        raise ValueError(f"amount {value!r}")
    return int(Decimal(value) * 100)


def confirmation_url(confirmation: Json) -> str | None:
    url = confirmation.get("confirmation_url")
    if url is not None and not re.match(r"https?://[^/\s]+/", checked_text(url)):
        raise ValueError(f"page {url!r}")
    return url


def saved_card(method: Json) -> SavedCard | None:
    if not method.get("saved"):
        return None
    return SavedCard(checked_text(method["id"]), str(method.get("title") or "Карта"))


def checked_text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError(f"text {value!r}")
    return value


def contract_number(value: object) -> int:
    """Return the contract's number from the metadata we sent; 0 if there is none."""
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12
        else 0
    )


def checked_id(bank_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", bank_id):
        raise BankRefused("not_found", "no such id")
    return bank_id


def parse_instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None


def format_instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
