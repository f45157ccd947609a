"""Sends outbox messages over their gateways; each message gets an outcome of its own."""

import logging
from collections.abc import Sequence
from typing import Protocol

from gateways import mail, sms
from settings import Settings

SEALED = "Не открывается ни одним ключом CABINET_ATTACHMENT_KEYS"
log = logging.getLogger("cabinet.jobs")


class Message(Protocol):
    """The fields of an outbox message that a gateway needs; `text` is None when it cannot be decrypted."""

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


def hand_over(messages: Sequence[Message], settings: Settings) -> list[tuple[str, str, bool]]:
    """Per message the gateway's number, or the error and whether it is permanent. A gateway that raises is a
    temporary error of all its messages.
    """
    outcomes: dict[int, tuple[str, str, bool]] = {}
    ready = [(n, m) for n, m in enumerate(messages) if m.text is not None]
    outcomes |= {n: ("", SEALED, False) for n, m in enumerate(messages) if m.text is None}
    texts = [(n, (m.to, m.text)) for n, m in ready if m.channel == "sms"]
    letters = [(n, (m.to, m.subject or "", m.text)) for n, m in ready if m.channel != "sms"]
    for gateway, some in ((sms.send, texts), (mail.send, letters)):
        try:
            answers = gateway(settings, [each for _, each in some])  # type: ignore[operator]
        except Exception as wrong:
            log.exception("%s messages were not handed over", len(some))
            answers = [("", type(wrong).__name__, False)] * len(some)
        outcomes |= {n: answer for (n, _), answer in zip(some, answers, strict=True)}
    for n, (_, error, _) in outcomes.items():
        if error:
            log.warning("message %s was not handed over: %s", messages[n].id, error)
    return [outcomes[n] for n in range(len(messages))]
