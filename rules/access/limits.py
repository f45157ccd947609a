"""Words of a 429 page: what is limited and when the next try is allowed, in Moscow time."""

from datetime import datetime, timedelta

from rules import days
from rules.numbers import plural

COUNTS = "ноль один два три четыре пять шесть семь восемь девять десять".split()
PERIODS = {
    timedelta(minutes=15): "за четверть часа",
    timedelta(hours=1): "за час",
    timedelta(days=1): "за сутки",
}
WRONG_PASSWORD, WRONG_CODE = "Неверный пароль", "Неверный код"

# Templates whose {} becomes «в 13:26»; the functions below fill in the rest.
ADDRESS = "С вашего адреса в интернете слишком много неудачных попыток. Следующая — {}."
REQUESTS = "С вашего адреса в интернете слишком много запросов. Следующий — {}."
EVERYWHERE = (
    "Пароль подбирают со многих адресов. Там, где вы уже входили, вход открыт; здесь — {} "
    "или с новым паролем: «Забыли пароль?»"
)
DESK_EVERYWHERE = (
    "Пароль подбирают со многих адресов. На компьютере, где вы уже входили, вход открыт; здесь — {}."
)
TOTAL = "Кабинет отправил слишком много SMS. Следующая — {}. Если срочно, позвоните нам."


def sms_words(count: int, window: timedelta) -> str:
    """За час отправили три SMS. Следующая — {}."""
    return f"{_period(window)} отправили {_count(count)} SMS. Следующая — {{}}."


def letter_words(count: int, window: timedelta) -> str:
    return (
        f"{_period(window)} отправили {_count(count)} {plural(count, 'письмо', 'письма', 'писем')}. "
        f"Следующее — {{}}."
    )


def cabinet_sms_words(count: int, window: timedelta) -> str:
    return f"{_period(window)} из вашего кабинета отправили {_count(count)} SMS. Следующая — {{}}."


def request_words(count: int, window: timedelta) -> str:
    """For a visitor who asks for a password or a code; it does not reveal whether one was sent."""
    times = plural(count, "раз", "раза", "раз")
    return (
        f"{_period(window)} SMS по этому договору отсюда просили {_count(count)} {times}. Следующую "
        f"можно попросить {{}}."
    )


def try_words(what: str, count: int, window: timedelta) -> str:
    """`what`: WRONG_PASSWORD or WRONG_CODE."""
    times = plural(count, "раз", "раза", "раз")
    return f"{what} ввели {_count(count)} {times} {PERIODS[window]}. Следующая попытка — {{}}."


def insert_moment(words: str, wait: timedelta, now: datetime) -> str:
    """Return the words with the moment of the next try in place of {}."""
    return words.replace("{}", moment_words(now + wait, now))


def moment_words(at: datetime, now: datetime) -> str:
    """Return «в 13:26» or «завтра в 9:05», rounded up to the minute so that it is never too early."""
    at = (
        at if at.second == at.microsecond == 0 else at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )
    ahead = (days.today(at) - days.today(now)).days
    day = {0: "", 1: "завтра "}.get(ahead, days.day_words(days.today(at)) + " ")
    return f"{day}в\u00a0{days.clock(at)}"


def _period(window: timedelta) -> str:
    return PERIODS[window].capitalize()


def _count(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else str(count)
