"""All kinds of request in one table, `KINDS`.

To add a kind, add a `KindSpec` here with its rule, an entry of `db.requests.effects.EFFECTS`, and a template
of its fields, `partials/requests/requests/_<name>.html`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules import Refused
from rules.money.accrual import Interval
from rules.requests import kind_rules, service_changes
from rules.requests.notice_period import Notice
from rules.requests.plans import Facts, Form, RequestPlan

OWNER_ONLY_MESSAGE = "Эту заявку отправляет только сам абонент: он подтверждает её кодом со своего телефона."
AFTER_END_MESSAGE = "Договор расторгнут, услуги по нему не меняются. Если нужна помощь, отправьте обращение."


@dataclass(frozen=True, kw_only=True)
class KindSpec:
    """Everything that differs between kinds, except the effect of an approved request.

    Words: `title` and `lead` for the list of kinds; `files`, the label of the file field ("" = no files), and
    `company_files`, the label for an organisation; `text`, the rules to accept (a text of texts/);
    `day_words` before the effective day; `approved_words`, the next step of an approved request without a
    day. `main`: listed among the main services.

    Rules: `rule` makes the plan; `notice` is the notice period; `services` are the kinds of service whose
    intervals `change` replaces; `alarm_number` is the payload's key of the mobile number that will receive
    alarms.

    Flags: `auto`, approved by the rule without staff. `single`, at most one open per contract. `owner_only`,
    cuts the alarm channel or moves money, so only the owner sends it, with a code, and gets an SMS.
    `restores`, brings the alarm channel back, so only the owner withdraws it, with a code. `money`, decided
    by staff who may decide about money. `staff_amount`, staff enter the amount on approval. `after_end`,
    allowed after the contract has ended. `personal_files`, its files are identity papers, which are erased
    later. `safety`, the sender ticks that alarms will not reach the police.
    """

    name: str
    title: str
    lead: str
    rule: Callable[[Form, Facts], RequestPlan]
    main: bool = False
    text: str | None = None
    files: str = ""
    company_files: str = ""
    day_words: str = "Дата"
    approved_words: str = ""
    notice: Notice = Notice.NO_DAY
    services: tuple[str, ...] = ()
    change: service_changes.Change | None = None
    alarm_number: str = ""
    auto: bool = False
    single: bool = False
    owner_only: bool = False
    restores: bool = False
    money: bool = False
    staff_amount: bool = False
    after_end: bool = False
    personal_files: bool = False
    safety: bool = False

    @property
    def phrase(self) -> str:
        """Return the title for use inside a sentence: «приостановить канал связи»."""
        return self.title[0].lower() + self.title[1:]

    @property
    def holds_money(self) -> bool:
        """Return whether the requested amount is not free while the request is open."""
        return self.money and not self.staff_amount


_SPECS = (
    KindSpec(
        name="sms_on",
        title="Подключить SMS-информирование",
        lead="Сообщения о постановке, снятии и тревоге на мобильный номер.",
        rule=kind_rules.sms_on,
        main=True,
        text="sms",
        day_words="Подключить с",
        notice=Notice.TEN_DAYS,
        services=("sms",),
        change=service_changes.switch_on,
        alarm_number="mobile",
        auto=True,
        single=True,
        restores=True,
    ),
    KindSpec(
        name="sms_off",
        title="Отключить SMS-информирование",
        lead="Сообщения перестанут приходить с выбранного дня.",
        rule=kind_rules.sms_off,
        main=True,
        text="sms",
        day_words="Отключить с",
        notice=Notice.TEN_DAYS,
        services=("sms",),
        change=service_changes.switch_off,
        auto=True,
        single=True,
        owner_only=True,
    ),
    KindSpec(
        name="suspend",
        title="Приостановить канал связи",
        lead="Если охрана какое-то время не нужна: до 6 месяцев за половину стоимости.",
        rule=kind_rules.suspend,
        main=True,
        text="suspend",
        day_words="Приостановить с",
        notice=Notice.TEN_DAYS,
        services=("channel",),
        change=service_changes.suspend,
        auto=True,
        owner_only=True,
        safety=True,
    ),
    KindSpec(
        name="resume",
        title="Возобновить канал связи",
        lead="Снова передавать сигналы: в любой день, хоть сегодня.",
        rule=kind_rules.resume,
        main=True,
        text="suspend",
        day_words="Возобновить с",
        notice=Notice.ANY_DAY,
        services=("channel",),
        change=service_changes.resume,
        auto=True,
        single=True,
        restores=True,
    ),
    KindSpec(
        name="refund",
        title="Возврат денежных средств",
        lead="Вернуть свободный остаток на ваш счёт в банке.",
        rule=kind_rules.refund,
        main=True,
        text="refund",
        files="Копия паспорта",
        company_files="Карточка организации, письмо банка о счёте и доверенность, если она есть",
        approved_words="Деньги переведём в течение 10 дней. Когда переведём, напишем вам.",
        owner_only=True,
        money=True,
        after_end=True,
        personal_files=True,
    ),
    KindSpec(
        name="terminate",
        title="Расторжение договора",
        lead="Отказаться от договора с выбранного дня.",
        rule=kind_rules.terminate,
        main=True,
        text="terminate",
        files="Документы представителя",
        company_files="Карточка организации и доверенность, если она есть",
        day_words="Расторгнуть с",
        notice=Notice.TEN_DAYS_OR_EARLIER,
        services=("channel", "sms"),
        change=service_changes.switch_off,
        single=True,
        owner_only=True,
        personal_files=True,
    ),
    KindSpec(
        name="letter",
        title="Обращение",
        lead="Вопрос, жалоба или пожелание: ответим в течение рабочего дня.",
        rule=kind_rules.letter,
        files="Файлы, если нужны",
        after_end=True,
    ),
    KindSpec(
        name="sms_number",
        title="Изменить номер SMS-информирования",
        lead="Сообщения будут приходить на другой номер.",
        rule=kind_rules.sms_number,
        text="sms",
        alarm_number="new_mobile",
        single=True,
        owner_only=True,
    ),
    KindSpec(
        name="transfer",
        title="Перенос денег на другой договор",
        lead="Свободная часть остатка. Понадобится номер того договора.",
        rule=kind_rules.transfer,
        owner_only=True,
        money=True,
        after_end=True,
    ),
    KindSpec(
        name="recalculation",
        title="Перерасчёт",
        lead="Если услуга не работала, а плата начислена.",
        rule=kind_rules.recalculation,
        files="Файлы, если есть",
        money=True,
        staff_amount=True,
        after_end=True,
    ),
    KindSpec(
        name="surname",
        title="Изменение фамилии",
        lead="Понадобится фото документа о смене фамилии.",
        rule=kind_rules.surname,
        files="Документ о смене фамилии",
        single=True,
        after_end=True,
        personal_files=True,
    ),
)
KINDS = {spec.name: spec for spec in _SPECS}
KIND_WORDS = {spec.name: spec.title for spec in _SPECS}
AUTO = tuple(spec.name for spec in _SPECS if spec.auto)
OWNER_ONLY = frozenset(spec.name for spec in _SPECS if spec.owner_only)
RESTORES = frozenset(spec.name for spec in _SPECS if spec.restores)


def plan(kind: str, form: Form, facts: Facts) -> RequestPlan:
    """Return the plan of a request. `form` is the raw text of the fields; a missing field counts as "".

    Refused with every wrong field; KeyError for an unknown kind.
    """
    spec = KINDS[kind]
    check_sender(spec.owner_only, facts.acting)
    if facts.ends_on and facts.ends_on < facts.today and not spec.after_end:
        raise Refused(form=AFTER_END_MESSAGE)
    return spec.rule(form, facts)


def check_sender(owner_only: bool, acting: bool) -> None:
    """Refused when a representative sends a request, or writes in one, that is for the owner only."""
    if owner_only and acting:
        raise Refused(form=OWNER_ONLY_MESSAGE)


def unavailable_reasons(facts: Facts) -> dict[str, str]:
    """Return {kind: reason} for kinds that are refused now whatever is typed, e.g. there is nothing to
    resume.
    """
    found = {}
    for kind in KINDS:
        try:
            plan(kind, {}, facts)
        except Refused as refused:
            if why := refused.problems.get("form"):
                found[kind] = why
    return found


def may_auto(plan: RequestPlan, auto: Sequence[str] = AUTO) -> bool:
    """Return whether the rule may approve without staff; staff decide when the day is before the notice
    period ends.
    """
    return plan.kind in auto and not plan.early


def fingerprint(plan: RequestPlan, salt: str = "") -> str:
    """Return a hash that is equal for requests with the same content, so that the database refuses a second
    open one; `salt` makes a deliberate repetition different.
    """
    parts = [plan.kind] if KINDS[plan.kind].single else [plan.kind, plan.facts, str(plan.day), salt]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def number_to_confirm(kind: str, payload: Mapping[str, Any], own: str | None) -> str | None:
    """Return the mobile number that must be confirmed by a code before alarms go to it.

    None when the request has no such number, or when it is `own`, the sign-in phone.
    """
    number = payload.get(KINDS[kind].alarm_number)
    return str(number) if number and number != own else None


def owner_only(kind: str, payload: Mapping[str, Any], own: str | None) -> bool:
    """Return whether only the owner may send this, with a code; `own` is the sign-in phone, E.164."""
    return KINDS[kind].owner_only or number_to_confirm(kind, payload, own) is not None


def change_days(
    kind: str, day: date, payload: Mapping[str, Any], intervals: Iterable[Interval]
) -> list[Interval]:
    """Return a service's intervals after a request of this kind takes effect on `day`.

    Used both by the forecast and by the job that carries requests out.
    """
    change = KINDS[kind].change
    return change(list(intervals), day, payload) if change else list(intervals)
