"""Typed text as it is read everywhere: one spelling of each letter, nothing that cannot be seen.

People paste from messengers, web pages and word processors, which bring along zero-width spaces, marks of
writing direction, soft hyphens and letters in two pieces. Passwords are the exception: they are only brought
to NFC, by rules.access.passwords, because any sign in them may be meant.
"""

import re
import unicodedata

# Category Cf, and the signs beside it that Unicode calls ignorable or that have no ink: fillers of Hangul,
# the blank of Braille, variation selectors, joiners of graphemes.
_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U00013455\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_PICTURE = "\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\U0001f000-\U0001faff"
# A joiner or a selector after a picture is a part of it: without them a family falls apart into its members
# and a red heart turns black. It cannot hide anything, for the picture before it is seen.
_EMOJI_JOINER = f"(?<=[{_PICTURE}])\ufe0f|(?<=[{_PICTURE}\ufe0f])\u200d(?=[{_PICTURE}])"
_DROPPED = re.compile(f"({_EMOJI_JOINER})|[{_INVISIBLE}\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text in NFC without invisible and control signs, its line ends «\\n», its edges trimmed.

    Of twelve zero-width spaces nothing is left, so such a text is as empty as it looks.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = _LINE_ENDS.sub("\n", text)
    # Twice: a sign dropped from between a letter and its accent lets the two meet.
    seen = _DROPPED.sub(lambda found: found[1] or "", unicodedata.normalize("NFC", lines))
    return unicodedata.normalize("NFC", seen).strip()


def clean_line(text: str) -> str:
    """The same with one space for every run of spaces and line ends: names, addresses, titles."""
    return _SPACES.sub(" ", clean(text))


def normalize_dashes(text: str) -> str:
    """Where numbers are read, U+2010–2015 and the minus U+2212 are the hyphen of the keyboard."""
    return _DASHES.sub("-", text)


def remove_spaces(text: str) -> str:
    """The text without any spaces and with plain dashes: what a number is read from."""
    return _SPACES.sub("", normalize_dashes(clean(text)))


def read_digits(text: str) -> str:
    """Return a code or a number as papers and SMS print it, in groups, joined: neither spaces nor dashes are
    a part of it.
    """
    return remove_spaces(text).replace("-", "")
