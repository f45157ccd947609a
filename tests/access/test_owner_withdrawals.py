"""Withdrawing, reopening and continuing the owner's requests by a representative."""

from datetime import date

import pytest

from db.people import contracts
from db.requests import decisions, dialogues
from rules.access import representatives as rule
from rules.requests import kinds
from rules.requests.plans import RequestPlan
from tests.kit import cast
from tests.kit.owners import ANNAS, TYPED, alerted, everything_off, token
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import LATER, SOON, act, fill, number_of, past_the_code, send, the

# Round about: taking back, writing into it, opening it again


def test_who_acts_for_the_owner_takes_back_only_what_they_sent(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    hers = number_of(
        send(anna, "recalculation", first="2026-11-01", last="2026-11-10", text="Не было связи.")
    )
    back = number_of(send(anna, "sms_on", mobile=ANNAS, day=SOON))
    olga = enter_as_olga(visitor, texts)
    assert "Отозвать" not in olga.get("/").text
    for number in (hers, back):
        assert "Отозвать заявку" not in olga.get(f"/inbox/{number}").text
        assert (
            olga.client.post(f"/inbox/{number}/withdraw", data={"_csrf_token": token(olga)}).status_code
            == 404
        )
    own = number_of(send(olga, "letter", text="Когда придёт мастер?"))
    olga.get(f"/inbox/{own}")
    olga.get(f"/inbox/{own}/withdraw")
    olga.submit(f"/inbox/{own}/withdraw")
    assert the(db, own).state == "withdrawn" and the(db, back).state == "approved"


def test_who_acts_for_the_owner_takes_nothing_back_that_restores_alarms(
    anna, visitor, write, clock, texts, db
):
    """Not even what they sent themselves: the owner counts on it by then."""
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    number = number_of(send(olga, "sms_on", mobile=ANNAS, day=SOON))
    assert "Отозвать заявку" not in olga.get(f"/inbox/{number}").text
    answer = olga.client.post(f"/inbox/{number}/withdraw", data={"_csrf_token": token(olga)})
    assert answer.status_code == 404 and the(db, number).state == "approved"


def test_taking_back_what_restores_alarms_needs_a_code_and_is_told(anna, write, db, engine):
    number = number_of(send(anna, "sms_on", mobile=ANNAS, day=SOON))
    everything_off(write)
    anna.get(f"/inbox/{number}")
    anna.get(f"/inbox/{number}/withdraw")
    page = anna.submit(f"/inbox/{number}/withdraw")
    assert page.path == "/confirm" and the(db, number).state == "approved"
    assert past_the_code(anna).path == f"/inbox/{number}"
    anna.get(f"/inbox/{number}/withdraw")
    anna.submit(f"/inbox/{number}/withdraw")
    assert the(db, number).state == "withdrawn"
    assert f"заявка № {number} отменена" in alerted(engine)[-1].text


def test_into_what_is_the_owners_nobody_else_writes(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    number = number_of(send(anna, "refund", **TYPED["refund"]))
    act(write, number, decisions.ask_more, clock, "Уточните счёт.")
    olga = enter_as_olga(visitor, texts)
    page = olga.get(f"/inbox/{number}")
    assert "пишет только сам абонент" in page.text and not page.tree.cssselect("textarea")
    said = {"_csrf_token": token(olga), "text": "Переведите на другой счёт.", "key": "1"}
    assert olga.client.post(f"/inbox/{number}", data=said).status_code == 404
    row = the(db, number)
    with pytest.raises(kinds.Refused):
        dialogues.reply(db, row, acting(db), clock.now(), "Переведите на другой счёт.")
    with pytest.raises(kinds.Refused):
        decisions.send(
            db, acting(db), RequestPlan("suspend", {"last": LATER}, date(2026, 12, 3)), clock.now()
        )


def acting(db):
    from db.journal import Person

    contract, owner = contracts.find_by_number(db, cast.ANNA)
    return Person(
        0,
        "subscriber",
        owner.id,
        "Ольга",
        contract_id=contract.id,
        representative_id=1,
        rights=frozenset(rule.RIGHTS),
    )


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_opening_it_again_needs_a_code_keeps_the_words_and_is_told(anna, write, clock, db, engine, end):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    clock.forward(minutes=11)
    if end == "withdrawn":
        anna.get(f"/inbox/{number}")
        anna.get(f"/inbox/{number}/withdraw")
        anna.submit(f"/inbox/{number}/withdraw")
    else:
        act(write, number, decisions.refuse, clock, "Так не можем.")
    before = len(alerted(engine))
    anna.get(f"/inbox/{number}")
    page = anna.submit(f"/inbox/{number}", text="Всё же приостановите.")
    assert page.path == "/confirm" and the(db, number).state == end
    page = past_the_code(anna)
    assert page.path == f"/inbox/{number}" and page.one("textarea").text.strip() == "Всё же приостановите."
    anna.submit(f"/inbox/{number}", text="Всё же приостановите.")
    assert the(db, number).state == "work"
    [told] = alerted(engine)[before:]
    assert "просят рассмотреть снова" in told.text and "20\u00a0декабря" in told.text


def test_anybody_elses_words_begun_are_not_shown_by_their_number(anna, boris, write, clock, db):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    anna.get(f"/inbox/{number}")
    anna.get(f"/inbox/{number}/withdraw")
    anna.submit(f"/inbox/{number}/withdraw")
    clock.forward(minutes=11)
    anna.get(f"/inbox/{number}")
    anna.submit(f"/inbox/{number}", text="Тайное слово.")
    for place in (
        f"/inbox/{number_of(send(boris, 'letter', text='Когда придёт мастер?'))}?draft=2",
        "/requests/drafts/2",
        "/requests/new/letter?draft=2",
    ):
        assert "Тайное слово" not in boris.client.get(place).text


def test_a_form_begun_opens_to_nobody_else_by_its_number(anna, boris):
    draft = fill(anna, "letter", text="Тайное слово и ещё девять.").path
    assert "Тайное слово" in anna.get(draft).text
    for place in (draft, f"/requests/new/letter?draft={draft.rpartition('/')[2]}"):
        assert "Тайное слово" not in boris.client.get(place).text
