"""Requests that only the owner may send, and the SMS they cause."""

import pytest
from sqlmodel import Session

from db import outbox
from db.people import contracts, notification_preferences
from rules import accepted_texts
from rules.requests.kinds import KINDS
from tests.kit import cast
from tests.kit.requests import ACCOUNT, LATER, PASSPORT, SOON

ANNAS, NEW = "+79211234567", "+79215556677"


TYPED = {
    "suspend": {"first": SOON, "last": LATER},
    "sms_off": {"mobile": ANNAS, "day": SOON},
    "sms_number": {"mobile": ANNAS, "new_mobile": NEW},
    "transfer": {"amount": "100", "to_number": "78 000 002"},
    "terminate": {"by": "self", "day": LATER},
    "refund": {"amount": "500", "files": PASSPORT, **ACCOUNT},
}


@pytest.fixture
def sms(write):
    """Анна's SMS-информирование, to her own phone."""
    with write() as db:
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        return cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile=ANNAS).id


def alerted(engine, to=ANNAS) -> list[outbox.Message]:
    with Session(engine, expire_on_commit=False) as db:
        return [
            one for one in reversed(outbox.latest_messages(db, 1000)) if one.kind == "alert" and one.to == to
        ]


def everything_off(write):
    with write() as db:
        owner = contracts.find_by_number(db, cast.ANNA)[1].id
        notification_preferences.save_choices(
            db,
            owner,
            {
                (name, way): False
                for name, kind in notification_preferences.rule.KINDS.items()
                for way in kind.ways
            },
        )


def token(browser) -> str:
    return browser.page.one("form[action='/logout'] [name=_csrf_token]").get("value")


def ticked(browser, kind) -> dict[str, str]:
    """Return all fields the review asks for under the current rules, so that a refusal has another cause."""
    text = KINDS[kind].text
    edition = accepted_texts.current_text(text, browser.client.app.state.settings).edition if text else ""
    return {"_csrf_token": token(browser), "rules": "1", "safety": "1", "version": edition}
