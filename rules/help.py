"""Help in plain files an editor may change: texts/help/<section>.md, its short part above the line «---», the
rest below.

The short part stands folded in the section's own head; the page «Как это работает» shows both, section by
section.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rules.accepted_texts import parse_block

FOLDER = Path(__file__).parent.parent / "texts" / "help"
# Files, in the order of the page; web/navigation.py names the one of each section.
NAMES = (
    "entry",
    "home",
    "payments",
    "autopay",
    "requests",
    "inbox",
    "events",
    "statement",
    "settings",
    "blanks",
    "contacts",
)

Blocks = list[tuple[str, str | list[str]]]


@dataclass(frozen=True)
class Help:
    """`name` is the anchor on the page; blocks are what a template prints: ("p", words) or ("li", items)."""

    name: str
    title: str
    short: Blocks
    long: Blocks


@lru_cache(maxsize=1)
def all_help() -> list[Help]:
    """Every section's help, read once in the life of the process."""
    return [_read(name) for name in NAMES]


def _read(name: str) -> Help:
    text = (FOLDER / f"{name}.md").read_text("utf-8").strip()
    title, _, body = text.partition("\n")
    short, _, long = body.partition("\n---\n")
    return Help(name, title.removeprefix("# ").strip(), _blocks(short), _blocks(long))


def _blocks(text: str) -> Blocks:
    return [parse_block(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def find_help(name: str) -> Help | None:
    """The help of a section by its file's name; None where there is none."""
    return next((one for one in all_help() if one.name == name), None)
