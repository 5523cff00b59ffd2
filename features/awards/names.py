"""Names of firms and public bodies, compared in Latin and Chinese script. Names of persons have no place here.

>>> similarity("Siemens Aktiengesellschaft", "SIEMENS AG")
1.0
>>> similarity("新疆天山生物科技有限公司", "新疆天山生物科技有限责任公司")
1.0
>>> similarity("Second-tier trader 12", "Second-tier trader 13")
0.0

Scripts are not turned into each other: a Chinese and a Latin name meet by an identifier or by a name given beside it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

SAME = 0.92
"""From here on two names are taken for one (the band of a near match on a list, which our screening uses too)."""

_FORMS = {
    **dict.fromkeys(("ag", "aktiengesellschaft"), "ag"),
    **dict.fromkeys(("gmbh", "gesellschaft mit beschrankter haftung"), "gmbh"),
    **dict.fromkeys(("ltd", "limited", "pte", "pty", "private", "pvt", "plc", "public limited company"), "ltd"),
    **dict.fromkeys(("llc", "ooo", "limited liability company", "too"), "llc"),
    **dict.fromkeys(("inc", "incorporated", "corp", "corporation", "co", "company"), "inc"),
    **dict.fromkeys(("sa", "sas", "sarl", "spa", "srl", "sl", "bv", "nv", "oy", "ab", "as", "aps", "kk", "sro"), "sa"),
    **dict.fromkeys(("oao", "pao", "ao", "zao", "jsc", "ojsc", "pjsc", "joint stock company"), "jsc"),
    **dict.fromkeys(("open joint stock company", "public joint stock company"), "jsc"),
}
_LONG = tuple(sorted((form for form in _FORMS if " " in form), key=len, reverse=True))
_CHINESE_FORMS = re.compile(r"(股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|分公司|公司|集团|厂)$")
_SMALL = frozenset({"the", "of", "and", "de", "la", "und", "for"})
_HAN = re.compile(r"[\u3400-\u9fff]")


@lru_cache(200_000)
def normal(name: str) -> str:
    """The name without case, accents, punctuation, small words and legal form; of Chinese names, without blanks."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name)).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    if _HAN.search(text):
        return _chinese(text)
    words = re.sub(r"\s+", " ", re.sub(r"[^\w\s]|_", " ", re.sub(r"(?<=\b\w)\.(?=\w\b)|['’]", "", text))).strip()
    for form in _LONG:
        words = re.sub(rf"\b{form}\b", _FORMS[form], words)
    kept = [word for word in words.split() if word not in _SMALL]
    plain = [word for word in kept if word not in _FORMS]
    return " ".join(plain or kept)


def _chinese(text: str) -> str:
    letters = re.sub(r"[^\w]|_", "", text)
    while (shorter := _CHINESE_FORMS.sub("", letters)) != letters and len(shorter) >= 2:
        letters = shorter
    return letters


def similarity(one: str, other: str) -> float:
    """How alike two names are, 0 to 1. Names that differ in a number are two names."""
    a, b = normal(one), normal(other)
    if a == b:
        return 1.0
    if not a or not b or bool(_HAN.search(a)) != bool(_HAN.search(b)) or _digits(a) != _digits(b):
        return 0.0
    sorted_a, sorted_b = " ".join(sorted(a.split())), " ".join(sorted(b.split()))
    return max(_ratio(a, b), _ratio(sorted_a, sorted_b), _ratio(a.replace(" ", ""), b.replace(" ", "")))


def _digits(name: str) -> list[str]:
    return sorted(re.findall(r"\d+", name))


def _ratio(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


class Directory:
    """Finds the known names that one may stand for, without comparing all with all."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """`names` are (id, name); several names of one id are fine."""
        self._names: list[tuple[str, str]] = []
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._grams: dict[str, list[int]] = defaultdict(list)
        self._found: dict[str, tuple[str | None, float]] = {}
        for ident, name in names:
            letters = normal(name)
            if not letters or ident in self._exact[letters]:
                continue
            self._exact[letters].add(ident)
            for gram in _grams(letters):
                self._grams[gram].append(len(self._names))
            self._names.append((ident, name))

    def find(self, name: str) -> tuple[str | None, float]:
        """The id whose name is nearest, and how near; None where none is near enough or several are as near."""
        if name not in self._found:
            self._found[name] = self._nearest(name)
        return self._found[name]

    def _nearest(self, name: str) -> tuple[str | None, float]:
        letters = normal(name)
        exact = self._exact.get(letters)
        if exact:
            return (next(iter(exact)), 1.0) if len(exact) == 1 else (None, 1.0)
        best, ids = 0.0, set[str]()
        for index in self._sharing(letters):
            ident, other = self._names[index]
            near = similarity(name, other)
            if near > best:
                best, ids = near, {ident}
            elif near == best:
                ids.add(ident)
        return (ids.pop(), best) if best >= SAME and len(ids) == 1 else (None, best)

    def _sharing(self, letters: str) -> list[int]:
        """Names that share at least half of the letter groups; at `SAME` fewer cannot be."""
        grams = _grams(letters)
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for index in self._grams.get(gram, ()):
                shared[index] += 1
        return [index for index, count in shared.items() if 2 * count >= len(grams)]


def _grams(letters: str) -> set[str]:
    """Groups of letters that follow each other: two of Chinese script, three of Latin."""
    width = 2 if _HAN.search(letters) else 3
    joined = "".join(sorted(letters.split())) if width == 3 else letters
    return {joined[at : at + width] for at in range(max(1, len(joined) - width + 1))}
