"""Business rules: values in, a plan out, or `Refused`. Nothing here uses the network, files or the clock."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Refused(ValueError):
    """The request cannot be carried out. `problems` maps a form field to a Russian sentence that says what to
    do next.

    A ValueError, so that when a field's validator raises it, the other fields are still validated. The key
    "form" means the whole form rather than one field.
    """

    def __init__(self, **problems: str) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


class Problems(dict[str, str]):
    """Sentences by field, collected so that everything wrong in a form is said at once.

    problems = Problems()
    amount = problems.read(amounts.kopecks, typed["amount"])  # None when it was refused
    if not reason:
        problems["reason"] = "Напишите основание."
    problems.check()  # Refused with all of them
    """

    def read(self, reader: Callable[P, T], *args: P.args, **options: P.kwargs) -> T | None:
        """Return the reader's value, or None when it refuses; its sentences are added to the
        collected ones.
        """
        try:
            return reader(*args, **options)
        except Refused as refused:
            self |= refused.problems
            return None

    def require(self, value: T | None) -> T:
        """Return a value that was read. Refused with all collected problems, if there are any."""
        if self or value is None:
            raise Refused(**self)
        return value

    def check(self) -> None:
        """Raise Refused if any problem was collected."""
        if self:
            raise Refused(**self)
