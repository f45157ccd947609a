"""What the operator reads about a broken chain."""

import pytest

from rules import hash_seals


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (0, "изменена строка 2017"),
        (3, "строк меньше на 3: пропала перед № 2017"),
        (-1, "лишняя строка 2017"),
    ],
)
def test_the_first_wrong_row_is_named(missing, words):
    assert hash_seals.row_fault(2017, missing) == words


def test_a_fault_names_the_chain_and_the_seal():
    fault = hash_seals.not_a_continuation(2)
    assert hash_seals.seal_words("ledger", 3, 2001, 3000, fault) == (
        "счета, печать № 3 (строки 2001–3000): не продолжает печать № 2"
    )
    assert hash_seals.no_seals("journal") == "журнал: ни одной печати ещё нет"
