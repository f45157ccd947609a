"""After a hand-over: the new owner's pages and archive hold nothing of the former one, and the former one's
hold what was his.

Built from the census and from the models: a new page, a new table with a contract in it, fails here until it
is told whose its rows are.
"""

import io
import json
import re
import zipfile
from datetime import date

import pytest
from sqlmodel import Session, SQLModel, select

from db import export_contents
from db.access import acceptances
from db.desk.search import SearchDocument
from db.events import deliveries, key_claims, keys
from db.events.alarms import AlarmNote
from db.events.key_claims import KeyTry
from db.events.key_names import KeyName
from db.money import corrections, fiscal_receipts, ledger
from db.payments import payments, refunds
from db.payments.autopay import Autopay, AutopayDue, AutopayTry
from db.payments.payments import Payment
from db.people import contracts, ownership
from db.people.ownership import FormerOwner
from db.people.services import Service, ServiceInterval
from db.requests.requests import Request
from rules.money.corrections import CorrectionPlan as CorrectionPlan
from rules.payments.payments import PaymentPlan
from rules.requests.requests import OPEN
from tests.kit import cast
from tests.kit.registry import LINE, house, take  # noqa: F401
from tests.kit.station import says
from tests.people.test_settings import confirm
from tests.test_routes import CENSUS, plain
from tests.test_strangers import base, things

PLACE = "Санкт-Петербург, Лиговский пр., д. 50, кв. 12"
PETR = LINE | {
    "Номер договора": "78 000 001",
    "Код абонента": "Ф-222",
    "Абонент": "Орехов Пётр Ильич",
    "Телефон": "8 900 333-33-33",
    "E-mail": "petr@example.com",
    "Адрес": PLACE,
    "Дата договора": "23.11.2024",
    "Сальдо": "",
    "Дата сальдо": "",
}
# Whatever of the former owner lies in the file; none of it may reach the next one.
FORMER = [
    "Соколова",
    "Анна Игоревна",
    "79211234567",
    "921 123-45-67",
    "p-1@example.ru",
    "Ольга",
    "bill@former.example",
    "4477",
    "Бабушкина дача",
    "Няня Света",
    "Кладовка",
    "Свекровь",
    "12/345",
    "Заперта дверь",
    "Здравствуйте",
    "a.pdf",
    "Вот он",
    "Не было связи",
    "777,77",
    "333,31",
    "111,11",
    "55,55",
    "77777",
    "33331",
    "5555",
    "Перерасчёт по звонку",
    "Ошиблись дверью",
    "Автоплатёж с карты",
    "Работы только у вас",
]
MINE = ["Орехов", "petr@example.com", "222,22", "petr@new.example"]


