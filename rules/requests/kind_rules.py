"""The rule of each kind of request: the raw form and the contract's facts in, a plan out, or Refused."""

from collections.abc import Callable, Sequence
from datetime import date

from rules import Refused, phones
from rules.days import day_words, parse
from rules.money.accrual import Interval
from rules.payments import refunds
from rules.people import contracts
from rules.requests import notice_period, suspensions, terminations
from rules.requests.notice_period import Notice
from rules.requests.plans import Facts, Form, RequestPlan

SHORTEST_TEXT, LONGEST_TEXT = 10, 4000


def _gather(**checks: Callable[[], object]) -> dict:
    """The result of every check by its name; Refused with the problems of all of them."""
    good: dict = {}
    problems: dict[str, str] = {}
    for name, check in checks.items():
        try:
            good[name] = check()
        except Refused as refused:
            problems |= refused.problems
    if problems:
        raise Refused(**problems)
    return good


def _text(form: Form, name: str, missing: str) -> str:
    text = form.get(name, "").strip()
    if len(text) < SHORTEST_TEXT:
        raise Refused(**{name: missing})
    if len(text) > LONGEST_TEXT:
        raise Refused(
            **{name: f"Слишком длинно: {len(text)} знаков. Сократите до {LONGEST_TEXT} или приложите файлом."}
        )
    return text


def _is_on(intervals: Sequence[Interval], day: date) -> bool:
    return any(one.state != "off" and (one.last is None or one.last >= day) for one in intervals)


def sms_on(form: Form, facts: Facts) -> RequestPlan:
    if facts.sms_mobile and _is_on(facts.sms, facts.today):
        masked = phones.masked(facts.sms_mobile)
        raise Refused(
            form=f"SMS-информирование уже включено на номер {masked}. Другой номер — заявка «Изменить номер»."
        )
    fields = _gather(
        mobile=lambda: _alarm_mobile(form, facts),
        day=lambda: notice_period.plan(Notice.TEN_DAYS, form.get("day", ""), facts.today),
    )
    return RequestPlan("sms_on", {"mobile": fields["mobile"]}, fields["day"])


def _alarm_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("mobile", ""), "mobile")
    if facts.acting and mobile != facts.own:
        masked = phones.masked(facts.own) if facts.own else "его номер"
        raise Refused(
            mobile=f"Вы можете подключить сообщения только на телефон абонента, {masked}. Другой выбирает "
            "он сам."
        )
    return mobile


def sms_off(form: Form, facts: Facts) -> RequestPlan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено, отключать нечего.")
    fields = _gather(
        mobile=lambda: _connected_mobile(form, facts),
        day=lambda: notice_period.plan(Notice.TEN_DAYS, form.get("day", ""), facts.today),
    )
    return RequestPlan("sms_off", {"mobile": fields["mobile"]}, fields["day"])


def _connected_mobile(form: Form, facts: Facts, name: str = "mobile") -> str:
    mobile = phones.parse(form.get(name, ""), name)
    if mobile != facts.sms_mobile:
        masked = phones.masked(facts.sms_mobile or "")
        raise Refused(**{name: f"На этот номер услуга не включена. Она включена на {masked}."})
    return mobile


def suspend(form: Form, facts: Facts) -> RequestPlan:
    others = [*suspensions.current(facts.channel, facts.today), *facts.suspensions]
    found = suspensions.plan(form.get("first", ""), form.get("last", ""), facts.today, others, facts.channel)
    return RequestPlan("suspend", {"last": found.last.isoformat()}, found.first)


def resume(form: Form, facts: Facts) -> RequestPlan:
    under_way = [*suspensions.current(facts.channel, facts.today), *facts.suspensions]
    return RequestPlan("resume", {}, suspensions.resume(form.get("day", ""), facts.today, under_way))


