"""Letters through a mail server of the tests' own."""

import socket

import pytest
from aiosmtpd.controller import Controller

from gateways import mail

ANNA, BORIS = "anna@example.ru", "boris@example.ru"


class Box:
    """Keeps what comes; refuses whom it is told to, with the code it is told."""

    def __init__(self):
        self.letters, self.refused = [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return f"{self.refused[address]} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        import email
        from email import policy

        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def server(box):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def settings(settings, server):
    return settings.model_copy(update={"smtp_server": f"127.0.0.1:{server.port}", "smtp_tls": "none"})


def test_a_letter_arrives_in_cyrillic(settings, box):
    ((number, error, _),) = mail.send(
        settings, [(ANNA, "Ответ на обращение № 7", "Здравствуйте!\nПодписан договор.")]
    )
    (letter,) = box.letters
    assert letter["subject"] == "Ответ на обращение № 7" and letter["to"] == ANNA
    assert letter.get_content().split() == ["Здравствуйте!", "Подписан", "договор."]
    assert "Росохрана" in letter["from"] and letter["message-id"] == number and not error


def test_a_refused_address_is_given_up_and_the_next_letter_goes(settings, box):
    box.refused = {ANNA: 550}
    outcomes = mail.send(settings, [(ANNA, "1", "1"), (BORIS, "2", "2")])
    assert [(bool(number), permanent) for number, _, permanent in outcomes] == [(False, True), (True, False)]


def test_a_busy_server_is_tried_again(settings, box):
    box.refused = {ANNA: 451}
    ((number, error, permanent),) = mail.send(settings, [(ANNA, "1", "1")])
    assert not number and "451" in error and not permanent


def test_a_server_that_is_not_there_is_tried_again(settings):
    settings = settings.model_copy(update={"smtp_server": "127.0.0.1:9"})
    ((number, error, permanent),) = mail.send(settings, [(ANNA, "1", "1")])
    assert not number and error and not permanent


def test_a_subject_cannot_smuggle_a_header(settings, box):
    mail.send(settings, [(ANNA, "1\r\nBcc: boris@example.ru", "1")])
    assert box.letters[0]["bcc"] is None


def test_without_a_server_nothing_leaves(settings, box):
    quiet = settings.model_copy(update={"smtp_server": ""})
    assert mail.send(quiet, [(ANNA, "1", "1")]) == [("", "", False)] and box.letters == []
