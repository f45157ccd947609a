"""A code by SMS spent where it was not sent: another session, another person, another purpose, signed out."""

from dataclasses import dataclass

import httpx

from checks.chaos.abuse import Finding
from checks.chaos.client import Client, field, problems
from checks.chaos.filling import Subscriber
from checks.chaos.replays import sent, sure, visitor
from checks.chaos.trial import Trial

FIRST = 422
COPY, OLD, NEW, ALARMS, ENTRY = (
    r"(\d{6}) — код для копии данных",
    r"(\d{6}) — код для переноса входа с этого",
    r"(\d{6}) — код для переноса входа на этот",
    r"(\d{6}) — код: на этот номер",
    r"(\d{6}) — код для входа\.",
)
EXPORT, PHONE = "/settings/export", "/settings/phone"
# Whatever a code may change of these people.
HOLDINGS = """SELECT c.number, s.mobile, s.email, s.entry, s.password_hash,
(SELECT count(*) FROM session x WHERE x.subscriber_id = s.id AND x.confirmed_at IS NOT NULL),
(SELECT count(*) FROM export e WHERE e.subscriber_id = s.id),
(SELECT count(*) FROM representative r WHERE r.subscriber_id = s.id),
(SELECT count(*) FROM request q WHERE q.subscriber_id = s.id)
FROM subscriber s JOIN contract c ON c.subscriber_id = s.id
WHERE c.number BETWEEN :first AND :last ORDER BY c.number"""


@dataclass
class Misuse:
    """Two subscribers, what is found of their codes, and where each code came from."""

    finding: Finding
    found: Trial

    @property
    def anna(self) -> Subscriber:
        return self.found.people[FIRST]

    @property
    def boris(self) -> Subscriber:
        return self.found.people[FIRST + 1]

    def holdings(self) -> list[tuple]:
        return self.found.rows(HOLDINGS, first=self.anna.contract, last=self.boris.contract)

    def digits(self, asker: Client, to: str, pattern: str, place: str, **typed: str) -> str:
        """The code this form sends to this phone."""
        since = len(self.found.gateway.taken)
        answer = asker.post(place, **typed)
        if answer.status_code != 303:
            raise RuntimeError(f"{place}: {answer.status_code}")
        return sent(self.found, to, pattern, since)

    def refused(self, what: str, asker: Client, place: str, inside: bool = False, **typed: str) -> None:
        """The form is refused, what these people have is the same, and the copy of data stays shut to the
        asker. `inside`: the asker has confirmed by a code of their own before.
        """
        before = self.holdings()
        answer = asker.post(place, **typed)
        self.finding.expect(turned_away(answer), f"{what}: {answer.status_code} {answer.headers}")
        if not inside:
            shut = asker.post(EXPORT)
            self.finding.expect(turned_away(shut), f"{what}: копия данных {shut.status_code}")
        self.finding.expect(self.holdings() == before, f"{what}: что-то изменилось")

    def taken(self, what: str, asker: Client, place: str, **typed: str) -> None:
        """The same code where it belongs: without this a wrong spelling would pass for a refusal."""
        answer = asker.post(place, **typed)
        good = answer.status_code == 303 and not turned_away(answer)
        self.finding.expect(good, f"{what}: {answer.status_code} {problems(answer)}")


def turned_away(answer: httpx.Response) -> bool:
    """Refused with words, not there, or sent to begin anew."""
    doors = ("/login", "/confirm", PHONE)
    place = answer.headers.get("location", "").partition("?")[0]
    return answer.status_code in (404, 422) or (answer.status_code == 303 and place in doors)


def misused(found: Trial, clients: list[Client]) -> Finding:
    finding = Finding(
        "код из SMS в другом сеансе, чужом кабинете, после выхода, для другого дела; чужой код у себя"
    )
    one = Misuse(finding, found)
    confirmations(one)
    alarms(one)
    entries(one)
    finding.outcome = "отказано, ничего не изменилось; там, для чего прислан, код подходит"
    return finding


