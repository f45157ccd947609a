"""Sends outbox messages through the SMS and mail gateways; each message gets its own outcome."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from gateways import mail, sms
from settings import Settings

NO_KEY = "Не открывается ни одним ключом CABINET_ATTACHMENT_KEYS"
log = logging.getLogger("cabinet.jobs")

Content = TypeVar("Content")
# (the gateway's message id, error, whether the error is permanent)
Outcome = tuple[str, str, bool]


class Message(Protocol):
    """The fields of an outbox message that a gateway needs; `text` is None if it cannot be decrypted."""

    @property
    def id(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...


def send_messages(messages: Sequence[Message], settings: Settings) -> list[Outcome]:
    """Send the messages and return the outcome of each, in the same order.

    If a gateway raises, all its messages get a temporary error.
    """
    outcomes = {n: ("", NO_KEY, False) for n, message in enumerate(messages) if message.text is None}
    texts = [(n, (m.to, m.text)) for n, m in enumerate(messages) if m.text is not None and m.channel == "sms"]
    letters = [
        (n, (m.to, m.subject or "", m.text))
        for n, m in enumerate(messages)
        if m.text is not None and m.channel != "sms"
    ]
    outcomes |= _send(sms.send, settings, texts)
    outcomes |= _send(mail.send, settings, letters)
    for n, (_, error, _) in outcomes.items():
        if error:
            log.warning("message %s was not handed over: %s", messages[n].id, error)
    return [outcomes[n] for n in range(len(messages))]


def _send(
    gateway: Callable[[Settings, list[Content]], list[Outcome]],
    settings: Settings,
    numbered: list[tuple[int, Content]],
) -> dict[int, Outcome]:
    """Return the outcome of each message by its index; if the gateway raises, all get a temporary error."""
    try:
        answers = gateway(settings, [content for _, content in numbered])
    except Exception as error:
        log.exception("%s messages were not handed over", len(numbered))
        answers = [("", type(error).__name__, False)] * len(numbered)
    return {n: answer for (n, _), answer in zip(numbered, answers, strict=True)}
