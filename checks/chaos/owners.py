"""Two owners of one contract in turn: the registry's command, and a life in the cabinet for each of them."""

import json
import os
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta

import httpx
from sqlmodel import Session

from checks.chaos.client import Client, field, problems
from checks.chaos.filling import Subscriber
from checks.chaos.house import LITESTAR, ROOT, STATION_SECRET
from checks.chaos.replays import acting, sent, sure, visitor
from checks.chaos.storms import staff
from checks.chaos.trial import Trial
from db import open_engine, writing
from db.events import key_names, keys
from db.money import ledger
from db.people import contracts
from gateways.station import signed
from rules import days
from tests.kit import hostile
from tests.kit.registry import HEADER
from tests.payments.test_payment_templates import FIELDS

FORMER = {"Код абонента": "T-78100424", "Абонент": "Соколова Анна Игоревна", "E-mail": "anna@former.example"}
NEXT = {"Код абонента": "Ф-90424", "Абонент": "Орехов Пётр Ильич", "E-mail": "petr@next.example"}
PHONE, NANNY, SECOND = "+79215990041", "+79215990042", 78190424
PDF = {"files": ("plan-dachi.pdf", hostile.pdf(), "application/pdf")}


def line(found: Trial, number: int, phone: str, whose: dict[str, str]) -> dict[str, str]:
    told = {"Номер договора": str(number), "Телефон": phone, "Дата договора": "23.11.2024"}
    told |= {"Адрес": "Санкт-Петербург, Невский пр., д. 1", "Объект": "Квартира", "Тариф": "Охрана квартиры"}
    return told | {"Абонентская плата": "900,00"} | whose


def imported(found: Trial, *lines: dict[str, str]) -> None:
    """The registry's own command, beside the running cabinet."""
    path = found.house.folder / "contracts.csv"
    rows = [";".join(HEADER), *(";".join(one.get(title, "") for title in HEADER) for one in lines)]
    path.write_text("\n".join(rows), "utf-8")
    env = os.environ | found.house.settings()
    command = [*LITESTAR, "registry", "import", str(path)]
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, timeout=120, check=False, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def lived(found: Trial, who: Subscriber, owner: Client) -> tuple[dict[str, str], Client]:
    """The former owner's cabinet filled by her own hands, by the desk and the panel: thing → its address; and
    who acts for her.
    """
    nanny = acting(found, owner, who, NANNY, "events", "pay", "requests")
    stored(found, who)
    asked = owner.post("/requests/new/letter", files=PDF, text="Прошу не звонить свекрови", key="h1")
    number = went(owner.post(asked.headers["location"], key="h2")).split("/")[2]
    went(owner.post(f"/inbox/{number}", files=PDF, text="План дачи", key="h3"))
    answered(found, number)
    period = {"first": "2026-11-01", "last": "2026-11-10"}
    draft = went(owner.post("/requests/new/recalculation", files=PDF, text="Не было связи", **period))
    template = went(owner.post("/payments/police", only_save="1", name="Бабушкина дача", key="h4", **FIELDS))
    payment = paid(found, owner, "7777,77", "anna@former.example")
    station(found, who.key, ("E130", timedelta(days=-1)), ("E401", timedelta(minutes=-90)))
    found_alarm = re.search(r'href="(/alarms/[^"#?]+)', owner.http.get("/events?period=week").text)
    alarm = found_alarm[1] if found_alarm else ""
    went(owner.post(alarm, text="Заперта дверь", key="h5"))
    representative = found.rows("SELECT max(id) FROM representative")[0][0]
    files = re.findall(rf"/inbox/{number}/files/\d+", owner.http.get(f"/inbox/{number}").text)
    things = {"request": f"/inbox/{number}", "sent": f"/requests/{number}", "draft": draft, "alarm": alarm}
    things |= {"template": template, "payment": payment, "export": copy_link(found, owner)}
    things |= {"representative": f"/settings/representatives/{representative}"}
    things |= {f"file {n}": place for n, place in enumerate(files)}
    present(owner, things)
    return things, nanny


def went(answer: httpx.Response) -> str:
    if answer.status_code != 303 or answer.headers["location"].startswith(("/login", "/confirm")):
        raise RuntimeError(f"{answer.request.url.path}: {answer.status_code} {problems(answer)}")
    return answer.headers["location"]


def present(owner: Client, things: dict[str, str]) -> None:
    """Before the hand-over all of it is there: else its absence afterwards proves nothing."""
    text = "".join(
        owner.http.get(place).text for place in [*things.values(), "/statement", "/events?period=week"]
    )
    whole = plain(text)
    missing = [
        one for one in ("План дачи", "Заперта дверь", "Ответ Анне", "7 777,77", "Няня") if one not in whole
    ]
    if missing:
        raise RuntimeError(f"the former owner's cabinet does not show {missing}")


