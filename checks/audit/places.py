"""Where there is to look: every GET of the census with a real address, so that a new page cannot be
forgotten.

A part in an address is filled with a thing that exists in the world; a route no thing is known for is an
error.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from checks.audit.world import World
from db.access import representative_sign_in, sign_in, staff, staff_invitations
from db.events import panels
from rules.requests.kinds import KINDS
from tests import test_strangers
from tests.access import test_phones
from tests.access.test_emails import ask as ask_email
from tests.access.test_emails import link
from tests.kit import cast
from tests.kit.browser import Browser as Visitor
from tests.kit.paying import Till
from tests.kit.routes import plain
from tests.kit.site_keys import BORIS_KEY, UNKNOWN, add
from tests.people.test_settings import confirm
from tests.test_routes import CENSUS

Thing = Callable[[World], str]


@dataclass(frozen=True)
class Place:
    """An address, and who stands there: a contract's number, a login, or None: a stranger."""

    line: str
    path: str
    who: int | str | None
    stage: str = "open"
    token: str = ""
    status: int = 200


def _email(world: World) -> str:
    anna = world.enter(cast.ANNA)
    ask_email(anna, world.write, world.clock)
    return link(world.texts, "new@example.ru")


def _code(world: World) -> str:
    with world.write() as db:
        return "/login/code/" + sign_in.send_entry_code(
            db, world.settings, cast.ANNA, world.asker, world.clock.now()
        )


def _representative(world: World) -> str:
    with world.write() as db:
        token = representative_sign_in.send_code(
            db, world.settings, cast.ANNA, "+79995550011", world.asker, world.clock.now()
        )
        return "/login/representative/" + token


def _invitation(world: World) -> str:
    with world.write() as db:
        row = staff.find_by_login(db, "olga") or staff.add(db, "olga", "Ольга", "manager")
        return "/staff/enrol/" + staff_invitations.invite(db, world.settings, row, world.clock.now())


def _at_bank(world: World) -> str:
    anna = world.enter(cast.ANNA)
    return Till(world.app, world.settings, world.clock, world.visitor).begin(anna).path


def _answer(world: World) -> str:
    maria = world.enter("maria")
    maria.get("/staff/answers")
    page = maria.submit(
        "/staff/answers", title="Спасибо", text="{имя}, спасибо! Мы получили ваше обращение и скоро ответим."
    )
    return page.links()["Спасибо"]


def _panel(world: World) -> str:
    with world.write() as db:
        keys = world.settings.attachment_keys
        panels.register(db, keys, "1234", "0123456789abcdef" * 2, "staff:1", world.clock.now())
    return "/staff/panels/1234"


# The start of an address as the census has it → how its thing comes to be.
MADE: dict[str, Thing] = {
    "/email/{link}": _email,
    "/login/code/{token}": _code,
    "/login/representative/{token}": _representative,
    "/staff/enrol/{token}": _invitation,
    "/bank/pay/{number}": _at_bank,
    "/staff/answers/{answer_id}": _answer,
    "/staff/panels/{number}": _panel,
    "/staff/notices/{notice_id}": lambda world: "/staff/notices/1",
    "/staff/ledger/{contract_id}": lambda world: "/staff/ledger/1",
    "/staff/subscribers/{id}": lambda world: "/staff/subscribers/1",
}
# Addresses that are one form for everybody, by name.
NAMED = {
    "GET /blanks/empty/{name}": ["/blanks/empty/refund.pdf"],
    "GET /blanks/{name}": ["/blanks/refund.pdf"],
    "GET /requests/new/{kind}": [f"/requests/new/{kind}" for kind in KINDS],
}
# What a session has begun and only it may go on with → how it begins.
BEGUN: dict[str, Callable[[Visitor], object]] = {"GET /settings/phone/codes": test_phones.ask}
# Refusals are pages too.
REFUSED = [
    Place("nowhere", "/nowhere", None, status=404),
    Place("nowhere", "/nowhere", cast.ANNA, status=404),
    Place("nowhere", "/nowhere", "maria", status=404),
    Place("not for this role", "/staff/journal", "maria", status=403),
    Place("a file that is not there", "/inbox/999999", cast.ANNA, status=404),
]
# Pages that are there only while something is on, and nobody has turned it on here: their own stories look at
# them.
SHUT = {"GET /.well-known/change-password": 303, "GET /autopay/edit": 404, "GET /settings/totp/lost": 303}
# The bank's own API: another machine's, no page.
NOT_OURS = {"GET /bank/v3/{kind}", "GET /bank/v3/{kind}/{thing}"}
# Steps of an entry that come before everything else.
STEPS: dict[str, tuple[int | str, str]] = {
    "second step": (cast.BORIS, "app"),
    "choosing": (cast.BORIS, "choose"), "consenting": (cast.BORIS, "consent"), "proving": ("maria", "totp"),
}  # fmt: skip
ROLES = {role: login for login, role in cast.STAFF.items()}


