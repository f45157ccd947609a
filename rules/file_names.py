"""ASCII file names, for programs that cannot read others (RFC 6266, appendix D)."""

import re
import unicodedata

LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y _ e iu ia".split(),
        strict=True,
    )
)


def ascii_name(name: str) -> str:
    """Return «Справка № 5.pdf» as «Spravka No 5.pdf»: Russian letters as in a passport (ИКАО 9303),
    characters without a Latin equivalent left out; «file» when the stem becomes empty.
    """
    spelled = "".join(_latin(sign) for sign in unicodedata.normalize("NFKC", name))
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "", spelled)
    stem, dot, extension = plain.rpartition(".") if "." in plain else (plain, "", "")
    return f"{' '.join(stem.split()).strip('. ') or 'file'}{dot}{extension}"


def _latin(sign: str) -> str:
    letters = LETTERS.get(sign.lower())
    if letters is None:
        return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii())
    letters = letters.replace("_", "")
    return letters.capitalize() if sign.isupper() else letters
