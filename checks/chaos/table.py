"""The table a trial ends with: printed last, and kept between marks in docs/chaos.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from checks.chaos.audit import Count
from checks.chaos.trial import Trial

DOCS = Path(__file__).parent.parent.parent / "docs"
NAMES = {
    "request": "заявки",
    "message": "сообщения",
    "payment": "платежи",
    "event": "события HTTP",
    "signal": "события DC-09",
    "ledger entry": "проводки",
    "SMS handed over": "SMS",
}


@dataclass
class Row:
    """What happened, what was acknowledged of each kind, what of it is missing or there twice, how it came
    back.
    """

    fault: str
    acknowledged: str
    missing: str
    doubled: str
    recovered: str
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, fault: str, counts: list[Count], recovered: str, found: Trial) -> "Row":
        kept = [one for one in counts if one.acknowledged]
        return cls(
            fault,
            ", ".join(f"{NAMES[one.kind]} {one.acknowledged}" for one in kept),
            said(kept, "missing"),
            said(kept, "doubled"),
            recovered,
            found.broken
            + [f"{one.kind}: {one}" for one in kept if not one.good and one.kind != "SMS handed over"],
        )

    @property
    def line(self) -> str:
        return f"| {self.fault} | {self.acknowledged} | {self.missing} | {self.doubled} | {self.recovered} |"


def said(counts: list[Count], what: str) -> str:
    some = [f"{NAMES[one.kind]} {getattr(one, what)}" for one in counts if getattr(one, what)]
    return ", ".join(some) or "0"


HEAD = "| беда | принято | пропало | удвоено | ожил |\n|---|---|---|---|---|"


def show(rows: list[Row]) -> bool:
    """Print the table and what was wrong; whether nothing was."""
    for row in rows:
        for each in row.wrong:
            print(f"НЕВЕРНО ({row.fault}): {each}")
    if rows:
        print("\n" + HEAD + "\n" + "\n".join(row.line for row in rows))
    return not any(row.wrong for row in rows)


def keep(paper: str, mark: str, text: str) -> None:
    """Put these words between the marks of this name in docs/."""
    path = DOCS / paper
    old = path.read_text("utf-8")
    lines = f"<!-- {mark} -->\n{text}\n<!-- /{mark} -->"
    path.write_text(
        re.sub(rf"<!-- {mark} -->\n.*?<!-- /{mark} -->", lambda _: lines, old, flags=re.S), "utf-8"
    )


@dataclass
class Storm:
    """Many at once: what was answered, what came of it, and whether that is right."""

    what: str
    answered: str
    outcome: str
    good: bool

    @property
    def line(self) -> str:
        return f"| {self.what} | {self.answered} | {self.outcome} | {'да' if self.good else 'НЕТ'} |"


STORMS = "| что разом | ответы | что вышло | верно |\n|---|---|---|---|"
CENTRE = "| что с центром | что пришло | ещё | верно |\n|---|---|---|---|"


def told(storms: list[Storm], head: str = STORMS) -> bool:
    """Print the storms' table; whether all came out right."""
    if storms:
        print("\n" + head + "\n" + "\n".join(storm.line for storm in storms))
    return all(storm.good for storm in storms)
