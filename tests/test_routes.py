"""The census: every route × nobody, its owner's kind, the other kind, each role. A new route without a line
here fails.

A line says who may come: "public", "subscriber", "staff" (any role) or the roles by name. `{…}` parts are
filled with an id that exists for nobody, so whoever may come gets 404 (or 2xx, 303, 422 where the page needs
no such thing), and whoever may not is sent to the entry.
"""

import pytest
from litestar.routes import ASGIRoute, HTTPRoute

from tests.kit import cast

CENSUS = {
    "GET /": "subscriber",
    "GET /autopay": "subscriber",
    "GET /autopay/new": "subscriber",
    "POST /autopay/new": "subscriber",
    "GET /autopay/edit": "subscriber",
    "POST /autopay/edit": "subscriber",
    "POST /autopay/off": "subscriber",
    "GET /bank/pay/{number:str}": "public",
    "POST /bank/pay/{number:str}": "public",
    "GET /bank/v3/{kind:str}": "public",
    "POST /bank/v3/{kind:str}": "public",
    "GET /bank/v3/{kind:str}/{thing:str}": "public",
    "GET /blanks": "public",
    "GET /blanks/empty/{name:str}": "public",
    "GET /blanks/{name:str}": "subscriber",
    "POST /callbacks/bank": "public",
    "GET /choose": "choosing",
    "POST /choose": "choosing",
    "GET /confirm": "subscriber",
    "POST /confirm": "subscriber",
    "POST /confirm/send": "subscriber",
    "GET /contacts": "public",
    "GET /.well-known/change-password": "public",
    "GET /.well-known/security.txt": "public",
    "POST /contracts/current": "subscriber",
    "POST /demo/clock": "public",
    "GET /demo/phone": "public",
    "GET /devices": "subscriber",
    "POST /devices/end": "subscriber",
    "GET /staff/devices": "staff",
    "POST /staff/devices/end": "staff",
    "POST /staff/devices/{session_id:str}/end": "staff",
    "POST /devices/{session_id:str}/end": "subscriber",
    "GET /email/{link:str}": "public",
    "POST /email/{link:str}": "public",
    "GET /alarms/{place:str}": "subscriber",
    "POST /alarms/{place:str}": "subscriber",
    "GET /events": "subscriber",
    "GET /events.csv": "subscriber",
    "GET /events/fresh": "subscriber",
    "GET /health": "public",
    "GET /keys": "subscriber",
    "GET /keys/new": "subscriber",
    "POST /keys/new": "subscriber",
    "GET /keys/{added_id:str}": "subscriber",
    "POST /keys/{added_id:str}": "subscriber",
    "GET /keys/{added_id:str}/remove": "subscriber",
    "POST /keys/{added_id:str}/remove": "subscriber",
    "GET /login": "public",
    "POST /login": "public",
    "GET /login/app": "second step",
    "POST /login/app": "second step",
    "GET /login/code": "public",
    "POST /login/code": "public",
    "GET /login/code/{token:str}": "public",
    "POST /login/code/{token:str}": "public",
    "POST /logout": "public",
    "GET /payments": "subscriber",
    "GET /payments/code.svg": "subscriber",
    "GET /payments/new": "subscriber",
    "GET /payments/operator": "subscriber",
    "POST /payments/operator": "subscriber",
    "GET /payments/police": "subscriber",
    "POST /payments/police": "subscriber",
    "GET /payments/{number:str}": "subscriber",
    "GET /payments/{number:str}/go": "subscriber",
    "POST /payments/{number:str}/bank": "subscriber",
    "POST /payments/{number:str}/check": "subscriber",
    "GET /payments/{number:str}/state": "subscriber",
    "GET /ready": "public",
    "GET /receipts": "subscriber",
    "GET /receipts/{receipt_id:str}": "subscriber",
    "GET /recover": "public",
    "POST /recover": "public",
    "GET /recover/sent": "public",
    "GET /register": "public",
    "POST /register": "public",
    "GET /register/sent": "public",
    "GET /consent": "consenting",
    "POST /consent": "consenting",
    "GET /staff/debtors": "accountant admin",
    "POST /staff/debtors": "accountant admin",
    "GET /staff/debtors.csv": "accountant admin",
    "GET /staff/ledger/{contract_id:str}": "manager accountant admin",
    "GET /staff/ledger/{contract_id:str}/csv": "manager accountant admin",
    "POST /staff/ledger/{contract_id:str}": "accountant admin",
    "GET /staff/money": "accountant admin",
    "POST /staff/corrections/{correction_id:str}/{verb:str}": "accountant admin",
    "POST /staff/receipts/{receipt_id:str}/again": "accountant admin",
    "GET /staff/reconciliations": "accountant admin",
    "POST /staff/reconciliations": "accountant admin",
    "POST /staff/discrepancies/{discrepancy_id:str}": "accountant admin",
    "GET /staff/refunds": "accountant admin",
    "POST /staff/refunds/{number:str}": "accountant admin",
    "GET /statement": "subscriber",
    "GET /statement.csv": "subscriber",
    "GET /statement.pdf": "subscriber",
    "GET /staff/station": "engineer admin",
    "POST /station/events": "public",
    "POST /callbacks/sms": "public",
    "GET /inbox": "subscriber",
    "ASGI /inbox/envelope": "public",
    "GET /inbox/{number:str}": "subscriber",
    "POST /inbox/{number:str}": "subscriber",
    "GET /inbox/{number:str}/files/{file_id:str}": "subscriber",
    "POST /inbox/{number:str}/withdraw": "subscriber",
    "GET /requests/drafts/{draft_id:str}": "subscriber",
    "POST /requests/drafts/{draft_id:str}": "subscriber",
    "GET /requests/drafts/{draft_id:str}/files/{file_id:str}": "subscriber",
    "GET /requests/new": "subscriber",
    "GET /requests/new/{kind:str}": "subscriber",
    "POST /requests/new/{kind:str}": "subscriber",
    "GET /requests/{number:str}/sent": "subscriber",
    "GET /staff": "staff",
    "GET /staff/answers": "admin manager",
    "POST /staff/answers": "admin manager",
    "GET /staff/answers/{answer_id:str}": "admin manager",
    "POST /staff/answers/{answer_id:str}/remove": "admin manager",
    "POST /staff/enrol/{token:str}": "public",
    "GET /staff/enrol/{token:str}": "public",
    "GET /staff/enrol/{token:str}/qr.svg": "public",
    "GET /staff/journal": "admin",
    "POST /staff/journal/search": "admin",
    "GET /staff/journal.csv": "admin",
    "GET /staff/login": "public",
    "POST /staff/login": "public",
    "GET /staff/alarms/{contract_id:str}": "admin manager accountant engineer",
    "GET /staff/alarms/{contract_id:str}/{place:str}": "admin manager accountant engineer",
    "POST /staff/alarms/{contract_id:str}/{place:str}": "admin manager accountant engineer",
    "GET /staff/keys": "admin manager engineer",
    "POST /staff/keys/{try_id:str}": "admin manager engineer",
    "GET /staff/panels": "engineer admin",
    "POST /staff/panels": "engineer admin",
    "POST /staff/panels/{number:str}/remove": "engineer admin",
    "GET /staff/queue": "admin manager accountant",
    "GET /staff/requests/{number:str}": "admin manager accountant",
    "GET /staff/requests/{number:str}/files/{file_id:str}": "admin manager accountant",
    "GET /staff/requests/{number:str}/news": "admin manager accountant",
    "POST /staff/requests/{number:str}/answer": "admin manager accountant",
    "POST /staff/requests/{number:str}/approve": "admin manager accountant",
    "POST /staff/requests/{number:str}/assign": "admin manager accountant",
    "POST /staff/requests/{number:str}/refuse": "admin manager accountant",
    "GET /staff/subscribers": "admin manager accountant",
    "POST /staff/subscribers/search": "admin manager accountant",
    "GET /staff/subscribers/{id:str}": "admin manager accountant",
    "GET /staff/subscribers/{id:str}/application": "admin manager",
    "POST /staff/subscribers/{id:str}/application": "admin manager",
    "GET /staff/work": "admin engineer",
    "POST /staff/work/messages/{message_id:str}": "admin engineer",
    "GET /staff/totp": "proving",
    "POST /staff/totp": "proving",
    "GET /style": "public",
    "GET /templates/{number:str}": "subscriber",
    "POST /templates/{number:str}": "subscriber",
    "GET /templates/{number:str}/code.svg": "subscriber",
    "POST /templates/{number:str}/delete": "subscriber",
    "GET /templates/{number:str}/edit": "subscriber",
    "POST /templates/{number:str}/edit": "subscriber",
    "GET /supervision": "subscriber",
    "GET /supervision/new": "subscriber",
    "POST /supervision/new": "subscriber",
    "POST /supervision/{watch_id:str}/stop": "subscriber",
    "GET /settings": "subscriber",
    "GET /settings/contacts": "subscriber",
    "POST /settings/contacts": "subscriber",
    "GET /settings/choices": "subscriber",
    "POST /settings/choices": "subscriber",
    "GET /settings/email": "subscriber",
    "POST /settings/email": "subscriber",
    "GET /settings/phone": "subscriber",
    "POST /settings/phone": "subscriber",
    "GET /settings/phone/codes": "subscriber",
    "POST /settings/phone/codes": "subscriber",
    "GET /settings/phone/lost": "subscriber",
    "POST /settings/phone/lost": "subscriber",
    "GET /settings/password": "subscriber",
    "POST /settings/password": "subscriber",
    "GET /settings/entry": "subscriber",
    "POST /settings/entry": "subscriber",
    "GET /settings/totp": "subscriber",
    "GET /settings/totp/lost": "subscriber",
    "POST /settings/totp/lost": "subscriber",
    "POST /settings/totp/lost/code": "subscriber",
    "POST /settings/totp/lost/cancel": "subscriber",
    "POST /settings/totp": "subscriber",
    "GET /settings/export": "subscriber",
    "POST /settings/export": "subscriber",
    "GET /settings/export/{link:str}": "subscriber",
    "GET /settings/representatives": "subscriber",
    "GET /settings/representatives/new": "subscriber",
    "POST /settings/representatives/new": "subscriber",
    "POST /settings/representatives/{representative_id:str}/take": "subscriber",
    "GET /login/representative": "public",
    "POST /login/representative": "public",
    "GET /login/representative/{token:str}": "public",
    "POST /login/representative/{token:str}": "public",
    "GET /notices": "subscriber",
    "POST /notices/security/read": "subscriber",
    "POST /notices/{notice_id:str}/read": "subscriber",
    "POST /notices/rights": "subscriber",
    "POST /welcome": "subscriber",
    "POST /requests/drafts/{draft_id:str}/code": "subscriber",
    "GET /keys/waiting/{try_id:str}": "subscriber",
    "POST /keys/waiting/{try_id:str}": "subscriber",
    "GET /help": "public",
    "GET /staff/notices": "staff",
    "GET /staff/notices/new": "manager engineer admin",
    "POST /staff/notices/new": "manager engineer admin",
    "POST /staff/notices/{notice_id:str}/withdraw": "manager engineer admin",
    "GET /inbox/{number:str}/talk": "subscriber",
}


