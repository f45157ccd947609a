"""The form of a request and its draft, shared by the handlers that show them."""

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
    """Return the draft with this id, sent or not; None for a draft of an owner-only kind when a
    representative asks.
    """
    found = drafts.find_owned(db, who, parse_id(text))
    if found is None or found.kind not in KINDS:  # a draft of a message is shown in its dialogue
        return None
    return found if who.rights is None or not KINDS[found.kind].owner_only else None


def find_unsent_draft(db: Db, who: Who, text: str) -> Draft | None:
    """Return the draft with the id in the URL or field; None if it is another person's, sent, deleted or not
    given.
    """
    found = find_draft(db, who, text) if text else None
    return found if found and not found.number else None


def draft_files(db: Db, draft: Draft | None) -> list[Attachment]:
    return attachments.list_of_draft(db, draft.id) if draft else []


def file_links(db: Db, who: Who, files: list[Attachment]) -> list[tuple[str, str | None, str]]:
    """Return (name, URL, size) of each file; the URL is None if this person may not open the file."""
    links = []
    for row in files:
        name, href, size = attachment_row(row, f"/requests/drafts/{row.draft_id}/files/{row.id}")
        links.append((name, href if representatives.may_open(db, who, row) else None, size))
    return links


def plan_draft(db: Db, who: Who, now: Now, draft: Draft) -> RequestPlan:
    """Return the plan of the draft as of now. Refused when it may no longer be sent."""
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
    """Show the form; `same` is the number of an open request with the same content."""
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
