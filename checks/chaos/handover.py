"""A contract given to another owner by the registry: the next one finds nothing of the former, whose own
sessions open it no more.
"""

import io
import json
import re
import time
import zipfile

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.filling import Subscriber
from checks.chaos.owners import (
    FORMER,
    NANNY,
    NEXT,
    PHONE,
    SECOND,
    copy_link,
    imported,
    line,
    lived,
    plain,
    settled,
)
from checks.chaos.replays import visitor
from checks.chaos.trial import Trial
from rules import phones
from tests.kit.cast import PASSWORD
from tests.people.test_ownership import pages, read

# What the former owner leaves in the contract, and what the next one brings; each without the other's.
LEFT = (
    *("Соколова", "Анна Игоревна", "anna@former.example", "Ольга Представитель"),
    *("Бабушкина дача", "Няня Света", "Кладовка", "12/345", "Заперта дверь", "Прошу не звонить свекрови"),
    *("План дачи", "plan-dachi.pdf", "Не было связи", "Перерасчёт по звонку", "7 777,77", "777777"),
    *("4 321,09", "432109", "Ответ Анне"),
)
BROUGHT = ("Орехов", "petr@next.example", "222,22", "Письмо нового владельца")
LEAST_PAGES = 45


def inherited(found: Trial, clients: list[Client]) -> Finding:
    finding = Finding("договор передан другому: архив, страницы и выгрузки нового, сеансы прежнего")
    who = found.people[424]
    imported(found, line(found, who.contract, who.mobile, FORMER), line(found, SECOND, who.mobile, FORMER))
    former = [Client(found.house.origin).enter(who.contract) for _ in range(2)]
    things, nanny = lived(found, who, former[0])
    imported(found, line(found, who.contract, PHONE, NEXT))
    owner = settled(found, who)
    opened = looks(finding, owner, things, found, who)
    copies(finding, found, owner, who)
    contract = found.rows("SELECT id FROM contract WHERE number = :n", n=who.contract)[0][0]
    for name, one in {
        "прежний": former[0],
        "его другое устройство": former[1],
        "представитель": nanny,
    }.items():
        shut(finding, found, name, one, things, contract)
    elsewhere = Client(found.house.origin).enter(SECOND)
    shut(finding, found, "прежний со своим вторым договором", elsewhere, things, contract)
    entry(finding, found, who)
    finding.outcome = f"страниц нового {opened}, в архиве и выгрузках ничего прежнего; прежнему закрыто"
    return finding


def leaks(text: str, whose: tuple[str, ...]) -> list[str]:
    """Words of somebody else's; a number only when no longer number has it inside."""
    whole = plain(text)
    return [
        one for one in whose if (re.search(rf"(?<!\w){one}(?!\w)", whole) if one.isdigit() else one in whole)
    ]


def former_words(who: Subscriber) -> tuple[str, ...]:
    return (*LEFT, who.mobile[1:], phones.format_phone(who.mobile), phones.format_phone(NANNY), NANNY[1:])


def looks(finding: Finding, owner: Client, things: dict[str, str], found: Trial, who: Subscriber) -> int:
    """Every page and table the next owner may open, the former one's addresses too; how many opened."""
    seen, whole = 0, ""
    for path in pages(things):
        answer = owner.http.get(path, follow_redirects=True)
        kind = answer.headers.get("content-type", "")
        text = read(answer.content) if "pdf" in kind else answer.text
        seen, whole = seen + (answer.status_code == 200), whole + text
        finding.expect(answer.status_code in (200, 204, 404, 422), f"новый, {path}: {answer.status_code}")
        finding.expect(not (bad := leaks(text, former_words(who))), f"новый, {path}: {bad}")
    finding.expect(seen >= LEAST_PAGES, f"новому открылось страниц {seen}")
    missing = set(BROUGHT) - set(leaks(whole, BROUGHT))
    finding.expect(not missing, f"новый не видит своего: {sorted(missing)}")
    return seen


def copies(finding: Finding, found: Trial, owner: Client, who: Subscriber) -> None:
    """The archive of the next owner, each file of it and each name."""
    body = owner.http.get(copy_link(found, owner)).content
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        texts = {name: packed.read(name).decode("utf-8", "replace") for name in packed.namelist()}
    for name, text in texts.items():
        finding.expect(not (bad := leaks(f"{name}\n{text}", former_words(who))), f"архив, {name}: {bad}")
    for name, count in {"payment": 1, "request": 1, "attachment": 0, "alarm_note": 0}.items():
        rows = json.loads(texts.get(f"{name}.json", "[]"))
        finding.expect(len(rows) == count, f"архив, {name}.json: строк {len(rows)}")
    events = texts["sobytiya.csv"].strip().splitlines()
    finding.expect(len(events) == 2, f"архив, sobytiya.csv: строк {len(events)}")
    finding.expect("22222" in texts["payment.json"], f"в архиве нет платежа нового: {texts['payment.json']}")


def shut(
    finding: Finding, found: Trial, name: str, one: Client, things: dict[str, str], contract: int
) -> None:
    """No page shows what the next owner brought, nothing is written for the contract, it is not chosen."""
    answer = one.post("/contracts/current", contract=str(contract))
    finding.expect(answer.headers.get("location") != "/", f"{name} выбрал договор: {answer.status_code}")
    for path in pages(things):
        answer = one.http.get(path, follow_redirects=True)
        finding.expect(answer.status_code < 500, f"{name}, {path}: {answer.status_code}")
        finding.expect(not (bad := leaks(answer.text, BROUGHT)), f"{name}, {path}: {bad}")
    count = (
        "SELECT (SELECT count(*) FROM request_draft WHERE contract_id = :id), "
        "(SELECT count(*) FROM payment WHERE contract_id = :id)"
    )
    before = found.rows(count, id=contract)
    one.post("/requests/new/letter", text="Я ещё здесь", key="shut")
    one.post("/payments/operator", amount="12", method="card", contact="anna@former.example", key="shut")
    one.post(things["request"], text="Я ещё здесь", key="shut too")
    finding.expect(found.rows(count, id=contract) == before, f"{name} пишет от договора")


def entry(finding: Finding, found: Trial, who: Subscriber) -> None:
    """The former password, and the former representative's phone, open the contract no more."""
    one = visitor(found)
    code = one.post("/login", number=str(who.contract), password=PASSWORD).status_code
    finding.expect(code == 422, f"прежний пароль: {code}")
    since = len(found.gateway.taken)
    one.post("/login/representative", number=str(who.contract), phone=NANNY)
    time.sleep(3)
    texts = [text for phone, text, _ in found.gateway.taken[since:] if phone.lstrip("+") == NANNY[1:]]
    finding.expect(not texts, f"прежнему представителю пришло SMS: {len(texts)}")
