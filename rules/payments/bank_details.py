"""Bank details of a refund: БИК, account and its control key, ИНН.

The key is the Bank of Russia's «Порядок расчета контрольного ключа в номере лицевого счета» (08.09.1997 №
515): three digits standing for the bank, then the twenty of the account, weighted 7-1-3; the sum of the last
digits ends in 0. Digits of an ИНН are checked by the weights of the tax service's order.
"""

import re
from itertools import cycle

from rules import Refused

WEIGHTS = (7, 1, 3)
INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
PAYABLE_PREFIXES = ("407", "408", "421", "422", "423", "425", "426")
ROUBLES = "810"


def strip_separators(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f-]", "", text)


def read_bic(text: str, field: str = "bic") -> str:
    """Nine digits of a bank in Russia."""
    value = strip_separators(text)
    if not re.fullmatch(r"04[0-9]{7}", value):
        raise Refused(
            **{field: "БИК — девять цифр и начинается с 04. Он есть в реквизитах счёта в приложении банка."}
        )
    return value


def key_fits(bic: str, account: str) -> bool:
    """Whether the account's control key belongs to that bank; one kept at the Bank of Russia counts by its
    office.
    """
    own = "0" + bic[4:6] if bic[6:] in ("000", "001", "002") or account.startswith("301") else bic[6:]
    return (
        sum(int(digit) * weight for digit, weight in zip(own + account, cycle(WEIGHTS), strict=False)) % 10
        == 0
    )


def read_account(text: str, bic: str | None, field: str = "account") -> str:
    """Twenty digits of a rouble account that fits the БИК; `bic` None = the БИК itself was refused."""
    value = strip_separators(text)
    if not re.fullmatch(r"[0-9]{20}", value):
        raise Refused(
            **{field: "Номер счёта — двадцать цифр. Он есть в реквизитах счёта, это не номер карты."}
        )
    if not value.startswith(PAYABLE_PREFIXES):
        raise Refused(
            **{field: "На такой счёт перевод не сделать. Укажите свой расчётный счёт или счёт вклада."}
        )
    if value[5:8] != ROUBLES:
        raise Refused(**{field: "Это счёт в другой валюте. Укажите рублёвый: шестая–восьмая цифры — 810."})
    if bic and not key_fits(bic, value):
        raise Refused(
            **{field: "Счёт не подходит к БИК: не сходится контрольная цифра. Проверьте оба номера."}
        )
    return value


def read_inn(text: str, field: str = "inn") -> str:
    """Ten digits of a company or twelve of a person."""
    value = strip_separators(text)
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", value) or not _inn_adds_up(value):
        raise Refused(**{field: "Проверьте ИНН: десять цифр у организации, двенадцать у человека."})
    return value


def _inn_adds_up(value: str) -> bool:
    checks = (9,) if len(value) == 10 else (10, 11)
    return all(_inn_check(value[:at]) == int(value[at]) for at in checks)


def _inn_check(head: str) -> int:
    weights = INN_WEIGHTS[-len(head) :]
    return sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True)) % 11 % 10
