"""The sandbox bank: YooKassa's v3 API over a small SQLite file of its own. No money moves here.

Its interface is plain values (`answer(method, path, headers, body)`), so the same bank serves the in-process
driver, routes/payments/sandbox.py over HTTP, and the official SDK in the tests. Its file belongs to another
organisation: it is separate from the cabinet's database and never in its transactions. What a person does on
the payment page is in payment_page.py.
"""

import base64
import hashlib
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateways.sandbox.v3_api import (
    ApiError,
    blank_payment,
    confirmation_fields,
    finish_payment,
    format_instant,
    kopecks,
    money,
    object_head,
    parse_body,
    parse_bound,
    webhook_url,
)

Json = dict[str, Any]
TABLES = (
    "CREATE TABLE thing (kind TEXT, id TEXT PRIMARY KEY, at TEXT, body TEXT, extra TEXT) WITHOUT ROWID",
    "CREATE INDEX thing_at ON thing (kind, at)",
    "CREATE TABLE heard (key TEXT PRIMARY KEY, digest TEXT, status INTEGER, answer TEXT) WITHOUT ROWID",
    "CREATE TABLE method (token TEXT PRIMARY KEY, body TEXT, card TEXT) WITHOUT ROWID",
    "CREATE TABLE call (id INTEGER PRIMARY KEY, url TEXT, event TEXT, thing TEXT, due TEXT, done TEXT)",
)
# Test cards: first six and last four digits, whether it pays with its owner present, and when saved.
CARDS = {
    "good": ("220220", "4477", True, True),
    "empty": ("220220", "4535", False, False),
    "once": ("220220", "4592", True, False),
}
PAGE_LIVES = timedelta(hours=1)


