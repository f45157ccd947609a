"""What the station says is kept once, in its place, and told to whom it should be; what nobody knows waits
for the desk.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from db import outbox, writing
from db.events import deliveries, events, keys, station, waiting_events
from db.events.keys import SiteKey
from db.people import contracts, notification_preferences, services
from rules.events.deliveries import QuietPeriod
from rules.events.events import EventKind, StationReport
from tests.kit import cast

KEY, OTHER = "900001", "900002"


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def anna_contract(write, now):
    """Anna's contract with two keys and a paid SMS-информирование."""
    with write() as db:
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        site = contracts.list_sites(db, contract.id)[0]
        db.add(SiteKey(id=901, number=KEY, contract_id=contract.id, site_id=site.id))
        db.add(SiteKey(id=902, number=OTHER, contract_id=contract.id))
        service = services.Service(contract_id=contract.id, kind="sms", tariff="SMS", mobile="+79211234567")
        db.add(service)
        db.flush()
        db.add(
            services.ServiceInterval(
                service_id=service.id, state="active", first=now.date() - timedelta(days=30)
            )
        )
        return contract


@pytest.fixture
def ingest(write, now, anna_contract):
    def keep(*reports: StationReport, source="http:main", at=now) -> list[str]:
        with write() as db:
            return station.ingest(db, source, reports, at)

    return keep


@pytest.fixture
def stored(db, now):
    def read(key_ids=(901, 902), **more):
        db.rollback()
        return events.event_page(db, key_ids, now - timedelta(days=999), now + timedelta(days=1), **more)

    return read


def arm(at, key=KEY, **more) -> StationReport:
    return StationReport(key, at, "R401", EventKind.arm, **more)


def alarm(at, key=KEY, who="3", **more) -> StationReport:
    return StationReport(key, at, "E130", EventKind.alarm, who, **more)


def test_the_same_event_twice_is_one(ingest, stored, now):
    assert ingest(arm(now)) == ["taken"]
    assert ingest(arm(now)) == ["duplicate"]
    assert ingest(arm(now), source="dc09") == ["duplicate"]
    assert len(stored()) == 1


def test_one_arming_told_by_two_doors_in_their_own_words_is_one(ingest, stored, now):
    assert ingest(arm(now, who="2"), arm(now, who="Анна")) == ["taken", "duplicate"]
    assert len(stored()) == 1


def test_two_zones_in_one_second_are_two_alarms(ingest, stored, now):
    assert ingest(alarm(now, who="3"), alarm(now, who="4")) == ["taken", "taken"]
    assert len(stored()) == 2


def test_the_sender_s_number_makes_one_of_two_times(ingest, stored, now):
    assert ingest(arm(now, external="77")) == ["taken"]
    assert ingest(arm(now - timedelta(minutes=1), external="77")) == ["duplicate"]
    assert ingest(arm(now - timedelta(minutes=1), external="77"), source="http:other") == ["taken"]
    assert len(stored()) == 2


def test_a_late_event_lands_in_its_place(ingest, stored, now):
    ingest(arm(now - timedelta(minutes=1)), alarm(now))
    ingest(StationReport(KEY, now - timedelta(minutes=30), "E401", EventKind.disarm))
    assert [row.kind for row in stored()] == [EventKind.alarm, EventKind.arm, EventKind.disarm]
    assert [row.late for row in stored()] == [0, 60, 1800]


