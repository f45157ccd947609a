"""After the trouble: is everything acknowledged in the file, once; does the ledger add up; is the file
whole.
"""

import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from checks.chaos.acts import AMOUNT, EVENTS, KINDS, Book, words
from checks.chaos.town import Bank, Gateway

QUIET = 240.0
# What must be over before the count: payments the bank has paid, messages waiting to leave.
LEFT = {
    "messages": "SELECT count(*) FROM outbox WHERE channel='sms' AND state IN ('waiting', 'sending')",
    "payments": "SELECT count(*) FROM payment WHERE state='created'",
}
SUMS = (
    "SELECT kind, count(*), sum(amount), count(DISTINCT source) FROM ledger_entry GROUP BY kind ORDER BY kind"
)


@dataclass
class Count:
    """One kind: acknowledged, of them missing, anything there twice."""

    kind: str
    acknowledged: int
    missing: int
    doubled: int

    @property
    def good(self) -> bool:
        return self.missing == 0 and self.doubled == 0


def rows(path: Path, query: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(path, timeout=30)) as file:
        return file.execute(query, values).fetchall()


def settled(path: Path, bank: Bank, *, within: float = QUIET) -> float:
    """Seconds until the jobs have carried out by themselves all that the trouble left undone."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        paid = {order for (order,) in rows(path, "SELECT \"order\" FROM payment WHERE state='paid'")}
        if not (set(bank.paid()) - paid) and not any(rows(path, query)[0][0] for query in LEFT.values()):
            return time.monotonic() - began
        time.sleep(0.5)
    return within


def seen(path: Path, book: Book) -> dict[str, Counter[int]]:
    """kind → how many times each number stands in the file."""
    texts = Counter(text for (text,) in rows(path, "SELECT text FROM request_message"))
    amounts = Counter(amount for (amount,) in rows(path, "SELECT amount FROM payment"))
    instants = Counter(at for (at,) in rows(path, "SELECT at FROM event WHERE kind=0"))
    alarms = Counter(
        rows(path, "SELECT k.number, e.at FROM event e JOIN key k ON k.id=e.key_id WHERE e.kind=2")
    )
    return {
        "request": Counter({n: texts[words("request", n)] for n in book.begun["request"]}),
        "message": Counter({n: texts[words("message", n)] for n in book.begun["message"]}),
        "payment": Counter({n: amounts[AMOUNT + n] for n in book.begun["payment"]}),
        "event": Counter({n: instants[EVENTS + n] for n in book.begun["event"]}),
        "signal": Counter({n: alarms[book.signals[n]] for n in book.begun["signal"] if n in book.signals}),
    }


def counts(path: Path, book: Book) -> list[Count]:
    found = seen(path, book)
    return [
        Count(
            kind,
            len(book.acknowledged[kind]),
            sum(not found[kind][n] for n in book.acknowledged[kind]),
            sum(found[kind][n] > 1 for n in book.begun[kind]),
        )
        for kind in KINDS
    ]


def money(path: Path, book: Book, bank: Bank) -> Count:
    """Each payment paid at the bank against its entries in the ledger; what was never paid must not be
    there.
    """
    paid = bank.paid()
    known = dict(rows(path, 'SELECT "order", id FROM payment'))
    entries = dict(
        rows(path, "SELECT source, count(*) FROM ledger_entry WHERE kind='payment' GROUP BY source")
    )
    kopecks = dict(rows(path, "SELECT source, amount FROM ledger_entry WHERE kind='payment'"))
    missing = sum(kopecks.get(f"payment:{known.get(order)}") != amount for order, amount in paid.items())
    strange = set(entries) - {f"payment:{known.get(order)}" for order in paid}
    asked = Counter(bank.orders())
    twice = (
        sum(number > 1 for number in entries.values())
        + sum(number > 1 for number in asked.values())
        + len(strange)
    )
    return Count("ledger entry", len(paid), missing, twice)


def messages(path: Path, gateway: Gateway) -> Count:
    """Each SMS the file holds against what the gateway was handed, by recipient and words; of codes it holds
    only the fact.
    """
    words = "CASE WHEN kind IN ('code', 'password') THEN '' ELSE text END"
    put = Counter(rows(path, f"SELECT ltrim(\"to\", '+'), {words} FROM outbox WHERE channel='sms'"))
    taken = Counter((to, text if (to, text) in put else "") for to, text, _ in gateway.taken)
    missing = sum((put - taken).values())
    return Count("SMS handed over", sum(put.values()), missing, sum((taken - put).values()))


def whole(path: Path) -> list[str]:
    """What is wrong with the file itself; nothing when it is sound."""
    wrong = [line for (line,) in rows(path, "PRAGMA integrity_check") if line != "ok"]
    wrong += [f"foreign key of {line[0]}" for line in rows(path, "PRAGMA foreign_key_check")]
    sums = rows(path, SUMS)
    wrong += [
        f"{kind}: {number - sources} sources twice" for kind, number, _, sources in sums if number != sources
    ]
    parts, total = (
        sum(total for _, _, total, _ in sums),
        rows(path, "SELECT coalesce(sum(amount), 0) FROM ledger_entry")[0][0],
    )
    return wrong + ([] if parts == total else [f"sums {parts} and {total}"])
