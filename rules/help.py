"""Help texts in files an editor may change: texts/help/<section>.md, with a short part above the line «---»
and the rest below.

The short part is shown collapsed at the top of its section; the page «Как это работает» shows both parts of
every section.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rules.accepted_texts import parse_block

FOLDER = Path(__file__).parent.parent / "texts" / "help"
# Files in the order of the page; web/navigation.py names the file of each section.
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
    """Help of a section. `name` is the anchor on the page; blocks are what a template renders: ("p", words)
    or ("li", items).
    """

    name: str
    title: str
    short: Blocks
    long: Blocks


@lru_cache(maxsize=1)
def all_help() -> list[Help]:
    """Return the help of every section; read once per process."""
    return [_read(name) for name in NAMES]


def _read(name: str) -> Help:
    text = (FOLDER / f"{name}.md").read_text("utf-8").strip()
    title, _, body = text.partition("\n")
    short, _, long = body.partition("\n---\n")
    return Help(name, title.removeprefix("# ").strip(), _blocks(short), _blocks(long))


def _blocks(text: str) -> Blocks:
    return [parse_block(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def find_help(name: str) -> Help | None:
    """Return the help of a section by the name of its file, None if there is none."""
    return next((one for one in all_help() if one.name == name), None)
