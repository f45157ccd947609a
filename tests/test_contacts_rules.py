"""What the contacts page says of the office's week."""

from datetime import UTC, datetime

from rules import contacts, working_hours


def test_the_usual_week_is_the_manuals():
    assert contacts.usual_hours() == [
        ("понедельник–четверг", "9:00–18:00"),
        ("пятница", "9:00–17:00"),
        ("суббота, воскресенье", "выходной"),
    ]


def test_near_holidays_and_moved_days_are_told():
    now = datetime(2026, 10, 26, 9, tzinfo=UTC)
    moved = working_hours.parse_changed_days("2026-10-30 9-12")
    assert contacts.changed_days(now, moved) == ["30\u00a0октября — 9:00–12:00", "4\u00a0ноября — выходной"]
    assert contacts.changed_days(datetime(2026, 11, 10, 9, tzinfo=UTC)) == []
