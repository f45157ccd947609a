"""The review of a draft, sending it once, and what becomes of one that is not sent."""

from sqlmodel import select

from db.requests.requests import Request
from tests.kit import cast, hostile
from tests.kit.requests import LATER, SOON, fill, number_of, send, the


def test_a_second_open_request_saying_the_same_is_refused_with_a_link(anna, db, clock):
    number = number_of(send(anna, "sms_on", mobile="8 921 123-45-67", day=SOON))
    page = send(anna, "sms_on", mobile="8 921 123-45-67", day=LATER, status=422)
    assert str(number) in page.errors["form"]
    assert f"/inbox/{number}" in page.links().values()
    assert len(db.exec(select(Request)).all()) == 1


def test_the_same_letter_within_ten_minutes_is_asked_about_and_sent_only_on_purpose(anna, db):
    text = "Не приходит счёт третий день."
    number = number_of(send(anna, "letter", text=text))
    page = send(anna, "letter", text=text, status=422)
    assert f"Уже отправлено: № {number}" in page.text
    again = number_of(anna.submit())
    assert again != number
    assert len(db.exec(select(Request)).all()) == 2


def test_the_same_review_sent_from_two_tabs_at_once_is_one_request(anna, app, db):
    from concurrent.futures import ThreadPoolExecutor

    page = fill(anna, "suspend", first=SOON, last=LATER)
    form = dict(page.form().form_values()) | {"safety": "1", "rules": "1"}

    def post(_):
        return anna.client.post(page.path, data=form, follow_redirects=False)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert {answer.headers.get("location") for answer in answers} == {"/requests/100001/sent"}
    assert len(db.exec(select(Request)).all()) == 1


def test_two_forms_filled_alike_in_two_tabs_and_sent_at_once_are_one_request(anna, db):
    from concurrent.futures import ThreadPoolExecutor

    pages = [fill(anna, "sms_on", mobile="8 921 123-45-67", day=SOON) for _ in range(4)]
    forms = [(page.path, dict(page.form().form_values()) | {"rules": "1"}) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda form: anna.client.post(form[0], data=form[1], follow_redirects=False), forms)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert len(db.exec(select(Request)).all()) == 1


def test_the_acceptance_keeps_version_hash_time_and_address(anna, db):
    from db.access.acceptances import Acceptance
    from rules import accepted_texts as documents

    anna.client.app.state.settings.trusted_proxy = True
    anna.client.headers["x-forwarded-for"] = "203.0.113.7"
    row = the(db, number_of(send(anna, "suspend", first=SOON, last=LATER)))
    kept = db.get(Acceptance, row.acceptance_id)
    text = documents.current_text("suspend")
    assert (kept.name, kept.version, kept.sha256) == ("suspend", text.version, text.sha256)
    assert kept.address == "203.0.113.7" and kept.at


def test_a_draft_is_its_owners_and_goes_after_a_day(anna, boris, clock, engine, settings, db):
    page = fill(
        anna,
        "recalculation",
        first="2026-11-01",
        last="2026-11-10",
        text="Не было связи.",
        files=[("files", ("a.pdf", hostile.pdf(), ""))],
    )
    href = page.links()["a.pdf"]
    assert anna.client.get(href).headers["content-disposition"].startswith("attachment")
    for path in (page.path, href):
        boris.get(path, status=404)
    boris.get("/requests/new/letter?draft=" + page.path.rsplit("/", 1)[1])
    clock.forward(hours=25)
    from db.requests import drafts
    from db.requests.sealed_attachments import Attachment, AttachmentPiece

    drafts.delete_expired(engine, settings, clock.now())
    assert not db.exec(select(Attachment)).all() and not db.exec(select(AttachmentPiece)).all()
    assert not db.exec(select(drafts.Draft)).all()


def test_if_the_site_is_armed_now_the_review_says_so(anna, write, clock):
    from db.events import keys, station
    from db.people import contracts
    from rules.events.events import EventKind, StationReport

    with write() as db:
        key = keys.registered_keys(db, contracts.find_by_number(db, cast.ANNA)[0].id)[0]
        station.ingest(
            db, "main", [StationReport(key.number, clock.now(), "401", EventKind.arm)], clock.now()
        )
    page = fill(anna, "suspend", first=SOON, last=LATER)
    assert "Сейчас под охраной: Квартира" in page.text
    with write() as db:
        clock.forward(minutes=1)
        station.ingest(
            db, "main", [StationReport(key.number, clock.now(), "401", EventKind.disarm)], clock.now()
        )
    assert "под охраной" not in anna.get(page.path).text
