"""What the product requires of a cash register that prints fiscal receipts (54-ФЗ)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from rules.money.fiscal_receipts import ReceiptDocument


class RegisterUnreachable(Exception):
    """The register gave no definite answer: try the same receipt again later."""


class RegisterDeclined(Exception):
    """The register will never accept this receipt as it is; the accountant sees the message."""


@dataclass(frozen=True, slots=True)
class RegisteredReceipt:
    """The register's answer about one receipt.

    `document`, `storage` and `sign` (ФД, ФН, ФПД) and the time `at` (UTC) are set once it is printed.
    """

    id: str
    state: Literal["pending", "done", "refused"]
    document: str = ""
    storage: str = ""
    sign: str = ""
    at: datetime | None = None


class FiscalRegister(Protocol):
    """A driver of one register. Each call may raise RegisterUnreachable or RegisterDeclined."""

    def register(self, document: ReceiptDocument, key: str, now: datetime) -> RegisteredReceipt:
        """Submit a receipt; the register prints one receipt per key."""

    def ask(self, id: str, now: datetime) -> RegisteredReceipt:
        """Return the present state of a submitted receipt."""
