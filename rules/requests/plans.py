"""What a rule of requests is given, and what it gives back (rules/requests/kinds.py).

A plan's `facts` are the request's payload: ASCII keys, days as ISO text, money as kopecks.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.money.accrual import Interval
from rules.requests.requests import SINGLE, number_to_confirm, owner_only
from rules.requests.suspensions import Suspension

Form = Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """What a rule may know. Days are Moscow days, `free` is kopecks; `asked` are suspensions of other open
    requests.

    `own` is the owner's sign-in phone; `acting`: somebody else asks for the owner.

    """

    today: date
    number: int = 0
    channel: Sequence[Interval] = ()
    sms: Sequence[Interval] = ()
    sms_mobile: str | None = None
    asked: Sequence[Suspension] = ()
    free: int = 0
    ends_on: date | None = None
    owner: str = ""
    files: int = 0
    own: str | None = None
    acting: bool = False


@dataclass(frozen=True)
class Plan:
    """What may be written. `day` is the effective day, None where there is none; `early` = «прошу ранее»."""

    kind: str
    facts: dict[str, str | int]
    day: date | None = None
    early: bool = False

    @property
    def last(self) -> date | None:
        """The last day of a suspension."""
        return date.fromisoformat(str(self.facts["last"])) if "last" in self.facts else None

    def owner_only(self, own: str | None) -> bool:
        """Whether the owner alone may send it, by a code; `own` is the sign-in phone."""
        return owner_only(self.kind, self.facts, own)

    def number_to_confirm(self, own: str | None) -> str | None:
        """The new mobile for alarms that must answer with a code first; None when there is none."""
        return number_to_confirm(self.kind, self.facts, own)

    def fingerprint(self, salt: str = "") -> str:
        """The same for what says the same, so that the file refuses a second open one; `salt` = sent on
        purpose.
        """
        said = [self.kind] if self.kind in SINGLE else [self.kind, self.facts, str(self.day), salt]
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
