"""Names and values of journal facts in Russian."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from rules.access import representatives, staff
from rules.amounts import rubles
from rules.days import moment, short
from rules.payments import discrepancies
from rules.payments.payments import METHODS, REASONS
from rules.requests.kinds import KIND_WORDS

# Names of the facts of an entry.
NAMES = {
    "address": "откуда",
    "at": "когда",
    "alarm": "тревога",
    "amount": "сумма",
    "asked": "отбор",
    "attachment": "файл №",
    "autopay": "автоплатёж №",
    "became": "стал абонент №",
    "bits": "бит",
    "by": "к часу",
    "changed": "изменено",
    "call": "вызов банка №",
    "code": "ответ банка",
    "count": "чеков",
    "contracts": "договоров",
    "copied": "копия на",
    "correction": "корректировка №",
    "created": "новых",
    "day": "день",
    "days": "старше дней",
    "discrepancy": "расхождение №",
    "ended": "сеансов",
    "entry": "вход",
    "export": "копия №",
    "file": "файл",
    "found": "найдено",
    "held": "задержано сообщений",
    "hour": "час",
    "how": "как",
    "identity": "личность",
    "instead": "вместо прежнего",
    "kept": "шаблон №",
    "key": "ключ",
    "key_id": "ключ №",
    "keys": "ключей",
    "kind": "вид",
    "least": "долг от",
    "login": "логин",
    "message": "сообщение №",
    "method": "способ",
    "note": "пояснение",
    "notice": "уведомление №",
    "number": "номер",
    "outcome": "итог",
    "payee": "кому",
    "payment": "платёж №",
    "people": "человек в списке",
    "place": "объект",
    "q": "искали",
    "reason": "причина",
    "receipt": "чек №",
    "recovered": "найдено у банка",
    "rejected": "отклонено",
    "released": "решено о сообщениях",
    "representative": "представитель №",
    "request": "заявка №",
    "requests": "заявок закрыто",
    "rights": "права",
    "role": "роль",
    "route": "страница",
    "rows": "строк",
    "session": "сеанс №",
    "state": "состояние",
    "times": "раз",
    "title": "заголовок",
    "unchanged": "без изменений",
    "unknown": "разбирает бухгалтер",
    "until": "по",
    "version": "редакция",
    "was": "был №",
    "watch": "предупреждение №",
    "what": "что",
    "whom": "кому",
    "why": "почему",
}
# Ids of rows that no other page shows; only the CSV of an incident has them.
HIDDEN = frozenset({"attachment", "autopay", "export", "kept", "key_id", "place", "session", "watch"})
WAYS = {
    "password": "пароль", "sms": "код из SMS", "representative": "представитель", "totp": "код из приложения",
    "recovery": "код восстановления",
}  # fmt: skip
OUTCOMES = {
    "verified": "открыт сразу",
    "foreign": "чужой: записан за другим договором",
    "waiting": "ждёт проверки",
}
RELEASED = {"sent": "отправлены", "dropped": "оставлены неотправленными"}
STATES = {"waiting": "ждёт второго бухгалтера", "entered": "проведена", "refused": "отклонена"}
SORTS = KIND_WORDS | {"arm": "нет постановки", "disarm": "нет снятия"}
WHY = {
    "asked": "выключил абонент",
    "failed": "не удалось списать три раза",
    "unbound": "банк не привязал карту",
    "replaced": "подключение начато заново",
    "changed": "условия изменены",
    "moved": "договор перешёл к другому абоненту",
}
FORGOTTEN = {
    "journal": "журнал", "callbacks": "вызовы банка", "waiting events": "события неизвестных ключей",
    "messages": "тексты сообщений", "security notices": "сообщения об изменённом входе",
}  # fmt: skip


def _sum(value: str) -> str:
    return rubles(int(value))


def _day(value: str) -> str:
    return short(date.fromisoformat(value))


def _hour(value: str) -> str:
    """Return «24.11.2026, 12:00» of an hour given as seconds since 1970."""
    return moment(datetime.fromtimestamp(int(value), UTC))


def _alarm(value: str) -> str:
    """Return when the alarm with this identifier (`key-at-id`) was raised."""
    return moment(datetime.fromtimestamp(int(value.split("-")[1]), UTC))


# Functions that format the value of a fact; any other value is shown as is.
VALUES: dict[str, Callable[[str], str]] = {
    "alarm": _alarm,
    "hour": _hour,
    "amount": _sum,
    "least": _sum,
    "day": _day,
    "until": _day,
    "entry": WAYS.__getitem__,
    "how": WAYS.__getitem__,
    "instead": {"True": "да", "False": "нет"}.__getitem__,
    "kind": SORTS.__getitem__,
    "method": METHODS.__getitem__,
    "role": staff.ROLES.__getitem__,
    "payee": {"operator": "оператор", "police": "вневедомственная охрана"}.__getitem__,
    "outcome": (OUTCOMES | discrepancies.OUTCOMES | RELEASED).__getitem__,
    "reason": lambda value: REASONS.get(value, value),
    "state": STATES.__getitem__,
    "what": FORGOTTEN.__getitem__,
    "why": WHY.__getitem__,
    "rights": lambda value: representatives.rights_words(value.split()) or value,
}
