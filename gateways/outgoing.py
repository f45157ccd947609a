"""Messages handed to the gateways they are for; whatever a gateway does, each message gets its own
outcome.
"""

import logging
from typing import Protocol

from gateways import mail, sms
from settings import Settings

NO_KEY = "Не открывается ни одним ключом CABINET_ATTACHMENT_KEYS"
log = logging.getLogger("cabinet.jobs")


class OutgoingMessage(Protocol):
    """A message as `db.outbox.letter` gives it; `text` None: no key of the operator opens it."""

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


def send_messages(messages: list[OutgoingMessage], settings: Settings) -> list[tuple[str, str, bool]]:
    """Per message the gateway's number, or the error and whether it is for ever; a gateway that breaks is an
    error too.
    """
    outcomes: dict[int, tuple[str, str, bool]] = {}
    ready = [(n, m) for n, m in enumerate(messages) if m.text is not None]
    outcomes |= {n: ("", NO_KEY, False) for n, m in enumerate(messages) if m.text is None}
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
