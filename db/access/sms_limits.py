"""Limits of SMS sent because of people's forms: by number and purpose, by who causes them, and in total.

Alarms, announcements and staff's answers are not counted, so no form can use up what they need. Visitors and
signed-in subscribers have separate totals: the first cannot block the second.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from db import outbox
from db.access import rate_limits
from db.access.rate_limits import Counter
from rules.access import limits
from settings import Settings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGERS, SUBSCRIBERS = "strangers", "subscribers"
NEAR_PERCENT = 80  # percent of the total at which staff are warned
_TOTAL = "sms-total"


def send(
    db: Session,
    settings: Settings,
    to: str,
    words: str,
    *,
    purpose: str,
    now: datetime,
    kind: str = "code",
    subscriber_id: int | None = None,
    contract_id: int | None = None,
    urgent: bool = True,
) -> None:
    """Count one SMS and queue it, or raise RateLimitExceeded. `subscriber_id` is who causes it; None for a
    visitor.

    Inside `writing`: of many concurrent requests no more pass than the limits allow.
    """
    counters = [*_number_counters(settings, to, purpose), *cause_counters(settings, subscriber_id)]
    rate_limits.check_all(db, counters, now)
    rate_limits.add_attempts(db, counters, now)
    outbox.put(db, "sms", to, words, kind=kind, now=now, contract_id=contract_id, urgent=urgent)


def notify(
    db: Session,
    settings: Settings,
    to: str,
    words: str,
    *,
    now: datetime,
    kind: str,
    subscriber_id: int,
    contract_id: int | None = None,
    urgent: bool = False,
) -> None:
    """Notify a person by SMS of what was done in their name: counted but never refused."""
    rate_limits.add_attempts(db, cause_counters(settings, subscriber_id), now)
    outbox.put(db, "sms", to, words, kind=kind, now=now, contract_id=contract_id, urgent=urgent)


def check(db: Session, settings: Settings, now: datetime, subscriber_id: int | None = None) -> None:
    """Raise RateLimitExceeded when this person has caused enough SMS or the total is reached, whatever the
    number.
    """
    rate_limits.check_all(db, cause_counters(settings, subscriber_id), now)


def may_send(db: Session, settings: Settings, to: str, purpose: str, now: datetime) -> bool:
    """Return whether one more SMS of this purpose may go to this number. For visitors' forms, which must not
    reveal it.
    """
    return all(
        rate_limits.time_until_allowed(db, one.what, one.subject, now, one.limit, one.window) is None
        for one in _number_counters(settings, to, purpose)
    )


def cause_counters(settings: Settings, subscriber_id: int | None) -> list[Counter]:
    """Return the counters that do not depend on the number: of the person who causes the SMS, and the
    total.
    """
    total = Counter(
        _TOTAL,
        STRANGERS if subscriber_id is None else SUBSCRIBERS,
        settings.sms_total_per_day,
        DAY,
        limits.TOTAL,
    )
    if subscriber_id is None:
        return [total]
    most = settings.sms_caused_per_day
    return [
        Counter("sms-caused", f"subscriber:{subscriber_id}", most, DAY, limits.cabinet_sms_words(most, DAY)),
        total,
    ]


def daily_totals(db: Session, now: datetime) -> dict[str, int]:
    """Return SMS caused by forms in the last day, by kind of person."""
    return {who: rate_limits.count_attempts(db, _TOTAL, who, now - DAY) for who in (STRANGERS, SUBSCRIBERS)}


def is_near_total(settings: Settings, count: int) -> bool:
    """Return whether staff should look into it before people are refused."""
    return count * 100 >= settings.sms_total_per_day * NEAR_PERCENT


def _number_counters(settings: Settings, to: str, purpose: str) -> list[Counter]:
    hour, day = settings.sms_per_hour, settings.sms_per_day
    return [
        Counter(f"sms:{purpose}", f"phone:{to}", hour, HOUR, limits.sms_words(hour, HOUR)),
        Counter(f"sms:{purpose}", f"phone:{to}", day, DAY, limits.sms_words(day, DAY)),
    ]
