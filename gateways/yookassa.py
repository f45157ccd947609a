"""YooKassa v3 (yookassa.ru/developers/api) by a thin `httpx` client; why not an SDK: docs/bank.md.

A call has one deadline over all its tries, whatever the bank does in between (hangs, sends a byte a second).
Every try of one call carries the same Idempotence-Key, which the caller keeps beside the payment.
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

from gateways.bank import BankRefused, BankSilent, Callback, Known, Order, Returned, SavedCard
from rules import machine_json

# yookassa.ru/developers/using-api/webhooks#ip, the networks notifications come from.
NETWORKS = (
    "185.71.76.0/27", "185.71.77.0/27", "77.75.153.0/25", "77.75.156.11/32", "77.75.156.35/32",
    "77.75.154.128/25", "2a02:5180::/32",
)  # fmt: skip
STATES = {"pending": "pending", "waiting_for_capture": "pending", "succeeded": "paid", "canceled": "failed"}
REFUND_STATES = {"pending": "pending", "succeeded": "done", "canceled": "failed"}
AGAIN = {202, 429, 500, 502, 503, 504}
PAUSES = (0.0, 0.3, 0.9)
# So many of our threads may wait for a bank that hangs; the rest of the cabinet needs the others.
_lines = BoundedSemaphore(16)
Json = dict[str, Any]


class YooKassa:
    """`shops` maps a payee to (shop id, secret key): the police are a shop of their own, not our turnover."""

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

    def create(self, order: Order, key: str) -> Known:
        kind = {"card": "bank_card", "sbp": "sbp"}[order.method]
        confirm = {"type": "redirect", "return_url": order.return_url}
        body = asked(order) | {"payment_method_data": {"type": kind}, "confirmation": confirm}
        if order.save_card:
            body["save_payment_method"] = True
        return known(self._ask("POST", "/payments", order.payee, body=body, key=key))

    def charge_saved(self, order: Order, token: str, key: str) -> Known:
        body = asked(order) | {"payment_method_id": token}
        return known(self._ask("POST", "/payments", order.payee, body=body, key=key))

    def status(self, bank_id: str, payee: str = "operator") -> Known:
        return known(self._ask("GET", f"/payments/{safe(bank_id)}", payee))

    def refund(
        self, bank_id: str, amount: int, key: str, payee: str = "operator", description: str = ""
    ) -> Returned:
        body = {"payment_id": bank_id, "amount": money(amount)} | (
            {"description": description} if description else {}
        )
        return returned(self._ask("POST", "/refunds", payee, body=body, key=key))

    def refund_status(self, bank_id: str, payee: str = "operator") -> Returned:
        return returned(self._ask("GET", f"/refunds/{safe(bank_id)}", payee))

    def receipt(self, body: Json, key: str, payee: str = "operator") -> Json:
        """A fiscal receipt (v3 «receipts») exactly as given; the answer carries `id` and `status`."""
        return self._ask("POST", "/receipts", payee, body=body, key=key)

    def receipt_status(self, bank_id: str, payee: str = "operator") -> Json:
        return self._ask("GET", f"/receipts/{safe(bank_id)}", payee)

    def between(self, since: datetime, until: datetime, payee: str = "operator") -> list[Known]:
        return [known(item) for item in self._list("/payments", since, until, payee)]

    def refunds_between(self, since: datetime, until: datetime, payee: str = "operator") -> list[Returned]:
        return [returned(item) for item in self._list("/refunds", since, until, payee)]

    def _list(self, path: str, since: datetime, until: datetime, payee: str) -> list[Json]:
        """Every page of a v3 list of things created in [since, until)."""
        params = {"created_at.gte": stamp(since), "created_at.lt": stamp(until), "limit": "100"}
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
        if not _lines.acquire(timeout=1):
            raise BankSilent("too many are waiting for the bank already")
        try:
            return asyncio.run(self._within(request, payee))
        finally:
            _lines.release()

    async def _within(self, request: httpx.Request, payee: str) -> Json:
        # httpx limits each read, not their sum; asyncio cancels wherever the call happens to stand.
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
                    return read(await client.send(request))
                except (httpx.HTTPError, BankSilent) as problem:
                    trouble = BankSilent(f"{type(problem).__name__}: {problem}")
        raise trouble


def read(answer: httpx.Response) -> Json:
    """The object the bank answered; a page, a list or a torn text is silence, not an answer."""
    if answer.status_code in AGAIN:
        raise BankSilent(f"HTTP {answer.status_code}")
    try:
        said = machine_json.load(answer.content)
    except ValueError:
        raise BankSilent(f"HTTP {answer.status_code}, not JSON") from None
    if not isinstance(said, dict):
        raise BankSilent(f"HTTP {answer.status_code}, not an object")
    if answer.status_code == 200:
        return said
    if said.get("type") != "error":
        raise BankSilent(f"HTTP {answer.status_code}, not an error of v3")
    raise BankRefused(str(said.get("code", "")), str(said.get("description", "")))


def known(said: Json) -> Known:
    """A v3 payment; BankSilent when it is not one, so that nonsense is never taken for «not paid»."""
    try:
        failed = said.get("cancellation_details") or {}
        return Known(
            bank_id=text(said["id"]),
            state=STATES[said["status"]],  # type: ignore[arg-type]
            amount=kopecks(said["amount"]["value"]),
            currency=text(said["amount"]["currency"]),
            order_id=(said.get("metadata") or {}).get("order"),
            page=page(said.get("confirmation") or {}),
            card=card(said.get("payment_method") or {}),
            paid_with=(said.get("payment_method") or {}).get("title"),
            reason=failed.get("reason"),
            refunded=kopecks((said.get("refunded_amount") or {}).get("value", "0.00")),
            at=moment(said.get("created_at")),
            contract=contract((said.get("metadata") or {}).get("contract")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BankSilent(f"not a payment: {problem!r}") from None


def returned(said: Json) -> Returned:
    try:
        failed = said.get("cancellation_details") or {}
        return Returned(
            bank_id=text(said["id"]),
            state=REFUND_STATES[said["status"]],  # type: ignore[arg-type]
            amount=kopecks(said["amount"]["value"]),
            payment_bank_id=text(said["payment_id"]),
            reason=failed.get("reason"),
            description=said.get("description"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BankSilent(f"not a refund: {problem!r}") from None


def read_callback(body: bytes) -> Callback:
    """v3 notifications are not signed: only the id is taken, and only to be asked about."""
    said = machine_json.load(body)
    if (
        not isinstance(said, dict)
        or said.get("type") != "notification"
        or not isinstance(said.get("object"), dict)
    ):
        raise ValueError("not a notification")
    event, thing = text(said.get("event")), said["object"]
    return Callback(text(thing.get("payment_id") if event.startswith("refund.") else thing.get("id")), event)


def asked(order: Order) -> Json:
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


def page(confirmation: Json) -> str | None:
    url = confirmation.get("confirmation_url")
    if url is not None and not re.match(r"https?://[^/\s]+/", text(url)):
        raise ValueError(f"page {url!r}")
    return url


def card(method: Json) -> SavedCard | None:
    if not method.get("saved"):
        return None
    return SavedCard(text(method["id"]), str(method.get("title") or "Карта"))


def text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError(f"text {value!r}")
    return value


def contract(value: object) -> int:
    """The contract's number out of the metadata we sent; 0 when there is none."""
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12
        else 0
    )


def safe(bank_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", bank_id):
        raise BankRefused("not_found", "no such id")
    return bank_id


def moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
