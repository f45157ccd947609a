"""When an approval is still possible, and the day it takes effect."""

from datetime import date

import pytest

from rules import Refused
from rules.requests import decisions, kinds, request_messages
from rules.requests.suspensions import Suspension

TODAY, PLANNED = date(2026, 11, 22), date(2026, 12, 3)
OTHER = date(2026, 12, 4)


def problems(check, *values):
    with pytest.raises(Refused) as refused:
        check(*values)
    return refused.value.problems


@pytest.mark.parametrize(
    ("early", "chosen", "reason", "day"),
    [
        (False, None, "", PLANNED),
        (False, PLANNED, "", PLANNED),
        (False, OTHER, "Просил абонент", OTHER),
        (False, TODAY, "срочно", TODAY),
        (True, None, "авария", PLANNED),
    ],
)
def test_the_day_of_an_approval(early, chosen, reason, day):
    assert decisions.choose_day(PLANNED, early, chosen, reason, TODAY) == day


@pytest.mark.parametrize(
    ("early", "chosen", "reason", "field"),
    [
        (False, date(2026, 11, 21), "Просил абонент", "day"),
        (False, OTHER, "", "reason"),
        (False, OTHER, " да  ", "reason"),
        (True, None, "", "reason"),
        (True, PLANNED, "", "reason"),
    ],
)
def test_refuses_a_past_day_and_an_unusual_one_without_a_reason(early, chosen, reason, field):
    assert list(problems(decisions.choose_day, PLANNED, early, chosen, reason, TODAY)) == [field]


def test_a_planned_day_that_has_passed_is_refused_too():
    said = problems(decisions.choose_day, date(2026, 11, 21), False, None, "", TODAY)
    assert said == {"day": "Этот день уже прошёл. Укажите 22\u00a0ноября\u00a02026 или позже."}


@pytest.mark.parametrize(
    ("amount", "free", "shown"), [(50_000, 49_999, "499,99"), (1, 0, "0,00"), (1, -100, "0,00")]
)
def test_refuses_more_than_is_free(amount, free, shown):
    decisions.check_money(free, free)
    words = f"На балансе столько нет: свободно {shown}\u00a0₽. Откажите или договоритесь."
    assert problems(decisions.check_money, amount, free) == {"form": words}


@pytest.mark.parametrize(
    "other",
    [Suspension(date(2026, 11, 1), date(2026, 12, 2)), Suspension(date(2026, 12, 21), date(2026, 12, 25))],
)
def test_suspensions_may_follow_each_other(other):
    decisions.check_suspension(PLANNED, date(2026, 12, 20), [other])


@pytest.mark.parametrize(
    ("last", "others", "field"),
    [
        (date(2026, 12, 2), [], "day"),
        (date(2026, 12, 20), [Suspension(date(2026, 11, 1), PLANNED)], "form"),
        (date(2026, 12, 20), [Suspension(date(2026, 12, 20), date(2026, 12, 25))], "form"),
        (PLANNED, [Suspension(date(2026, 11, 1), date(2027, 1, 1))], "form"),
    ],
)
def test_refuses_a_suspension_that_ends_early_or_meets_another(last, others, field):
    assert list(problems(decisions.check_suspension, PLANNED, last, others)) == [field]


def test_refuses_an_unknown_recipient_a_former_owner_and_a_representative():
    decisions.check_recipient(True)
    decisions.check_still_owned(True)
    assert list(problems(decisions.check_recipient, False)) == ["form"]
    assert list(problems(decisions.check_still_owned, False)) == ["text"]
    for owner_only, acting in ((True, False), (False, True), (False, False)):
        kinds.check_sender(owner_only, acting)
    assert problems(kinds.check_sender, True, True) == {"form": kinds.OWNER_ONLY_MESSAGE}


def test_the_ledger_says_where_the_money_came_from():
    assert decisions.recalculation_note(100001) == "Перерасчёт, заявка № 100001"
    assert decisions.transfer_notes(78123456, 78000001) == (
        "Перенос на договор 78\u00a0000\u00a0001",
        "Перенос с договора 78\u00a0123\u00a0456",
    )


@pytest.mark.parametrize(
    ("kind", "words", "subject", "text"),
    [
        (
            "refund",
            request_messages.CARRIED_OUT,
            "Заявка № 100001",
            "Заявка № 100001: Заявка выполнена. Посмотрите в личном кабинете.",
        ),
        (
            "letter",
            request_messages.NEW_ANSWER,
            "Обращение № 100001",
            "Обращение № 100001: Новый ответ. Посмотрите в личном кабинете.",
        ),
    ],
)
def test_news_of_a_request_names_it_and_nothing_more(kind, words, subject, text):
    assert request_messages.news_message(kind, 100001, words) == (text, subject)


def test_a_second_request_that_says_the_same_is_sent_to_the_first():
    assert request_messages.same_open_message(100001).startswith("Такая заявка уже открыта: № 100001.")
