"""A request in words for its pages, with what only the operator's own files know."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from gateways.bank_directory import find_bank
from rules.requests import descriptions
from web import Request


def describe(
    request: Request, kind: str, payload: Mapping[str, Any], day: date | None, early: bool = False
) -> list[tuple[str, str]]:
    """Return the (term, value) pairs of `rules.requests.descriptions`, «Банк» after «БИК» when the operator
    keeps the directory of БИК.
    """
    described = descriptions.describe(kind, payload, day, early)
    name = find_bank(request.app.state.settings.bic_file, str(payload.get("bic", "")))
    place = next((at for at, (term, _) in enumerate(described, 1) if term == "БИК"), 0)
    return [*described[:place], ("Банк", name), *described[place:]] if name and place else described