@pytest.mark.parametrize("claimed", [datetime(2099, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_an_alarm_from_a_panel_with_a_wrong_clock_counts_from_when_we_heard_it(ingest, stored, now, claimed):
    assert ingest(alarm(claimed)) == ["taken"]
    (row,) = stored()
    assert events.instant_of(row) == now and f"{claimed:%d.%m.%Y}" in row.raw
    assert ingest(alarm(claimed), at=now + timedelta(minutes=5)) == ["duplicate"]
    assert len(stored()) == 1


def test_an_unknown_key_waits_and_moves_on_when_the_registry_learns_it(
    ingest, stored, db, write, now, anna_contract
):
    assert ingest(alarm(now, key="999999")) == ["waiting"]
    assert ingest(alarm(now, key="999999")) == ["waiting"]
    assert [row.number for row in waiting_events.list_waiting(db)] == ["999999"]
    assert [row.code for row in waiting_events.events_of_key(db, "999999", now - timedelta(minutes=10))] == [
        "E130"
    ]
    with write() as other:
        other.add(SiteKey(id=909, number="999999", contract_id=anna_contract.id))
        other.flush()
        assert waiting_events.assign_to_keys(other, now + timedelta(minutes=1)) == 1
    (row,) = stored([909])
    assert row.code == "E130"
    db.rollback()
    assert waiting_events.list_waiting(db) == []


def test_a_page_goes_on_where_the_last_one_ended(ingest, stored, now):
    ingest(*(alarm(now - timedelta(seconds=n // 3), who=str(n), key=(KEY, OTHER)[n % 2]) for n in range(50)))
    whole, seen, before = stored(limit=100), [], None
    while rows := stored(limit=7, before=before):
        seen += rows
        before = events.cursor_of(rows[-1])
    assert seen == whole and len(whole) == 50
    assert [row.at for row in whole] == sorted((row.at for row in whole), reverse=True)


def test_a_period_ends_before_its_end(db, ingest, now):
    ingest(arm(now), arm(now - timedelta(hours=1)))
    assert [row.at for row in events.event_page(db, [901], now - timedelta(hours=1), now)] == [
        int(now.timestamp()) - 3600
    ]


def test_the_state_of_a_key_is_its_last_arming_or_disarming(db, ingest, now):
    ingest(arm(now - timedelta(hours=1)), alarm(now))
    assert events.last_switches(db, [901, 902])[901].kind == EventKind.arm
    assert events.latest_events(db, [901, 902])[901].kind == EventKind.alarm
    assert 902 not in events.latest_events(db, [901, 902])


def test_one_event_is_found_only_through_its_own_keys(db, ingest, stored, now):
    ingest(alarm(now))
    place = events.cursor_of(stored()[0])
    assert events.find_event(db, [901], place).code == "E130"
    assert events.find_event(db, [902], place) is None


def test_export_walks_the_whole_period(db, ingest, now):
    ingest(*(alarm(now - timedelta(minutes=n)) for n in range(40)))
    assert len(list(events.iterate(db, [901], now - timedelta(days=1), now + timedelta(days=1)))) == 40


def test_contact_is_known_per_source_and_files_are_no_contact(ingest, db, write, now):
    ingest(arm(now), source="csv:year.csv")
    assert station.last_contact(db) is None
    with write() as other:
        station.record_contact(other, "surgard", now - timedelta(hours=2))
        station.record_contact(other, "dc09", now)
    db.rollback()
    assert station.last_contact(db) == now
    assert station.sources(db)[0].name == "surgard"


def test_receipts_are_forgotten_after_their_days(ingest, write, now):
    ingest(arm(now, external="77"))
    with write() as db:
        assert station.delete_old_receipts(db, now + timedelta(days=6)) == 0
        assert station.delete_old_receipts(db, now + timedelta(days=8)) == 1
    assert ingest(arm(now, external="77"), at=now + timedelta(days=8)) == ["duplicate"]


def test_an_alarm_goes_out_as_one_urgent_message(ingest, db, now):
    ingest(alarm(now))
    ingest(alarm(now))
    (message,) = outbox.latest_messages(db)
    assert (message.to, message.urgent, message.not_before) == ("+79211234567", 1, now)
    assert message.text == "12:00 Тревога: проникновение. Квартира, зона 3"
    ((delivery, sent),) = deliveries.latest_deliveries(db)
    assert sent.id == message.id and delivery.key_id == 901


def test_arming_waits_for_the_end_of_quiet_hours_and_an_alarm_does_not(
    ingest, db, write, clock, anna_contract
):
    with write() as other:
        deliveries.set_quiet_hours(other, anna_contract.id, QuietPeriod(23 * 60, 7 * 60))
    night = clock.now().replace(hour=22)  # 01:00 in Moscow
    ingest(arm(night), alarm(night), at=night)
    armed, alarmed = sorted(outbox.latest_messages(db), key=lambda message: message.urgent)
    assert alarmed.not_before == night and armed.not_before == night + timedelta(hours=6)
    assert outbox.due_ids(db, night) == [alarmed.id]


def test_who_does_not_want_to_hear_of_arming_hears_of_alarms_all_the_same(
    ingest, db, write, now, anna_contract
):
    with write() as other:
        notification_preferences.save_choices(
            other, anna_contract.subscriber_id, {("arming", "sms"): False, ("alarm", "sms"): False}
        )
    ingest(arm(now), alarm(now))
    assert [message.urgent for message in outbox.latest_messages(db)] == [1]


def test_a_key_goes_by_the_name_its_subscriber_gave_it(ingest, db, write, now, anna_contract):
    with write() as other:
        keys.open_key(other, other.get(SiteKey, 901), anna_contract.id, "дача", "registry", now)
    ingest(arm(now))
    assert outbox.latest_messages(db)[0].text == "12:00 Под охраной: дача"


def test_a_key_s_new_holder_is_not_told_what_was_before(ingest, db, write, now):
    with write() as other:
        other.get(SiteKey, 901).held_since = now - timedelta(minutes=10)
    ingest(alarm(now - timedelta(minutes=20)), alarm(now - timedelta(minutes=5)))
    assert [message.text[:5] for message in outbox.latest_messages(db)] == ["11:55"]


def test_the_desk_sees_how_long_the_telling_took(ingest, db, write, now):
    ingest(alarm(now))
    with write() as other:
        message = outbox.latest_messages(other)[0]
        outbox.claim(other, [message.id], now)
        outbox.record_outcome(other, message, "", now + timedelta(seconds=2), gateway_id="77")
        outbox.record_delivery_report(other, "77", True, now + timedelta(seconds=5))
    assert deliveries.delays(db) == (1, 1, 2, 2, 1, 0)


def test_old_news_tests_and_restores_are_not_told(ingest, db, now):
    ingest(
        arm(now - timedelta(hours=4)),
        alarm(now - timedelta(days=2)),
        StationReport(KEY, now, "E602", EventKind.test),
        StationReport(KEY, now, "R130", EventKind.restore),
    )
    assert outbox.latest_messages(db) == []


@pytest.mark.parametrize(
    ("state", "first", "last"), [("suspended", -30, None), ("active", 1, None), ("active", -30, -1)]
)
def test_nothing_is_told_while_the_service_is_off(ingest, db, write, now, state, first, last):
    with write() as other:
        interval = other.exec(
            select(services.ServiceInterval).join(services.Service).where(services.Service.kind == "sms")
        ).one()
        interval.state, interval.first = state, now.date() + timedelta(days=first)
        interval.last = now.date() + timedelta(days=last) if last else None
    ingest(alarm(now))
    assert outbox.latest_messages(db) == []


def test_a_failed_batch_leaves_nothing(engine, db, now, anna_contract, monkeypatch):
    monkeypatch.setattr(deliveries, "put_messages", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), Session(engine) as other, writing(other):
        station.ingest(other, "dc09", [alarm(now)], now)
    assert events.latest_events(db, [901]) == {} and station.sources(db) == []


def test_a_thousand_at_once_are_each_answered(ingest, stored, now):
    reports = [
        alarm(now - timedelta(seconds=n), key=(KEY, OTHER, "888")[n % 3], external=str(n))
        for n in range(1000)
    ]
    answers = ingest(*reports)
    assert answers.count("taken") == 667 and answers.count("waiting") == 333
    assert ingest(*reports).count("duplicate") == 667
    assert len(stored(limit=1000)) == 667
