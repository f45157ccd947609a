"""Every kind of request as one table: what was typed and what is known in, a `Plan` out, or Refused.

`form` is the raw text of the fields (a missing one reads as ""); `Facts` is read from the file inside the
transaction that will keep the plan. A plan's `facts` are the request's payload: ASCII keys, days as ISO text,
money as kopecks.
"""

from collections.abc import Callable, Sequence
from datetime import date

from rules import Refused, phones
from rules.days import day_words, parse
from rules.money.accrual import Interval
from rules.payments import refunds
from rules.people import contracts
from rules.requests import notice_period, suspensions, terminations
from rules.requests.plans import Facts, Form, Plan
from rules.requests.requests import AUTO, OWNER_ONLY

OWNERS = "Эту заявку отправляет только сам абонент: он подтверждает её кодом со своего телефона."
WORDS = (10, 4000)


def plan(kind: str, form: Form, facts: Facts) -> Plan:
    """The plan of a request of that kind; Refused with every wrong field. KeyError for an unknown kind."""
    if facts.acting and kind in OWNER_ONLY:
        raise Refused(form=OWNERS)
    if facts.ends_on and facts.ends_on < facts.today and kind not in AFTER_THE_END:
        raise Refused(
            form="Договор расторгнут, услуги по нему не меняются. Если нужна помощь, отправьте обращение."
        )
    return PLANS[kind](form, facts)


def idle(facts: Facts) -> dict[str, str]:
    """{kind: why} of what could not be asked for now whatever was typed: there is nothing to switch off, or
    to resume.
    """
    found = {}
    for kind in PLANS:
        try:
            plan(kind, {}, facts)
        except Refused as refused:
            if why := refused.problems.get("form"):
                found[kind] = why
    return found


def may_auto(plan: Plan, auto: Sequence[str] = AUTO) -> bool:
    """Whether the rule alone approves it; a plea for an earlier day is always a person's decision."""
    return plan.kind in auto and not plan.early


def _gathered(**checks: Callable[[], object]) -> dict:
    """Every check by its name; the problems of all of them together."""
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


def _said(form: Form, name: str, ask: str) -> str:
    text = form.get(name, "").strip()
    if len(text) < WORDS[0]:
        raise Refused(**{name: ask})
    if len(text) > WORDS[1]:
        raise Refused(
            **{name: f"Слишком длинно: {len(text)} знаков. Сократите до {WORDS[1]} или приложите файлом."}
        )
    return text


def _is_on(intervals: Sequence[Interval], day: date) -> bool:
    return any(one.state != "off" and (one.last is None or one.last >= day) for one in intervals)


def sms_on(form: Form, facts: Facts) -> Plan:
    if facts.sms_mobile and _is_on(facts.sms, facts.today):
        shown = phones.masked(facts.sms_mobile)
        raise Refused(
            form=f"SMS-информирование уже включено на номер {shown}. Другой номер — заявка «Изменить номер»."
        )
    good = _gathered(
        mobile=lambda: _alarm_mobile(form, facts),
        day=lambda: notice_period.plan("sms_on", form.get("day", ""), facts.today),
    )
    return Plan("sms_on", {"mobile": good["mobile"]}, good["day"])


def _alarm_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("mobile", ""), "mobile")
    if facts.acting and mobile != facts.own:
        masked = phones.masked(facts.own) if facts.own else "его номер"
        raise Refused(
            mobile=f"Вы можете подключить сообщения только на телефон абонента, {masked}. Другой выбирает "
            "он сам."
        )
    return mobile


def sms_off(form: Form, facts: Facts) -> Plan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено, отключать нечего.")
    good = _gathered(
        mobile=lambda: _known_mobile(form, facts),
        day=lambda: notice_period.plan("sms_off", form.get("day", ""), facts.today),
    )
    return Plan("sms_off", {"mobile": good["mobile"]}, good["day"])


def _known_mobile(form: Form, facts: Facts, name: str = "mobile") -> str:
    mobile = phones.parse(form.get(name, ""), name)
    if mobile != facts.sms_mobile:
        masked = phones.masked(facts.sms_mobile or "")
        raise Refused(**{name: f"На этот номер услуга не включена. Она включена на {masked}."})
    return mobile


def suspend(form: Form, facts: Facts) -> Plan:
    others = [*suspensions.of(facts.channel, facts.today), *facts.asked]
    asked = suspensions.plan(form.get("first", ""), form.get("last", ""), facts.today, others, facts.channel)
    return Plan("suspend", {"last": asked.last.isoformat()}, asked.first)


