"""Letters about an address: to the new one with a link, to the former one with a way to object."""

from rules import paths
from rules.access import email_messages


def test_the_link_stands_alone_on_its_line():
    message = email_messages.confirm_address("https://lk.example" + paths.email_confirmation("a.b"))
    assert "https://lk.example/email/a.b" in message.text.splitlines()
    assert message.subject == "Подтвердите адрес почты"


def test_the_former_address_learns_whom_to_call():
    message = email_messages.address_replaced("+78123090000")
    assert message.text.endswith("Если это сделали не вы, позвоните нам: +7\u00a0812\u00a0309-00-00.")
    assert message.subject == "Адрес почты изменён"
