"""Who may come in: forged forms, strange hosts, planted cookies, foreign things."""

import re

import httpx

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.replays import acting
from checks.chaos.trial import Trial
from rules.access.representatives import is_path_allowed
from tests.kit.cast import PASSWORD
from tests.kit.routes import plain
from tests.test_routes import CENSUS


def forged(found: Trial, clients: list[Client]) -> Finding:
    """Forms from another site and from a sibling host, without a token, with another's token; sign-in and
    sign-out too.
    """
    finding, client, other = (
        Finding("чужие формы (CSRF), в том числе вход и выход, с соседнего поддомена"),
        clients[0],
        clients[1],
    )
    posts = [
        plain(line).split()[1]
        for line in CENSUS
        if line.startswith("POST") and "{" not in line and PUBLIC.isdisjoint({line.split()[1]})
    ]
    for path in posts:
        for site in ("cross-site", "same-site"):
            answer = client.http.post(
                path, data={"_csrf_token": client.token()}, headers={"sec-fetch-site": site}
            )
            finding.expect(answer.status_code in (403, 404), f"{path} {site}: {answer.status_code}")
        finding.expect(refused(client.http.post(path, data={})), f"{path} без ключа")
        answer = client.http.post(path, data={"_csrf_token": other.token()})
        finding.expect(refused(answer), f"{path} с чужим ключом: {answer.status_code}")
    finding.expect(client.http.get("/").status_code == 200, "после чужих форм человек остался без входа")
    finding.outcome = "403"
    return finding


def refused(answer: httpx.Response) -> bool:
    """Not for you, not with this token, or elsewhere first: the door sends on before the token is looked
    at.
    """
    doors = ("/", "/login", "/staff/login")
    return answer.status_code in (403, 404) or (
        answer.status_code == 303 and answer.headers["location"] in doors
    )


PUBLIC = {"/callbacks/bank", "/callbacks/sms", "/station/events", "/demo/clock"}


def hosts(found: Trial, clients: list[Client]) -> Finding:
    """Somebody else's name in Host and its kin never comes back in an answer; `next` leads nowhere
    outside.
    """
    finding, visitor = (
        Finding("чужой Host, переадресация наружу, вставка заголовков"),
        Client(found.house.origin),
    )
    for name in (
        "host",
        "x-forwarded-host",
        "forwarded",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-proto",
    ):
        for path in ("/login", "/", "/recover", "/contacts"):
            answer = visitor.http.get(path, headers={name: "evil.example"})
            told = answer.text + str(answer.headers)
            finding.expect(
                "evil.example" not in told and answer.status_code < 500,
                f"{name} на {path}: {answer.status_code}",
            )
    outs = (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\n/evil.example",
        "http:evil.example",
        "/\r\nX-Injected: 1",
        "///evil.example",
        " //evil.example",
    )
    for place in outs:
        one = Client(found.house.origin)
        one.http.get("/login", params={"next": place})
        answer = one.post("/login", number=str(found.people[2].contract), password=PASSWORD, next=place)
        where = answer.headers.get("location", "/")
        safe = bool(re.match(r"/(?![/\\\t])", where)) and "x-injected" not in answer.headers
        finding.expect(safe and answer.status_code == 303, f"{place!r} → {where!r}")
    return finding


def fixation(found: Trial, clients: list[Client]) -> Finding:
    """A cookie planted before the sign-in opens nothing after it; a signed-out one opens nothing."""
    finding, planted = Finding("подложенная и старая кука"), "A" * 32
    visitor = Client(found.house.origin)
    visitor.http.cookies.set("cabinet", planted, domain="127.0.0.1")
    visitor.enter(found.people[2].contract)
    given = [value for name, value in visitor.http.cookies.items() if name == "cabinet"]
    finding.expect(planted not in given[-1:], "кука осталась подложенной")
    finding.expect(bare(found, planted, "/").status_code == 303, "подложенная кука открывает")
    old = given[-1]
    visitor.http.cookies.clear()
    visitor.http.cookies.set("cabinet", old, domain="127.0.0.1")
    visitor.http.get("/")
    visitor.post("/logout")
    finding.expect(bare(found, old, "/").status_code == 303, "кука после выхода открывает")
    finding.outcome = "не открывает"
    return finding


def bare(found: Trial, cookie: str, path: str):
    one = Client(found.house.origin)
    one.http.cookies.set("cabinet", cookie)
    return one.http.get(path)


HIS_OWN = "/settings/representatives/1/take"  # the first representative is Boris's, made by the crawl itself
STRANGERS = ("чужой", "никто", "представитель чужого", "представитель без права")


def foreign(found: Trial, clients: list[Client]) -> Finding:
    """Every address with a number in it, numbers 1…40, asked by another subscriber, by nobody, by each role,
    by representatives:

    one of the stranger with every right, and one of the owner who may only pay.

    """
    from checks.chaos.storms import staff

    finding = Finding("чужие номера во всех адресах: другой абонент, представители, никто, каждая роль")
    anna, boris = clients[0], clients[1]
    olga = acting(found, boris, found.people[1], "+79215990011", "events", "pay", "requests")
    oleg = acting(found, anna, found.people[0], "+79215990012", "pay")
    draft = anna.post("/requests/new/letter", text="Моё личное письмо", key="f").headers["location"]
    anna.post(draft, key="f")
    anna.post("/payments/operator", amount="55", method="card", contact=found.people[0].mobile, key="f2")
    roles = {login: staff(found, login) for login in ("maria", "alexey", "egor", "ada")}
    secret = ("Моё личное письмо", found.people[0].mobile[2:], found.people[0].key)
    for line, who in CENSUS.items():
        method, path = plain(line).split()
        if "{" not in path or "/bank/" in path or "/devices/" in path or method == "ASGI":
            continue
        for n in range(1, 41 if path.count("{") == 1 else 9):
            place = re.sub(r"{\w+}", str(n), path)
            askers = (
                {"чужой": boris, "никто": Client(found.house.origin), "представитель чужого": olga}
                if who == "subscriber"
                else {}
            )
            if who == "subscriber" and not is_path_allowed({"pay"}, method, place):
                askers["представитель без права"] = oleg
            if place == HIS_OWN:
                askers.pop("чужой", None)
            askers |= {login: one for login, one in roles.items() if who != "public" and n < 4}
            for name, one in askers.items():
                answer = one.http.get(place) if method == "GET" else one.post(place)
                leaks = name in STRANGERS and any(word in answer.text for word in secret)
                changed = (
                    method == "POST"
                    and name in STRANGERS
                    and answer.status_code == 303
                    and "login" not in answer.headers["location"]
                )
                # Whoever acts for the owner sees the owner's name over the refusal, and nothing else.
                shut = answer.status_code in (403, 404) if one is oleg else not leaks
                good = answer.status_code < 500 and not changed and shut
                finding.expect(good, f"{name} {method} {place}: {answer.status_code}")
    finding.outcome = "404, 403 или вход"
    return finding
