"""Phones: any usual spelling in, E.164 kept, +7 921 123-45-67 shown."""

import phonenumbers

from rules import Refused

MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
SAY = "Укажите номер целиком, например +7 921 123-45-67."


def parse(text: str, field: str = "phone", *, mobile: bool = True) -> str:
    """The E.164 form of a Russian number; `mobile` refuses whatever no SMS comes to: landlines, 8-800, 8-809,
    foreign ones.
    """
    # int() and the library both read Arabic-Indic digits; a person here never means them.
    if not text.strip() or any(c.isdigit() and not c.isascii() for c in text):
        raise Refused(**{field: SAY})
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        raise Refused(**{field: SAY}) from None
    if number.country_code != 7 or number.extension or not phonenumbers.is_valid_number(number):
        raise Refused(**{field: f"Такого российского номера нет. {SAY}"})
    if mobile:
        _check_mobile(number, field)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check_mobile(number: phonenumbers.PhoneNumber, field: str) -> None:
    sort = phonenumbers.number_type(number)
    if sort == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise Refused(**{field: "Это городской номер, SMS на него не придёт. Укажите мобильный."})
    # +7 7… is Kazakhstan's: the same country code, another network.
    if sort not in MOBILE or phonenumbers.region_code_for_number(number) != "RU":
        raise Refused(
            **{
                field: "Это не мобильный номер российского оператора, SMS на него не придёт. Укажите "
                "мобильный."
            }
        )


def format_phone(e164: str | None) -> str:
    """+7 921 123-45-67 with no-break spaces."""
    if not e164 or len(e164) != 12:
        return e164 or ""
    return f"+7\u00a0{e164[2:5]}\u00a0{e164[5:8]}-{e164[8:10]}-{e164[10:]}"


def mask_phone(e164: str) -> str:
    """+7 ••• •••-45-67: enough for its owner to know it, not enough for a stranger to call it."""
    return f"+7\u00a0•••\u00a0•••-{e164[-4:-2]}-{e164[-2:]}"
