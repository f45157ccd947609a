"""What is allowed: values in, a plan out, or `Refused`. Nothing here touches the network, the file or the
clock.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Refused(ValueError):
    """What was asked cannot be done. `problems` maps a form field to a Russian sentence saying what to do
    next.

    A ValueError, so that one raised by a field's validator lets the other fields be looked at too.
    The key "form" speaks of the whole form rather than one field.

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
        """What the reader returns; None when it refuses, its sentences collected beside the others."""
        try:
            return reader(*args, **options)
        except Refused as refused:
            self |= refused.problems
            return None

    def require(self, value: T | None) -> T:
        """A value that was read, once nothing is wrong; Refused with all the problems otherwise."""
        if self or value is None:
            raise Refused(**self)
        return value

    def check(self) -> None:
        """Raise Refused if any problem was collected."""
        if self:
            raise Refused(**self)
