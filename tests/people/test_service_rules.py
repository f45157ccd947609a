"""What services are called."""

import pytest

from rules.people.services import SERVICES, SMS_TARIFF, service_title


@pytest.mark.parametrize(
    ("kind", "tariff", "title"),
    [
        ("channel", "Базовый", "Канал связи «Базовый»"),
        ("sms", SMS_TARIFF, "SMS-информирование «SMS-информирование»"),
        ("video", "Дом", "video «Дом»"),
    ],
)
def test_a_service_is_named_by_its_kind_and_tariff(kind, tariff, title):
    assert service_title(kind, tariff) == title


def test_every_kind_of_service_has_a_name():
    assert set(SERVICES) == {"channel", "sms"}
