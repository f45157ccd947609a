"""What the product requires of a bank.

A driver reports what the bank answered and decides nothing: `rules.payments.payments` compares the answer
with the order. Amounts are kopecks, instants are UTC.
"""

from datetime import datetime
from typing import Protocol

from rules.payments.banking import BankPayment, BankRefund, Callback, PaymentOrder


class Bank(Protocol):
    """A driver of one bank. Every call that reaches the bank may raise BankSilent or BankRefused.

    tests/payments/test_bank_contract.py checks each driver against this contract.
    """

    def create(self, order: PaymentOrder, key: str) -> BankPayment:
        """Create a payment with a page to pay it on; the same key returns the same payment."""

    def charge_saved(self, order: PaymentOrder, token: str, key: str) -> BankPayment:
        """Charge a saved card without its owner; the same key does not charge again."""

    def status(self, bank_id: str, payee: str = "operator") -> BankPayment:
        """Return the payment's present state. Only this answer may make a payment paid."""

    def refund(
        self, bank_id: str, amount: int, key: str, payee: str = "operator", description: str = ""
    ) -> BankRefund:
        """Refund a payment in part or in whole; the same key does not refund again."""

    def refund_status(self, bank_id: str, payee: str = "operator") -> BankRefund:
        """Return the refund's present state."""

    def between(self, since: datetime, until: datetime, payee: str = "operator") -> list[BankPayment]:
        """Return every payment created in [since, until), for the reconciliation of a day."""

    def refunds_between(self, since: datetime, until: datetime, payee: str = "operator") -> list[BankRefund]:
        """Return every refund created in [since, until)."""

    def read_callback(self, body: bytes) -> Callback:
        """Read the bank's id from a raw callback; ValueError if the body is not a notification."""

    def trusted(self, address: str) -> bool:
        """Return whether the bank sends callbacks from this address."""