def confirmations(one: Misuse) -> None:
    """Codes of a confirmation and of a move of the phone, before and after their session ends."""
    anna, other = (Client(one.found.house.origin).enter(one.anna.contract) for _ in range(2))
    boris, nobody = Client(one.found.house.origin).enter(one.boris.contract), visitor(one.found)
    hers = one.digits(anna, one.anna.mobile, COPY, "/confirm/send", next=EXPORT)
    his = one.digits(boris, one.boris.mobile, COPY, "/confirm/send", next=EXPORT)
    for what, asker in {"другой сеанс": other, "чужой кабинет": boris, "никто": nobody}.items():
        one.refused(f"код подтверждения, {what}", asker, "/confirm", code=hers)
    for what, asker in {"сеанс с кодом": anna, "другой сеанс": other}.items():
        one.refused(f"код соседа, {what}", asker, "/confirm", code=his)
    moves(one, anna, other, boris, hers)
    old, new = moving(one, anna, "+79215990031")
    anna.post("/logout")
    one.refused("код подтверждения после выхода", anna, "/confirm", code=hers)
    anna.enter(one.anna.contract)
    one.refused("код подтверждения в новом сеансе", anna, "/confirm", code=hers)
    one.refused("коды переноса в новом сеансе", anna, PHONE + "/codes", old=old, new=new)
    one.taken("свой код", boris, "/confirm", code=his, next=EXPORT)
    one.refused("тот же код второй раз", boris, "/confirm", inside=True, code=his)
    hers = one.digits(anna, one.anna.mobile, COPY, "/confirm/send", next=EXPORT)
    one.taken("свой код нового сеанса", anna, "/confirm", code=hers, next=EXPORT)
    one.refused("код, подтвердивший соседний сеанс", other, "/confirm", code=hers)


def moving(one: Misuse, asker: Client, phone: str) -> tuple[str, str]:
    """Both codes of a move of the entry to this phone."""
    since = len(one.found.gateway.taken)
    old = one.digits(asker, one.anna.mobile, OLD, PHONE, phone=phone)
    return old, sent(one.found, phone, NEW, since)


def moves(one: Misuse, anna: Client, other: Client, boris: Client, confirming: str) -> None:
    """The two codes of a move: swapped, elsewhere, beside one of another move, for a confirmation."""
    place = PHONE + "/codes"
    old, new = moving(one, anna, "+79215990032")
    one.refused("коды переноса, другой сеанс", other, place, old=old, new=new)
    one.refused("коды переноса, чужой кабинет", boris, place, old=old, new=new)
    one.refused("коды переноса наоборот", anna, place, old=new, new=old)
    one.refused("код подтверждения для переноса", anna, place, old=confirming, new=new)
    one.refused("код переноса для подтверждения", anna, "/confirm", code=old)
    _, own = moving(one, other, "+79215990033")
    one.refused("код переноса из чужой попытки", other, place, old=old, new=own)


def alarms(one: Misuse) -> None:
    """The code of a number for alarms: another session of the same draft, the neighbour's draft of the same
    number.
    """
    anna, other, boris = confirmed(one)
    phone = "+79215990034"
    form = {"new_mobile": phone, "safety": "1", "rules": "1"}
    kind = "/requests/new/sms_number"
    hers = anna.post(kind, mobile=one.anna.mobile, **form).headers["location"]
    his = boris.post(kind, mobile=one.boris.mobile, **form).headers["location"]
    code = one.digits(anna, phone, ALARMS, hers + "/code")
    edition = field(anna.http.get(hers), "version")
    ticks = {"safety": "1", "rules": "1", "version": edition, "number_code": code}
    one.refused("код номера тревог, другой сеанс", other, hers, inside=True, **ticks)
    one.refused("код номера тревог, чужая заявка", boris, hers, inside=True, **ticks)
    one.refused("код номера тревог, сосед с тем же номером", boris, his, inside=True, **ticks)
    one.refused("код номера тревог для подтверждения", anna, "/confirm", inside=True, code=code)
    one.taken("код номера тревог", anna, hers, **ticks)


def confirmed(one: Misuse) -> tuple[Client, Client, Client]:
    """New sessions, two of Anna's and one of Boris', which count as confirmed by codes of their own."""
    numbers = (one.anna.contract, one.anna.contract, one.boris.contract)
    anna, other, boris = (Client(one.found.house.origin).enter(number) for number in numbers)
    sure(one.found)
    return anna, other, boris


def entries(one: Misuse) -> None:
    """Codes of the entry: another page, another browser, the neighbour's page, a confirmation."""
    anna, _, boris = confirmed(one)
    for asker in (anna, boris):
        one.taken("вход по кодам", asker, "/settings/entry")
    hers, again, his = (visitor(one.found) for _ in range(3))
    pages, codes = {}, []
    for asker, who in ((hers, one.anna), (again, one.anna), (his, one.boris)):
        since = len(one.found.gateway.taken)
        pages[asker] = asker.post("/login/code", number=str(who.contract)).headers["location"]
        codes.append(sent(one.found, who.mobile, ENTRY, since))
    first, _, neighbour = codes
    one.refused("код входа, другая страница", again, pages[again], code=first)
    one.refused("код входа, страница соседа", his, pages[his], code=first)
    one.refused("код входа, другой браузер", his, pages[hers], code=first)
    one.refused("код соседа на своей странице", hers, pages[hers], code=neighbour)
    one.taken("код входа", hers, pages[hers], code=first)
    one.refused("код входа для подтверждения", hers, "/confirm", code=first)
    hers.post("/logout")
    one.refused("код входа ещё раз", hers, pages[hers], code=first)
