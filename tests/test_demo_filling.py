"""The demonstration is true: it comes in by the product's own doors, twice alike, and never into a real
operator's file.
"""

import pytest
from click.testing import CliRunner
from sqlmodel import Session, func, select

from app import create_app
from commands import Context
from commands.demo import commands, filling, papers, people
from db import writing
from db.access import sign_in
from db.events import key_claims
from db.events.events import Event
from db.events.keys import AddedKey
from db.money.ledger import LedgerEntry
from db.payments.autopay import Autopay
from db.payments.payment_templates import PaymentTemplate
from db.payments.payments import Payment
from db.people import contracts
from db.people.contracts import Contract
from db.registry import latest
from db.requests.requests import Request, RequestMessage
from rules.requests.requests import STATES
from settings import Settings
from tests.kit import engines, production
from tests.kit.cast import contract, person


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A filled demonstration; its year of events cut to weeks, for they are many and all alike."""
    folder = tmp_path_factory.mktemp("demo")
    url = engines.fresh(folder)
    place, bank = url.removeprefix("sqlite:///"), str(folder / "cabinet.bank.sqlite")
    settings = Settings(
        _env_file=None, demo=True, database=place, origin="http://testserver", bank_sandbox_file=bank
    )
    app = create_app(settings)
    filled = Context(app.state.engine, settings, app.state.clock)
    filling.fill_once(filled)
    yield filled
    app.state.engine.dispose()


@pytest.fixture
def filled(house):
    with Session(house.engine) as db:
        yield db


def test_hundreds_of_contracts_came_by_the_import_and_none_was_rejected(filled):
    imports = latest(filled)
    assert {one.rejected for one in imports} == {0}
    assert sum(one.created for one in imports if one.kind == "contracts") == 245
    assert any(one.changed for one in imports)


def test_those_named_in_the_words_may_enter(filled):
    for number in (papers.ANNA, papers.BORIS, papers.LETO):
        assert sign_in.check_password(filled, number, people.PASSWORD, None)[1] == "own"
    assert contracts.find_by_number(filled, papers.VERA)[1].registered_at is None


def test_there_is_a_year_of_charges_and_events(filled):
    assert len(set(filled.exec(select(LedgerEntry.day).where(LedgerEntry.kind == "fee")))) == 12
    assert filled.exec(select(func.count()).select_from(Event)).one() > 50_000


def test_requests_stand_in_every_state_with_what_was_said(filled):
    assert set(filled.exec(select(Request.state))) == set(STATES)
    assert filled.exec(select(func.count()).select_from(RequestMessage)).one() > 100


def test_subscribers_have_added_their_keys_and_strange_ones_wait_at_the_desk(filled):
    assert filled.exec(select(func.count()).select_from(AddedKey)).one() > 100
    assert len(key_claims.tries_for_review(filled)) == 2


def test_money_came_every_way(filled):
    ways = set(filled.exec(select(Payment.state, Payment.method, Payment.payee)))
    wanted = {("paid", "card", "operator"), ("paid", "sbp", "operator"), ("paid", "saved", "operator")}
    assert (
        wanted | {("paid", "card", "police"), ("failed", "card", "operator"), ("pending", "card", "operator")}
        <= ways
    )
    assert filled.exec(select(func.count()).select_from(Autopay).where(Autopay.state == "on")).one() == 4
    assert filled.exec(select(func.count()).select_from(PaymentTemplate)).one() == 2


def test_a_filled_file_is_not_filled_again(house, filled):
    before = filled.exec(select(func.count()).select_from(LedgerEntry)).one()
    assert people.PASSWORD in filling.fill_once(house)
    assert filled.exec(select(func.count()).select_from(LedgerEntry)).one() == before


def test_refuses_a_real_operators_file(engine, clock):
    real = production.settings()
    done = CliRunner().invoke(commands, ["fill"], obj=Context(engine, real, clock))
    assert done.exit_code == 1 and "CABINET_DEMO" in done.output


def test_a_fill_broken_off_is_begun_again_from_an_empty_file(tmp_path, monkeypatch):
    settings = Settings(
        _env_file=None, demo=True, database=str(tmp_path / "cabinet.sqlite"), origin="http://testserver"
    )
    app = create_app(settings)
    half = Context(app.state.engine, settings, app.state.clock)
    seen = []

    def someone(house):
        with Session(house.engine) as db, writing(db):
            seen.append(db.exec(select(func.count()).select_from(Contract)).one())
            contract(db, papers.ANNA, person(db, "P-1", "Анна", None, None), "Дом", house.clock.now(), [], 0)

    def stopped(house):
        raise KeyboardInterrupt

    monkeypatch.setattr(filling, "PARTS", [("люди", someone), ("год", stopped)])
    with pytest.raises(KeyboardInterrupt):
        filling.fill_once(half)
    monkeypatch.setattr(filling, "PARTS", [("люди", someone)])
    filling.fill_once(half)
    assert seen == [0, 0], "nothing of the half-filled file was left"
    filling.fill_once(half)
    assert seen == [0, 0], "what was filled to the end stays"
    app.state.engine.dispose()
