"""The form of a request and its draft, for the handlers that show them."""

from typing import Any

from litestar import Response

from db.access import representatives
from db.requests import attachments, drafts, request_facts
from db.requests.attachments import Attachment
from db.requests.drafts import Draft
from rules.requests import kinds
from rules.requests.kinds import KINDS, KindSpec
from rules.requests.plans import RequestPlan
from web import Db, Now, Request, Who, page, parse_id
from web.uploads import attachment_row


def find_draft(db: Db, who: Who, text: str) -> Draft | None:
    """The draft of this id, sent or not. Drafts of owner-only kinds are hidden from representatives."""
    found = drafts.find_owned(db, who, parse_id(text))
    if found is None or found.kind not in KINDS:  # a message begun in a dialogue has a page of its own
        return None
    return found if who.rights is None or not KINDS[found.kind].owner_only else None


def find_unsent_draft(db: Db, who: Who, text: str) -> Draft | None:
    """The draft of this address or field; None if it is another's, sent, deleted or not given."""
    found = find_draft(db, who, text) if text else None
    return found if found and not found.number else None


def draft_files(db: Db, draft: Draft | None) -> list[Attachment]:
    return attachments.list_of_draft(db, draft.id) if draft else []


def file_links(db: Db, who: Who, files: list[Attachment]) -> list[tuple[str, str | None, str]]:
    """(name, address, size) of each; without an address if this person may not open it."""
    links = []
    for row in files:
        name, href, size = attachment_row(row, f"/requests/drafts/{row.draft_id}/files/{row.id}")
        links.append((name, href if representatives.may_open(db, who, row) else None, size))
    return links


def plan_draft(db: Db, who: Who, now: Now, draft: Draft) -> RequestPlan:
    """The plan of what the draft asks for now; Refused if it may no longer be sent."""
    files = len(draft_files(db, draft))
    return kinds.plan(draft.kind, draft.form, request_facts.read_facts(db, who, now, files))


def show_form(
    request: Request,
    db: Db,
    who: Who,
    now: Now,
    kind: KindSpec,
    draft: Draft | None,
    same: int = 0,
    **answer: Any,
) -> Response:
    """The form's page; `same` is the number of an open request that says the same."""
    return page(
        request,
        "requests/requests/form.html",
        kind=kind,
        draft=draft,
        attached=file_links(db, who, draft_files(db, draft)),
        same=same,
        hints=request_facts.form_hints(db, who, kind.name, now),
        **answer,
    )