@pytest.fixture
def rich(anna, enter, write, clock, engine, settings):
    """Anna's cabinet full of everything; address by thing."""
    found = things(anna, enter, write, clock, engine, settings)
    with write() as db:
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        id_ = int(contract.id)
        paid = payments.add(
            db,
            id_,
            PaymentPlan("operator", 77777, "card", "bill@former.example"),
            "Услуги связи",
            clock.now(),
        )
        paid.state, paid.card, paid.paid_at, paid.bank_id = "paid", "Мир •• 4477", clock.now(), "bank-1"
        for n, (day, amount, kind, note) in enumerate(
            [
                (date(2026, 9, 12), 33331, "payment", "Автоплатёж с карты Мир •• 4477"),
                (date(2026, 10, 31), -11111, "fee", "Октябрь"),
                (date(2026, 11, 20), 5555, "correction", "Перерасчёт по звонку"),
                (date(2026, 11, 22), 77777, "payment", "Оплата"),
            ]
        ):
            ledger.add(
                db,
                id_,
                amount,
                kind,
                f"payment:{paid.id}" if n == 3 else f"old:{n}",
                day=day,
                now=clock.now(),
                note=note,
            )
        fiscal_receipts.add_prepayment_receipt(
            db, id_, 77777, 0, f"payment:{paid.id}", "bill@former.example", clock.now(), settings.vat_rates
        )
        corrections.add(db, id_, CorrectionPlan(5555, "Перерасчёт по звонку", False), 1, clock.now())
        agreed = acceptances.accept(db, 1, "autopay", clock.now(), "", id_, settings)
        row = Autopay(
            contract_id=id_,
            mode="monthly",
            cap=33331,
            day=5,
            contact="bill@former.example",
            acceptance_id=agreed.id,
            payment_id=paid.id,
            state="on",
            token_clear="t",
            card="Мир •• 4477",
            asked_at=clock.now(),
            on_at=clock.now(),
        )
        db.add(row)
        db.flush()
        due = AutopayDue(
            autopay_id=row.id,
            contract_id=id_,
            day=date(2026, 11, 5),
            charge_on=date(2026, 11, 5),
            amount=33331,
            noticed_at=clock.now(),
            state="paid",
        )
        db.add(due)
        db.flush()
        db.add(
            AutopayTry(
                due_id=due.id,
                contract_id=id_,
                day=date(2026, 11, 5),
                number=1,
                payment_id=paid.id,
                at=clock.now(),
            )
        )
        key = keys.find_by_number(db, "00010")
        db.add(KeyName(key_id=key.id, contract_id=id_, what="user", number="3", name="Няня Света"))
        db.add(KeyName(key_id=key.id, contract_id=id_, what="zone", number="4", name="Кладовка"))
        opened = db.exec(select(keys.AddedKey).where(keys.AddedKey.contract_id == id_)).first()
        opened.name = "Бабушкина дача"
        where = [int(part) for part in found["alarm"].removeprefix("/alarms/").split("-")]
        db.add(
            AlarmNote(
                key_id=where[0],
                at_event=where[1],
                event_id=where[2],
                contract_id=id_,
                author="subscriber",
                name="Соколова Анна",
                text="Заперта дверь",
                at=clock.now(),
            )
        )
        for number, name in (("5550", "Свекровь"), ("5551", "Ошиблись дверью")):
            db.add(KeyTry(contract_id=id_, number=number, name=name, outcome="waiting", at=clock.now()))
        db.flush()
        second = db.exec(select(KeyTry).where(KeyTry.number == "5551")).one()
        key_claims.refuse(db, second, "staff:1", "Ошиблись дверью", clock.now())
        deliveries.set_quiet_hours(db, id_, deliveries.QuietPeriod(61, 119))
        service = db.exec(select(Service).where(Service.contract_id == id_)).one()
        db.add(
            ServiceInterval(
                service_id=service.id, state="suspended", first=date(2025, 6, 1), last=date(2025, 6, 20)
            )
        )
        db.add(
            SearchDocument(
                kind="contract", ref_id=987654, contract_id=id_, words="соколова няня света", stems="соколов"
            )
        )
    with write() as db:
        from db.people import announcements
        from rules.people.announcements import AnnouncementPlan as NoticePlan

        plan = NoticePlan(
            "Работы только у вас", "Дверь", date(2026, 11, 21), date(2026, 11, 22), False, "78 000 001", False
        )
        announcements.add(db, plan, 1, [(id_, 1)], clock.now())
    says(write, clock, "00010", "disarm", who="3", minutes=-3)
    return found | {"receipt": "/receipts/1", "payment": f"/payments/{paid.id}", "contract": id_}


@pytest.fixture
def passed(rich, take, clock, db):
    """The contract is another's since noon; two days later he looks around."""
    take(PETR)
    db.rollback()
    clock.forward(days=2)
    return rich


def parts(found: dict, line: str) -> list[str]:
    """The real address of a census line with a part in it: the former owner's thing, and each small
    number.
    """
    path, rest = base(line)
    stands = [
        str(one)
        for one in found.values()
        if isinstance(one, str) and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), one)
    ]
    numbers = [re.sub(r"{\w+}", str(n), path) for n in range(1, 6)] if path.count("{") == 1 else []
    return [one + rest for one in (*stands, *numbers)]


WORDS = {
    "GET /blanks/{name}": ("refund", "suspend", "terminate", "surname"),
    "GET /requests/new/{kind}": (
        "sms_on",
        "sms_off",
        "suspend",
        "resume",
        "refund",
        "terminate",
        "letter",
        "sms_number",
        "transfer",
        "recalculation",
        "surname",
        "other",
    ),
}
BESIDE = [
    "/statement?period=three",
    "/statement?from=2026-01-01&to=2026-11-23",
    "/statement.csv?period=three",
    "/events?period=month",
    "/events.csv?period=month",
    "/payments?before=9999",
    "/inbox?before=999999",
]


def pages(found: dict) -> list[str]:
    """Every GET page of a subscriber, by the census."""
    here = list(BESIDE)
    for line in sorted(
        plain(line) for line, who in CENSUS.items() if who == "subscriber" and line.startswith("GET")
    ):
        if line in WORDS:
            here += [re.sub(r"{\w+}", word, line.split()[1]) for word in WORDS[line]]
        elif "{" in line:
            here += parts(found, line)
        else:
            here.append(line.split()[1])
    return here


