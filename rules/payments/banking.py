"""The words we and a bank speak in: an order, what is known of it, and the two ways of not getting it. Plain
values.

Amounts are kopecks of roubles, instants are UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


class BankSilent(Exception):
    """No answer that can be understood: the thing may have happened. Ask again with the same key, or ask the
    status.
    """


class BankRefused(Exception):
    """The bank understood and said no: the thing certainly did not happen. `code` is the bank's own word."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words = code, words


@dataclass(frozen=True)
class PaymentOrder:
    """What we want paid. `id` is ours and comes back in every answer; nothing personal is told to the bank.

    `contract` is the contract's number: with it a payment that our file has lost can still be credited.
    """

    id: str
    amount: int
    description: str
    method: Literal["card", "sbp"] = "card"
    return_url: str = ""
    save_card: bool = False
    payee: Literal["operator", "police"] = "operator"
    contract: int = 0


@dataclass(frozen=True)
class SavedCard:
    """A card the bank agreed to charge again without its owner: the bank's token and what a person may see of
    it.
    """

    token: str
    title: str


@dataclass(frozen=True)
class BankPayment:
    """What the bank knows of one payment.

    `page` is where the person pays, `paid_with` what a person knows the card by, `reason` the bank's word why
    it failed.
    """

    bank_id: str
    state: Literal["pending", "paid", "failed"]
    amount: int
    currency: str
    order_id: str | None = None
    page: str | None = None
    card: SavedCard | None = None
    paid_with: str | None = None
    reason: str | None = None
    refunded: int = 0
    at: datetime | None = None
    contract: int = 0


@dataclass(frozen=True)
class BankRefund:
    """What the bank knows of one refund; `description` is what we called it, None where the bank does not
    say.
    """

    bank_id: str
    state: Literal["pending", "done", "failed"]
    amount: int
    payment_bank_id: str
    reason: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Callback:
    """What a callback claims. Nothing in it is believed but the bank's id, which is asked about."""

    bank_id: str
    event: str = ""
