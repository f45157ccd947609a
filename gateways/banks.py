"""The bank named in the settings: one driver, for the real bank or for the in-process sandbox."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateways.sandbox.bank import SandboxBank
from rules.payments.bank import Bank
from settings import Settings

if TYPE_CHECKING:
    import httpx

LOOPBACK = ("127.0.0.0/8", "::1/128")


def is_available(settings: Settings) -> bool:
    """Return whether payments through a bank are possible here."""
    return settings.bank == "yookassa" or settings.demo


def configured_bank(settings: Settings, now: datetime) -> Bank | None:
    """Return the bank to pay through; None if there is none.

    Outside a demonstration the sandbox is never used.
    """
    from gateways.yookassa import NETWORKS, YooKassa  # imports httpx too: 9 MB, needed only for payments

    shops = {
        "operator": (settings.bank_shop, settings.bank_secret),
        "police": (settings.bank_police_shop, settings.bank_police_secret),
    }
    networks = tuple(settings.bank_networks)
    if settings.bank == "yookassa":
        return YooKassa(shops, settings.bank_url, networks=networks or NETWORKS)
    if not settings.demo:
        return None
    inside = in_process_transport(sandbox(settings, now), settings.origin)
    return YooKassa(shops, f"{settings.origin}/bank/v3", networks=networks or LOOPBACK, transport=inside)


def api_origin(settings: Settings) -> str:
    """Return scheme, host and port of the bank's API from the settings; our own origin for the sandbox."""
    parts = urlsplit(settings.bank_url if settings.bank == "yookassa" else settings.origin)
    return f"{parts.scheme}://{parts.netloc}"


def sandbox_file(settings: Settings) -> str:
    beside = "var/cabinet.sqlite" if "://" in settings.database else settings.database
    return settings.bank_sandbox_file or str(Path(beside).with_suffix(".bank.sqlite"))


def sandbox(settings: Settings, now: datetime) -> SandboxBank:
    """Return the sandbox bank. Its database is a file next to the cabinet's; its clock is fixed at `now`."""
    shops = {settings.bank_shop: settings.bank_secret, settings.bank_police_shop: settings.bank_police_secret}
    file = sandbox_file(settings)
    return SandboxBank(file, shops, clock=lambda: now)


def in_process_transport(bank: SandboxBank, origin: str) -> "Callable[[httpx.Request], httpx.Response]":
    """Return a transport that calls the sandbox bank as a function instead of over a socket.

    The driver and the messages are the same as for the real bank.
    """
    import httpx

    def ask(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/bank/v3")
        query = dict(request.url.params)
        status, answer = bank.answer(request.method, path, request.headers, request.read(), query, origin)
        return httpx.Response(status, json=answer)

    return ask


def deliver_sandbox_calls(engine: object, settings: Settings, now: datetime) -> None:
    """Job: deliver the sandbox bank's pending webhooks, in a demonstration only."""
    from gateways.sandbox import payment_page

    if settings.demo and settings.bank == "sandbox":
        payment_page.deliver_webhooks(sandbox(settings, now))
