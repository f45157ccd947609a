"""The SMS gateway that the settings name.

The default sends nothing: the phone page of the demonstration shows the outbox itself.
"""

from threading import Lock
from typing import Protocol

from gateways.sms_http import HttpGateway
from gateways.sms_smpp import SmppConnection, SmppServer
from settings import Settings

# (the gateway's message id, error, whether the error is permanent)
Outcome = tuple[str, str, bool]


class Gateway(Protocol):
    def send(self, messages: list[tuple[str, str]]) -> list[Outcome]: ...

    def delivery_reports(self) -> list[tuple[str, bool]]: ...


class DemoPhone:
    def send(self, messages: list[tuple[str, str]]) -> list[Outcome]:
        return [("", "", False)] * len(messages)

    def delivery_reports(self) -> list[tuple[str, bool]]:
        return []


_open: dict[tuple[str, ...], Gateway] = {}
_lock = Lock()


def send(settings: Settings, messages: list[tuple[str, str]]) -> list[Outcome]:
    """Send (E.164, text) pairs in order and return the outcome of each."""
    with _lock:
        return _gateway(settings).send(messages) if messages else []


def delivery_reports(settings: Settings) -> list[tuple[str, bool]]:
    """Return (message id, whether it was delivered) of reports since the last call."""
    with _lock:
        return _gateway(settings).delivery_reports()


def _gateway(settings: Settings) -> Gateway:
    """Return the gateway, reused between calls: binding an SMPP connection takes about a second."""
    name = (
        settings.sms_gateway,
        settings.sms_server,
        settings.sms_login,
        settings.sms_secret,
        settings.sms_sender,
    )
    if name not in _open:
        _open[name] = _make_gateway(settings)
    return _open[name]


def _make_gateway(settings: Settings) -> Gateway:
    if settings.sms_gateway == "http":
        return HttpGateway(settings.sms_server, settings.sms_secret, settings.sms_sender)
    if settings.sms_gateway == "smpp":
        host, _, port = settings.sms_server.rpartition(":")
        login, secret = settings.sms_login, settings.sms_secret
        return SmppConnection(
            SmppServer(host, int(port), login, secret, settings.sms_sender, settings.sms_tls)
        )
    return DemoPhone()
