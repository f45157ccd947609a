"""Many at once against a live server: callbacks, forms, two managers, two job processes, an import, sixty
writers.
"""

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
from sqlmodel import Session

from checks.chaos import audit
from checks.chaos.client import Client
from checks.chaos.house import LITESTAR, ROOT
from checks.chaos.table import Storm
from checks.chaos.trial import Trial, trial
from db import open_engine, writing
from db.access import sessions
from db.access.staff import find_by_login
from gateways.sandbox import payment_page

FILE = "№ договора;Код абонента;Абонент;Телефон по договору;Адрес;Дата договора;Абонентская плата"


def run(base: int) -> list[Storm]:
    with trial(base, people=60) as found:
        found.house.start("web", "jobs", "jobs too")
        found.house.ready("web", "jobs", "jobs too")
        clients = [Client(found.house.origin).enter(who.contract) for who in found.people]
        storms = (callbacks, posts, managers, writers)
        return [storm(found, clients) for storm in storms] + [sound(found)]


def together(many: int, deed: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """All let go at one moment."""
    gate = threading.Barrier(many)

    def one(number: int) -> httpx.Response:
        gate.wait()
        return deed(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def codes(answers: list[httpx.Response]) -> str:
    found = [answer.status_code for answer in answers]
    return ", ".join(f"{code} × {found.count(code)}" for code in sorted(set(found)))


def callbacks(found: Trial, clients: list[Client]) -> Storm:
    """A payment paid at the bank, of which the bank tells a thousand times, fifty at once."""
    form = {"amount": "777", "method": "card", "contact": "+79215550000", "key": "c"}
    place = clients[0].bank_page(clients[0].post("/payments/operator", **form).headers["location"])
    bank_id = place.rpartition("/")[2]
    payment_page.decide(found.bank.till, bank_id, "pay", manner="never")
    body = json.dumps({"type": "notification", "event": "payment.succeeded", "object": {"id": bank_id}})
    with (
        httpx.Client(base_url=found.house.origin, timeout=60, trust_env=False) as line,
        ThreadPoolExecutor(50) as pool,
    ):
        answers = list(pool.map(lambda _: line.post("/callbacks/bank", content=body), range(1000)))
    entries = audit.rows(
        found.house.path, "SELECT amount FROM ledger_entry WHERE kind='payment' AND amount=77700"
    )
    return Storm(
        "1000 одинаковых уведомлений банка", codes(answers), f"проводок {len(entries)}", len(entries) == 1
    )


def posts(found: Trial, clients: list[Client]) -> Storm:
    client = clients[1]
    draft = client.post("/requests/new/letter", text="Один и тот же", key="p").headers["location"]
    answers = together(50, lambda _: client.post(draft, key="p"))
    many = audit.rows(found.house.path, "SELECT count(*) FROM request_message WHERE text='Один и тот же'")[0][
        0
    ]
    return Storm("50 одинаковых форм", codes(answers), f"заявок {many}", many == 1)


def managers(found: Trial, clients: list[Client]) -> Storm:
    """Two of the desk decide the same request, one for, one against."""
    client, desk = clients[2], [staff(found, login) for login in ("alexey", "ada")]
    told, decided, answers = 0, 0, []
    for turn in range(10):
        text, key = f"Не было связи {turn}.", f"m{turn}"
        form = {"first": "2026-10-01", "last": "2026-10-02", "text": text, "key": key}
        draft = client.post("/requests/new/recalculation", **form).headers["location"]
        at = "/staff/requests/" + client.post(draft, key=key).headers["location"].split("/")[2]
        pages = [re.search(r'name="_for" value="([^"]*)"', one.http.get(at).text) for one in desk]
        own = [{"_for": page[1] if page else ""} for page in pages]  # both decide on what they both look at
        deeds = (
            ("/approve", {"amount": "10", "note": "Да."} | own[0]),
            ("/refuse", {"refusal": "Нет."} | own[1]),
        )
        both = together(2, lambda n, at=at, deeds=deeds: desk[n].post(at + deeds[n][0], **deeds[n][1]))
        told += sorted(answer.status_code for answer in both) == [303, 409]
        answers += both
    states = audit.rows(found.house.path, "SELECT state FROM request WHERE kind='recalculation'")
    decided = sum(state in ("approved", "done", "refused") for (state,) in states)
    entries = audit.rows(found.house.path, "SELECT count(*) FROM ledger_entry WHERE kind='correction'")[0][0]
    approved = sum(state in ("approved", "done") for (state,) in states)
    good = told == decided == 10 and entries == approved
    return Storm(
        "двое решают одну заявку, 10 раз",
        codes(answers),
        f"решений {decided}, второму сказано {told}, проводок {entries} на {approved} одобренных",
        good,
    )


def staff(found: Trial, login: str) -> Client:
    """At the desk, the second factor behind them."""
    client = Client(found.house.origin)
    client.http.get("/staff/login")
    with Session(open_engine(found.house.url)) as db, writing(db):
        token = sessions.start(
            db, datetime.now(UTC), staff_id=find_by_login(db, login).id, device="испытание"
        )
    client.http.cookies.set("cabinet", token)
    return client


def writers(found: Trial, clients: list[Client]) -> Storm:
    """Sixty people write at one moment while a registry is imported."""
    lines = [f"{78200000 + n};N-{n};Новый {n};+7921000{n:04};Адрес {n};01.01.2026;900" for n in range(3000)]
    file = found.house.folder / "contracts.csv"
    file.write_text("\n".join([FILE, *lines]), "utf-8")
    env = os.environ | found.house.settings()
    loading = subprocess.Popen(
        [*LITESTAR, "registry", "import", str(file)], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    time.sleep(2)
    began = time.monotonic()
    answers = together(
        60, lambda n: clients[n].post("/requests/new/letter", text=f"Шестьдесят {n}", key=f"w{n}")
    )
    took = time.monotonic() - began
    code = loading.wait(240)
    good = all(answer.status_code == 303 for answer in answers) and code == 0
    return Storm(
        "60 записей разом посреди импорта реестра",
        codes(answers),
        f"{took:.1f} с, импорт кончился с {code}",
        good,
    )


def sound(found: Trial) -> Storm:
    wrong = audit.whole(found.house.path)
    return Storm("файл после всего", "PRAGMA integrity_check, суммы", "; ".join(wrong) or "цел", not wrong)