def furnish(world: World) -> dict[str, str]:
    """Everything that can stand in an address, made by the people's own hands: start of an address → the real
    one.
    """
    anna = world.enter(cast.ANNA)
    made = test_strangers.things(anna, world.enter, world.write, world.clock, world.engine, world.settings)
    found = {start: made[thing] for start, thing in test_strangers.THINGS.items()}
    for key in (BORIS_KEY, UNKNOWN):
        add(anna, key)
    found |= {start: make(world) for start, make in MADE.items()}
    for at_desk in ("/staff/requests/{number}", "/staff/requests/{number}/files/{file_id}"):
        found[at_desk] = found[at_desk.replace("/staff/requests", "/inbox")].replace(
            "/inbox", "/staff/requests"
        )
    alarm = found["/alarms/{place}"].rsplit("/", 1)[1]
    found["/staff/alarms/{contract_id}"] = "/staff/alarms/1"
    found["/staff/alarms/{contract_id}/{place}"] = f"/staff/alarms/1/{alarm}"
    return found


def begun(world: World) -> dict[str, str]:
    """What a session has begun: line → the session's cookie."""
    found = {}
    for line, begin in BEGUN.items():
        found[line] = world.cookie(cast.ANNA)
        browser = world.visitor()
        browser.client.cookies.set("cabinet", found[line])
        begin(browser)
    return found


def everywhere(world: World) -> list[Place]:
    """Every page there is, in a world furnished for it."""
    things, tokens = furnish(world), begun(world)
    return [replace(place, token=tokens.get(place.line, "")) for place in places(things)] + REFUSED


def bare(who: int) -> list[Place]:
    """A subscriber's and the desk's pages that need no thing, in a world where nothing has happened yet."""
    lines = {line for line in (plain(line) for line in CENSUS) if "{" not in line} - set(BEGUN)
    return [
        replace(one, who=who) if one.who == cast.ANNA else one
        for one in places({}, lines)
        if one.who is not None
    ]


def places(things: dict[str, str], lines: set[str] | None = None) -> list[Place]:
    """Pages of the census and who should look at each; KeyError names the route nobody gave an address."""
    found = []
    for line, who in sorted((plain(line), who) for line, who in CENSUS.items()):
        if line.startswith("GET ") and line not in NOT_OURS and (lines is None or line in lines):
            found += [
                Place(line, path, one, stage, status=SHUT.get(line, 200))
                for path in _paths(line, things)
                for one, stage in _people(who)
            ]
    return found


def _paths(line: str, things: dict[str, str]) -> list[str]:
    path = line.split()[1]
    if line in NAMED or "{" not in path:
        return NAMED.get(line, [path])
    cut = path.rindex("}") + 1
    if path[:cut] not in things:
        raise KeyError(
            f"{line}: no thing to look at; put one into MADE (checks/audit/places.py) or THINGS "
            "(tests/test_strangers.py)"
        )
    return [things[path[:cut]] + path[cut:]]


def _people(who: str) -> list[tuple[int | str | None, str]]:
    if who == "public":
        return [(None, "open")]
    if who == "subscriber":
        return [(cast.ANNA, "open")]
    if who in STEPS:
        return [STEPS[who]]
    roles = ["manager", "admin"] if who == "staff" else [max(who.split(), key=lambda role: role == "admin")]
    return [(ROLES[role], "open") for role in roles]


def confirmed(world: World, *numbers: int) -> None:
    for number in numbers:
        confirm(world.write, world.clock, number)
