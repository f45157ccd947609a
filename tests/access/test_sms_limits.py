"""SMS that people's forms cause are limited by who causes them and for the whole cabinet; alarms and notices
are outside.
"""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import Context, _set_context, check
from db import metrics
from db.access import sms_limits
from tests.access.test_passwords import recover
from tests.kit import cast
from tests.kit.station import opened, says
from tests.people.test_settings import confirm

HOUSE = Path(__file__).parent.parent.parent


def invite(anna, n: int, status: int = 200):
    anna.get("/settings/representatives/new")
    return anna.submit(
        name=f"Гость {n}", phone=f"+7999555{n:04}", until="2026-12-31", status=status, **{"right-pay": "1"}
    )


def test_one_subscriber_cannot_write_to_the_whole_town(anna, write, clock, settings, texts):
    """Each invitation is an SMS to a stranger and one to the owner."""
    sent = settings.sms_caused_per_day // 2
    for n in range(sent):
        confirm(write, clock)
        invite(anna, n)
    confirm(write, clock)
    page = invite(anna, sent, status=429)
    assert "За сутки из вашего кабинета отправили 20 SMS. Следующая — завтра в 12:00." in page.text
    assert len(texts()) == settings.sms_caused_per_day


def test_all_purposes_and_numbers_count_together(anna, write, clock, settings, texts):
    settings.sms_caused_per_day = 4
    anna.get("/confirm")
    anna.submit("/confirm/send")
    confirm(write, clock)
    invite(anna, 1)
    anna.get("/settings/phone")
    anna.submit(phone="8 999 555-77-77", status=429)
    assert len(texts()) == 3, "neither of the two codes went alone"


def test_another_subscriber_is_not_hindered(anna, boris, settings, texts):
    settings.sms_caused_per_day = 1
    anna.get("/confirm")
    anna.submit("/confirm/send")
    anna.submit("/confirm/send", status=429)
    boris.get("/confirm")
    boris.submit("/confirm/send")
    assert len(texts("+79217654321")) == 1


def test_a_password_changed_over_and_over_writes_no_more_than_allowed(anna, settings, texts):
    settings.sms_caused_per_day = 2
    present = cast.PASSWORD
    for n, status in enumerate((200, 200, 429)):
        anna.get("/settings/password")
        anna.submit(current=present, password=f"семь лодок у причала {n}", status=status)
        present = f"семь лодок у причала {n}" if status == 200 else present
    assert len(texts()) == 2


def test_the_total_stops_strangers_but_not_who_is_inside(anna, visitor, settings, texts):
    settings.sms_total_per_day = 2
    for number in ("78000002", "78000003"):
        recover(visitor(), number)
    known, unknown = recover(visitor(), "78000005", status=429), recover(visitor(), "78999999", status=429)
    assert known.text == unknown.text and "Кабинет отправил слишком много SMS" in known.text
    anna.get("/confirm")
    anna.submit("/confirm/send")
    assert len(texts("+79211234567")) == 1


def test_alarms_are_outside(anna, write, clock, settings, texts):
    settings.sms_total_per_day = settings.sms_caused_per_day = 1
    with write() as db:
        from db.people import contracts

        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    opened(write, clock, "00010")
    anna.get("/confirm")
    anna.submit("/confirm/send")
    anna.submit("/confirm/send", status=429)
    for _ in range(5):
        clock.forward(minutes=11)
        says(write, clock, "00010", "alarm")
    assert len([text for text in texts("+79211234567") if "Тревога" in text]) == 5
    with write() as db:
        assert sms_limits.daily_totals(db, clock.now()) == {"strangers": 0, "subscribers": 1}


@pytest.fixture
def many(settings, visitor):
    """Strangers have asked for four SMS, and five a day are allowed."""
    settings.sms_total_per_day = 5
    for number in ("78000001", "78000002", "78000003", "78000005"):
        recover(visitor(), number)


def test_the_desk_is_warned_before_people_are_refused(many, enter, settings):
    page = enter("egor").get("/staff/work")
    strangers, subscribers = page.tree.cssselect("#outbox ~ dl .forms .mark")
    assert "warn" in strangers.get("class") and "4 из 5" in strangers.text_content()
    assert "good" in subscribers.get("class") and "0 из 5" in subscribers.text_content()


def test_check_says_so_too(many, app, settings, clock):
    _set_context(check.commands, Context(app.state.engine, settings, clock))
    said = CliRunner().invoke(check.commands, []).output
    assert re.search(r"внимание +SMS по формам: .*4 из 5", said)


def test_the_figure_is_there(many, db, clock):
    found = {name: values for name, _, _, values in metrics.read_metrics(db, clock.now())}
    assert found["form_sms_day"] == {"strangers": 4, "subscribers": 0}


def test_no_form_puts_an_sms_past_the_counters():
    """A route that wrote to the outbox by itself would be outside every limit."""
    for path in sorted([*(HOUSE / "routes").rglob("*.py"), *(HOUSE / "web").rglob("*.py")]):
        assert not re.search(r'outbox\.put\([^)]*"sms"', path.read_text("utf-8"), re.S), path
