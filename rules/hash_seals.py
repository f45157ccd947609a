"""Faults of a chain of hash seals, in words for the operator."""

CHAINS = {"journal": "журнал", "ledger": "счета"}
NO_SEAL_BEFORE = "нет печати перед ней, начало цепочки пропало"
REMOVED_ROWS_ARE_BACK = "строки стёрты по сроку, но в файле есть такие снова"
LAST_ROWS_LOST = "пропали последние строки"
SEAL_CHANGED = "изменена сама печать"


def no_seals(kind: str) -> str:
    """Return the fault of a table that has rows and no seal at all."""
    return f"{CHAINS[kind]}: ни одной печати ещё нет"


def seal_words(kind: str, seal_id: int, first_id: int, last_id: int, fault: str) -> str:
    """Return «журнал, печать № 3 (строки 2001–3000): изменена строка 2017»."""
    return f"{CHAINS[kind]}, печать № {seal_id} (строки {first_id}–{last_id}): {fault}"


def not_a_continuation(before_id: int) -> str:
    return f"не продолжает печать № {before_id}"


def row_fault(row_id: int, missing: int) -> str:
    """Describe the first row that differs from the sealed one; `missing` is how many fewer rows there are
    than were sealed.
    """
    if missing == 0:
        return f"изменена строка {row_id}"
    if missing > 0:
        return f"строк меньше на {missing}: пропала перед № {row_id}"
    return f"лишняя строка {row_id}"
