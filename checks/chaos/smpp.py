"""`make smpp`: the cabinet's SMS over SMPP against a centre that is not ours (npm smpp), well and ill.

The cabinet runs as an operator runs it; a panel's alarm comes over DC-09, other messages are put into the
outbox.
"""

import time
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlmodel import Session

from checks.chaos import audit, panel
from checks.chaos.centre import Centre
from checks.chaos.storms import staff
from checks.chaos.table import Storm
from checks.chaos.trial import Trial, trial
from commands.demo import habits, wire
from db import open_engine, outbox, writing

LONG = (
    "Отключение канала связи 30.11 с 10:00 до 16:00: работы на станции. Объект охраняется по запасному "
    "каналу. " * 2
)
PORT = 4


def run(base: int) -> list[Storm]:
    change = {
        "CABINET_SMS_GATEWAY": "smpp",
        "CABINET_SMS_SERVER": f"127.0.0.1:{base + PORT}",
        "CABINET_SMS_LOGIN": "cabinet",
        "CABINET_SMS_SECRET": "secret",
    }
    centre = Centre(base + PORT)
    try:
        with trial(base, people=1, change=change) as found:
            found.house.start("web", "jobs", "station")
            found.house.ready("web", "jobs", "station")
            return [check(found, centre) for check in (alarm, long, lost, throttled, cut, down)]
    finally:
        centre.stop()


def alarm(found: Trial, centre: Centre) -> Storm:
    """From the panel's wire, with its receipt at the desk."""
    key, now = found.people[0].key, datetime.now(UTC)
    began = time.monotonic()
    panel.say(found.house.base + 1, wire.frame(key, 1, habits.Happening(now, "E130", "3"), None, now))
    centre.until(lambda: centre.taken("Тревога"))
    took = time.monotonic() - began
    (one,) = centre.taken("Тревога")
    desk = staff(found, "egor").http
    known = centre.until(lambda: "Подтвердил телефон</dt><dd>1" in desk.get("/staff/station").text, 10)
    good = (
        one["to"] == found.people[0].mobile.lstrip("+")
        and not one["part"]
        and len(one["text"]) < 70
        and known
    )
    return Storm(
        "тревога с провода DC-09",
        f"«{one['text']}», {took:.1f} с",
        f"на пульте подтверждений {int(known)}",
        good,
    )


def long(found: Trial, centre: Centre) -> Storm:
    put(found, LONG)
    centre.until(lambda: state(found, LONG)["sent"])
    parts = [one for one in centre.heard if one.get("part")]
    order = [tuple(one["part"][-2:]) for one in parts]
    whole = "".join(one["text"] for one in parts)
    good = whole == LONG and order == [(len(parts), n + 1) for n in range(len(parts))] and known(found, LONG)
    return Storm(
        f"длинное сообщение, {len(LONG)} знаков", f"частей {len(parts)}", "сложилось" if good else whole, good
    )


def lost(found: Trial, centre: Centre) -> Storm:
    with feeling(centre, "receipt", "UNDELIV", "DELIVRD"):
        put(found, "Не дойдёт")
        dead = centre.until(lambda: state(found, "Не дойдёт")["dead"], 10)
    desk = staff(found, "egor").http.get("/staff/work").text
    return Storm(
        "телефон не принял (UNDELIV)",
        "сообщение не отправлено" if dead else "не узнали",
        "видно на «Работе»" if "так ответила сеть" in desk else "не видно",
        dead and "так ответила сеть" in desk,
    )


def throttled(found: Trial, centre: Centre) -> Storm:
    """More than the centre takes in a second, an alarm among them."""
    with feeling(centre, "rate", 10, 0):
        began = time.monotonic()
        put(found, *(f"Поток {n}." for n in range(60)))
        put(found, "Срочное", urgent=True)
        centre.until(lambda: state(found, "Срочное")["sent"])
        urgent = time.monotonic() - began
        centre.until(lambda: state(found, "Поток")["sent"] == 60, 120)
    return counted(
        centre, "Поток", 60, "берёт 10 в секунду (ESME_RTHROTTLED)", f"срочное через {urgent:.1f} с", began
    )


def cut(found: Trial, centre: Centre) -> Storm:
    centre.feel(cut=7)
    began = time.monotonic()
    put(found, *(f"Обрыв {n}." for n in range(20)))
    centre.until(lambda: state(found, "Обрыв")["sent"] == 20)
    return counted(centre, "Обрыв", 20, "рвёт линию на седьмом", "", began, twice_at_most=7)


def down(found: Trial, centre: Centre) -> Storm:
    centre.stop()
    put(found, *(f"Лежал {n}." for n in range(5)))
    centre.until(lambda: state(found, "Лежал")["error"] == 5, 20)
    time.sleep(8)
    centre.start()
    began = time.monotonic()
    centre.until(lambda: state(found, "Лежал")["sent"] == 5)
    return counted(centre, "Лежал", 5, "лежал 8 с и поднялся", "", began)


def counted(
    centre: Centre, words: str, count: int, what: str, more: str, began: float, twice_at_most: int = 0
) -> Storm:
    """Each arrived, and how many of them twice: what the centre took and had no line left to answer goes
    again.
    """
    texts = [one["text"] for one in centre.taken(words)]
    twice, took = len(texts) - len(set(texts)), max(one["at"] for one in centre.taken(words)) - began
    said = f"{len(set(texts))} из {count} за {took:.1f} с, дважды {twice}"
    return Storm(what, said, more or "—", len(set(texts)) == count and twice <= twice_at_most)


def put(found: Trial, *texts: str, urgent: bool = False) -> None:
    with Session(open_engine(found.house.url)) as db, writing(db):
        for words in texts:
            outbox.put(
                db, "sms", found.people[0].mobile, words, kind="notice", now=datetime.now(UTC), urgent=urgent
            )


def state(found: Trial, words: str) -> dict[str, int]:
    """How many of these messages are in each state; `error`: were refused at least once."""
    query = (
        "SELECT sum(state='sent'), sum(state='dead'), sum(error IS NOT NULL) FROM outbox WHERE text "
        "LIKE ? || '%'"
    )
    return dict(zip(("sent", "dead", "error"), audit.rows(found.house.path, query, words)[0], strict=True))


def known(found: Trial, words: str) -> bool:
    """The phone's own receipt has come."""
    query = "SELECT count(*) FROM outbox WHERE text = ? AND delivered_at IS NOT NULL"
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if audit.rows(found.house.path, query, words)[0][0]:
            return True
        time.sleep(0.1)
    return False


@contextmanager
def feeling(centre: Centre, mood: str, now: object, then: object):
    centre.feel(**{mood: now})
    try:
        yield
    finally:
        centre.feel(**{mood: then})
