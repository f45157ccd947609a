"""The registry taken in: who is created, what is changed, what stays, and what is remembered of it."""

from datetime import UTC, date, datetime

from click.testing import CliRunner
from sqlmodel import Session, select

from commands.registry import commands, import_file
from db import writing
from db.events.keys import SiteKey
from db.journal import Note
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract, Site, find_by_number
from db.people.services import Service, ServiceInterval, ServicePrice, list_intervals
from db.people.subscribers import Subscriber
from db.registry import RegistryImport, latest
from tests.kit.registry import LINE, but, house, take  # noqa: F401 - fixtures
from tests.kit.samples import generate


def counts(report) -> tuple[int, int, int, int]:
    return tuple(report.counts().values())


def notes(db, verb: str) -> list[Note]:
    return list(db.exec(select(Note).where(Note.verb == verb)))


def test_a_new_contract_comes_whole(take, db):
    assert counts(take(but(SMS="да", Стоимость_SMS="99"))) == (1, 0, 0, 0)
    contract, holder = find_by_number(db, 78111111)
    assert (holder.code, holder.name, holder.mobile) == ("Ф-111", "Гусева Дарья Олеговна", "+79001111111")
    assert contract.signed_on == date(2024, 2, 1)
    assert db.exec(select(Site.name).where(Site.contract_id == contract.id)).all() == ["Квартира"]
    channel, sms = db.exec(
        select(Service).where(Service.contract_id == contract.id).order_by(Service.kind)
    ).all()
    assert (channel.tariff, sms.mobile) == ("Канал GSM", "+79001111111")
    assert [(i.state, i.first, i.last) for i in list_intervals(db, channel.id)] == [
        ("active", date(2026, 11, 1), None)
    ]
    assert db.exec(select(ServicePrice.kopecks).where(ServicePrice.service_id == sms.id)).one() == 9900
    entry = db.exec(select(LedgerEntry).where(LedgerEntry.contract_id == contract.id)).one()
    assert (entry.amount, entry.kind, entry.day) == (-15050, "opening", date(2026, 11, 1))


def test_the_same_file_again_changes_nothing(take, db):
    take(LINE)
    before = [
        db.exec(select(table)).all() for table in (Contract, Subscriber, ServicePrice, LedgerEntry, Site)
    ]
    assert counts(take(LINE)) == (0, 0, 1, 0)
    assert [
        db.exec(select(table)).all() for table in (Contract, Subscriber, ServicePrice, LedgerEntry, Site)
    ] == before


def test_a_bad_line_never_stops_a_good_one(take, db):
    report = take(but(Дата_договора="31.02.2024", Номер_договора="78111112"), LINE)
    assert counts(report) == (1, 0, 0, 1)
    assert report.rejections[0][0] == 2 and "31.02.2024" in report.rejections[0][1]


def test_a_new_phone_is_written_and_journalled_masked(take, db):
    take(LINE)
    assert counts(take(but(Телефон="8 900 222-22-22"))) == (0, 1, 0, 0)
    contract, holder = find_by_number(db, 78111111)
    assert holder.mobile == "+79002222222"
    [note] = notes(db, "registry.phone")
    assert note.contract_id == contract.id and "222-22" not in note.facts and "22-22" in note.facts


def test_a_phone_changed_in_the_cabinet_is_not_set_back_by_the_next_export(take, db):
    take(LINE)
    with writing(db):
        find_by_number(db, 78111111)[1].mobile = "+79009999999"
    assert counts(take(but(Тариф="Канал Ethernet"))) == (0, 1, 0, 0)
    assert find_by_number(db, 78111111)[1].mobile == "+79009999999"


def test_a_new_email_has_to_be_confirmed_again(take, db):
    take(LINE)
    with writing(db):
        find_by_number(db, 78111111)[1].email_confirmed_at = datetime(2026, 11, 1, tzinfo=UTC)
    take(but(**{"E-mail": "new@example.com"}))
    assert find_by_number(db, 78111111)[1].email_confirmed_at is None


