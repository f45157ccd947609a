"""Letters about the subscriber's e-mail address."""

from rules import phones
from rules.messages import MessageText


def confirm_address(link: str) -> MessageText:
    """To the new address; `link` is the whole URL of its confirmation."""
    return MessageText(
        f"Чтобы подтвердить адрес для личного кабинета, откройте ссылку в течение трёх дней:\n{link}\n\n"
        "Если вы не указывали этот адрес, ничего не делайте.",
        "Подтвердите адрес почты",
    )


def address_replaced(phone: str) -> MessageText:
    """To the former address; `phone` is the service centre's, E.164."""
    return MessageText(
        "В личном кабинете указан другой адрес почты, на этот писать больше не будем. "
        f"Если это сделали не вы, позвоните нам: {phones.format_phone(phone)}.",
        "Адрес почты изменён",
    )
