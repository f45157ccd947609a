"""How a page says what is wrong: the only error once, at its field, in focus; several by name."""

import pytest
from pydantic import BaseModel

from rules import Refused
from tests.kit import cast
from web import parse_form
from web.form_errors import MISSING, FormErrors


def autofocused(page) -> list[str]:
    return [one.get("name") or one.get("id") for one in page.tree.cssselect("[autofocus]")]


def test_an_only_error_is_said_once_at_its_field_which_has_the_focus(browser):
    browser.get("/recover")
    page = browser.submit(number="12", status=422)
    assert not page.tree.cssselect(".summary") and len(page.tree.cssselect(".wrong")) == 1
    assert autofocused(page) == ["number"]


def test_several_errors_are_listed_by_the_names_of_their_fields(browser):
    browser.get("/register")
    page = browser.submit(status=422)
    assert list(page.errors) == ["number", "phone", "email"] and autofocused(page) == ["summary"]
    assert page.errors["number"].startswith("Укажите номер договора")
    assert page.errors["phone"].startswith("Укажите мобильный телефон")
    assert page.errors["email"].startswith("Укажите электронную почту")


def test_an_error_of_the_whole_form_stands_above_it():
    assert FormErrors({"form": "Слишком поздно."}).alone == ""


def test_an_only_error_without_a_field_on_the_page_is_listed(anna):
    errors = FormErrors({"number": "Такого нет."})
    assert errors.fit("<p>no field</p>") and errors.alone == ""
    kept = FormErrors({"number": "Такого нет."})
    assert not kept.fit('<p id="f-number-error">') and kept.alone == "number"


def test_two_fields_with_one_sentence_are_told_apart(anna):
    anna.get("/requests/new/suspend")
    page = anna.submit(first="", last="", status=422)
    assert len(set(page.errors.values())) == len(page.errors) > 1, page.errors
    assert all("укажите дату" in words for words in page.errors.values())


def test_no_field_is_asked_for_without_its_name():
    models = [one for one in BaseModel.__subclasses__() if one.__module__.startswith("routes.")]
    models += [one for model in models for one in model.__subclasses__()]
    assert len(models) > 8
    for model in models:
        needed = {name for name, field in model.model_fields.items() if field.is_required()}
        assert needed <= set(MISSING), f"{model.__module__}.{model.__name__}: {needed - set(MISSING)}"
        with pytest.raises(Refused) if needed else _nothing():
            parse_form(model, {})


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


def test_the_entry_asks_for_both_at_once(browser):
    browser.get("/login")
    assert set(browser.submit(status=422).errors) == {"number", "password"}


def test_with_an_application_its_code_is_all_that_is_asked(enter, write):
    from db.people import contracts, subscribers

    with write() as db:
        subscribers.save_totp(db, contracts.find_by_number(db, cast.ANNA)[1].id, "JBSWY3DPEHPK3PXP", 0)
    page = enter(cast.ANNA).get("/confirm?next=/settings")
    fields = [one.get("name") for one in page.tree.cssselect("main input:not([type=hidden])")]
    assert fields == ["code"] == autofocused(page)
    assert "SMS" not in " ".join(page.tree.cssselect("main")[0].text_content().split())
