"""Normalises typed text: one spelling of each letter, no invisible characters.

Text pasted from messengers, web pages and word processors contains zero-width spaces, direction marks, soft
hyphens and decomposed letters. Passwords are the exception: rules.access.passwords only normalises them to
NFC, because any character in them may be intended.
"""

import re
import unicodedata

# Category Cf, and other characters that Unicode calls ignorable or that are blank: Hangul fillers, the
# Braille blank, variation selectors, grapheme joiners.
_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U00013455\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_PICTURE = "\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\U0001f000-\U0001faff"
# A joiner or a selector after an emoji is a part of it: without them a family splits into its members and a
# red heart turns black. It cannot hide anything, because the emoji before it is visible.
_EMOJI_JOINER = f"(?<=[{_PICTURE}])\ufe0f|(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
_DROPPED = re.compile(f"({_EMOJI_JOINER})|[{_INVISIBLE}\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    r"""Return the text in NFC without invisible and control characters, with line ends «\n», trimmed.

    Twelve zero-width spaces become an empty text, so that required fields refuse it.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = _LINE_ENDS.sub("\n", text)
    # Twice: when an invisible character between a letter and its accent is removed, the two can be composed.
    seen = _DROPPED.sub(lambda found: found[1] or "", unicodedata.normalize("NFC", lines))
    return unicodedata.normalize("NFC", seen).strip()


def clean_line(text: str) -> str:
    """Return the cleaned text with one space for every run of spaces and line ends: for names, addresses,
    titles.
    """
    return _SPACES.sub(" ", clean(text))


def normalize_dashes(text: str) -> str:
    """Replace U+2010–2015 and the minus U+2212 with the ASCII hyphen, for reading numbers."""
    return _DASHES.sub("-", text)


def remove_spaces(text: str) -> str:
    """Return the text without spaces and with plain dashes, for reading numbers."""
    return _SPACES.sub("", normalize_dashes(clean(text)))


def read_digits(text: str) -> str:
    """Return a code or a number without spaces and dashes, because papers and SMS print it in groups."""
    return remove_spaces(text).replace("-", "")
