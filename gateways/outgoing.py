"""Messages handed to the gateways they are for; whatever a gateway does, each message gets its own
outcome.
"""

import logging
from typing import Any

from gateways import mail, sms

SEALED = "Не открывается ни одним ключом CABINET_ATTACHMENT_KEYS"
log = logging.getLogger("cabinet.jobs")


def hand_over(messages: list[Any], settings: Any) -> list[tuple[str, str, bool]]:
    """Per message the gateway's number, or the error and whether it is for ever; a gateway that breaks is an
    error too.
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
