"""Each table with a contract says whose its rows are, and earlier hand-overs are read from the journal."""

import pytest
from sqlmodel import Session, SQLModel, select

from db import export_contents
from db.events.key_names import KeyName
from db.people import contracts, ownership
from db.people.ownership import FormerOwner
from db.requests.requests import Request
from tests.kit.handovers import passed, rich, words  # noqa: F401 - fixtures
from tests.kit.registry import LINE, house, take  # noqa: F401


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
