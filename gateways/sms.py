"""SMS: which gateway the settings name, and one way to speak to each.

The embedded default hands nothing over: the demonstration's phone page shows the outbox itself.
"""

from threading import Lock
from typing import Protocol

from gateways.sms_http import Post
from gateways.sms_smpp import Centre, Line
from settings import Settings

# Per (E.164, text): the gateway's number, or an error and whether it is for ever
Outcome = tuple[str, str, bool]


class Gateway(Protocol):
    def send(self, messages: list[tuple[str, str]]) -> list[Outcome]: ...

    def receipts(self) -> list[tuple[str, bool]]: ...


class Phone:
    def send(self, messages: list[tuple[str, str]]) -> list[Outcome]:
        return [("", "", False)] * len(messages)

    def receipts(self) -> list[tuple[str, bool]]:
        return []


_open: dict[tuple[str, ...], Gateway] = {}
_lock = Lock()


def send(settings: Settings, messages: list[tuple[str, str]]) -> list[Outcome]:
    """Hand these over, in order."""
    with _lock:
        return _gateway(settings).send(messages) if messages else []


def receipts(settings: Settings) -> list[tuple[str, bool]]:
    """Numbers the gateway has reported about since it was last asked, and whether the phone got them."""
    with _lock:
        return _gateway(settings).receipts()


def _gateway(settings: Settings) -> Gateway:
    """A gateway is kept: a bound SMPP line is worth a second to every message."""
    name = (
        settings.sms_gateway,
        settings.sms_server,
        settings.sms_login,
        settings.sms_secret,
        settings.sms_sender,
    )
    if name not in _open:
        _open[name] = _opened(settings)
    return _open[name]


def _opened(settings: Settings) -> Gateway:
    if settings.sms_gateway == "http":
        return Post(settings.sms_server, settings.sms_secret, settings.sms_sender)
    if settings.sms_gateway == "smpp":
        host, _, port = settings.sms_server.rpartition(":")
        login, secret = settings.sms_login, settings.sms_secret
        return Line(Centre(host, int(port), login, secret, settings.sms_sender, settings.sms_tls))
    return Phone()
