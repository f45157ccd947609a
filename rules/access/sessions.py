"""The end of a session in words (manual §2: half an hour without opening pages)."""

from rules.numbers import plural


def ended_words(idle_minutes: int | None) -> str:
    """Why a session ended; `idle_minutes` when it was not used for so long, None for any other cause."""
    if idle_minutes is None:
        return "Сеанс закончился."
    if idle_minutes == 30:
        return "Сеанс закончился: полчаса без действий."
    words = plural(idle_minutes, "минута", "минуты", "минут")
    return f"Сеанс закончился: {idle_minutes} {words} без действий."
