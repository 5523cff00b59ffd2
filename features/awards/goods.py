"""Which of our goods a line of a notice speaks of: by catalogue number or product name, else by words, else by code."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from features.measures import Refused
from features.trade import Product

_SCHEMES = {"CPV": "cpv", "UNSPSC": "unspsc", "HS": "hs", "HARMONIZED SYSTEM": "hs"}
SHORTEST = 5
"""Letters of a catalogue number or name that is looked for in free text: shorter ones stand there by chance."""


@dataclass(frozen=True, slots=True)
class GoodsWords:
    """One row of the table: a category, the words for it, and beginnings of codes by scheme."""

    category: str
    words: tuple[re.Pattern[str], ...]
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What was understood: a category of ours, one of our products, or neither."""

    category: str | None = None
    sku: str | None = None


def load_words(path: Path | None = None) -> tuple[GoodsWords, ...]:
    """The table of a file, or the one that ships."""
    file = path or files("features.awards").joinpath("data/goods.toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("goods", [])
    return tuple(_row(number, row) for number, row in enumerate(rows, start=1))


def _row(number: int, row: Mapping[str, object]) -> GoodsWords:
    for key in row:
        if key not in {"category", "words", "cpv", "unspsc", "hs"}:
            raise Refused(
                f"goods {number}: {key}", row[key], "is an unknown key", "use category, words, cpv, unspsc, hs"
            )
    lists = {key: value if isinstance(value, list) else [] for key, value in row.items()}
    codes = tuple((key, str(code)) for key in ("cpv", "unspsc", "hs") for code in lists.get(key, []))
    words = tuple(re.compile(_bounded(str(word)), re.IGNORECASE) for word in lists.get("words", []))
    return GoodsWords(str(row.get("category")), words, codes)


def _bounded(word: str) -> str:
    """Latin words stand between others; Chinese ones have no blanks around them."""
    return rf"(?<![a-z]){re.escape(word)}s?(?![a-z])" if word.isascii() else re.escape(word)


class GoodsReader:
    """Understands lines of notices against the products of one record."""

    def __init__(self, products: Iterable[Product] = (), words: Sequence[GoodsWords] | None = None) -> None:
        self._words = load_words() if words is None else words
        self._named: dict[str, Named] = {}
        self._categories: dict[str, str] = {}
        for product in products:
            named = Named(product.category, product.sku)
            for text in (product.sku, product.name):
                if text and len(text) >= SHORTEST:
                    self._named[text.casefold()] = named
            if product.category:
                self._categories[product.category.casefold()] = product.category
        self._any = _alternatives(self._named)
        self._any_category = _alternatives(self._categories)
        self._read: dict[tuple[str, tuple[tuple[str, str], ...]], Named] = {}

    def read(self, description: str | None, codes: Iterable[tuple[str, str]] = ()) -> Named:
        """What a description and (scheme, code) pairs speak of."""
        key = (description or "").casefold(), tuple(codes)
        if key not in self._read:
            self._read[key] = self._understood(*key)
        return self._read[key]

    def _understood(self, text: str, codes: tuple[tuple[str, str], ...]) -> Named:
        product = self._any.search(text) if self._any else None
        if product:
            return self._named[product.group().casefold()]
        path = self._any_category.search(text) if self._any_category else None
        if path:
            return Named(self._categories[path.group().casefold()])
        for row in self._words:
            if any(word.search(text) for word in row.words):
                return Named(row.category)
        plain = [(_SCHEMES.get(scheme.upper()), re.sub(r"\.0$|\D", "", code)) for scheme, code in codes]
        for row in self._words:
            if any(scheme == own and code.startswith(start) for scheme, code in plain for own, start in row.codes):
                return Named(row.category)
        return Named()


def _alternatives(texts: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for many texts, longest first, each between other words."""
    ordered = sorted(texts, key=lambda text: (-len(text), text))
    if not ordered:
        return None
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)", re.IGNORECASE)