def test_the_new_owner_meets_nothing_of_the_former_on_any_page(passed, enter, write, clock):
    petr = enter(cast.ANNA)
    assert "Орехов" in petr.get("/settings/contacts").source + petr.get("/settings").source
    confirm(write, clock)
    petr.get("/keys/new")
    petr.submit("/keys/new", number="00010", name="мой")
    with write() as db:
        mine = payments.add(
            db,
            passed["contract"],
            PaymentPlan("operator", 22222, "card", "petr@new.example"),
            "Услуги",
            clock.now(),
        )
        mine.state = "failed"
    leaks, seen = [], 0
    for path in pages(passed):
        confirm(write, clock)
        answer = petr.client.get(path, follow_redirects=True)
        assert answer.status_code in (200, 204, 404, 422), (path, answer.status_code)
        seen += answer.status_code == 200
        body = answer.text if "pdf" not in answer.headers.get("content-type", "") else read(answer.content)
        text = re.sub(r"[\xa0\u202f]", " ", body)
        leaks += [(path, value) for value in FORMER if value in text]
    assert seen >= 55 and leaks == []
    assert "222,22" in re.sub(r"[\xa0\u202f]", " ", petr.get("/payments").source)


def read(body: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def archive(db, subscriber_id, settings, clock) -> dict[str, str]:
    with (
        export_contents.write(db, subscriber_id, settings.attachment_keys, clock.now()) as packed,
        zipfile.ZipFile(packed) as files,
    ):
        return {name: files.read(name).decode("utf-8", "replace") for name in files.namelist()}


def test_the_new_owners_archive_holds_nothing_of_the_former(passed, engine, settings, clock, write):
    with write() as db:
        payments.add(
            db,
            passed["contract"],
            PaymentPlan("operator", 22222, "card", "petr@new.example"),
            "Услуги",
            clock.now(),
        )
    with Session(engine) as db:
        _, petr = contracts.find_by_number(db, cast.ANNA)
        packed = archive(db, petr.id, settings, clock)
    whole = re.sub(r"[\xa0\u202f]", " ", "\n".join(f"{name}\n{text}" for name, text in packed.items()))
    assert [value for value in FORMER if value in whole] == []
    assert "petr@new.example" in whole and "22222" in packed["payment.json"]
    [brought] = json.loads(packed["ledger_entry.json"])
    assert brought["note"] == "Остаток на день передачи договора" and brought["day"] == "2026-11-23"
    assert brought["amount"] == 150_000 + 33331 - 11111 + 2 * 5555 + 77777
    assert "2025-06-01" not in packed["service_interval.json"]
    assert "search.json" not in packed and "debt.json" not in packed


def test_the_former_owners_archive_holds_his_days_and_nothing_after(
    rich,
    take,
    engine,
    settings,
    clock,
    write,
    db,
):
    with Session(engine) as own:
        before = archive(own, contracts.find_by_number(own, cast.ANNA)[1].id, settings, clock)
        anna_id = contracts.find_by_number(own, cast.ANNA)[1].id
    take(PETR)
    clock.forward(days=2)
    with write() as own:
        mine = payments.add(
            own,
            rich["contract"],
            PaymentPlan("operator", 22222, "card", "petr@new.example"),
            "Услуги",
            clock.now(),
        )
        ledger.add(
            own,
            rich["contract"],
            22222,
            "payment",
            f"payment:{mine.id}",
            day=date(2026, 11, 25),
            now=clock.now(),
        )
    with Session(engine) as own:
        packed = archive(own, anna_id, settings, clock)
    whole = re.sub(r"[\xa0\u202f]", " ", "\n".join(packed.values()))
    assert [value for value in MINE if value in whole] == [] and "22222" not in whole
    kept = {
        "payment.json",
        "receipt.json",
        "ledger_entry.json",
        "autopay.json",
        "autopay_due.json",
        "request.json",
        "request_message.json",
        "attachment.json",
        "alarm_note.json",
        "correction.json",
    }
    for name in kept:
        assert len(json.loads(packed[name])) == len(json.loads(before[name])), name
    assert "bill@former.example" in packed["payment.json"] and "Заперта дверь" in packed["alarm_note.json"]


def test_the_statement_begins_with_one_sum_on_the_day_of_the_hand_over(passed, enter, write, clock):
    petr = enter(cast.ANNA)
    with write() as db:
        ledger.add(
            db,
            passed["contract"],
            22222,
            "payment",
            "payment:99",
            day=date(2026, 11, 25),
            now=clock.now(),
            note="Оплата",
        )
        whole = ledger.total(db, passed["contract"])
    rows = [
        line.split(";") for line in petr.client.get("/statement.csv?period=three").text.strip().splitlines()
    ]
    assert rows[1][:3] == ["23.11.2026", "Перенесённый остаток", "Остаток на день передачи договора"]
    assert rows[2][0] == "25.11.2026" and rows[2][3] == "222,22"
    assert rows[2][4].replace("\xa0", "") == f"{whole / 100:.2f}".replace(".", ",")
    later = petr.client.get("/statement.csv?from=2026-11-24&to=2026-11-25").text.strip().splitlines()
    assert later[1].split(";")[4].replace("\xa0", "") == f"{whole / 100:.2f}".replace(".", ",")
    assert (
        "оформлен на вас 23.11.2026" in petr.get("/statement?from=2026-01-01&to=2026-11-01", status=422).text
    )
    assert petr.client.get("/statement.csv?from=2026-01-01&to=2026-11-01").status_code == 404
    petr.get("/statement?from=2026-11-01&to=2026-11-25")


def test_what_the_former_owner_asked_for_ends_and_changes_nothing(passed, db, clock, write):
    """His open requests would change the next one's service, and a refund of his be paid out of the next
    one's money.
    """
    found = db.exec(select(Request).where(Request.contract_id == passed["contract"])).all()
    assert (
        found and not [row for row in found if row.state in OPEN] and not [row for row in found if row.unread]
    )
    assert all("Договор оформлен" in text for text in [words(db, row) for row in found])
    assert (
        key_claims.waiting_tries(db, passed["contract"])
        == []
        == [one for one in key_claims.waiting_tries(db) if one.number == "5550"]
    )
    assert deliveries.quiet_hours(db, passed["contract"]) is None


def words(db, row) -> str:
    from db.requests import requests

    return requests.steps(db, row)[-1].words


def test_a_refund_at_the_bank_goes_on_and_stops_nobodys_like(anna, take, write, clock, db):
    with write() as own:
        contract, owner = contracts.find_by_number(own, cast.ANNA)
        row = Request(
            number=100500,
            contract_id=contract.id,
            subscriber_id=owner.id,
            kind="refund",
            state="approved",
            payload={"amount": 100},
            fingerprint="same",
            sent_at=clock.now(),
            answer_by=clock.now(),
            moved_at=clock.now(),
        )
        own.add(row)
        own.flush()
        own.add(
            refunds.Refund(
                request_id=row.id, contract_id=contract.id, amount=100, by=1, at=clock.now(), key="k"
            )
        )
    take(PETR)
    db.rollback()
    [left] = db.exec(select(Request)).all()
    assert left.state == "approved" and left.fingerprint != "same"


def test_a_closed_request_of_a_contract_that_is_anothers_is_not_opened_again(passed, enter, write, db):
    with write() as own:
        anna = own.exec(select(contracts.Subscriber).where(contracts.Subscriber.code == "P-1")).one()
        other, _ = contracts.find_by_number(own, cast.VERA)
        other.subscriber_id = anna.id
        own.add(other)
    browser = enter(cast.VERA)
    browser.get(passed["request"])
    page = browser.submit(passed["request"], text="Откройте снова", status=422)
    assert "оформлен на другого" in page.errors["text"]


def test_two_owners_in_turn_have_their_own_days(engine, write, clock, db):
    """Anna → Boris → Anna: each row is of whoever owned the contract then, and only the last days are on the
    pages.
    """
    with write() as own:
        contract, anna = contracts.find_by_number(own, cast.ANNA)
        _, boris = contracts.find_by_number(own, cast.BORIS)
        for owner, former, amount in ((anna, None, 1), (boris, anna, 2), (anna, boris, 3)):
            if former:
                ownership.hand_over(own, contract.id, former.id, clock.now())
                contract.subscriber_id = owner.id
                own.add(contract)
            clock.forward(hours=1)
            payments.add(
                own, contract.id, PaymentPlan("operator", amount, "card", "x@example.ru"), "x", clock.now()
            )
            clock.forward(hours=1)
    table = Payment.__table__
    with Session(engine) as own:
        of = {
            one.id: {
                row.amount
                for row in own.connection().execute(
                    select(table).where(ownership.owner_clause(table, one.id))
                )
            }
            for one in (anna, boris)
        }
        assert of == {anna.id: {1, 3}, boris.id: {2}}
        assert [row.amount for row in payments.contract_payments(own, contract.id)] == [3]
        assert len(own.exec(select(FormerOwner)).all()) == 2


def test_every_table_with_a_contract_says_whose_its_rows_are():
    """A new table that forgot to say it would hand one owner's rows to the next."""
    tables = SQLModel.metadata.tables
    named = [
        set(ownership.INSTANTS),
        set(ownership.PASSED_ON),
        set(ownership.DELETED_AT_HANDOVER),
        set(ownership.OWNED_THROUGH),
        set(ownership.NEVER_SHOWN),
    ]
    known = set().union(*named)
    assert sum(map(len, named)) == len(known) and known <= set(tables)
    for name, table in tables.items():
        if "contract_id" in table.c and ("subscriber_id" not in table.c or table.c.subscriber_id.nullable):
            assert name in known, (
                f"{name}: say in db/people/ownership.py whose its rows are after a hand-over"
            )
        elif "contract_id" in table.c:
            assert name not in known, f"{name} names its subscriber"
    for name, column in ownership.INSTANTS.items():
        assert (
            type(tables[name].c[column].type).__name__ == "Instant" and not tables[name].c[column].nullable
        ), name
    for name in ownership.NEVER_SHOWN:
        assert name in export_contents.EXCLUDED_TABLES, f"{name} is in the archive"


def test_a_table_nobody_declared_is_refused_by_the_archive():
    from sqlalchemy import Column, Integer, MetaData, Table

    with pytest.raises(LookupError):
        ownership.owner_clause(Table("forgotten", MetaData(), Column("contract_id", Integer)), 1)


def test_the_desk_still_sees_all_of_it(passed, enter, db):
    ada = enter("ada")
    page = ada.get(f"/staff/ledger/{passed['contract']}?all=1")
    assert "Перерасчёт по звонку" in page.text and "777,77" in page.text.replace("\xa0", " ")


def test_hand_overs_from_before_are_told_by_the_journal(tmp_path):
    """An upgrade of a file where contracts have changed hands already; nobody is written to by it."""
    from alembic import command

    from db import open_engine
    from db.migrations import run
    from tests.kit import engines

    engine = open_engine(engines.fresh(tmp_path))
    command.upgrade(run.config(engine, "chain_to_0024"), "0016")
    step = 86_400_000
    with engine.begin() as db:
        for n in (1, 2, 3):
            db.exec_driver_sql(
                "INSERT INTO subscriber (id, code, kind, name, entry, welcome) "
                f"VALUES ({n}, 'P-{n}', 'person', 'N', 'none', 0)"
            )
        for n, owner in ((1, 3), (2, 1)):
            db.exec_driver_sql(
                "INSERT INTO contract (id, number, subscriber_id, signed_on, address, unread) "
                f"VALUES ({n}, 7800000{n}, {owner}, '2024-01-01', 'x', 0)"
            )
        for at, owner in ((1, 1), (2, 2)):
            db.exec_driver_sql(
                "INSERT INTO journal (at, actor, verb, contract_id, subscriber_id, facts) "
                f"VALUES ({at * step}, 'system:registry', 'registry.gone', 1, {owner}, '{{}}')"
            )
        db.exec_driver_sql("INSERT INTO key (id, number, contract_id, source) VALUES (1, '1', 1, 'registry')")
        for contract in (1, 2):
            db.exec_driver_sql(
                "INSERT INTO key_name (key_id, contract_id, what, number, name) "
                f"VALUES (1, {contract}, 'user', '1', 'Няня')"
            )
        for number, contract, owner in ((11, 1, 1), (12, 1, 3), (13, 2, 1)):
            db.exec_driver_sql(
                "INSERT INTO request (number, contract_id, subscriber_id, kind, state, payload, fingerprint, "
                "early, sent_at, answer_by, moved_at, unread, version) VALUES "
                f"({number}, {contract}, {owner}, 'letter', 'new', '{{}}', '{number}', 0, 1, 1, 1, 1, 1)"
            )
    run.migrate(engine)
    with Session(engine) as db:
        former = [
            (row.subscriber_id, row.since and row.since.timestamp(), row.until.timestamp())
            for row in db.exec(select(FormerOwner).order_by(FormerOwner.id))
        ]
        assert former == [(1, None, 86_400), (2, 86_400, 172_800)]
        since = db.exec(select(contracts.Contract.owned_since).order_by(contracts.Contract.id))
        assert [one and one.timestamp() for one in since] == [172_800, None]
        assert db.exec(select(KeyName.contract_id)).all() == [2]
        assert dict(db.exec(select(Request.number, Request.state)).all()) == {
            11: "withdrawn",
            12: "new",
            13: "new",
        }
        assert (
            words(db, db.exec(select(Request).where(Request.number == 11)).one())
            == "Договор оформлен на другого абонента."
        )
    engine.dispose()
