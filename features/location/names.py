"""Names of places made comparable: one key for all ways of writing one name."""

import re
import unicodedata
from collections.abc import Iterator

_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ə": "a"})
_KINDS = re.compile(
    r"[\s-]+((autonomous|special administrative)[\s-]+)?"
    r"(prefecture|region|municipality|province|state|city|county|district|shi|diqu|sheng|xian|qu|zizhizhou|zizhiqu)\.?$"
)
_HAN_KINDS = ("特别行政区", "自治区", "自治州", "自治县", "地区", "省", "市", "县", "縣", "州", "盟", "区", "區")


def key(text: str) -> str:
    """The letters of a name, without case, diacritics, apostrophes, blanks and hyphens.

    >>> key("Ku’erle") == key("KUERLE"), key("Ürümqi"), key("库尔勒")
    (True, 'urumqi', '库尔勒')
    """
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in letters if letter.isalnum())


def keys(text: str) -> Iterator[str]:
    """The key of a name as it stands, then without the words that say what kind of place it is.

    >>> list(keys("库尔勒市")), list(keys("Bayingolin Autonomous Prefecture"))
    (['库尔勒市', '库尔勒'], ['bayingolinautonomousprefecture', 'bayingolin'])
    """
    text = text.strip().casefold()
    seen: set[str] = set()
    while True:
        this = key(text)
        if this and this not in seen:
            seen.add(this)
            yield this
        shorter = _without_kind(text)
        if shorter == text:
            return
        text = shorter


def _without_kind(text: str) -> str:
    for kind in _HAN_KINDS:
        if text.endswith(kind) and len(text) >= len(kind) + 2:
            return text[: -len(kind)]
    return _KINDS.sub("", text)
