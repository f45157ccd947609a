"""The life of a request: new → in work → needs info → approved → done | refused | withdrawn (SPEC §3.3).

A change of state is a verb with its own row (who, when); a verb says from which states it may be done and
where it leads. Nothing else in the house knows which states follow which.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules import Refused
from rules.days import day_words

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
class Kind:
    """What is known of a kind before anything is typed; a new one is a line of KINDS.

    `auto`: the rule alone approves it. `single`: one of these at a time per contract, for a second says
    nothing new or contradicts the first. `owner_only`: it cuts the alarm channel or moves money, so the owner
    alone asks for it, by a code, and is told by SMS at once. `restores`: it brings the alarm channel back, so
    the owner alone takes it back, by a code.
    """

    words: str
    auto: bool = False
    single: bool = False
    owner_only: bool = False
    restores: bool = False


KINDS = {
    "sms_on": Kind("Подключить SMS-информирование", auto=True, single=True, restores=True),
    "sms_off": Kind("Отключить SMS-информирование", auto=True, single=True, owner_only=True),
    "suspend": Kind("Приостановить канал связи", auto=True, owner_only=True),
    "resume": Kind("Возобновить канал связи", auto=True, single=True, restores=True),
    "refund": Kind("Возврат денежных средств", owner_only=True),
    "terminate": Kind("Расторжение договора", single=True, owner_only=True),
    "letter": Kind("Обращение"),
    "sms_number": Kind("Изменить номер SMS-информирования", single=True, owner_only=True),
    "transfer": Kind("Перенос денег на другой договор", owner_only=True),
    "recalculation": Kind("Перерасчёт"),
    "surname": Kind("Изменение фамилии", single=True),
}
KIND_WORDS = {name: kind.words for name, kind in KINDS.items()}
AUTO = tuple(name for name, kind in KINDS.items() if kind.auto)
SINGLE = frozenset(name for name, kind in KINDS.items() if kind.single)
OWNER_ONLY = frozenset(name for name, kind in KINDS.items() if kind.owner_only)
RESTORES = frozenset(name for name, kind in KINDS.items() if kind.restores)
# Where the payload of a kind keeps the mobile that alarms will go to.
ALARM_NUMBER = {"sms_on": "mobile", "sms_number": "new_mobile"}

# verb → (states it may be done in, state it leads to; None = stays as it is)
VERBS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "take": ((NEW, WORK), WORK),
    "ask_more": (UNDECIDED, NEEDS_INFO),
    "approve": (UNDECIDED, APPROVED),
    "refuse": (OPEN, REFUSED),
    "withdraw": (OPEN, WITHDRAWN),
    "carry_out": ((APPROVED,), DONE),
    "close": (UNDECIDED, DONE),
    "reopen": (CLOSED, WORK),
}
STEP_WORDS = {
    "send": "отправлена",
    "take": "взята в работу",
    "ask_more": "нужны сведения",
    "approve": "одобрена",
    "refuse": "отказано",
    "withdraw": "отозвана",
    "carry_out": "выполнена",
    "close": "закрыта с ответом",
    "reopen": "открыта снова",
    "reply": "получен ответ",
    "fail": "не удалось выполнить",
}
TOO_LATE = "Пока вы решали, состояние заявки изменилось. Обновите страницу и посмотрите, что уже сделано."


def number_to_confirm(kind: str, payload: Mapping[str, Any], own: str | None) -> str | None:
    """The mobile that must answer with a code before alarms go to it; None without one, or if it is `own`,
    the sign-in phone.
    """
    number = payload.get(ALARM_NUMBER.get(kind, ""))
    return str(number) if number and number != own else None


def owner_only(kind: str, payload: Mapping[str, Any], own: str | None) -> bool:
    """Whether the owner alone may ask for this, by a code; `own` is the sign-in phone, E.164."""
    return kind in OWNER_ONLY or number_to_confirm(kind, payload, own) is not None


def reopens(kind: str, state: str, carried: bool) -> bool:
    """Whether a message to it asks anew for what only the owner may ask for; what took effect is not done a
    second time.
    """
    return kind in OWNER_ONLY and state in CLOSED and not carried


def after(verb: str, state: str) -> str:
    """The state a verb leads to; Refused when it cannot be done in this state."""
    allowed, leads = VERBS[verb]
    if state not in allowed:
        raise Refused(form=f"{TOO_LATE} Сейчас она {STATE_WORDS[state]}.")
    return leads or state


def may_withdraw(state: str, effective: date | None, today: date) -> bool:
    """Before its day; a request without a day until somebody has decided."""
    if state == APPROVED:
        return effective is None or today < effective
    return state in UNDECIDED


def withdraw(state: str, effective: date | None, today: date) -> str:
    """Withdrawn, or Refused with what to do instead."""
    if state == APPROVED and effective is not None and today >= effective:
        raise Refused(
            form="День изменения уже наступил, отозвать нельзя. Отправьте заявку на обратное изменение."
        )
    return after("withdraw", state)


def may_reopen(state: str, closed_at: datetime | None, now: datetime) -> bool:
    return state in CLOSED and closed_at is not None and now < closed_at + REOPENS


def after_reply(state: str, closed_at: datetime | None, now: datetime) -> str:
    """Where the subscriber's own message leads: an answer puts it back to work, a late one is refused."""
    if state in CLOSED and not may_reopen(state, closed_at, now):
        raise Refused(
            form="Заявка закрыта больше 14 дней назад. Отправьте новое обращение и укажите в нём её номер."
        )
    return WORK if state in (*CLOSED, NEEDS_INFO) else state


def next_words(state: str, kind: str, effective: date | None, answer_by: str) -> str:
    """«Что дальше»: one sentence for the page after sending, the request's own page and the notice."""
    if state == APPROVED and effective:
        return (
            f"Изменение произойдёт {day_words(effective)} в 00:00 по Москве. До этого заявку можно отозвать."
        )
    if state == APPROVED and kind == "refund":
        return "Деньги переведём в течение 10 дней. Когда переведём, напишем вам."
    return {
        NEW: f"Сотрудник ответит {answer_by}.",
        WORK: "Сотрудник занимается заявкой и ответит здесь.",
        NEEDS_INFO: "Ответьте на вопрос сотрудника ниже, без ответа решить не получится.",
        APPROVED: "Заявка одобрена и скоро будет выполнена.",
        DONE: "Всё сделано. Если остались вопросы, ответьте здесь в течение 14 дней.",
        REFUSED: "Причина отказа указана ниже. Если не согласны, ответьте здесь в течение 14 дней.",
        WITHDRAWN: "Вы отозвали заявку. Передумали — отправьте новую.",
    }[state]
