"""Links that were good once: opened again, after signing out, by another subscriber. And whoever acts for somebody else."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select, update

from chaos import audit
from chaos.abuse import Finding
from chaos.client import Client
from chaos.filling import Subscriber
from chaos.trial import Trial
from db import open_engine, outbox, staff, writing
from db.sessions import SessionRow
from gateways import sandbox_till
from rules import totp


def replayed(found: Trial, clients: list[Client]) -> Finding:
    finding = Finding(
        "ссылки ещё раз, после выхода, чужому: почта, копия данных, пароль, вход по коду, приглашение, возврат из банка"
    )
    steps: list[Callable[[Finding, Trial], None]] = [mailed, exported, by_password, by_code, invited, returned]
    for step in steps:
        step(finding, found)
    finding.outcome = "второй раз ничего"
    return finding


def sure(found: Trial) -> None:
    """Everybody who is inside has just typed a code."""
    with Session(open_engine(found.house.url)) as db, writing(db):
        later = datetime.now(UTC) + timedelta(hours=2)
        db.connection().execute(update(SessionRow).values(confirmed_at=later))


def sent(found: Trial, to: str, pattern: str) -> str:
    """The last thing of this look that was written to this address."""
    with Session(open_engine(found.house.url)) as db:
        texts = db.exec(select(outbox.Message.text).where(outbox.Message.to == to).order_by(col(outbox.Message.id).desc()))
        return next(at[1] for text in texts if (at := re.search(pattern, text)))


def two(found: Trial, first: int) -> tuple[Client, Client, Subscriber]:
    """An owner and a stranger, both inside, both confirmed."""
    owner, stranger = (Client(found.house.origin).enter(found.people[n].contract) for n in (first, first + 1))
    sure(found)
    return owner, stranger, found.people[first]


def mailed(finding: Finding, found: Trial) -> None:
    owner, stranger, who = two(found, 20)
    owner.post("/settings/email", email="one@example.ru")
    early = sent(found, "one@example.ru", r"(/email/\S+)")
    owner.post("/settings/email", email="two@example.ru")
    link = sent(found, "two@example.ru", r"(/email/\S+)")
    code = stranger.post(early).status_code
    finding.expect(code == 422, f"прежнее письмо после нового: {code}")
    stranger.http.get(link)
    code = stranger.post(link).status_code  # a letter is read anywhere; the address it confirms is its owner's
    held = audit.rows(found.house.path, "SELECT c.number FROM subscriber s JOIN contract c ON c.subscriber_id=s.id "
                      "WHERE s.email='two@example.ru'")  # fmt: skip
    finding.expect(code == 303 and held == [(who.contract,)], f"письмо: {code} {held}")
    owner.post("/logout")
    for name, one in {"владелец": owner, "чужой": stranger, "никто": visitor(found)}.items():
        code = one.post(link).status_code
        finding.expect(code == 422, f"письмо ещё раз, {name}: {code}")
    code = stranger.post(link[:-3] + "abc").status_code
    finding.expect(code == 422, f"письмо с чужой подписью: {code}")


def visitor(found: Trial) -> Client:
    one = Client(found.house.origin)
    one.http.get("/login")
    return one


def exported(finding: Finding, found: Trial) -> None:
    owner, stranger, _ = two(found, 22)
    owner.post("/settings/export")
    link, end = "", time.monotonic() + 90
    while not link and time.monotonic() < end:
        link = next(iter(re.findall(r'href="(/settings/export/[^"]+)"', owner.http.get("/settings/export").text)), "")
        time.sleep(0.5)
    good = owner.http.get(link or "/settings/export/none")
    finding.expect(good.content[:2] == b"PK", f"копия своему: {good.status_code}")
    finding.expect(stranger.http.get(link).status_code == 404, "копия чужому")
    finding.expect(owner.http.get(link[:-3] + "abc").status_code == 404, "копия с чужой подписью")
    owner.post("/logout")
    for name, one in {"после выхода": owner, "никто": visitor(found)}.items():
        code = one.http.get(link).status_code
        finding.expect(code == 303, f"копия, {name}: {code}")


def by_password(finding: Finding, found: Trial) -> None:
    """The page of a registration is spent by its first «Согласен»; a recovered password by the choice of one's own."""
    who, one, two = found.people[24], visitor(found), visitor(found)
    page = one.post("/register", number=str(who.contract), phone=who.mobile, email="r@example.ru").headers["location"]
    first = one.post(page, consent="yes").status_code
    finding.expect(first == 303, f"регистрация: {first}")
    for name, asker in {"тот же": one, "другой": two}.items():
        finding.expect(asker.post(page, consent="yes").status_code == 404, f"страница регистрации ещё раз, {name}")
        finding.expect(asker.http.get(page).status_code == 404, f"страница регистрации, {name}")
    password = sent(found, who.mobile, r"Пароль для входа в кабинет: (.+)\. Действует")
    place = one.post("/login", number=str(who.contract), password=password).headers.get("location")
    finding.expect(place == "/choose", f"пароль из SMS ведёт на {place}")
    one.post("/choose", entry="password", password="четыре зелёных фонаря")
    code = two.post("/login", number=str(who.contract), password=password).status_code
    finding.expect(code == 422, f"пароль из SMS ещё раз: {code}")


