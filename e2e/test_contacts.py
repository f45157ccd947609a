"""Contacts before and after signing in."""

from playwright.sync_api import expect


def test_a_stranger_finds_the_phone_and_the_office(person):
    person.goto("/login")
    person.get_by_role("link", name="Контакты").first.click()
    expect(person.get_by_role("heading", level=1)).to_have_text("Контакты")
    phone = person.get_by_role("region", name="Центр обслуживания").get_by_role(
        "link", name="+7 812 326-17-20"
    )
    expect(phone).to_have_attribute("href", "tel:+78123261720")
    expect(person.get_by_role("region", name="Офис").get_by_text("понедельник–четверг")).to_be_visible()


def test_anna_goes_from_home_to_contacts_to_write(anna):
    anna.goto("/")
    anna.get_by_role("main").get_by_role("link", name="Контакты").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Контакты")
    expect(anna.get_by_role("link", name="Написать нам")).to_have_attribute("href", "/requests/new/letter")
