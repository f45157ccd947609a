"""The journal page: an admin sees who saw and did what, filters it, and takes it away as a file."""

import pytest
from sqlmodel import select

from db import journal
from db.journal import Note
from db.people.contracts import Contract
from tests.kit import cast


@pytest.fixture
def ada(enter):
    return enter("ada")


@pytest.fixture
def looked(enter, db):
    """Мария looked at Анна's card; Анна's contract id."""
    id_ = db.exec(select(Contract.id).where(Contract.number == cast.ANNA)).one()
    db.rollback()  # end the snapshot: what follows must be seen
    enter("maria").get(f"/staff/subscribers/{id_}")
    return id_


def choose(ada, status=200, **filters):
    ada.get("/staff/journal")
    return ada.submit("/staff/journal/search", status=status, **filters)


def test_a_look_is_shown_with_who_and_whose(looked, ada) -> None:
    text = ada.get("/staff/journal").text
    assert "Maria" in text and "открыта карточка абонента" in text and "78 000 001" in text


def test_the_look_at_the_journal_is_itself_written(ada, db) -> None:
    ada.get("/staff/journal")
    assert "открыт журнал" in ada.get("/staff/journal").text


def test_filters_by_person_deed_contract_and_period(looked, ada, db) -> None:
    maria = db.exec(select(Note.actor).where(Note.verb == "subscribers.look")).one()
    for query, there in [
        ({"who": maria}, True),
        ({"who": "staff:999"}, False),
        ({"who": "staff"}, True),
        ({"group": "money"}, False),
        ({"group": "look"}, True),
        ({"contract": "78000001"}, True),
        ({"contract": "78 000 002"}, False),
        ({"since": "2026-11-23", "until": "2026-11-23"}, True),
        ({"until": "2026-11-22"}, False),
        ({"since": "2026-11-24"}, False),
    ]:
        page = choose(ada, **query)
        assert ("открыта карточка" in page.text) is there, query
        assert "78" not in str(page.response.url) and "staff:" not in str(page.response.url)


def test_a_card_leads_to_its_own_lines(looked, ada) -> None:
    page = ada.get(ada.get(f"/staff/subscribers/{looked}").links()["Журнал по договору"])
    assert page.one("#f-contract").get("value") == "78\xa0000\xa0001" and "открыта карточка" in page.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"contract": "1"}, "contract"),
        ({"contract": "78999999"}, "contract"),
        ({"since": "2026-02-31"}, "since"),
        ({"since": "2026-11-24", "until": "2026-11-23"}, "until"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_at_its_field(ada, query, field) -> None:
    assert field in choose(ada, status=422, **query).errors


def test_a_long_journal_goes_on_where_the_page_ended(ada, write, clock) -> None:
    with write() as db:
        for n in range(60):
            journal.note(db, "system:test", "test.step", clock.now(), n=n)
    page = choose(ada, who="system:test")
    rest = ada.get(page.links()["Раньше"])
    shown = [row.text_content() for one in (page, rest) for row in one.tree.cssselect("tbody tr")]
    assert len(shown) == 60 == len(set(shown))


def test_the_file_holds_what_the_filter_shows(looked, ada, write, clock, db) -> None:
    with write() as session:
        journal.note(session, "system:test", "test.step", clock.now(), said="=cmd|' /C calc'!A0")
    answer = ada.client.get(choose(ada, who="system:test").links()["Выгрузить CSV"])
    assert (
        answer.content.startswith("\ufeff".encode()) and "attachment" in answer.headers["content-disposition"]
    )
    lines = answer.text.strip().splitlines()
    assert len(lines) == 2 and "said: =cmd" in lines[1] and "2026-11-23 12:00:00" in lines[1]
    assert "Соколова" not in answer.text
    assert db.exec(select(Note).where(Note.verb == "journal.export")).one()


def test_no_other_role_reads_it(enter) -> None:
    for login in ("maria", "alexey", "egor"):
        enter(login).get("/staff/journal", status=403)
        enter(login).get("/staff/journal.csv", status=403)


LISTS = {
    "/staff": "queue.look",
    "/staff/money": "money.look",
    "/staff/refunds": "refunds.look",
    "/staff/work": "work.look",
    "/staff/debtors": "debtors.look",
    "/staff/reconciliations": "reconciliations.look",
    "/staff/keys": "keys.look",
    "/staff/station": "station.look",
}


@pytest.mark.parametrize(("path", "verb"), LISTS.items())
def test_a_list_that_names_subscribers_is_a_look_too(ada, db, path, verb) -> None:
    ada.get(path)
    assert db.exec(select(Note.actor).where(Note.verb == verb)).one()
