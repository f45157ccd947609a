"""Every kind of request is complete: its table line, its rule, its effect and its form."""

import re
from datetime import date
from pathlib import Path

import pytest

from db.requests.effects import EFFECTS
from rules import Refused
from rules.desk import audit_log
from rules.requests import kinds
from rules.requests.kinds import KINDS
from rules.requests.notice_period import Notice
from rules.requests.plans import Facts
from settings import Settings

ROOT = Path(__file__).parent.parent.parent
FORMS = ROOT / "partials" / "requests" / "requests"
SHARED = {"authority", "form", "forecast", "new_number", "rules"}


def test_every_kind_has_an_effect_and_every_effect_a_kind():
    assert set(EFFECTS) == set(KINDS)


def test_every_kind_has_a_template_of_its_fields_and_every_template_a_kind():
    assert {path.stem[1:] for path in FORMS.glob("_*.html")} - SHARED == set(KINDS)


@pytest.mark.parametrize("spec", KINDS.values(), ids=lambda spec: spec.name)
def test_the_line_of_a_kind_is_complete(spec):
    assert spec.title and spec.lead and audit_log.fact_words("kind", spec.name)[1] == spec.title
    assert bool(spec.services) == bool(spec.change), "services are changed by a function"
    assert (spec.notice is Notice.NO_DAY) == (spec.day_words == "Дата"), "a day has its words"
    assert not (spec.owner_only and spec.restores)
    assert spec.files or not spec.personal_files
    assert spec.money or not spec.staff_amount


@pytest.mark.parametrize("spec", KINDS.values(), ids=lambda spec: spec.name)
def test_the_rule_of_a_kind_reads_only_fields_its_form_has(spec):
    """An empty form is refused at fields that the form shows, or as a whole."""
    with pytest.raises(Refused) as refused:
        kinds.plan(spec.name, {}, Facts(date(2026, 11, 22), free=100))
    fields = set(re.findall(r'"(\w+)"', (FORMS / f"_{spec.name}.html").read_text("utf-8")))
    assert set(refused.value.problems) <= fields | {"form"} | ({"files"} if spec.files else set())


def test_the_setting_of_automatic_approval_begins_with_the_kinds_that_allow_it():
    assert tuple(Settings.model_fields["auto_kinds"].default) == kinds.AUTO
