"""Whoever shows a person's data to staff writes whose: every page of the desk, whatever its status, and every
list.
"""

import ast
import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session, col, select

from commands import Context
from commands.journal import commands
from db import outbox
from db.desk import view_log
from db.desk.view_log import Look, Subject
from db.journal import Note
from db.money import corrections, debtor_list, fiscal_receipts
from db.money.debts import Debt
from db.payments.discrepancies import Discrepancy
from db.people import contracts
from db.people.subscribers import Subscriber
from db.requests.requests import Request
from rules.money.corrections import CorrectionPlan as CorrectionPlan
from tests.kit import cast
from tests.kit.handovers import rich  # noqa: F401
from tests.kit.routes import plain
from tests.test_routes import CENSUS

ROUTES = Path(__file__).parent.parent.parent / "routes"
# Their pages show nobody's data: why.
NOBODYS = {
    "staff_sign_in": "the entry of staff themselves",
    "staff_canned_answers": "ready texts with variables",
    "queue": "the poll of counts; the queue itself goes by `page`",
    "staff_announcements": "the form of a new one; the list goes by `page`",
    "staff_subscribers": "the empty form of the search; what is found goes by `page`",
}
DESK = {
    plain(line)
    for line, who in CENSUS.items()
    if " /staff" in line and ("admin" in who.split() or who == "staff")
}
MARKS = ["Соколова", "78 000 001", "9211234567", "921 123-45-67", "bill@former.example", "a@example.ru"]


def test_only_pages_that_show_nobody_go_round_the_one_that_writes():
    around = set()
    for path in [*ROUTES.rglob("staff_*.py"), *(ROUTES / "desk").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module == "web"
                and any(one.name == "page" for one in node.names)
            ):
                around.add(path.stem)
    assert around == set(NOBODYS)


@pytest.fixture
def scene(rich, write, clock):
    """Anna on every list of the desk; what stands in each part of an address."""
    id_ = rich["contract"]
    with write() as db:
        corrections.add(db, id_, CorrectionPlan(1_000_000, "Большая", True), 1, clock.now())
        row = db.exec(
            select(fiscal_receipts.FiscalReceipt).order_by(col(fiscal_receipts.FiscalReceipt.id).desc())
        ).first()
        row.state, row.next_at, row.error = "failed", None, "касса"
        message = outbox.put(db, "sms", "+79211234567", "x", kind="money", now=clock.now(), contract_id=id_)
        message.state = "dead"
        db.add(
            Request(
                number=100700,
                contract_id=id_,
                subscriber_id=1,
                kind="refund",
                state="approved",
                payload={"amount": 1},
                fingerprint="r",
                sent_at=clock.now(),
                answer_by=clock.now(),
                moved_at=clock.now(),
            )
        )
        odd = Discrepancy(
            at=clock.now(),
            kind="amount",
            bank_id="bank-1",
            payment_id=1,
            expected=1,
            reported_amount=2,
            currency="RUB",
        )
        db.add(odd)
        db.add(Debt(contract_id=id_, debt=100, fee=1))
        db.flush()
        waits = corrections.pending_corrections(db)[0][0].id
        return {
            "contract_id": id_,
            "id": id_,
            "number": rich["request"].rpartition("/")[2],
            "place": rich["alarm"].rpartition("/")[2],
            "correction_id": waits,
            "receipt_id": row.id,
            "try_id": 1,
            "message_id": message.id,
            "discrepancy_id": odd.id,
            "file_id": rich["file"].rpartition("/")[2],
            "verb": "confirm",
            "answer_id": 1,
            "notice_id": 1,
            "session_id": 1,
            "/staff/refunds/{number}": 100700,
        }


def fill(line: str, scene: dict) -> str:
    path = line.split()[1]
    return re.sub(r"{(\w+)}", lambda part: str(scene.get(path, scene.get(part[1], "x"))), path)


def test_every_page_of_the_desk_that_shows_a_person_names_them_in_the_journal(scene, enter, engine):
    """A form refused shows the same card, ledger and dialogue as the page it stands on: that is a look
    too.
    """
    ada, missed, shown = enter("ada"), [], set()
    ada.get("/staff/answers")
    token = next(value for name, value in ada.client.cookies.items() if name.startswith("csrf-"))
    asked = [(line, fill(line, scene)) for line in sorted(DESK)]
    asked.append(("GET /staff?state=ended", "/staff?state=ended"))
    ada.get("/staff/subscribers")
    found = ada.submit("/staff/subscribers/search", q="Соколова").response.url.raw_path.decode()
    asked.append(("GET /staff/subscribers found", found))
    for line, path in asked:
        before = newest(engine)
        if line.startswith("GET"):
            answer = ada.client.get(path, follow_redirects=False)
        else:
            answer = ada.client.post(
                path, data={"_csrf_token": token, "contract": "1"}, follow_redirects=False
            )
        assert answer.status_code < 500, (line, answer.text[:300])
        text = re.sub(r"[\xa0\u202f]", " ", answer.text)
        if any(mark in text for mark in MARKS):
            shown.add(line)
            if not named(engine, before):
                missed.append((line, answer.status_code))
    assert missed == []
    assert shown > {
        "GET /staff",
        "GET /staff/subscribers found",
        "GET /staff/subscribers/{id}",
        "GET /staff/ledger/{contract_id}",
        "POST /staff/ledger/{contract_id}",
        "GET /staff/requests/{number}",
        "POST /staff/requests/{number}/answer",
        "POST /staff/requests/{number}/refuse",
        "GET /staff/money",
        "GET /staff/refunds",
        "POST /staff/refunds/{number}",
        "GET /staff/debtors",
        "GET /staff/debtors.csv",
        "GET /staff/keys",
        "POST /staff/keys/{try_id}",
        "GET /staff/journal",
        "GET /staff/alarms/{contract_id}",
        "POST /staff/alarms/{contract_id}/{place}",
        "GET /staff/work",
        "POST /staff/receipts/{receipt_id}/again",
    }


