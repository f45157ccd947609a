"""The states of a request: new → in work → needs info → approved → done | refused | withdrawn.

Every change of state is a step with its own row (who, when). Only `STEPS` defines which step is allowed in
which state, and the state it leads to.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules import Refused
from rules.days import day_words
from rules.requests.kinds import KINDS, OWNER_ONLY

NEW, WORK, NEEDS_INFO, APPROVED, DONE, REFUSED, WITHDRAWN = STATES = (
    "new",
    "work",
    "needs_info",
    "approved",
    "done",
    "refused",
    "withdrawn",
)
STATE_WORDS = {
    NEW: "новая",
    WORK: "в работе",
    NEEDS_INFO: "ждём вашего ответа",
    APPROVED: "одобрена",
    DONE: "выполнена",
    REFUSED: "отказано",
    WITHDRAWN: "отозвана",
}
UNDECIDED = (NEW, WORK, NEEDS_INFO)
OPEN = (*UNDECIDED, APPROVED)
CLOSED = (DONE, REFUSED, WITHDRAWN)
REOPENS = timedelta(days=14)
ERASE_PASSPORT = timedelta(days=30)


@dataclass(frozen=True)
class Step:
    """A step of a request, allowed in the states `allowed`; it leads to `state` (None: the state does not
    change).

    `words` are for the timeline; `overtaken` is for an employee whose action came after this step of a
    colleague.
    """

    words: str
    allowed: tuple[str, ...] = ()
    state: str | None = None
    overtaken: str = "изменил(а) эту заявку"


STEPS = {
    "send": Step("отправлена"),
    "take": Step("взята в работу", (NEW, WORK), WORK, "взял(а) эту заявку"),
    "ask_more": Step("нужны сведения", UNDECIDED, NEEDS_INFO, "запросил(а) сведения по этой заявке"),
    "approve": Step("одобрена", UNDECIDED, APPROVED, "уже одобрил(а) эту заявку"),
    "refuse": Step("отказано", OPEN, REFUSED, "уже отказал(а) по этой заявке"),
    "withdraw": Step("отозвана", OPEN, WITHDRAWN, "отозвал(а) эту заявку"),
    "carry_out": Step("выполнена", (APPROVED,), DONE, "уже одобрил(а) эту заявку, она выполнена"),
    "close": Step("закрыта с ответом", UNDECIDED, DONE, "уже закрыл(а) эту заявку с ответом"),
    "reopen": Step("открыта снова", CLOSED, WORK, "написал(а) ещё, заявка снова открыта"),
    "reply": Step("получен ответ", overtaken="прислал(а) ответ на вопрос"),
    "fail": Step("не удалось выполнить"),
}
TOO_LATE = "Пока вы решали, состояние заявки изменилось. Обновите страницу и посмотрите, что уже сделано."


def is_repeated_by_reply(kind: str, state: str, carried: bool) -> bool:
    """Return whether a message that reopens this request repeats a request that only the owner may send. A
    request that was carried out is not repeated.
    """
    return kind in OWNER_ONLY and state in CLOSED and not carried


def next_state(verb: str, state: str) -> str:
    """Return the state that a step leads to. Refused when the step is not allowed in this state."""
    step = STEPS[verb]
    if state not in step.allowed:
        raise Refused(form=f"{TOO_LATE} Сейчас она {STATE_WORDS[state]}.")
    return step.state or state


def may_withdraw(state: str, effective: date | None, today: date) -> bool:
    """Return whether the request may be withdrawn: before its effective day; without one, until it is
    decided.
    """
    if state == APPROVED:
        return effective is None or today < effective
    return state in UNDECIDED


def withdraw(state: str, effective: date | None, today: date) -> str:
    """Return the state "withdrawn". Refused with the alternative when it is too late."""
    if state == APPROVED and effective is not None and today >= effective:
        raise Refused(
            form="День изменения уже наступил, отозвать нельзя. Отправьте заявку на обратное изменение."
        )
    return next_state("withdraw", state)


def may_reopen(state: str, closed_at: datetime | None, now: datetime) -> bool:
    return state in CLOSED and closed_at is not None and now < closed_at + REOPENS


def state_after_reply(state: str, closed_at: datetime | None, now: datetime) -> str:
    """Return the state after the subscriber's message: an answer puts the request back to work. Refused when
    late.
    """
    if state in CLOSED and not may_reopen(state, closed_at, now):
        raise Refused(
            form="Заявка закрыта больше 14 дней назад. Отправьте новое обращение и укажите в нём её номер."
        )
    return WORK if state in (*CLOSED, NEEDS_INFO) else state


def next_words(state: str, kind: str, effective: date | None, answer_by: str) -> str:
    """Return «Что дальше», one sentence for the page after sending, the request's own page and the
    notification.
    """
    if state == APPROVED and effective:
        return (
            f"Изменение произойдёт {day_words(effective)} в 00:00 по Москве. До этого заявку можно отозвать."
        )
    if state == APPROVED and (words := KINDS[kind].approved_words):
        return words
    return {
        NEW: f"Сотрудник ответит {answer_by}.",
        WORK: "Сотрудник занимается заявкой и ответит здесь.",
        NEEDS_INFO: "Ответьте на вопрос сотрудника ниже, без ответа решить не получится.",
        APPROVED: "Заявка одобрена и скоро будет выполнена.",
        DONE: "Всё сделано. Если остались вопросы, ответьте здесь в течение 14 дней.",
        REFUSED: "Причина отказа указана ниже. Если не согласны, ответьте здесь в течение 14 дней.",
        WITHDRAWN: "Вы отозвали заявку. Передумали — отправьте новую.",
    }[state]
