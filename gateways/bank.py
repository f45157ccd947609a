"""What the house asks of a bank. A driver never decides what a payment is worth to us:
it says what the bank said, and `rules.payments.payments` compares that with what we asked for.
"""

from datetime import datetime
from typing import Protocol

from rules.payments.banking import BankRefused, BankSilent, Callback, Known, Order, Returned, SavedCard

__all__ = ["Bank", "BankRefused", "BankSilent", "Callback", "Known", "Order", "Returned", "SavedCard"]


class Bank(Protocol):
    """Every driver passes tests/payments/test_bank_contract.py. Each call may raise BankSilent or
    BankRefused.
    """

    def create(self, order: Order, key: str) -> Known:
        """A payment with a page to pay it on. The same key again answers the same payment."""

    def charge_saved(self, order: Order, token: str, key: str) -> Known:
        """A payment from a saved card, nobody present. The same key again charges nothing again."""

    def status(self, bank_id: str, payee: str = "operator") -> Known:
        """What the bank knows now: the only thing a payment may become paid by."""

    def refund(
        self, bank_id: str, amount: int, key: str, payee: str = "operator", description: str = ""
    ) -> Returned:
        """Money back to where it came from, in part or whole. The same key again gives nothing more back."""

    def read_callback(self, body: bytes) -> Callback:
        """The bank's id out of a raw callback; ValueError when it is not one."""

    def trusted(self, address: str) -> bool:
        """Whether callbacks come from this address."""

    def refund_status(self, bank_id: str, payee: str = "operator") -> Returned:
        """What the bank knows now of a refund."""

    def refunds_between(self, since: datetime, until: datetime, payee: str = "operator") -> list[Returned]:
        """Every refund created in [since, until)."""

    def between(self, since: datetime, until: datetime, payee: str = "operator") -> list[Known]:
        """Every payment created in [since, until): the other side of the day's reconciliation."""
