"""Whose a row is: a subscriber's own, one of their representatives', or an employee's. One condition for all
tables that have these columns.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from db.journal import Person


def rows_of_subscriber(
    table: Any, subscriber_id: int | None, representative_id: int | None
) -> ColumnElement[bool]:
    """Rows of the subscriber acting alone, or of the one representative; never of both."""
    acting = col(table.representative_id)
    same = acting.is_(None) if representative_id is None else acting == representative_id
    return and_(col(table.subscriber_id) == subscriber_id, same)


def rows_of_account(
    table: Any, subscriber_id: int | None, representative_id: int | None, staff_id: int | None
) -> ColumnElement[bool]:
    """Rows of an employee when `staff_id` is given, otherwise as `rows_of_subscriber`."""
    if staff_id is not None:
        return col(table.staff_id) == staff_id
    return rows_of_subscriber(table, subscriber_id, representative_id)


def rows_of_person(table: Any, who: Person) -> ColumnElement[bool]:
    """Rows of whoever is signed in."""
    if who.kind == "staff":
        return rows_of_account(table, None, None, who.id)
    return rows_of_account(table, who.id, who.representative_id, None)
