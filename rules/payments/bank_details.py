"""Bank details of a refund: БИК and an account with its control key.

The key follows the Bank of Russia's «Порядок расчета контрольного ключа в номере лицевого счета» (08.09.1997
№ 515): three digits of the bank, then the twenty of the account, weighted 7-1-3; the sum of the last digits
ends in 0. Budget accounts are kept by the Treasury (its order of 01.04.2020 № 15н): a казначейский счёт
begins with 03, its ninth digit is part of the ОКТМО and not a key, and the Treasury's БИК begin with 00–02.
"""

import re
from itertools import cycle

from rules import Refused
from rules.typed_text import read_digits

WEIGHTS = (7, 1, 3)
# Accounts of state organisations (405, 406), of other organisations and people (407, 408), and deposits.
PAYABLE_PREFIXES = ("405", "406", "407", "408", "421", "422", "423", "425", "426")
TREASURY_PREFIX, TREASURY_BICS = "03", ("00", "01", "02")
ROUBLES = "810"
TREASURY_ROUBLES = "643"


def read_bic(text: str, field: str = "bic") -> str:
    """Read the nine digits of a bank in Russia; Refused at `field`."""
    value = read_digits(text)
    if not re.fullmatch(r"0[0124][0-9]{7}", value):
        raise Refused(
            **{
                field: "БИК — девять цифр и начинается с 04, у казначейства с 00, 01 или 02. Он есть в "
                "реквизитах счёта."
            }
        )
    return value


def key_fits(bic: str, account: str) -> bool:
    """Return whether the account's control key fits that bank.

    For an account kept at the Bank of Russia the key is computed with the number of its office.
    """
    at_bank_of_russia = bic[6:] in ("000", "001", "002") or bic.startswith(TREASURY_BICS)
    own = "0" + bic[4:6] if at_bank_of_russia or account.startswith("301") else bic[6:]
    return (
        sum(int(digit) * weight for digit, weight in zip(own + account, cycle(WEIGHTS), strict=False)) % 10
        == 0
    )


def read_account(text: str, bic: str | None, field: str = "account") -> str:
    """Read the twenty digits of a rouble account that fits the БИК; Refused at `field`.

    `bic` is None if the БИК itself was refused.
    """
    value = read_digits(text)
    if not re.fullmatch(r"[0-9]{20}", value):
        raise Refused(
            **{field: "Номер счёта — двадцать цифр. Он есть в реквизитах счёта, это не номер карты."}
        )
    if value.startswith(TREASURY_PREFIX):
        return _treasury_account(value, bic, field)
    if value.startswith("40102"):
        raise Refused(
            **{field: "Это единый казначейский счёт региона. Укажите казначейский: он начинается с 03."}
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


def _treasury_account(value: str, bic: str | None, field: str) -> str:
    if bic and not bic.startswith(TREASURY_BICS):
        raise Refused(**{field: "Казначейский счёт бывает только с БИК казначейства. Проверьте оба номера."})
    if value[5:8] != TREASURY_ROUBLES:
        raise Refused(**{field: "У казначейского счёта шестая–восьмая цифры — 643. Проверьте номер."})
    return value