def refund(form: Form, facts: Facts) -> RequestPlan:
    typed = {name: form.get(name, "") for name in ("amount", "recipient", "bic", "account")}
    found = refunds.plan(**typed, free=facts.free, documents=facts.files)
    return RequestPlan(
        "refund",
        {"amount": found.amount, "recipient": found.recipient, "bic": found.bic, "account": found.account},
    )


def terminate(form: Form, facts: Facts) -> RequestPlan:
    found = terminations.plan(
        form.get("day", ""),
        form.get("by", ""),
        form.get("representative", ""),
        form.get("basis", ""),
        facts.today,
        documents=facts.files,
        ends_on=facts.ends_on,
    )
    payload: dict[str, str | int] = (
        {"representative": found.representative, "basis": found.basis} if found.representative else {}
    )
    return RequestPlan("terminate", payload, found.day, found.early)


def letter(form: Form, facts: Facts) -> RequestPlan:
    return RequestPlan(
        "letter", {"text": _text(form, "text", "Напишите, что случилось или о чём вы хотите узнать.")}
    )


def sms_number(form: Form, facts: Facts) -> RequestPlan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено. Сначала подключите его на нужный номер.")
    fields = _gather(
        mobile=lambda: _connected_mobile(form, facts),
        new_mobile=lambda: _new_mobile(form, facts),
    )
    return RequestPlan("sms_number", fields)


def _new_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("new_mobile", ""), "new_mobile")
    if mobile == facts.sms_mobile:
        raise Refused(new_mobile="Это тот же номер. Укажите новый.")
    return mobile


def transfer(form: Form, facts: Facts) -> RequestPlan:
    fields = _gather(
        amount=lambda: _transfer_amount(form, facts), to_number=lambda: _other_contract(form, facts)
    )
    return RequestPlan("transfer", fields)


def _transfer_amount(form: Form, facts: Facts) -> int:
    if facts.free <= 0:
        raise Refused(amount="Сейчас переносить нечего: свободного остатка на балансе нет.")
    try:
        return refunds.read_amount(form.get("amount", ""), facts.free)
    except Refused as refused:
        raise Refused(amount=refused.problems["amount"].replace("вернуть", "перенести")) from None


def _other_contract(form: Form, facts: Facts) -> int:
    number = contracts.parse_number(form.get("to_number", ""), "to_number")
    if number == facts.number:
        raise Refused(to_number="Это номер того же договора. Укажите договор, на который перенести деньги.")
    return number


def recalculation(form: Form, facts: Facts) -> RequestPlan:
    fields = _gather(
        first=lambda: parse(form.get("first", ""), "first"),
        last=lambda: parse(form.get("last", ""), "last"),
        text=lambda: _text(form, "text", "Опишите, почему нужен перерасчёт: что не работало и когда."),
    )
    if fields["first"] > facts.today:
        raise Refused(first="Этот день ещё не наступил. Перерасчёт делают за прошедшие дни.")
    if fields["last"] > facts.today:
        raise Refused(last=f"Этот день ещё не наступил. Укажите {day_words(facts.today)} или раньше.")
    if fields["last"] < fields["first"]:
        raise Refused(
            last="Период кончается раньше, чем начинается. Укажите последний день не раньше первого."
        )
    days = {"first": fields["first"].isoformat(), "last": fields["last"].isoformat()}
    return RequestPlan("recalculation", {**days, "text": fields["text"]})


def surname(form: Form, facts: Facts) -> RequestPlan:
    if facts.owner == "company":
        raise Refused(
            form="Эта заявка — для людей. Если изменилось название организации, отправьте обращение."
        )
    fields = _gather(
        name=lambda: refunds.read_recipient(form.get("name", ""), "name"), files=lambda: _document(facts)
    )
    return RequestPlan("surname", {"name": fields["name"]})


def _document(facts: Facts) -> int:
    if not facts.files:
        raise Refused(files="Приложите документ о смене фамилии: свидетельство или разворот нового паспорта.")
    return facts.files