def test_a_new_owner_takes_the_contract_and_the_journal_knows(take, db):
    take(LINE)
    take(but(Код_абонента="Ф-222", Абонент="Орехов Пётр Ильич", Телефон="89003333333"))
    contract, holder = find_by_number(db, 78111111)
    assert holder.name == "Орехов Пётр Ильич"
    assert [note.contract_id for note in notes(db, "registry.owner")] == [contract.id]
    assert db.exec(select(Subscriber.mobile).where(Subscriber.code == "Ф-111")).one() == "+79001111111"


def test_a_new_price_is_dated_and_the_old_one_stays(take, db):
    take(LINE)
    take(but(Абонентская_плата="500,00", Цена_действует_с="01.12.2026"))
    rows = db.exec(select(ServicePrice).join(Service).join(Contract).where(Contract.number == 78111111)).all()
    assert [(row.since, row.kopecks) for row in rows] == [
        (date(2026, 11, 1), 45000),
        (date(2026, 12, 1), 50000),
    ]


def test_a_price_without_a_day_holds_from_the_day_of_import(take, db):
    take(LINE)
    take(but(Абонентская_плата="500,00"))
    take(but(Абонентская_плата="510,00"))
    rows = db.exec(select(ServicePrice).join(Service).join(Contract).where(Contract.number == 78111111)).all()
    assert [(row.since, row.kopecks) for row in rows][1:] == [(date(2026, 11, 23), 51000)]


def test_the_opening_balance_is_entered_once(take, db):
    take(LINE)
    assert counts(take(but(Сальдо="9000", Дата_сальдо="01.12.2026"))) == (0, 0, 1, 0)
    found = db.exec(select(LedgerEntry.amount).join(Contract).where(Contract.number == 78111111)).all()
    assert found == [-15050]


def test_without_a_balance_charges_begin_this_month(take, db):
    take(but(Сальдо="", Дата_сальдо=""))
    first = db.exec(
        select(ServiceInterval.first).join(Service).join(Contract).where(Contract.number == 78111111)
    ).one()
    assert first == date(2026, 11, 1)


def test_termination_ends_the_service_and_may_be_taken_back(take, db):
    last = select(ServiceInterval.last).join(Service).join(Contract).where(Contract.number == 78111111)
    ends = lambda: db.exec(last).one()  # noqa: E731
    take(LINE)
    take(but(Дата_расторжения="31.12.2026"))
    assert (find_by_number(db, 78111111)[0].ends_on, ends()) == (date(2026, 12, 31), date(2026, 12, 31))
    take(LINE)
    assert (find_by_number(db, 78111111)[0].ends_on, ends()) == (None, None)


def test_sms_turned_on_and_off_in_the_registry_runs_from_that_day(take, db, clock):
    sms = select(ServiceInterval.first, ServiceInterval.last).join(Service).where(Service.kind == "sms")
    take(LINE)
    take(but(SMS="да", Стоимость_SMS="99"))
    assert db.exec(sms).all() == [(date(2026, 11, 23), None)]
    clock.forward(days=10)
    take(LINE)
    assert db.exec(sms).all() == [(date(2026, 11, 23), date(2026, 12, 2))]


def test_several_lines_of_one_contract_are_its_sites(take, db):
    report = take(LINE, but(Объект="Гараж"), but(Объект="Дача"))
    assert counts(report) == (1, 0, 0, 0)
    assert db.exec(select(Site.name).join(Contract).where(Contract.number == 78111111)).all() == [
        "Квартира",
        "Гараж",
        "Дача",
    ]
    assert counts(take(LINE, but(Объект="Гараж"))) == (0, 0, 1, 0)
    assert counts(take(LINE, but(Объект="Баня"))) == (0, 1, 0, 0)


