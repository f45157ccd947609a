"""After a hand-over the new owner's pages and archive hold nothing of the former one, and the former one's
hold what was theirs.

Built from the census and from the models: a new page and a new table are covered without a new test.
"""

import io
import json
import re
import zipfile
from datetime import date

from sqlmodel import Session

from db import export_contents
from db.money import ledger
from db.payments import payments
from db.people import contracts
from rules.payments.payments import PaymentPlan
from tests.kit import cast
from tests.kit.handovers import PETR, passed, rich  # noqa: F401 - fixtures
from tests.kit.registry import LINE, house, take  # noqa: F401
from tests.kit.routes import plain
from tests.people.test_settings import confirm
from tests.test_routes import CENSUS
from tests.test_strangers import base

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
