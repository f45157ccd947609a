"""What was accepted stays provable: the wording itself is kept, whatever the operator is called
afterwards.
"""

from hashlib import sha256

from sqlmodel import select

from db.access import acceptances
from db.access.acceptances import Acceptance, AcceptedText
from rules import accepted_texts


def accepted(write, clock, settings, name="consent"):
    with write() as db:
        return acceptances.accept(db, 1, name, clock.now(), "127.0.0.1", 1, settings)


def test_the_hash_of_an_acceptance_is_that_of_the_very_words_shown(write, clock, settings, db):
    row = accepted(write, clock, settings)
    words = acceptances.accepted_wording(db, row)
    assert settings.company in words and "{" not in words and sha256(words.encode()).hexdigest() == row.sha256


def test_a_new_name_of_the_operator_does_not_change_what_was_accepted(write, clock, settings, db):
    first = accepted(write, clock, settings)
    settings.company = "АО «Другое имя»"
    second = accepted(write, clock, settings)
    assert first.version == second.version and first.sha256 != second.sha256
    assert "Другое имя" not in acceptances.accepted_wording(
        db, first
    ) and "Другое имя" in acceptances.accepted_wording(db, second)


def test_a_wording_is_kept_once_for_everybody(write, clock, settings, db):
    for _ in range(3):
        accepted(write, clock, settings)
    assert len(db.exec(select(AcceptedText)).all()) == 1 and len(db.exec(select(Acceptance)).all()) >= 3


def test_what_was_accepted_before_wordings_were_kept_is_proved_by_its_file(write, clock, db):
    file = accepted_texts.find_version("consent", 1)
    with write() as own:
        own.add(
            Acceptance(
                subscriber_id=1, name="consent", version=1, sha256=file.sha256, at=clock.now(), address=""
            )
        )
    row = db.exec(select(Acceptance).where(Acceptance.version == 1)).one()
    assert acceptances.accepted_wording(db, row) == file.body
    row.sha256 = "0" * 64
    assert acceptances.accepted_wording(db, row) is None