def by_code(finding: Finding, found: Trial) -> None:
    owner, _, who = two(found, 26)
    owner.post("/settings/entry")
    one, other = visitor(found), visitor(found)
    page = one.post("/login/code", number=str(who.contract)).headers["location"]
    digits = sent(found, who.mobile, r"Код для входа в кабинет: (\d{6})")
    finding.expect(one.post(page, code=digits).status_code == 303, "код не впустил")
    one.post("/logout")
    for name, asker in {"после выхода": one, "другой": other}.items():
        code = asker.post(page, code=digits).status_code
        finding.expect(code in (404, 422), f"тот же код, {name}: {code}")


def invited(finding: Finding, found: Trial) -> None:
    """A colleague's invitation: replaced by a newer one, accepted, and tried again from elsewhere."""
    keys, one = json.loads(found.house.settings()["CABINET_ATTACHMENT_KEYS"]), visitor(found)
    with Session(open_engine(found.house.url)) as db:
        with writing(db):
            row = staff.by_login(db, "semyon")
            assert row is not None
            early, link = (f"/staff/enrol/{staff.invite(db, row, keys, datetime.now(UTC))}" for _ in range(2))
        digits = totp.shown(staff.offered(row, keys), datetime.now(UTC), None)
    for name in (early, "/staff/enrol/none", "/staff/enrol/" + "a" * 500):
        finding.expect(one.http.get(name).status_code == 404, f"приглашение {name[:20]}")
    typed = {"password": "девять синих ступеней вниз", "code": digits}
    code = one.post(link, **typed).status_code
    finding.expect(code == 200, f"приглашение: {code}")
    for name, asker in {"тот же": one, "другой": visitor(found)}.items():
        codes = (
            asker.post(link, **typed).status_code,
            asker.http.get(link).status_code,
            asker.http.get(link + "/qr.svg").status_code,
        )
        finding.expect(codes == (404,) * 3, f"приглашение ещё раз, {name}: {codes}")


def returned(finding: Finding, found: Trial) -> None:
    """Coming back from the bank proves nothing; twice, signed out, or somebody else's, it proves no more."""
    owner, stranger, who = two(found, 28)
    page = owner.post("/payments/operator", amount="333", method="card", contact=who.mobile, key="r").headers["location"]
    number = audit.rows(found.house.path, "SELECT max(id) FROM payment")[0][0]
    back = f"/payments/{number}"

    def entries() -> int:
        return audit.rows(found.house.path, "SELECT count(*) FROM ledger_entry WHERE kind='payment' AND amount=33300")[0][0]

    for _ in range(2):
        finding.expect(owner.http.get(back).status_code == 200 and entries() == 0, "возврат без оплаты")
    for deed in ("", "/bank", "/check"):
        code = (stranger.post(back + deed) if deed else stranger.http.get(back)).status_code
        finding.expect(code == 404, f"возврат чужому{deed}: {code}")
    sandbox_till.decide(found.bank.till, page.rpartition("/")[2], "pay", manner="twice")
    for _ in range(5):
        owner.post(back + "/check")
        owner.post(back + "/bank")
        owner.http.get(back)
    finding.expect(entries() == 1, f"после оплаты проводок {entries()}")
    owner.post("/logout")
    code = owner.http.get(back).status_code
    finding.expect(code == 303, f"возврат после выхода: {code}")
    finding.expect(stranger.http.get(back).status_code == 404, "возврат чужому после оплаты")
    finding.expect(entries() == 1, f"после повторов проводок {entries()}")


def acting(found: Trial, owner: Client, who: Subscriber, phone: str, *rights: str) -> Client:
    """Somebody with these rights for this subscriber, entered by their own phone and the code that came to it."""
    sure(found)
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    typed = {f"right-{one}": "1" for one in rights}
    owner.post("/settings/representatives/new", name="Ольга Представитель", phone=phone, until=until, **typed)
    olga = visitor(found)
    page = olga.post("/login/representative", number=str(who.contract), phone=phone).headers["location"]
    digits = sent(found, phone, r"Код для входа в кабинет: (\d{6})")
    if olga.post(page, code=digits).status_code != 303:
        raise RuntimeError("the representative was not let in")
    again = visitor(found).post(page, code=digits).status_code
    if again not in (404, 422):
        raise RuntimeError(f"the representative's code opened twice: {again}")
    return olga