def declared(app) -> set[str]:
    found = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found |= {f"{method} {route.path_format}" for method in route.methods if method != "OPTIONS"}
        elif isinstance(route, ASGIRoute):
            found.add(f"ASGI {route.path_format}")
    return {plain(line) for line in found}


def plain(line: str) -> str:
    """Types of path parts stand in the declaration, not always in the format; the census speaks without
    them.
    """
    import re

    return re.sub(r":\w+}", "}", line)


KNOWN = {plain(line): who for line, who in CENSUS.items()}


def test_every_route_is_in_the_census_and_the_census_names_no_other(app):
    assert declared(app) == set(KNOWN)


def fill(path: str) -> str:
    import re

    return re.sub(r"{(\w+)}", lambda part: "999999" if part[1].endswith("id") else "nothing", path)


def ask(browser, line: str):
    """The bare answer, with the visitor's own token so that only the door decides."""
    method, path = line.split()
    browser.get("/login") if "/" not in browser.client.cookies else None
    if method == "POST":
        name = next(name for name in browser.client.cookies if name.startswith("csrf-"))
        return browser.client.post(
            fill(path), data={"_csrf_token": browser.client.cookies[name]}, follow_redirects=False
        )
    return browser.client.get(fill(path), follow_redirects=False)


@pytest.mark.parametrize("line", sorted(line for line in KNOWN if not line.startswith("ASGI")))
def test_each_route_lets_in_whom_the_census_says(line, visitor, enter):
    who = KNOWN[line]
    nobody, anna = ask(visitor(), line), ask(enter(cast.ANNA), line)
    staff = {role: ask(enter(login), line) for login, role in cast.STAFF.items()}
    for answer in (nobody, anna, *staff.values()):
        assert answer.status_code < 500, answer.text[:500]
    if who == "public":
        assert not any(
            sent_away(answer) for answer in (nobody, anna, *staff.values()) if line != "POST /logout"
        )
        return
    assert sent_away(nobody)
    if who == "subscriber":
        assert not sent_away(anna) and all(sent_away(answer) for answer in staff.values())
    elif who == "proving":
        assert sent_away(anna) and all(answer.headers["location"] == "/" for answer in staff.values())
    elif who in ("choosing", "consenting", "second step"):
        assert anna.headers["location"] == "/" and all(sent_away(answer) for answer in staff.values())
    else:
        assert sent_away(anna)
        for role, answer in staff.items():
            allowed = who == "staff" or role in who.split()
            assert not sent_away(answer) and (answer.status_code == 403) != allowed, (
                f"{role}: {answer.status_code}"
            )


def sent_away(answer) -> bool:
    return answer.status_code == 303 and answer.headers["location"].split("?")[0] in (
        "/login",
        "/staff/login",
    )
