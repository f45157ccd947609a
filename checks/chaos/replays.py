"""Links that were good once: opened again, after signing out, by another subscriber. And whoever acts for
somebody else.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from itsdangerous import URLSafeTimedSerializer
from sqlmodel import Session, select, update

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.filling import Subscriber
from checks.chaos.trial import Trial
from db import open_engine, writing
from db.access import emails, staff, staff_invitations
from db.access.sessions import SessionRow
from db.people import subscribers
from db.people.contracts import Contract
from gateways.sandbox import payment_page
from rules.access import totp
from settings import Settings


def replayed(found: Trial, clients: list[Client]) -> Finding:
    finding = Finding(
        "ссылки ещё раз, после выхода, чужому: почта, копия данных, пароль, вход по коду, приглашение, "
        "возврат из банка"
    )
    steps: list[Callable[[Finding, Trial], None]] = [
        mailed,
        exported,
        by_password,
        by_code,
        invited,
        returned,
    ]
    for step in steps:
        step(finding, found)
    finding.outcome = "второй раз ничего"
    return finding


def sure(found: Trial) -> None:
    """Everybody who is inside has just typed a code."""
    with Session(open_engine(found.house.url)) as db, writing(db):
        later = datetime.now(UTC) + timedelta(hours=2)
        db.connection().execute(update(SessionRow).values(confirmed_at=later))


def sent(found: Trial, to: str, pattern: str, since: int = 0) -> str:
    """The last thing of this look that came to this phone: the cabinet itself keeps no code and no password
    it has sent. `since`: how many messages the gateway had taken before the one that is waited for.
    """
    end = time.monotonic() + 60
    while time.monotonic() < end:
        texts = [
            text
            for phone, text, _ in reversed(found.gateway.taken[since:])
            if phone.lstrip("+") == to.lstrip("+")
        ]
        if right := next((at[1] for text in texts if (at := re.search(pattern, text))), ""):
            return right
        time.sleep(0.2)
    raise RuntimeError(f"nothing like {pattern} came")


def lettered(found: Trial, number: int, address: str) -> str:
    """The link of the letter that asks to confirm this address."""
    signer = URLSafeTimedSerializer(json.loads(found.house.settings()["CABINET_SECRETS"]), salt=emails.SALT)
    with Session(open_engine(found.house.url)) as db:
        who = db.exec(select(Contract.subscriber_id).where(Contract.number == number)).one()
    return "/email/" + str(signer.dumps([who, subscribers.address_fingerprint(address)]))


def two(found: Trial, first: int) -> tuple[Client, Client, Subscriber]:
    """An owner and a stranger, both inside, both confirmed."""
    owner, stranger = (Client(found.house.origin).enter(found.people[n].contract) for n in (first, first + 1))
    sure(found)
    return owner, stranger, found.people[first]


def mailed(finding: Finding, found: Trial) -> None:
    owner, stranger, who = two(found, 20)
    owner.post("/settings/email", email="one@example.ru")
    early = lettered(found, who.contract, "one@example.ru")
    owner.post("/settings/email", email="two@example.ru")
    link = lettered(found, who.contract, "two@example.ru")
    code = stranger.post(early).status_code
    finding.expect(code == 422, f"прежнее письмо после нового: {code}")
    stranger.http.get(link)
    code = stranger.post(
        link
    ).status_code  # a letter is read anywhere; the address it confirms is its owner's
    held = found.rows(
        "SELECT c.number FROM subscriber s JOIN contract c ON c.subscriber_id=s.id "
        "WHERE s.email='two@example.ru'",
    )
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
        link = next(
            iter(re.findall(r'href="(/settings/export/[^"]+)"', owner.http.get("/settings/export").text)), ""
        )
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
    """A registration sent twice sends one password, spent by the choice of one's own; the consent stands
    between.
    """
    who, one, two = found.people[421], visitor(found), visitor(found)  # no door of `times` asks of them
    count = "SELECT count(*) FROM outbox WHERE kind = 'password'"
    before = found.rows(count)[0][0]
    for name, asker in {"первый": one, "тот же": one, "другой": two}.items():
        code = asker.post(
            "/register", number=str(who.contract), phone=who.mobile, email="r@example.ru", key="r"
        ).status_code
        finding.expect(code == 303, f"регистрация, {name}: {code}")
    sms = found.rows(count)[0][0] - before
    finding.expect(sms == 1, f"одна регистрация, SMS {sms}")
    password = sent(found, who.mobile, r"пароль для входа в кабинет (\S+) — действует")
    place = one.post("/login", number=str(who.contract), password=password).headers.get("location")
    finding.expect(place == "/choose", f"пароль из SMS ведёт на {place}")  # the cast has given the consent
    one.post("/choose", entry="password", password="четыре зелёных фонаря")
    code = two.post("/login", number=str(who.contract), password=password).status_code
    finding.expect(code == 422, f"пароль из SMS ещё раз: {code}")


def by_code(finding: Finding, found: Trial) -> None:
    owner, _, who = two(found, 26)
    owner.post("/settings/entry")
    one, other = visitor(found), visitor(found)
    page = one.post("/login/code", number=str(who.contract)).headers["location"]
    digits = sent(found, who.mobile, r"(\d{6}) — код для входа\.")
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
            row = staff.find_by_login(db, "semyon")
            assert row is not None
            settings = Settings(_env_file=None, demo=True, attachment_keys=keys)
            tokens = [staff_invitations.invite(db, settings, row, datetime.now(UTC)) for _ in range(2)]
            early, link = (f"/staff/enrol/{token}" for token in tokens)
        digits = totp.current_code(staff_invitations.offered_secret(row, keys), datetime.now(UTC), None)
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
    sent = owner.post("/payments/operator", amount="333", method="card", contact=who.mobile, key="r")
    page = owner.bank_page(sent.headers["location"])
    number = found.rows("SELECT max(id) FROM payment")[0][0]
    back = f"/payments/{number}"

    def entries() -> int:
        return found.rows("SELECT count(*) FROM ledger_entry WHERE kind='payment' AND amount=33300")[0][0]

    for _ in range(2):
        finding.expect(owner.http.get(back).status_code == 200 and entries() == 0, "возврат без оплаты")
    for deed in ("", "/bank", "/check"):
        code = (stranger.post(back + deed) if deed else stranger.http.get(back)).status_code
        finding.expect(code == 404, f"возврат чужому{deed}: {code}")
    payment_page.decide(found.bank.till, page.rpartition("/")[2], "pay", manner="twice")
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
    """Somebody with these rights for this subscriber, entered by their own phone and the code that came to
    it.
    """
    sure(found)
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    typed = {f"right-{one}": "1" for one in rights}
    owner.post("/settings/representatives/new", name="Ольга Представитель", phone=phone, until=until, **typed)
    olga = visitor(found)
    page = olga.post("/login/representative", number=str(who.contract), phone=phone).headers["location"]
    digits = sent(found, phone, r"(\d{6}) — код для входа представителя")
    if (
        olga.post(page, code=digits).status_code != 303
        or olga.post("/consent", consent="yes").status_code != 303
    ):
        raise RuntimeError("the representative was not let in")
    again = visitor(found).post(page, code=digits).status_code
    if again not in (404, 422):
        raise RuntimeError(f"the representative's code opened twice: {again}")
    return olga
