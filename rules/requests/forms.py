"""How each kind of request is asked for: its words, the rules to read, what is attached, what is ticked
before sending.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rules import Refused
from rules.requests.requests import KIND_WORDS


@dataclass(frozen=True)
class Form:
    """`text` names the rules to accept, `files` what may be attached."""

    name: str
    lead: str
    text: str | None = None
    files: str = ""

    @property
    def title(self) -> str:
        return KIND_WORDS[self.name]


MAIN = [
    Form("sms_on", "Сообщения о постановке, снятии и тревоге на мобильный номер.", "sms"),
    Form("sms_off", "Сообщения перестанут приходить с выбранного дня.", "sms"),
    Form("suspend", "Если охрана какое-то время не нужна: до 6 месяцев за половину стоимости.", "suspend"),
    Form("resume", "Снова передавать сигналы: в любой день, хоть сегодня.", "resume"),
    Form("refund", "Вернуть свободный остаток на ваш счёт в банке.", "refund", "Копия паспорта"),
    Form("terminate", "Отказаться от договора с выбранного дня.", "terminate", "Документы представителя"),
]
OTHERS = [
    Form(
        "letter", "Вопрос, жалоба или пожелание: ответим в течение рабочего дня.", None, "Файлы, если нужны"
    ),
    Form("sms_number", "Сообщения будут приходить на другой номер.", "sms"),
    Form("transfer", "Свободная часть остатка. Понадобится номер того договора."),
    Form("recalculation", "Если услуга не работала, а плата начислена.", None, "Файлы, если есть"),
    Form("surname", "Понадобится фото документа о смене фамилии.", None, "Документ о смене фамилии"),
]
FORMS = {form.name: form for form in MAIN + OTHERS}
PERSONAL = frozenset({"refund", "terminate", "surname"})
TICKS = (
    "rules",
    "safety",
    "version",
)  # of the review page; a draft keeps them while its owner goes for a code


def check_ticks(form: Form, typed: Mapping[str, str], edition: str) -> None:
    """Refused unless everything to be ticked is, under the rules' edition in force."""
    problems = {}
    if form.name == "suspend" and not typed.get("safety"):
        problems["safety"] = (
            "Отметьте, что понимаете: тревога по каналу связи в эти дни не дойдёт до полиции."
        )
    if form.text and not typed.get("rules"):
        problems["rules"] = "Прочитайте правила и отметьте, что согласны с ними."
    if form.text and typed.get("version") != edition:
        problems["rules"] = (
            "Правила только что обновились. Прочитайте новую редакцию и отметьте согласие ещё раз."
        )
    if problems:
        raise Refused(**problems)


def ticked(kept: Mapping[str, str], edition: str) -> dict[str, str]:
    """Ticks put before a code was asked for; not under rules that have changed meanwhile (`edition` is in
    force).
    """
    changed = edition and kept.get("version") != edition
    return {name: "1" for name in ("rules", "safety") if kept.get(name) and not (name == "rules" and changed)}
