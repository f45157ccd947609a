"""What the services are called, in bills and on pages."""

SERVICES = {"channel": "Канал связи", "sms": "SMS-информирование"}
SMS_TARIFF = SERVICES["sms"]  # the SMS service has one tariff, of the same name


def service_title(kind: str, tariff: str) -> str:
    """Канал связи «Базовый»"""
    return f"{SERVICES.get(kind, kind)} «{tariff}»"
