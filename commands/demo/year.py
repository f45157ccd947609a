"""The demonstration's year: it begins on the first of the month twelve months ago and ends today."""

from datetime import UTC, date, datetime, time

from rules import days


class Year:
    """The year. `months` are the first days of its months, the current one last; `at` is an instant by Moscow
    time.
    """

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, days.today(now)
        self.begin = days.add_months(days.month_start(self.today), -12)
        self.months = [days.add_months(self.begin, n) for n in range(13)]

    @staticmethod
    def at(day: date, hour: float = 12) -> datetime:
        """Return an instant of a Moscow day; 9.5 is half past nine."""
        clock = time(int(hour), int(hour % 1 * 60))
        return datetime.combine(day, clock, days.MOSCOW).astimezone(UTC)
