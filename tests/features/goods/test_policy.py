"""Levels of goods by date, and what a policy file must say."""

import re
from pathlib import Path

import numpy as np
import pytest

from features.goods.policy import GoodsRule, GoodsSensitivity, load_goods
from features.measures import Refused
from features.windows.codes import Codes
from features.windows.columns import NULL

RULES = (
    GoodsRule("category", "forensics", 1, 100, "a choice"),
    GoodsRule("category", "forensics/hid", 3, 100, "a choice", 200),
    GoodsRule("hs", "3822", 1, 100, "a ruling"),
    GoodsRule("eccn", "3A981", 3, 150, "a law"),
)


def level(t: int, category: str | None = None, hs: str | None = None, eccn: str | None = None) -> int | None:
    """The level of goods at t, the same among many as alone."""
    policy = GoodsSensitivity(RULES, Codes())
    path, goods = policy.category(category), policy.goods(hs, eccn)
    found = policy.level(path, goods, t)
    many = policy.levels(np.array([path, NULL]), np.array([goods, NULL]), np.array([t, t]))
    assert many.tolist() == [found, NULL]
    return None if found == NULL else found


def test_a_rule_speaks_of_all_below_it() -> None:
    """Of a category's whole subtree and nothing beside it; of all codes that begin so."""
    paths = ("forensics", "forensics/hid/str", "forensics/hidden", "forensic")
    assert [level(150, path) for path in paths] == [1, 3, 1, None]
    assert [level(150, hs=code) for code in ("3822", "3822.00.5090", "3821", "kits", None)] == [1, 1, None, None, None]


def test_a_rule_holds_from_its_first_moment_up_to_not_including_its_last() -> None:
    """Before any rule nobody graded the goods, which is not level 0."""
    assert [level(t, "forensics/hid") for t in (99, 100, 199, 200)] == [None, 3, 3, 1]
    assert [level(t, eccn="3A981.a") for t in (149, 150)] == [None, 3]


def test_the_strictest_rule_counts_whatever_it_speaks_of() -> None:
    """Category, HS code and ECCN side by side."""
    assert level(150, "forensics", "3822", "3A981") == 3
    assert level(150, "forensics", "3822", "EAR99") == 1


def test_goods_that_no_rule_speaks_of_have_no_level() -> None:
    """Not even zero."""
    assert level(150, "plastics", "3926.90", "EAR99") is None
    assert level(150) is None


def test_the_policy_that_ships_is_dated_and_sourced() -> None:
    """Crime-control items are the strictest; what we chose says so."""
    rules = {(rule.kind, rule.prefix): rule for rule in load_goods()}
    assert rules["eccn", "3A981"].level == 3
    assert rules["hs", "902720"].level == 1
    assert all(rule.source for rule in rules.values())
    assert all("our choice" in rule.source for rule in rules.values())


REFUSED = [
    ('hs = "9027"\neccn = "3A981"', "goods 1: category: None and hs and eccn: exactly one is needed"),
    ("", "exactly one is needed"),
    ('hs = "902"', "goods 1: hs: '902' has 3 digits; write 2, 4, 6, 8 or 10 digits"),
    ('eccn = "3A9"', "goods 1: eccn: '3A9' is not the beginning of an ECCN"),
    ('category = "kits/"', "goods 1: category: 'kits/' is not a text"),
    ('category = "kits"\nlevels = 1', "goods 1: levels: 1 is an unknown key; use category, hs, eccn, level"),
]


@pytest.mark.parametrize(("keys", "why"), REFUSED)
def test_what_a_policy_file_gets_wrong_is_named(tmp_path: Path, keys: str, why: str) -> None:
    """The rule by its number, the key, the value, and the mend."""
    path = tmp_path / "goods.toml"
    path.write_text(f'[[goods]]\n{keys}\nlevel = 1\nvalid_from = 2020-01-01\nsource = "a"', encoding="utf-8")
    with pytest.raises(Refused, match=re.escape(why)):
        load_goods(path)
