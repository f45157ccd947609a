"""The boxes that the sender ticks on the review page."""

from collections.abc import Mapping

from rules import Problems
from rules.requests.kinds import KindSpec

# Fields of the review page; a draft keeps them while the owner gets a confirmation code.
TICKS = ("rules", "safety", "version")


def check_ticks(kind: KindSpec, typed: Mapping[str, str], edition: str) -> None:
    """Refused unless all required boxes are ticked, for the edition of the rules that is in force."""
    problems = Problems()
    if kind.safety and not typed.get("safety"):
        problems["safety"] = (
            "Отметьте, что понимаете: тревога по каналу связи в эти дни не дойдёт до полиции."
        )
    if kind.text and not typed.get("rules"):
        problems["rules"] = "Прочитайте правила и отметьте, что согласны с ними."
    if kind.text and typed.get("version") != edition:
        problems["rules"] = (
            "Правила только что обновились. Прочитайте новую редакцию и отметьте согласие ещё раз."
        )
    problems.check()


def valid_ticks(saved: Mapping[str, str], edition: str) -> dict[str, str]:
    """Return the ticks saved before a code was sent, without a tick for an edition that is no longer in
    force.
    """
    changed = edition and saved.get("version") != edition
    return {
        name: "1" for name in ("rules", "safety") if saved.get(name) and not (name == "rules" and changed)
    }
