"""The rule of each kind of request: takes the raw form and the contract's facts, returns a plan or raises
Refused.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from rules import Problems, Refused, phones
from rules.days import day_words, parse
from rules.money.accrual import Interval
from rules.payments import refunds
from rules.people import contracts
from rules.requests import authority, notice_period, suspensions, terminations
from rules.requests.notice_period import Notice
from rules.requests.plans import Facts, Form, RequestPlan

SHORTEST_TEXT, LONGEST_TEXT = 10, 4000


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
        masked = phones.mask_phone(facts.sms_mobile)
        raise Refused(
            form=f"SMS-информирование уже включено на номер {masked}. Другой номер — заявка «Изменить номер»."
        )
    problems = Problems()
    mobile = problems.read(_alarm_mobile, form, facts)
    day = problems.read(notice_period.plan, Notice.TEN_DAYS, form.get("day", ""), facts.today)
    return RequestPlan("sms_on", {"mobile": problems.require(mobile)}, problems.require(day))


def _alarm_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("mobile", ""), "mobile")
    if facts.acting and mobile != facts.own:
        masked = phones.mask_phone(facts.own) if facts.own else "его номер"
        raise Refused(
            mobile=f"Вы можете подключить сообщения только на телефон абонента, {masked}. Другой выбирает "
            "он сам."
        )
    return mobile


def sms_off(form: Form, facts: Facts) -> RequestPlan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено, отключать нечего.")
    problems = Problems()
    mobile = problems.read(_connected_mobile, form, facts)
    day = problems.read(notice_period.plan, Notice.TEN_DAYS, form.get("day", ""), facts.today)
    return RequestPlan("sms_off", {"mobile": problems.require(mobile)}, problems.require(day))


def _connected_mobile(form: Form, facts: Facts, name: str = "mobile") -> str:
    mobile = phones.parse(form.get(name, ""), name, prefilled=facts.sms_mobile)
    if mobile != facts.sms_mobile:
        masked = phones.mask_phone(facts.sms_mobile or "")
        raise Refused(**{name: f"На этот номер услуга не включена. Она включена на {masked}."})
    return mobile


def suspend(form: Form, facts: Facts) -> RequestPlan:
    others = [*suspensions.current_suspensions(facts.channel, facts.today), *facts.suspensions]
    found = suspensions.plan(form.get("first", ""), form.get("last", ""), facts.today, others, facts.channel)
    return RequestPlan("suspend", {"last": found.last.isoformat()}, found.first)


def resume(form: Form, facts: Facts) -> RequestPlan:
    under_way = [*suspensions.current_suspensions(facts.channel, facts.today), *facts.suspensions]
    return RequestPlan("resume", {}, suspensions.resume(form.get("day", ""), facts.today, under_way))


def refund(form: Form, facts: Facts) -> RequestPlan:
    typed = {name: form.get(name, "") for name in ("amount", "recipient", "bic", "account")}
    problems = Problems()
    found = problems.read(refunds.plan, **typed, free=facts.free, prefilled=facts.owner_name)
    signed: dict[str, str | int] | None = {}
    if facts.owner == "company":
        signed = problems.read(authority.parse, form, facts.today)
        problems.read(authority.require_documents, facts, "карточку организации и письмо банка о счёте")
    else:
        problems.read(refunds.require_passport, facts.files)
    if problems or found is None or signed is None:
        raise Refused(**problems)
    return RequestPlan("refund", asdict(found) | signed)


def terminate(form: Form, facts: Facts) -> RequestPlan:
    if facts.owner == "company":
        return _terminate_company(form, facts)
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


def _terminate_company(form: Form, facts: Facts) -> RequestPlan:
    problems = Problems()
    signed = problems.read(authority.parse, form, facts.today)
    problems.read(authority.require_documents, facts, "карточку организации")
    day = form.get("day", "")
    found = problems.read(
        terminations.plan, day, "self", "", "", facts.today, documents=facts.files, ends_on=facts.ends_on
    )
    if problems or found is None or signed is None:
        raise Refused(**problems)
    return RequestPlan("terminate", signed, found.day, found.early)


def letter(form: Form, facts: Facts) -> RequestPlan:
    return RequestPlan(
        "letter", {"text": _text(form, "text", "Напишите, что случилось или о чём вы хотите узнать.")}
    )


def sms_number(form: Form, facts: Facts) -> RequestPlan:
    if not facts.sms_mobile or not _is_on(facts.sms, facts.today):
        raise Refused(form="SMS-информирование не включено. Сначала подключите его на нужный номер.")
    problems = Problems()
    mobile = problems.read(_connected_mobile, form, facts)
    new = problems.read(_new_mobile, form, facts)
    return RequestPlan(
        "sms_number", {"mobile": problems.require(mobile), "new_mobile": problems.require(new)}
    )


def _new_mobile(form: Form, facts: Facts) -> str:
    mobile = phones.parse(form.get("new_mobile", ""), "new_mobile")
    if mobile == facts.sms_mobile:
        raise Refused(new_mobile="Это тот же номер. Укажите новый.")
    return mobile


def transfer(form: Form, facts: Facts) -> RequestPlan:
    problems = Problems()
    amount = problems.read(_transfer_amount, form, facts)
    other = problems.read(_other_contract, form, facts)
    return RequestPlan("transfer", {"amount": problems.require(amount), "to_number": problems.require(other)})


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
    problems = Problems()
    first = problems.read(parse, form.get("first", ""), "first")
    last = problems.read(parse, form.get("last", ""), "last")
    text = problems.read(_text, form, "text", "Опишите, почему нужен перерасчёт: что не работало и когда.")
    if first and first > facts.today:
        problems["first"] = "Этот день ещё не наступил. Перерасчёт делают за прошедшие дни."
    if last and last > facts.today:
        problems["last"] = f"Этот день ещё не наступил. Укажите {day_words(facts.today)} или раньше."
    elif first and last and last < first:
        problems["last"] = (
            "Период кончается раньше, чем начинается. Укажите последний день не раньше первого."
        )
    if problems or first is None or last is None or text is None:
        raise Refused(**problems)
    return RequestPlan("recalculation", {"first": first.isoformat(), "last": last.isoformat(), "text": text})


def surname(form: Form, facts: Facts) -> RequestPlan:
    if facts.owner == "company":
        raise Refused(
            form="Эта заявка — для людей. Если изменилось название организации, отправьте обращение."
        )
    problems = Problems()
    name = problems.read(refunds.read_recipient, form.get("name", ""), "name")
    problems.read(_document, facts)
    return RequestPlan("surname", {"name": problems.require(name)})


def _document(facts: Facts) -> int:
    if not facts.files:
        raise Refused(files="Приложите документ о смене фамилии: свидетельство или разворот нового паспорта.")
    return facts.files
