"""The bank that the settings name: one driver, with the real bank or the in-process sandbox behind it."""

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
    """Whether payments through a bank are possible here."""
    return settings.bank == "yookassa" or settings.demo


def configured_bank(settings: Settings, now: datetime) -> Bank | None:
    """The bank to pay through; None when there is none: outside a demonstration nobody pays in a sandbox."""
    from gateways.yookassa import NETWORKS, YooKassa  # and httpx with it: 9 MB, wanted where a payment starts

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
    """Scheme, host and port of the bank's API, as the operator named it; our own for the sandbox inside."""
    parts = urlsplit(settings.bank_url if settings.bank == "yookassa" else settings.origin)
    return f"{parts.scheme}://{parts.netloc}"


def sandbox_file(settings: Settings) -> str:
    beside = "var/cabinet.sqlite" if "://" in settings.database else settings.database
    return settings.bank_sandbox_file or str(Path(beside).with_suffix(".bank.sqlite"))


def sandbox(settings: Settings, now: datetime) -> SandboxBank:
    """The sandbox bank over its own file, beside the cabinet's; its clock is the one the cabinet was
    given.
    """
    shops = {settings.bank_shop: settings.bank_secret, settings.bank_police_shop: settings.bank_police_secret}
    file = sandbox_file(settings)
    return SandboxBank(file, shops, clock=lambda: now)


def in_process_transport(bank: SandboxBank, origin: str) -> "Callable[[httpx.Request], httpx.Response]":
    """Ask the sandbox by a call instead of a connection: the same driver, the same words, no socket to
    ourselves.
    """
    import httpx

    def ask(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/bank/v3")
        query = dict(request.url.params)
        status, answer = bank.answer(request.method, path, request.headers, request.read(), query, origin)
        return httpx.Response(status, json=answer)

    return ask


def deliver_sandbox_calls(engine: object, settings: Settings, now: datetime) -> None:
    """Job: in a demonstration, what the sandbox bank has still to tell us."""
    from gateways.sandbox import payment_page

    if settings.demo and settings.bank == "sandbox":
        payment_page.deliver_webhooks(sandbox(settings, now))
