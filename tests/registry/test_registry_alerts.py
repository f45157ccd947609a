"""Who is told of what an import changes, and who is not."""

from db import outbox
from db.people.contracts import find_by_number
from tests.kit.registry import LINE, but, house, take  # noqa: F401 - fixtures


def alerts(db, to="+79001111111") -> list[outbox.Message]:
    db.rollback()
    return [one for one in reversed(outbox.latest_messages(db, 100)) if one.kind == "alert" and one.to == to]


def test_what_a_changed_line_cuts_is_told_to_the_owner_and_an_unchanged_one_tells_nothing(take, db, clock):
    """Never before other messages: a file of thousands must not hold back an alarm."""
    on = LINE | {"SMS": "8 900 111-11-11", "Стоимость SMS": "100,00"}
    take(on)
    take(on)
    assert alerts(db) == []
    clock.forward(days=1)
    moved = on | {"SMS": "8 900 222-22-22"}
    take(moved)
    take(moved)
    [told] = alerts(db)
    assert (
        "теперь приходят на" in told.text
        and "22-22" in told.text
        and told.urgent == 0
        and "78 111 111" in said(told)
    )
    take(moved | {"Стоимость SMS": "120,00"})
    assert len(alerts(db)) == 1, "a price cuts nothing"
    take(moved | {"SMS": "нет", "Стоимость SMS": ""})
    take(moved | {"SMS": "нет", "Стоимость SMS": ""})
    assert "SMS-информирование отключено" in said(alerts(db)[-1]) and len(alerts(db)) == 2
    take(LINE | {"SMS": "нет", "Дата расторжения": "10.12.2026"})
    take(LINE | {"SMS": "нет", "Дата расторжения": "10.12.2026"})
    assert "действует по 10 декабря 2026" in said(alerts(db)[-1]) and len(alerts(db)) == 3


def said(message) -> str:
    return message.text.replace("\u00a0", " ")


def test_another_sign_in_phone_is_told_to_the_former_one_without_naming_the_contract(take, db):
    take(LINE)
    take(LINE | {"Телефон": "8 900 333-33-33"})
    [told] = alerts(db)
    assert (
        "телефон для входа" in told.text and "111 111" not in said(told) and "позвоните" in said(told).lower()
    )
    assert alerts(db, "+79003333333") == []


def test_a_number_no_sms_reaches_does_not_cost_its_line(take, db):
    take(LINE | {"Телефон": "8 800 555-35-35"})
    assert find_by_number(db, 78111111)[1].mobile == "+78005553535"