class SandboxBank:
    """`shops` maps a shop's id to its secret; `calls` is the address for this bank's notifications."""

    def __init__(
        self,
        path: Path | str,
        shops: Mapping[str, str],
        *,
        calls: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path, self.shops, self.calls, self.clock = str(path), dict(shops), calls, clock
        # If the cabinet's database is not SQLite, the folder may not exist yet.
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=10)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction; the first one creates the tables.

        BEGIN IMMEDIATE makes concurrent callers wait for each other. The journal mode stays the default:
        switching to the write-ahead log does not wait, and when the first two payments came at the same
        moment, one of them failed with «database is locked».
        """
        with closing(self.connect()) as file:
            file.isolation_level = None
            file.execute("BEGIN IMMEDIATE")
            try:
                if not file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    for words in TABLES:
                        file.execute(words)
                yield file
            except BaseException:
                file.execute("ROLLBACK")
                raise
            file.execute("COMMIT")

    def answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        origin: str = "",
    ) -> tuple[int, Json]:
        """Answer one v3 call. `path` begins after /v3; `origin` is where this bank's payment page is."""
        try:
            shop = self._shop(headers)
            if method == "GET":
                return 200, self._get(path, shop, query or {})
            return self._once(path, shop, headers.get("idempotence-key", ""), body, origin)
        except ApiError as wrong:
            return wrong.status, wrong.body

    def _shop(self, headers: Mapping[str, str]) -> str:
        try:
            kind, _, coded = headers.get("authorization", "").partition(" ")
            shop, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:
            kind = shop = secret = ""
        if kind.lower() != "basic" or self.shops.get(shop) != secret or not secret:
            raise ApiError(401, "invalid_credentials", "Basic authentication failed")
        return shop

    def _once(self, path: str, shop: str, key: str, body: bytes, origin: str) -> tuple[int, Json]:
        """Answer a repeated key with the stored answer, and carry out a new one.

        The same key with another request is an error (v3 «idempotence»).
        """
        if not 0 < len(key) <= 64:
            raise ApiError(400, "invalid_request", "Idempotence key is missing", "Idempotence-Key")
        digest = hashlib.sha256(path.encode() + b"\n" + body).hexdigest()
        with self.writing() as file:
            stored = file.execute(
                "SELECT digest, status, answer FROM heard WHERE key=?", (f"{shop}:{key}",)
            ).fetchone()
            if stored and stored[0] != digest:
                raise ApiError(400, "invalid_request", "Idempotence key duplicated", "Idempotence-Key")
            if stored:
                return stored[1], self._fresh(file, json.loads(stored[2]))
            answer = self._post(file, path, shop, parse_body(body), origin)
            row = (f"{shop}:{key}", digest, 200, json.dumps(answer))
            file.execute("INSERT INTO heard VALUES (?, ?, ?, ?)", row)
            return 200, answer

    def _fresh(self, file: sqlite3.Connection, answer: Json) -> Json:
        found = file.execute("SELECT body FROM thing WHERE id=?", (answer.get("id"),)).fetchone()
        return json.loads(found[0]) if found else answer

    def _get(self, path: str, shop: str, query: Mapping[str, str]) -> Json:
        with self.writing() as file:
            if path in ("/payments", "/refunds"):
                return self._list(file, path.strip("/"), shop, query)
            if path == "/receipts":
                return self._receipts(file, shop, query)
            match = re.fullmatch(r"/(payments|refunds|receipts)/([\w-]+)", path)
            if path == "/me":
                return {"account_id": shop, "test": True, "status": "enabled", "fiscalization_enabled": True}
            if not match:
                raise ApiError(404, "not_found", "No such resource")
            return self.load(file, match[1], match[2], shop)[0]

    def _list(self, file: sqlite3.Connection, kind: str, shop: str, query: Mapping[str, str]) -> Json:
        bounds = (
            parse_bound(query.get("created_at.gte"), ""),
            parse_bound(query.get("created_at.lt"), "9"),
            query.get("cursor", ""),
        )
        rows = file.execute(
            "SELECT id FROM thing WHERE kind=? AND at>=? AND at<? AND id>? ORDER BY id LIMIT 101",
            (kind, *bounds),
        ).fetchall()
        found = [self.load(file, kind, row[0], "") for row in rows[:100]]
        items = [thing for thing, extra in found if extra["shop"] == shop]
        return {"type": "list", "items": items} | ({"next_cursor": rows[99][0]} if len(rows) > 100 else {})

    def _receipts(self, file: sqlite3.Connection, shop: str, query: Mapping[str, str]) -> Json:
        rows = file.execute("SELECT body, extra FROM thing WHERE kind='receipts'").fetchall()
        found = [json.loads(body) for body, extra in rows if json.loads(extra)["shop"] == shop]
        about = [(name, query[name]) for name in ("payment_id", "refund_id") if name in query]
        return {"type": "list", "items": [one for one in found if all(one.get(n) == v for n, v in about)]}

    def load(self, file: sqlite3.Connection, kind: str, id: str, shop: str) -> tuple[Json, Json]:
        """Return an object and its private data, after applying changes that are due by now.

        Such changes are the end of a slow payment and the expiry of an abandoned payment page.
        """
        found = file.execute("SELECT body, extra FROM thing WHERE kind=? AND id=?", (kind, id)).fetchone()
        if not found or (shop and json.loads(found[1]).get("shop") != shop):
            raise ApiError(404, "not_found", f"No {kind} with this id")
        thing, extra = json.loads(found[0]), json.loads(found[1])
        if (
            kind == "payments"
            and thing["status"] == "pending"
            and extra["ripe"] <= format_instant(self.clock())
        ):
            paid = extra.get("card")
            finish_payment(
                thing, paid, "expired_on_confirmation" if paid is None else "insufficient_funds", self.clock()
            )
            self.save(file, kind, thing, extra)
        return thing, extra

    def save(self, file: sqlite3.Connection, kind: str, thing: Json, extra: Json) -> None:
        row = (kind, thing["id"], thing["created_at"], json.dumps(thing), json.dumps(extra))
        file.execute("INSERT OR REPLACE INTO thing VALUES (?, ?, ?, ?, ?)", row)

    def ring(
        self, file: sqlite3.Connection, event: str, id: str, url: str, times: int, after: float = 0
    ) -> None:
        """Queue webhooks to the shop; `payment_page.deliver_webhooks` sends them."""
        due = format_instant(self.clock() + timedelta(seconds=after))
        for _ in range(times if url else 0):
            file.execute(
                "INSERT INTO call (url, event, thing, due) VALUES (?, ?, ?, ?)", (url, event, id, due)
            )

    def _post(self, file: sqlite3.Connection, path: str, shop: str, form: Json, origin: str) -> Json:
        if path == "/payments":
            return self._payment(file, shop, form, origin)
        if path == "/refunds":
            return self._refund(file, shop, form)
        if path == "/receipts":
            return self._receipt(file, shop, form)
        raise ApiError(404, "not_found", "No such resource")

    def _payment(self, file: sqlite3.Connection, shop: str, form: Json, origin: str) -> Json:
        thing, token = blank_payment(shop, form, self.clock()), form.get("payment_method_id")
        back = (form.get("confirmation") or {}).get("return_url", "")
        extra: Json = {"shop": shop, "back": back, "calls": self.calls or webhook_url(back), "save": False}
        extra["ripe"] = format_instant(self.clock() + PAGE_LIVES)
        if token:
            self._charge(file, thing, extra, str(token))
        else:
            extra["save"] = form.get("save_payment_method") is True
            thing |= confirmation_fields(thing, form, origin)
        self.save(file, "payments", thing, extra)
        return thing

    def _charge(self, file: sqlite3.Connection, thing: Json, extra: Json, token: str) -> None:
        found = file.execute("SELECT body, card FROM method WHERE token=?", (token,)).fetchone()
        if not found:
            raise ApiError(400, "invalid_request", "Payment method doesn't exist", "payment_method_id")
        method = json.loads(found[0])
        thing["payment_method"], extra["calls"] = method["method"], method["calls"]
        alone = CARDS[found[1]][3]
        finish_payment(thing, alone, "insufficient_funds", self.clock())
        self.ring(
            file, "payment.succeeded" if alone else "payment.canceled", thing["id"], extra["calls"], 1, 1
        )

    def _refund(self, file: sqlite3.Connection, shop: str, form: Json) -> Json:
        payment, extra = self.load(file, "payments", str(form.get("payment_id")), shop)
        left = kopecks(payment["amount"]) - kopecks(payment.get("refunded_amount") or {"value": "0.00"})
        requested = kopecks(form.get("amount"))
        if payment["status"] != "succeeded" or requested > left:
            raise ApiError(400, "invalid_request", "Refund amount is greater than what is left", "amount")
        payment["refunded_amount"] = money(kopecks(payment["amount"]) - left + requested)
        self.save(file, "payments", payment, extra)
        thing = object_head(self.clock()) | {
            "status": "succeeded",
            "amount": money(requested),
            "payment_id": payment["id"],
        }
        thing |= {"description": form["description"]} if form.get("description") else {}
        self.save(file, "refunds", thing, extra)
        self.ring(file, "refund.succeeded", thing["id"], extra["calls"], 1)
        return thing

    def _receipt(self, file: sqlite3.Connection, shop: str, form: Json) -> Json:
        customer, about = form.get("customer") or {}, form.get("payment_id") or form.get("refund_id")
        if not (customer.get("email") or customer.get("phone")) or not form.get("items"):
            raise ApiError(400, "invalid_request", "Customer and items are required", "customer")
        kind = "refunds" if form.get("type") == "refund" and form.get("refund_id") else "payments"
        self.load(file, kind, str(about), shop)
        given = {
            name: form[name]
            for name in ("type", "items", "payment_id", "refund_id", "settlements")
            if name in form
        }
        fiscal = {
            "fiscal_document_number": str(uuid.uuid4().int % 10**6),
            "fiscal_storage_number": "9288000100115786",
        }
        thing = (
            object_head(self.clock())
            | given
            | fiscal
            | {"status": "succeeded", "registered_at": format_instant(self.clock())}
        )
        self.save(file, "receipts", thing, {"shop": shop})
        return thing
