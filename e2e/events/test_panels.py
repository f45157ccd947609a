"""AES keys of panels at the engineer's desk: given, refused in words, given anew, taken away; the journal
tells each.
"""

import re

from playwright.sync_api import expect

KEY, OTHER = "30313233343536373839616263646566", "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"


def give(page, number: str, digits: str) -> None:
    page.get_by_label("Номер прибора").fill(number)
    page.get_by_label("Ключ AES").fill(digits)
    page.get_by_role("button", name="Сохранить").click()


def kept(page):
    return page.get_by_role("region", name="Приборы с ключом")


def test_a_panel_s_key_is_given_changed_and_taken_away(both):
    page = both.desk("egor", "Работа")
    page.goto("/staff/station")
    page.get_by_role("link", name="Ключи приборов").click()
    expect(kept(page)).to_contain_text("Ключей пока нет: приборы передают без шифрования.")

    give(page, "прибор", "12 34")
    expect(page.get_by_role("link", name=re.compile("от 1 до 16 цифр и букв A–F"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("32, 48 или 64"))).to_be_visible()
    expect(page.get_by_label("Номер прибора")).to_have_value("прибор")
    expect(page.get_by_label("Ключ AES")).to_have_value("")  # a secret is not sent back
    give(page, "1234", "0" * 32)
    expect(page.get_by_text(re.compile("угадают первым"))).to_be_visible()

    give(page, "12 34", KEY.upper())
    expect(page.get_by_role("status").filter(has_text="Ключ прибора 1234 сохранён")).to_be_visible()
    expect(kept(page)).to_contain_text("1234, 128 бит")
    assert KEY not in page.content().lower()
    give(page, "1234", OTHER)
    expect(page.get_by_role("status").filter(has_text="Ключ прибора 1234 заменён")).to_be_visible()
    expect(kept(page)).to_contain_text("1234, 192 бит")

    page.get_by_role("link", name="Удалить ключ прибора 1234").click()
    page.get_by_role("button", name="Удалить ключ").click()
    expect(page.get_by_role("status").filter(has_text="Ключ прибора 1234 удалён")).to_be_visible()
    expect(kept(page)).to_contain_text("Ключей пока нет")

    journal = both.desk("ada")
    journal.goto("/staff/journal")
    for words in ("открыты ключи приборов", "задан ключ прибора", "удалён ключ прибора"):
        expect(journal.get_by_role("main").get_by_text(words).first).to_be_visible()
    assert KEY not in journal.content().lower() and OTHER not in journal.content()


def test_a_manager_has_no_way_to_the_keys(both):
    page = both.desk("maria")
    assert page.goto("/staff/panels").status == 403
