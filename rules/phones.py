"""Phone numbers: any usual spelling is accepted, E.164 is stored, +7 921 123-45-67 is shown."""

import re

import phonenumbers
from phonenumbers import PhoneMetadata

from rules import Refused
from rules.typed_text import clean_line, normalize_dashes, read_digits

MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
SAY = "Укажите номер целиком, например +7 921 123-45-67."


def parse(text: str, field: str = "phone", *, mobile: bool = True, prefilled: str | None = None) -> str:
    """Return the E.164 form of a Russian number. Refused at `field` otherwise; `mobile` also refuses numbers
    that cannot receive SMS: landlines, 8-800, 8-809, foreign ones. `prefilled` is the E.164 number we put
    into the form ourselves: never refused.
    """
    # int() and the library accept Arabic-Indic digits, which no user of this form means.
    bare = normalize_dashes(clean_line(text))
    if not bare or any(c.isdigit() and not c.isascii() for c in bare):
        raise Refused(**{field: SAY})
    if usual := _usual(bare, mobile):
        return usual
    try:
        number = phonenumbers.parse(bare, "RU")
    except phonenumbers.NumberParseException:
        raise Refused(**{field: SAY}) from None
    if number.country_code != 7 or number.extension or not phonenumbers.is_valid_number(number):
        raise Refused(**{field: f"Такого российского номера нет. {SAY}"})
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if mobile and e164 != prefilled:
        _check_mobile(number, field)
    return e164


def _pattern(sort: str) -> re.Pattern[str]:
    return re.compile(getattr(PhoneMetadata.metadata_for_region("RU"), sort).national_number_pattern)


_MOBILE, _LANDLINE = _pattern("mobile"), _pattern("fixed_line")


def _usual(text: str, mobile: bool) -> str | None:
    """Return E.164 of a number written only with digits, spaces, dashes and brackets, else None. It is
    matched by the library's patterns, because the full parser takes forty times longer, which slows an
    import.
    """
    match = re.fullmatch(r"(?:\+7|[78])?(\d{10})", re.sub(r"[()]", "", read_digits(text)), re.ASCII)
    right = match and (_MOBILE.fullmatch(match[1]) or (not mobile and _LANDLINE.fullmatch(match[1])))
    return f"+7{match[1]}" if match and right else None


def is_mobile(e164: str | None) -> bool:
    """Return whether the number can receive SMS; registries contain others too."""
    return bool(e164 and _MOBILE.fullmatch(e164.removeprefix("+7")))


def is_landline(e164: str) -> bool:
    return bool(_LANDLINE.fullmatch(e164.removeprefix("+7")))


def _check_mobile(number: phonenumbers.PhoneNumber, field: str) -> None:
    sort = phonenumbers.number_type(number)
    if sort == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise Refused(**{field: "Это городской номер, SMS на него не придёт. Укажите мобильный."})
    # +7 7… is Kazakhstan: the same country code, another network.
    if sort not in MOBILE or phonenumbers.region_code_for_number(number) != "RU":
        raise Refused(
            **{
                field: "Это не мобильный номер российского оператора, SMS на него не придёт. Укажите "
                "мобильный."
            }
        )


def format_phone(e164: str | None) -> str:
    """Return +7 921 123-45-67 with no-break spaces."""
    if not e164 or len(e164) != 12:
        return e164 or ""
    return f"+7\u00a0{e164[2:5]}\u00a0{e164[5:8]}-{e164[8:10]}-{e164[10:]}"


def mask_phone(e164: str) -> str:
    """Return +7 ••• •••-45-67: enough for its owner to recognise, not enough for a stranger to call."""
    return f"+7\u00a0•••\u00a0•••-{e164[-4:-2]}-{e164[-2:]}"
