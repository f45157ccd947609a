"""Normalises Russian words for search: ё = е, any case ending, any spelling of a number or a phone.

SQLite's tokeniser folds the case of Cyrillic but handles neither ё nor endings, and fails on arbitrary input;
so the same normalisation is applied to stored text and to queries.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from rules.typed_text import normalize_dashes

WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"\+?\d[\d\s().-]*\d|\d")
CYRILLIC = re.compile(r"[а-я]+")


def normalize(text: str) -> str:
    """Return the text in lower case, ё as е, letters composed; й stays й."""
    return unicodedata.normalize("NFC", text).lower().replace("ё", "е")


def split_words(text: str) -> list[str]:
    return WORD.findall(normalize(text))


@cache
def _russian() -> Any:
    import snowballstemmer  # includes every language, needed only by staff pages and jobs

    return snowballstemmer.stemmer("russian")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the word without its endings, leaving at least three letters: Иванова, Иванову and Иванов give
    the same stem.
    """
    if not CYRILLIC.fullmatch(word):
        return word
    bare = str(_russian().stemWord(word))
    while (shorter := str(_russian().stemWord(bare))) != bare and len(shorter) >= 3:
        bare = shorter
    return bare


def stems(text: str) -> str:
    return " ".join(stem(word) for word in split_words(text))


def phone_words(e164: str | None) -> str:
    """Return the parts of a phone that people type: the ten digits, and the seven without the city or
    operator code.
    """
    return f"{e164[-10:]} {e164[-7:]}" if e164 else ""


def fts_query(typed: str) -> str:
    """Return an FTS5 query, "" for no words: all typed words in any form, the last one possibly incomplete.

    Every word is quoted, so typed text is never read as the query language.
    """
    typed, terms = normalize_dashes(typed), list[str]()
    for part in NUMBER.split(typed):
        terms += [either_form(word) for word in split_words(part)]
    terms += [parse_number(match) for match in NUMBER.findall(typed)]
    if terms and split_words(typed) and not NUMBER.search(typed):
        terms[-1] = terms[-1].removesuffix(")") + f' OR "{split_words(typed)[-1]}"*)'
    return " AND ".join(terms[:12])


def either_form(word: str) -> str:
    return f'("{word}" OR "{stem(word)}")'


def parse_number(typed: str) -> str:
    """Return a number with any spaces and dashes as one word: joined it may be a contract or a phone."""
    groups = re.findall(r"\d+", typed)
    joined = "".join(groups)
    if len(joined) == 11 and joined[0] in "78":
        joined = joined[1:]
    apart = " AND ".join(f'"{group}"' for group in groups)
    return f'("{joined}"* OR ({apart}))'


def excerpt(text: str, typed: str, around: int = 70) -> list[tuple[str, bool]]:
    """Return a part of `text` around the first matching word, as pieces with True for the match."""
    wanted = {stem(word) for word in split_words(typed)}
    hits = [m for m in WORD.finditer(text) if stem(normalize(m[0])) in wanted]
    start = max(0, hits[0].start() - around) if hits else 0
    end = min(len(text), (hits[0].end() if hits else 0) + 2 * around)
    pieces, at = [("…" if start else "", False)], start
    for hit in hits:
        if hit.end() <= end:
            pieces += [(text[at : hit.start()], False), (hit[0], True)]
            at = hit.end()
    pieces += [(text[at:end] + ("…" if end < len(text) else ""), False)]
    return [(piece, found) for piece, found in pieces if piece]
