"""Requests and refunds open at a hand-over, and two owners in turn."""

from sqlmodel import Session, select

from db.events import deliveries, key_claims
from db.payments import payments, refunds
from db.payments.payments import Payment
from db.people import contracts, ownership
from db.people.ownership import FormerOwner
from db.requests.requests import Request
from rules.payments.payments import PaymentPlan
from rules.requests.requests import OPEN
from tests.kit import cast
from tests.kit.handovers import PETR, passed, rich, words  # noqa: F401 - fixtures
from tests.kit.registry import LINE, house, take  # noqa: F401


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
