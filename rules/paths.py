"""Paths of the pages that the bank and our letters send a person to; the routes are in routes/."""


def payment_page(payment_id: int) -> str:
    """Where the bank returns a person after paying."""
    return f"/payments/{payment_id}"


def email_confirmation(link: str) -> str:
    """Where a letter's signed link leads."""
    return f"/email/{link}"
