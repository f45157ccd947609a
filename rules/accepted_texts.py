"""The rules a person reads and accepts («ознакомьтесь с правилами»): versioned files, never edited once
published.

texts/<name>.v<version>.md. A change of wording is a new file with the next number: an acceptance keeps the
version and the SHA-256 of the very bytes that were shown, so it stays provable after any number of later
versions.

A word in braces is filled from the operator's settings, so the bytes shown are the file's with these words
put in: their hash is the acceptance's, and `db.access.acceptances` keeps the wording itself, for a setting
may change while the file does not.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rules import phones

FOLDER = Path(__file__).parent.parent / "texts"
WORD = re.compile(r"\{([^{}]+)\}")
RECEIPT = "- чек о каждом списании приходит на почту или телефон, которые вы указали;"
RECEIPTS = {
    "api": RECEIPT,
    "embedded": RECEIPT,
    "bank": "- чек о каждом списании присылает банк, который принимает платёж;",
}
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
    def edition(self) -> str:
        """What a form carries of the wording it showed: another setting makes another edition of the same
        version.
        """
        return f"{self.version}-{self.sha256[:12]}"

    @property
    def title(self) -> str:
        return self.body.split("\n", 1)[0].removeprefix("# ").strip()

    @cached_property
    def blocks(self) -> list[tuple[str, str | list[str]]]:
        return [parse_block(part) for part in re.split(r"\n\s*\n", self.body.strip())[1:]]


def parse_block(part: str) -> tuple[str, str | list[str]]:
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


def find_version(name: str, version: int) -> Text:
    """That version as its file has it; KeyError when there never was one."""
    return all_texts()[name, version]


def current_version(name: str) -> int:
    """The number of the version in force."""
    return max(version for values, version in all_texts() if values == name)


def current_text(name: str, settings: Any = None) -> Text:
    """What is accepted today, filled with what the operator is; KeyError for a word that nobody fills."""
    text = find_version(name, current_version(name))
    return (
        text
        if not WORD.search(text.body)
        else replace(text, body=fill(text.body, placeholder_values(settings)))
    )


def placeholder_values(settings: Any) -> dict[str, str]:
    """What may stand in braces in a text."""
    return {
        "оператор": settings.company,
        "инн": settings.requisites["inn"],
        "адрес офиса": settings.office_address,
        "почта": settings.service_mail,
        "телефон": phones.format_phone(settings.service_phone),
        "строка о чеках": RECEIPTS.get(settings.receipts_by, ""),
    }


def fill(body: str, values: Mapping[str, str]) -> str:
    """The words put in; a line of which nothing is left goes."""
    lines = [(line, WORD.sub(lambda found: values[found[1]], line)) for line in body.split("\n")]
    return "\n".join(after for before, after in lines if after.strip() or not before.strip())
