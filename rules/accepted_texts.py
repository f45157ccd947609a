"""Texts a person reads and accepts («ознакомьтесь с правилами»): versioned files that never change once
published.

texts/<name>.v<version>.md. A new wording is a new file with the next number. An acceptance stores the version
and the SHA-256 of the exact bytes shown, so it can be proved after any number of later versions.

Words in braces are filled from the operator's settings, and the hash is of the filled text.
`db.access.acceptances` stores that text, because a setting may change while the file does not.
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
    """One version of one document. `blocks` are what a template renders: ("p", words) or ("li", items)."""

    name: str
    version: int
    body: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def edition(self) -> str:
        """Return the identifier of the wording that a form showed; another value of a setting is another
        edition of the same version.
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
    """Return every version of every document by (name, version); read once per process."""
    found = [(match, path) for path in FOLDER.glob("*.md") if (match := FILE.fullmatch(path.name))]
    texts = (Text(match[1], int(match[2]), path.read_bytes().decode()) for match, path in found)
    return {(text.name, text.version): text for text in texts}


def find_version(name: str, version: int) -> Text:
    """Return that version as its file has it. KeyError when there never was one."""
    return all_texts()[name, version]


def current_version(name: str) -> int:
    """Return the number of the current version."""
    return max(version for values, version in all_texts() if values == name)


def current_text(name: str, settings: Any = None) -> Text:
    """Return the current version, filled from the settings. KeyError for a placeholder without a value."""
    text = find_version(name, current_version(name))
    return (
        text
        if not WORD.search(text.body)
        else replace(text, body=fill(text.body, placeholder_values(settings)))
    )


def placeholder_values(settings: Any) -> dict[str, str]:
    """Return values of the placeholders allowed in a text."""
    return {
        "оператор": settings.company,
        "инн": settings.requisites["inn"],
        "адрес офиса": settings.office_address,
        "почта": settings.service_mail,
        "телефон": phones.format_phone(settings.service_phone),
        "строка о чеках": RECEIPTS.get(settings.receipts_by, ""),
    }


def fill(body: str, values: Mapping[str, str]) -> str:
    """Fill the placeholders; a line that becomes empty is removed."""
    lines = [(line, WORD.sub(lambda found: values[found[1]], line)) for line in body.split("\n")]
    return "\n".join(after for before, after in lines if after.strip() or not before.strip())
