"""The journal in words: what a verb means, and what a period and a filter typed by an admin are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from rules import Refused
from rules.access import representatives, staff
from rules.amounts import rubles
from rules.days import midnight, moment, short
from rules.payments import discrepancies
from rules.payments.payments import METHODS, REASONS
from rules.requests.kinds import KIND_WORDS
from rules.requests.requests import STEPS

WORDS = {
    "access.sign_in": "абонент вошёл",
    "access.refused": "неверный пароль абонента",
    "access.sign_out": "абонент вышел",
    "access.first_step": "абонент прошёл первый шаг входа, ждём код приложения",
    "access.wrong_app_code": "неверный код приложения при входе",
    "access.missing": "запрошен чужой или несуществующий номер",
    "access.forbidden": "запрошено без права",
    "registrations.register": "запрошен пароль для регистрации",
    "consents.accept": "дано согласие на обработку данных",
    "passwords.refuse": "неверный нынешний пароль",
    "passwords.recover": "запрошен новый пароль",
    "passwords.choose": "выбран способ входа",
    "passwords.change": "изменён способ входа",
    "confirmations.refuse": "неверный код подтверждения",
    "confirmations.confirm": "действие подтверждено кодом",
    "devices.end": "выход на другом устройстве",
    "devices.end_others": "выход на всех других устройствах",
    "emails.ask": "указан новый адрес почты",
    "emails.confirm": "адрес почты подтверждён",
    "phones.change": "изменён телефон для входа",
    "phones.lost": "попросил сменить утраченный телефон",
    "second_factors.enrol": "подключено приложение с кодами",
    "second_factors.remove": "отключено приложение с кодами",
    "second_factors.look": "открыто приложение абонента с кодами",
    "second_factors.lost": "приложение с кодами названо утраченным",
    "second_factors.keep": "отключение приложения с кодами отменено",
    "settings.contacts": "изменены телефоны для связи",
    "settings.choices": "выбраны уведомления",
    "representatives.give": "даны права представителю",
    "representatives.take": "права представителя отозваны",
    "requests.send_code": "код отправлен на новый номер для тревог",
    "exports.ask": "запрошена копия данных",
    "exports.take": "скачана копия данных",
    "home.switch": "выбран другой договор",
    "home.welcomed": "подсказка для новых закрыта",
    "keys.add": "добавлен ключ",
    "keys.name": "изменены имена ключа",
    "keys.remove": "ключ убран",
    "keys.challenge": "начата проверка ключа у пульта",
    "keys.prove": "ключ подтверждён постановками и снятиями по нашему порядку",
    "keys.look": "открыты ключи на проверке",
    "keys.grant": "ключ открыт абоненту",
    "keys.refuse": "в ключе отказано",
    "supervision.add": "добавлено предупреждение о постановке",
    "supervision.stop": "предупреждение убрано",
    "supervision.warn": "предупреждение отправлено",
    "alarms.look": "открыты тревоги договора",
    "alarms.comment": "абонент сообщил о тревоге",
    "alarms.note": "заметка к тревоге",
    "payment_templates.add": "сохранён шаблон платежа",
    "payment_templates.change": "шаблон платежа изменён",
    "payment_templates.delete": "шаблон платежа удалён",
    "notices.add": "опубликовано уведомление",
    "notices.look": "открыт список уведомлений",
    "notices.withdraw": "уведомление снято",
    "notices.put_away": "уведомление прочитано",
    "notices.read_security": "прочитано об изменённом входе",
    "notices.rights": "прочитано об изменении прав представителей",
    "staff.sign_in": "сотрудник вошёл",
    "staff.wrong_password": "неверный логин или пароль",
    "staff.wrong_code": "неверный код",
    "staff.enrol": "приглашение принято",
    "staff.invite": "выдано приглашение",
    "staff.add": "сотрудник добавлен",
    "staff.disable": "сотрудник отключён",
    "staff.enable": "сотрудник снова допущен",
    "staff.role": "роль изменена",
    "staff.email": "указан адрес почты сотрудника",
    "desk.look": "открыто обращение",
    "desk.search": "поиск по абонентам",
    "desk.assign": "назначен исполнитель",
    "desk.answer": "ответ абоненту",
    "desk.ask": "запрошены сведения",
    "desk.note": "внутренняя заметка",
    "desk.approve": "обращение одобрено",
    "desk.refuse": "отказано",
    "desk.override": "срок сокращён решением",
    "desk.file": "открыт файл",
    "attachments.look": "открыт приложенный файл",
    "attachments.erase": "приложенный файл стёрт по сроку",
    "attachments.redraw": "файл, присланный до обновления, перерисован",
    "subscribers.look": "открыта карточка абонента",
    "queue.look": "открыта очередь обращений",
    "money.look": "открыты деньги: корректировки и чеки",
    "refunds.look": "открыты возвраты",
    "refunds.ask_bank": "возврат отправлен в банк",
    "refunds.pay": "возврат выплачен",
    "ledger.look": "открыт счёт договора",
    "ledger.export": "выгружен счёт договора",
    "debtors.look": "открыт список должников",
    "debtors.reckon": "список должников посчитан заново",
    "debtors.export": "выгружен список должников",
    "corrections.add": "внесена корректировка",
    "corrections.confirm": "корректировка проведена вторым бухгалтером",
    "corrections.refuse": "корректировка отклонена",
    "receipts.again": "чек отправлен снова",
    "receipts.disown": "у чеков учебной кассы сняты выдуманные номера",
    "reconciliations.look": "открыта сверка с банком",
    "reconciliations.ask": "запрошена сверка дня с банком",
    "restores.mark": "база возвращена из копии",
    "restores.reconcile": "после восстановления сверено с банком",
    "restores.release": "решено о задержанных сообщениях",
    "payments.recover": "операция найдена у банка после восстановления",
    "payments.start": "начат платёж",
    "payments.paid": "платёж оплачен",
    "payments.failed": "платёж не прошёл",
    "payments.refused": "банк не принял платёж",
    "payments.expired": "банк не ответил о платеже",
    "payments.settle_discrepancy": "расхождение с банком закрыто",
    "registry.owner": "договор перешёл к абоненту",
    "registry.contracts": "загружен реестр договоров",
    "registry.keys": "загружен реестр ключей",
    "registry.key": "ключ сменил договор",
    "registry.phone": "телефон изменён по реестру",
    "registry.gone": "договор ушёл к другому абоненту",
    "autopay.on": "автоплатёж включён",
    "autopay.change": "условия автоплатежа изменены",
    "autopay.off": "автоплатёж выключен",
    "work.look": "открыта страница «Работа»",
    "journal.look": "открыт журнал",
    "journal.export": "выгружен журнал",
    "journal.broken": "журнал или счета изменены в обход программы",
    "station.look": "открыта связь с пультом",
    "retention.forget": "старое стёрто по сроку хранения",
    "work.retry": "сообщение отправлено заново",
    "secrets.show": "прочитано уведомление банка",
    "panels.look": "открыты ключи приборов",
    "panels.key": "задан ключ прибора",
    "panels.remove": "удалён ключ прибора",
    "canned.keep": "сохранён готовый ответ",
    "canned.remove": "удалён готовый ответ",
}
WORDS |= {f"requests.{verb}": f"заявка: {step.words}" for verb, step in STEPS.items()}
GROUPS = {
    "look": ("кто что смотрел", ("%.look", "%.search", "%.file", "%.export", "%.download")),
    "desk": ("работа с обращениями", ("desk.%", "requests.%")),
    "entry": (
        "входы",
        (
            "access.%",
            "registrations.%",
            "consents.%",
            "passwords.%",
            "staff.%",
            "confirmations.%",
            "second_factors.%",
        ),
    ),
    "money": (
        "деньги",
        (
            "ledger.%",
            "payments.%",
            "autopay.%",
            "billing.%",
            "corrections.%",
            "refunds.%",
            "receipts.%",
            "reconciliations.%",
        ),
    ),
}


def words(verb: str) -> str:
    """What a verb means in Russian; a verb nobody translated stands as it is."""
    return WORDS.get(verb, verb)


# What stands beside a verb: its name, and how its value is said; a value is otherwise said as it is.
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
# Numbers of rows that nothing else on the pages is known by; the file for an incident keeps them.
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
    """«24.11.2026, 12:00» of the seconds since 1970 an hour begins with."""
    return moment(datetime.fromtimestamp(int(value), UTC))


def _alarm(value: str) -> str:
    """When the alarm of this address (`key-at-id`) was raised."""
    return moment(datetime.fromtimestamp(int(value.split("-")[1]), UTC))


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
    "rights": lambda value: representatives.words(value.split()) or value,
}


def fact(name: str, value: str) -> tuple[str, str]:
    """A fact's name and value in words; what is older than these words, or other than they expect, stands as
    it is.
    """
    try:
        return NAMES.get(name, name), VALUES[name](value) if name in VALUES else value
    except (IndexError, KeyError, OSError, OverflowError, ValueError):
        return NAMES.get(name, name), value


def period(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """A period of Moscow days as UTC instants, the end exclusive, either may be open; or Refused."""
    if first and last and last < first:
        raise Refused(until="Конец раньше начала. Поменяйте дни местами.")
    return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None