def stored(found: Trial, who: Subscriber) -> None:
    """What only the house itself writes: an opened key with names, corrections of the ledger."""
    now = datetime.now(UTC)
    with Session(open_engine(found.house.url)) as db, writing(db):
        id_ = contracts.find_by_number(db, who.contract)[0].id  # type: ignore[index]
        key = keys.find_by_number(db, who.key)
        assert key is not None
        keys.open_key(db, key, id_, "Бабушкина дача", "registry", now)
        for what, number, name in (("user", "3", "Няня Света"), ("zone", "4", "Кладовка")):
            db.add(key_names.KeyName(key_id=key.id, contract_id=id_, what=what, number=number, name=name))
        for n, words in enumerate(("Перерасчёт по звонку", "Автоплатёж с карты")):
            day = days.today(now) - timedelta(days=1 + n)
            ledger.add(db, id_, 432_109, "correction", f"former:{n}", day=day, now=now, note=words)


def answered(found: Trial, number: str) -> None:
    desk, place = staff(found, "maria"), f"/staff/requests/{number}"
    own = {"_for": field(desk.http.get(place), "_for")}
    went(desk.post(place + "/answer", words="Ответ Анне", key="h6", **own))


def paid(found: Trial, owner: Client, amount: str, contact: str) -> str:
    """A payment the bank has taken and told of; its page here."""
    place = went(owner.post("/payments/operator", amount=amount, method="card", contact=contact, key=amount))
    found.bank.pay(owner.bank_page(place))
    number, end = found.rows("SELECT max(id) FROM payment")[0][0], time.monotonic() + 60
    state = "SELECT state FROM payment WHERE id = :n"
    while found.rows(state, n=number) != [("paid",)] and time.monotonic() < end:
        time.sleep(0.5)
    return f"/payments/{number}"


def station(found: Trial, key: str, *told: tuple[str, timedelta]) -> None:
    """A signed batch over the station's HTTP door."""
    at = [int((datetime.now(UTC) + ago).timestamp()) for _, ago in told]
    items = [
        {"key": key, "at": when, "code": code, "who": "3", "id": f"{key}-{when}"}
        for when, (code, _) in zip(at, told, strict=True)
    ]
    body, stamp = json.dumps({"events": items}).encode(), str(int(time.time()))
    headers = {"x-station": "main", "x-timestamp": stamp}
    headers |= {"x-signature": signed.sign(STATION_SECRET, stamp, body)}
    answer = httpx.post(
        f"{found.house.origin}/station/events", content=body, headers=headers, trust_env=False
    )
    answer.raise_for_status()


def copy_link(found: Trial, owner: Client) -> str:
    """The link of a copy of one's data, once the jobs have made it."""
    sure(found)
    went(owner.post("/settings/export"))
    end = time.monotonic() + 90
    while time.monotonic() < end:
        page = owner.http.get("/settings/export").text
        if links := re.findall(r'href="(/settings/export/[^"]+)"', page):
            return links[0]
        time.sleep(0.5)
    raise RuntimeError("no copy of the data was made")


def settled(found: Trial, who: Subscriber) -> Client:
    """The next owner, entered as anybody is for the first time, with a payment, a letter and an open key."""
    one = visitor(found)
    since = len(found.gateway.taken)
    one.post("/register", number=str(who.contract), phone=PHONE, email="petr@next.example", key="h7")
    password = sent(found, PHONE, r"пароль для входа в кабинет (\S+) — действует", since)
    place = went_in(one, who.contract, password)
    for _ in range(3):
        if place.startswith("/consent"):
            place = one.post("/consent", consent="yes").headers["location"]
        elif place.startswith("/choose"):
            chosen = one.post("/choose", entry="password", password="четыре зелёных фонаря")
            place = chosen.headers["location"]
    sure(found)
    went(one.post("/keys/new", number=who.key, name="мой", key="h8"))
    letter = went(one.post("/requests/new/letter", text="Письмо нового владельца", key="h9"))
    went(one.post(letter, key="h10"))
    paid(found, one, "222,22", "petr@next.example")
    station(found, who.key, ("R401", timedelta()))
    return one


def went_in(one: Client, number: int, password: str) -> str:
    return one.post("/login", number=str(number), password=password).headers.get("location", "/login")


def plain(text: str) -> str:
    return re.sub(r"[\xa0\u202f]", " ", text)
