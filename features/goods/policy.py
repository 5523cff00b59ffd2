"""Dated policy on goods: how sensitive a category, an HS code or an ECCN is at a moment, and where that is written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.goods.eccn import eccn_prefix, read_eccn
from features.goods.hs import hs_digits, read_hs
from features.measures import Refused
from features.policy import Dated, Table, load, steps
from features.windows.codes import Codes
from features.windows.columns import NULL
from features.windows.versions import Versions

Ints = NDArray[np.int64]

KINDS = ("category", "hs", "eccn")


@dataclass(frozen=True, slots=True)
class GoodsRule:
    """The level of all goods below a category, HS prefix or ECCN prefix, between two moments (microseconds UTC)."""

    kind: str
    prefix: str
    level: int
    valid_from: int
    source: str
    valid_to: int | None = None


def load_goods(path: Path | None = None) -> tuple[GoodsRule, ...]:
    """The rules of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    return load(path, ("features.goods", "data/sensitivity.toml"), "goods", _rule)


def _rule(table: Table) -> GoodsRule:
    table.only((*KINDS, "level", "valid_from", "valid_to", "source"))
    named = [kind for kind in KINDS if kind in table.row]
    if len(named) != 1:
        raise table.refuse("category", "and hs and eccn: exactly one is needed", "write one rule for each of them")
    kind = named[0]
    prefix = table.text(kind, r"[^\s/]([^/]|/(?=[^/]))*", "is not a text", f"write the {kind} in quotes")
    if kind == "hs":
        prefix = _hs(table, prefix)
    if kind == "eccn" and not eccn_prefix(prefix):
        raise table.refuse(kind, "is not the beginning of an ECCN", "write it as 3A, 3A981, 1A004.c or EAR99")
    return GoodsRule(kind, prefix, table.level(), *table.dated())


def _hs(table: Table, prefix: str) -> str:
    try:
        return hs_digits(prefix)
    except Refused as refused:
        raise table.refuse("hs", refused.why, refused.mend) from None


class GoodsSensitivity:
    """Levels of goods as of a moment; of several rules that hold, the strictest counts, whatever it speaks of.

    Goods that no rule speaks of have no level: nobody graded them, which is not the same as harmless.
    """

    def __init__(self, rules: Iterable[GoodsRule], codes: Codes) -> None:
        self._rules, self._codes = tuple(rules), codes
        self._levels = {"category": Versions(1), "goods": Versions(1)}
        self._known: set[tuple[str, int]] = set()

    def category(self, path: str | None) -> int:
        """The code of a category, whose levels are known from here on."""
        code = self._codes.code("category", path)
        self._learn("category", code, lambda rule: rule.kind == "category" and _below(path or "", rule.prefix))
        return code

    def goods(self, hs_code: str | None, eccn: str | None) -> int:
        """The code of an HS code and ECCN together, whose levels are known from here on; `NULL` where both lack."""
        digits, number = read_hs(hs_code), read_eccn(eccn)
        if digits is None and number is None:
            return NULL
        code = self._codes.code("goods", f"{digits or ''} {number or ''}")
        self._learn(
            "goods",
            code,
            lambda rule: (
                (rule.kind == "hs" and digits is not None and digits.startswith(rule.prefix))
                or (rule.kind == "eccn" and number is not None and number.under(rule.prefix))
            ),
        )
        return code

    def levels(self, category: Ints, goods: Ints, t: Ints) -> Ints:
        """Levels 0 to 3 by policy of codes from `category` and `goods`, shape (n,); `NULL` where no rule holds."""
        return np.maximum(self._levels["category"].as_of(category, t), self._levels["goods"].as_of(goods, t))[:, 0]

    def level(self, category: int, goods: int, t: int) -> int:
        """`levels` of one line."""
        return max(self._levels["category"].at(category, t)[0], self._levels["goods"].at(goods, t)[0])

    def _learn(self, vocabulary: str, code: int, speaks: Callable[[GoodsRule], bool]) -> None:
        if code == NULL or (vocabulary, code) in self._known:
            return
        self._known.add((vocabulary, code))
        rules = [rule for rule in self._rules if speaks(rule)]
        for edge, level in steps(rules, _dated, lambda rule: rule.level):
            held = any(_dated(rule).holds(edge) for rule in rules)
            self._levels[vocabulary].add(code, edge - 1, [level if held else NULL])


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _dated(rule: GoodsRule) -> Dated:
    return Dated(rule.valid_from, rule.source, rule.valid_to)
