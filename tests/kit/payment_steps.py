"""Steps of paying the operator."""

import pytest

from tests.kit.paying import CONTACT, Till


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    # The sandbox page sends no callbacks by its thread in tests: tests send them themselves.
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


def filled(page) -> dict:
    return dict(page.form("/payments/operator").form_values()) | {"contact": CONTACT, "amount": "100"}
