"""The rules a person reads and accepts («ознакомьтесь с правилами»): versioned files, never edited once published.

texts/<name>.v<version>.md. A change of wording is a new file with the next number: an acceptance keeps the version and
the SHA-256 of the very bytes that were shown, so it stays provable after any number of later versions (SPEC §2).
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "texts"
FILE = re.compile(r"([a-z_]+)\.v([1-9]\d{0,3})\.md")


@dataclass(frozen=True)
class Text:
    """One version of one document. `blocks` are what a template prints: ("p", words) or ("li", items)."""

    name: str
    version: int
    body: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def title(self) -> str:
        return self.body.split("\n", 1)[0].removeprefix("# ").strip()

    @cached_property
    def blocks(self) -> list[tuple[str, str | list[str]]]:
        return [block(part) for part in re.split(r"\n\s*\n", self.body.strip())[1:]]


def block(part: str) -> tuple[str, str | list[str]]:
    lines = part.strip().splitlines()
    if all(line.startswith("- ") for line in lines):
        return "li", [line.removeprefix("- ") for line in lines]
    return "p", " ".join(lines)


@lru_cache(maxsize=1)
def all_texts() -> dict[tuple[str, int], Text]:
    """Every version of every document by (name, version); read once in the life of the process."""
    found = [(match, path) for path in FOLDER.glob("*.md") if (match := FILE.fullmatch(path.name))]
    texts = (Text(match[1], int(match[2]), path.read_bytes().decode()) for match, path in found)
    return {(text.name, text.version): text for text in texts}


def at(name: str, version: int) -> Text:
    """That version; KeyError when there never was one."""
    return all_texts()[name, version]


def newest(name: str) -> Text:
    """What is accepted today."""
    return at(name, max(version for known, version in all_texts() if known == name))