def newest(engine) -> int:
    with Session(engine) as db:
        return db.exec(select(Note.id).order_by(col(Note.id).desc())).first() or 0


def named(engine, after: int) -> bool:
    """Whether a line written since names Anna, herself or on its list."""
    with Session(engine) as db:
        lines = select(Note.id).where(col(Note.id) > after, col(Note.actor).startswith("staff:"))
        alone = db.exec(lines.where(Note.subscriber_id == 1)).first()
        return bool(
            alone
            or db.exec(
                select(Subject).where(col(Subject.journal_id) > after, Subject.subscriber_id == 1)
            ).first()
        )


@pytest.fixture
def export(engine, settings, clock):
    def ask(number):
        done = CliRunner().invoke(
            commands, ["export", "--subject", str(number), "--others"], obj=Context(engine, settings, clock)
        )
        assert done.exit_code == 0, done.output
        return list(csv.DictReader(io.StringIO(done.stdout), delimiter=";"))

    return ask


def test_a_search_is_in_the_file_of_everybody_it_showed_and_of_nobody_else(enter, export, write):
    maria = enter("maria")
    maria.get("/staff/subscribers")
    maria.submit("/staff/subscribers/search", q="Петербург")
    for number, there in ((cast.ANNA, True), (cast.BORIS, True), (cast.VERA, True), (cast.LETO_TOO, True)):
        assert ("desk.search" in [row["что"] for row in export(number)]) is there, number
    maria.get("/staff/subscribers")
    maria.submit("/staff/subscribers/search", q="Новикова")
    assert [row["что"] for row in export(cast.BORIS)].count("desk.search") == 1
    assert [row["что"] for row in export(cast.VERA)].count("desk.search") == 2


def test_a_list_of_debtors_is_in_the_file_of_each_page_and_of_everybody_when_it_is_taken_whole(
    enter, export, write, clock
):
    with write() as db:
        for n in range(view_log.MOST + 5):
            who = Subscriber(code=f"D-{n}", kind="person", name=f"Должник {n}")
            db.add(who)
            db.flush()
            row = contracts.Contract(
                number=78500000 + n, subscriber_id=who.id, signed_on=clock.now().date(), address="x"
            )
            db.add(row)
            db.flush()
            db.add(Debt(contract_id=row.id, debt=100_000 - n, fee=1))
    alexey = enter("alexey")
    alexey.get("/staff/debtors")
    assert (
        "debtors.look" in [row["что"] for row in export(78500000)]
        and export(78500000 + debtor_list.PAGE) == []
    )
    alexey.client.get("/staff/debtors.csv")
    [line] = [row for row in export(78500000 + debtor_list.PAGE) if row["что"].startswith("debtors.")]
    assert line["что"] == "debtors.export" and f"people: {view_log.MOST + 5}" in line["подробности"]


def test_a_queue_open_all_day_names_each_person_once_an_hour(write, clock, db):
    def look(*people):
        with write() as own:
            view_log.add(own, "staff:1", Look("queue.look", people=people, seldom=True), clock.now())

    look(1, 2)
    look(1, 2)
    look(1, 2, 3)
    clock.forward(minutes=61)
    look(1, 2)
    lines = [
        (
            note.subscriber_id,
            sorted(db.exec(select(Subject.subscriber_id).where(Subject.journal_id == note.id))),
        )
        for note in db.exec(select(Note).where(Note.verb == "queue.look").order_by(col(Note.id)))
    ]
    assert lines == [(None, [1, 2]), (3, []), (None, [1, 2])]


def test_a_list_of_a_hundred_thousand_contracts_is_written_too(write, clock, db):
    with write() as own:
        view_log.add(own, "staff:1", Look("debtors.export", contracts=range(1, 100_000)), clock.now())
    assert sorted(db.exec(select(Subject.subscriber_id))) == [1, 2, 3, 4]


def test_an_empty_cell_of_the_file_has_no_apostrophe(enter, export):
    enter("maria").get("/staff/subscribers/1")
    rows = export(cast.ANNA)
    assert rows and all(cell != "'" and not cell.startswith("'") for row in rows for cell in row.values())


def test_who_was_on_a_list_cannot_be_rewritten(write, clock, engine):
    with write() as db:
        view_log.add(db, "staff:1", Look("queue.look", people=(1, 2)), clock.now())
    for words in (
        "UPDATE journal_subject SET subscriber_id = 5 WHERE subscriber_id = 1",
        "DELETE FROM journal_subject",
    ):
        with pytest.raises(Exception, match="append-only"), engine.connect() as db:
            db.exec_driver_sql(words)