def resume(form: Form, facts: Facts) -> Plan:
    under_way = [*suspensions.of(facts.channel, facts.today), *facts.asked]
    return Plan("resume", {}, suspensions.resume(form.get("day", ""), facts.today, under_way))


def refund(form: Form, facts: Facts) -> Plan:
    typed = {name: form.get(name, "") for name in ("amount", "recipient", "bic", "account")}
    asked = refunds.plan(**typed, free=facts.free, documents=facts.files)
    return Plan(
        "refund",
        {"amount": asked.amount, "recipient": asked.recipient, "bic": asked.bic, "account": asked.account},
    )


def terminate(form: Form, facts: Facts) -> Plan:
    asked = terminations.plan(
        form.get("day", ""),
        form.get("by", ""),
        form.get("representative", ""),
        form.get("basis", ""),
        facts.today,
        documents=facts.files,
        ends_on=facts.ends_on,
    )
    said = {"representative": asked.representative, "basis": asked.basis} if asked.representative else {}
    return Plan("terminate", {**said}, asked.day, asked.early)


def letter(form: Form, facts: Facts) -> Plan:
    return Plan(
        "letter", {"text": _said(form, "text", "Напишите, что случилось или о чём вы хотите узнать.")}
    )


def sms_number(form: Form, facts: Facts) -> Plan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено. Сначала подключите его на нужный номер.")
    good = _gathered(
        mobile=lambda: _known_mobile(form, facts),
        new_mobile=lambda: _other_mobile(form, facts),
    )
    return Plan("sms_number", good)


def _other_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("new_mobile", ""), "new_mobile")
    if mobile == facts.sms_mobile:
        raise Refused(new_mobile="Это тот же номер. Укажите новый.")
    return mobile


def transfer(form: Form, facts: Facts) -> Plan:
    good = _gathered(amount=lambda: _movable(form, facts), to_number=lambda: _other_contract(form, facts))
    return Plan("transfer", good)


def _movable(form: Form, facts: Facts) -> int:
    if facts.free <= 0:
        raise Refused(amount="Сейчас переносить нечего: свободного остатка на балансе нет.")
    try:
        return refunds.read_amount(form.get("amount", ""), facts.free)
    except Refused as refused:
        raise Refused(amount=refused.problems["amount"].replace("вернуть", "перенести")) from None


def _other_contract(form: Form, facts: Facts) -> int:
    number = contracts.number(form.get("to_number", ""), "to_number")
    if number == facts.number:
        raise Refused(to_number="Это номер того же договора. Укажите договор, на который перенести деньги.")
    return number


def recalculation(form: Form, facts: Facts) -> Plan:
    good = _gathered(
        first=lambda: parse(form.get("first", ""), "first"),
        last=lambda: parse(form.get("last", ""), "last"),
        text=lambda: _said(form, "text", "Опишите, почему нужен перерасчёт: что не работало и когда."),
    )
    if good["first"] > facts.today:
        raise Refused(first="Этот день ещё не наступил. Перерасчёт делают за прошедшие дни.")
    if good["last"] > facts.today:
        raise Refused(last=f"Этот день ещё не наступил. Укажите {day_words(facts.today)} или раньше.")
    if good["last"] < good["first"]:
        raise Refused(
            last="Период кончается раньше, чем начинается. Укажите последний день не раньше первого."
        )
    days = {"first": good["first"].isoformat(), "last": good["last"].isoformat()}
    return Plan("recalculation", {**days, "text": good["text"]})


def surname(form: Form, facts: Facts) -> Plan:
    if facts.owner == "company":
        raise Refused(
            form="Эта заявка — для людей. Если изменилось название организации, отправьте обращение."
        )
    good = _gathered(
        name=lambda: refunds.read_recipient(form.get("name", ""), "name"), files=lambda: _document(facts)
    )
    return Plan("surname", {"name": good["name"]})


def _document(facts: Facts) -> int:
    if not facts.files:
        raise Refused(files="Приложите документ о смене фамилии: свидетельство или разворот нового паспорта.")
    return facts.files


PLANS: dict[str, Callable[[Form, Facts], Plan]] = {
    rule.__name__: rule
    for rule in (
        sms_on,
        sms_off,
        suspend,
        resume,
        refund,
        terminate,
        letter,
        sms_number,
        transfer,
        recalculation,
        surname,
    )
}
AFTER_THE_END = frozenset({"letter", "refund", "transfer", "recalculation", "surname"})