def test_a_second_line_that_disagrees_is_rejected(take):
    report = take(LINE, but(Абонентская_плата="900,00"))
    assert counts(report) == (1, 0, 0, 1)
    assert "уже есть в строке 2" in report.rejections[0][1]


def test_several_contracts_of_one_subscriber_share_him(take, db):
    assert counts(take(LINE, but(Номер_договора="78111112"))) == (2, 0, 0, 0)
    assert find_by_number(db, 78111111)[1].id == find_by_number(db, 78111112)[1].id


def test_one_code_under_two_names_is_a_mistake(take):
    report = take(LINE, but(Номер_договора="78111112", Абонент="Орехов Пётр Ильич"))
    assert counts(report) == (1, 0, 0, 1) and "назван иначе" in report.rejections[0][1]


def test_another_phone_of_the_same_subscriber_is_remarked_on_and_the_first_stays(take, db):
    report = take(LINE, but(Номер_договора="78111112", Телефон="89004444444"))
    assert counts(report) == (2, 0, 0, 0) and "другие телефоны" in report.remarks[0][1]
    assert find_by_number(db, 78111112)[1].mobile == "+79001111111"


def test_a_key_finds_its_site_and_moves_with_the_registry(take, db):
    keys = ["Номер ключа", "Номер договора", "Объект"]
    take(LINE, but(Номер_договора="78111112"))
    mine = {"Номер ключа": "00777", "Номер договора": "78111111"}
    assert counts(take(mine, kind="keys", header=keys)) == (1, 0, 0, 0)
    key = db.exec(select(SiteKey).where(SiteKey.number == "00777")).one()
    assert key.site_id == db.exec(select(Site.id).join(Contract).where(Contract.number == 78111111)).one()
    moved = {"Номер ключа": "00777", "Номер договора": "78111112"}
    assert counts(take(moved, kind="keys", header=keys)) == (0, 1, 0, 0)
    assert counts(take(moved, kind="keys", header=keys)) == (0, 0, 1, 0)
    assert len(notes(db, "registry.key")) == 1


def test_a_key_of_an_unknown_contract_is_rejected(take):
    report = take(
        {"Номер ключа": "1", "Номер договора": "78999999"},
        kind="keys",
        header=["Номер ключа", "Номер договора"],
    )
    assert "78999999" in report.rejections[0][1]


def test_the_import_itself_is_kept_for_the_desk(take, db):
    take(LINE, but(Номер_договора="7"))
    [kept] = latest(db)
    assert (kept.kind, kept.file, kept.created, kept.rejected) == ("contracts", "contracts.csv", 1, 1)
    assert "восемь цифр" in kept.report and len(notes(db, "registry.contracts")) == 1


def test_the_shipped_samples_come_in_twice_alike(house, engine):
    first = [
        import_file(house, generate.HERE / f"{kind}.csv", kind, quiet=True) for kind in ("contracts", "keys")
    ]
    again = [
        import_file(house, generate.HERE / f"{kind}.csv", kind, quiet=True) for kind in ("contracts", "keys")
    ]
    assert [counts(report) for report in first] == [(320, 0, 0, 16), (453, 0, 0, 4)]
    assert [counts(report) for report in again] == [(0, 0, 320, 16), (0, 0, 453, 4)]
    with Session(engine) as db:
        assert len(db.exec(select(RegistryImport)).all()) == 4


def test_the_command_reports_and_tells_by_its_status(house, tmp_path):
    run = lambda *args: CliRunner().invoke(commands, ["import", *map(str, args)], obj=house)  # noqa: E731
    done = run(generate.HERE / "contracts.csv")
    assert done.exit_code == 1
    assert "создано 320, изменено 0, без изменений 0, отклонено строк 16" in done.output
    assert "строка 32: Номер договора: «7800901»" in done.output
    assert run("--keys", generate.HERE / "keys.csv").exit_code == 1
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("это не реестр")
    assert run(wrong).exit_code == 2
