"""Russian words as a search sees them: ё = е, any case ending, any spelling of a number or a phone.

SQLite's own tokeniser folds the case of Cyrillic but neither ё nor endings, and chokes on what people type;
so the same normalising runs over what is kept and over what is asked.
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
    """Lower case, ё as е, one form of each letter; a й keeps its mark."""
    return unicodedata.normalize("NFC", text).lower().replace("ё", "е")


def split_words(text: str) -> list[str]:
    return WORD.findall(normalize(text))


@cache
def _russian() -> Any:
    import snowballstemmer  # brings every language with it, wanted only by the desk and the jobs

    return snowballstemmer.stemmer("russian")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its endings, stripped while three letters are left: Иванова, Иванову and Иванов become
    one.
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
    """A phone as it may be typed: the ten digits and the seven without the city or operator."""
    return f"{e164[-10:]} {e164[-7:]}" if e164 else ""


def fts_query(typed: str) -> str:
    """What a person typed as an FTS5 expression, "" for nothing: all words, in any ending, the last perhaps
    unfinished.

    Every word is quoted, so nothing typed is read as the query language.

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
    """A number with any spaces and dashes: joined it may be a contract's or a phone's, apart it is just
    numbers.
    """
    groups = re.findall(r"\d+", typed)
    joined = "".join(groups)
    if len(joined) == 11 and joined[0] in "78":
        joined = joined[1:]
    apart = " AND ".join(f'"{group}"' for group in groups)
    return f'("{joined}"* OR ({apart}))'


def excerpt(text: str, typed: str, around: int = 70) -> list[tuple[str, bool]]:
    """A line of `text` about the first word that was searched for, as pieces with True where it is that
    word.
    """
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
