"""The input and the output of the rules of requests: `Facts` and the raw form in, a `RequestPlan` out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.money.accrual import Interval
from rules.requests.suspensions import Suspension

Form = Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """The facts of the contract that a rule needs. Days are Moscow days, `free` is kopecks.

    `suspensions` are those of other open requests; `own` is the owner's sign-in phone (E.164); `acting` means
    that a representative sends the request for the owner.
    """

    today: date
    number: int = 0
    channel: Sequence[Interval] = ()
    sms: Sequence[Interval] = ()
    sms_mobile: str | None = None
    suspensions: Sequence[Suspension] = ()
    free: int = 0
    ends_on: date | None = None
    owner: str = ""
    owner_name: str = ""
    files: int = 0
    own: str | None = None
    acting: bool = False


@dataclass(frozen=True)
class RequestPlan:
    """A request that may be written. `day` is the effective Moscow day, None when the kind has none; `early`
    means that the day is before the notice period ends.

    `facts` become the request's payload: ASCII keys, days as ISO text, money as kopecks.
    """

    kind: str
    facts: dict[str, str | int]
    day: date | None = None
    early: bool = False

    @property
    def last(self) -> date | None:
        """Return the last day of a suspension."""
        return date.fromisoformat(str(self.facts["last"])) if "last" in self.facts else None
