"""The values exchanged with a bank: an order, the state of a payment or refund, and the two failures.

Amounts are kopecks of roubles, instants are UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


class BankSilent(Exception):
    """The bank gave no usable answer, and the operation may have happened.

    Repeat the call with the same key, or ask for the status.
    """


class BankRefused(Exception):
    """The bank refused: the operation certainly did not happen. `code` is the bank's own."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words = code, words


@dataclass(frozen=True)
class PaymentOrder:
    """A payment to create. `id` is ours and comes back in every answer; no personal data is sent to the bank.

    `contract` is the contract's number. It lets us credit a payment that our database has lost.
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
    """A card that the bank may charge without its owner: the bank's token and the title shown to people."""

    token: str
    title: str


@dataclass(frozen=True)
class BankPayment:
    """The bank's state of one payment.

    `page` is the payment page, `paid_with` the card's title, `reason` the bank's code of failure.
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
    """The bank's state of one refund. `description` is ours; None if the bank does not return it."""

    bank_id: str
    state: Literal["pending", "done", "failed"]
    amount: int
    payment_bank_id: str
    reason: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Callback:
    """The content of a callback. Only the bank's id is used, to ask the bank about it."""

    bank_id: str
    event: str = ""
