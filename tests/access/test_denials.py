"""Foreign ids and pages without the right are counted with who asked: one line for a person, a page and an
hour.
"""

from sqlmodel import select

from db.access import denials
from db.access.denials import Denial
from db.journal import Note
from tests.kit import cast


def counts(db) -> list[tuple[str, str, int, int]]:
    db.rollback()
    return [
        (row.actor, row.route, row.status, row.count) for row in db.exec(select(Denial).order_by(Denial.id))
    ]


def test_a_scan_of_foreign_numbers_is_one_row_that_grows(boris, db):
    for n in range(1, 31):
        boris.client.get(f"/payments/{n}")
    boris.client.get("/receipts/7")
    pages = [("GET /payments/{number}", 404, 30), ("GET /receipts/{receipt_id}", 404, 1)]
    assert counts(db) == [("subscriber:2", *page) for page in pages]


def test_a_role_without_the_right_is_counted_and_nobody_without_a_name(enter, browser, db):
    enter("egor").get("/staff/journal", status=403)
    browser.client.get("/payments/1", follow_redirects=False)
    browser.client.get("/email/abc")
    enter(cast.ANNA).client.get("/no/such/page")
    assert counts(db) == [("staff:3", "GET /staff/journal", 403, 1)]


def test_what_is_sent_by_a_form_counts_too(boris, db):
    boris.get("/")
    token = next(value for name, value in boris.client.cookies.items() if name.startswith("csrf-"))
    boris.client.post("/payments/9/check", data={"_csrf_token": token})
    assert counts(db) == [("subscriber:2", "POST /payments/{number}/check", 404, 1)]


def test_when_its_hour_is_over_it_is_a_line_of_the_journal(boris, engine, settings, clock, db):
    for n in range(1, 4):
        boris.client.get(f"/payments/{n}")
    denials.journal_finished_hours(engine, settings, clock.now())
    assert len(counts(db)) == 1
    clock.forward(hours=1)
    denials.journal_finished_hours(engine, settings, clock.now())
    denials.journal_finished_hours(engine, settings, clock.now())
    assert counts(db) == []
    line = db.exec(select(Note).where(Note.verb == "access.missing")).one()
    assert (line.actor, line.subscriber_id) == ("subscriber:2", 2) and '"times": 3' in line.facts


def test_an_admin_reads_it_in_words_before_and_after(boris, enter, engine, settings, clock):
    boris.client.get("/payments/1")
    page = enter("ada").get("/staff/journal").text
    assert "Ким Борис Львович: чужой или несуществующий номер" in page and "1 раз" in page
    clock.forward(hours=1)
    denials.journal_finished_hours(engine, settings, clock.now())
    page = enter("ada").get("/staff/journal").text
    assert "запрошен чужой или несуществующий номер" in page and "страница: GET /payments/{number}" in page
    assert "час: 23 ноября" in page or "час: 23.11.2026" in page
