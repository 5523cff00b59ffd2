"""Levels of regions by date, and what a policy file must say."""

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.location.policy import HubRule, Hubs, RegionRule, Sensitivity, load_hubs, load_regions
from features.measures import DAY, Refused, micros
from features.windows.codes import Codes
from features.windows.columns import NULL

RULES = (RegionRule("CN-XJ", 3, 100, "a notice", 200), RegionRule("CN-QH", 1, 100, "borders it"))


def level(t: int, country: str | None, region: str | None, rules: tuple[RegionRule, ...] = RULES) -> int:
    """The level of one place at t."""
    codes = Codes()
    sensitivity = Sensitivity(rules, codes)
    place = np.array([codes.code("country", country)]), np.array([codes.code("region", region)])
    return int(sensitivity.levels(*place, np.array([t]))[0])


def test_a_rule_holds_from_its_first_moment_up_to_not_including_its_last() -> None:
    """`valid_from` is inside, `valid_to` outside."""
    assert [level(t, "CN", "CN-XJ") for t in (99, 100, 199, 200)] == [0, 3, 3, 0]


def test_a_rule_without_an_end_goes_on() -> None:
    """Until somebody writes an end into the file."""
    assert level(10_000 * DAY, "CN", "CN-QH") == 1


def test_a_place_without_a_rule_has_level_zero() -> None:
    """In a country that has rules for others, too."""
    assert [level(150, "CN", "CN-GD"), level(150, "FR", "FR-75"), level(150, "FR", None)] == [0, 0, 0]


def test_a_vague_place_is_missing() -> None:
    """Without its region it may be either; without a country, too."""
    assert [level(150, "CN", None), level(150, None, None)] == [NULL, NULL]


def test_a_region_says_enough_without_its_country() -> None:
    """Its code names the country."""
    assert level(150, None, "CN-XJ") == 3


def test_a_rule_that_follows_another_takes_over_in_any_order_of_rows() -> None:
    """The end of the one does not erase the beginning of the other."""
    first, second = RegionRule("CN-XJ", 2, 100, "a notice", 200), RegionRule("CN-XJ", 3, 200, "a law")
    for rules in ((first, second), (second, first)):
        assert [level(t, "CN", "CN-XJ", rules) for t in (150, 199, 200, 999)] == [2, 2, 3, 3]


some_rules = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.none() | st.integers(1, 9)), max_size=5)


@settings(deadline=None)  # the first call compiles
@given(some_rules, st.integers(0, 20))
def test_the_strictest_rule_that_holds_counts(rows: list[tuple[int, int, int | None]], t: int) -> None:
    """However rules overlap."""
    rules = tuple(
        RegionRule("CN-XJ", strict, start, "a notice", None if days is None else start + days)
        for strict, start, days in rows
    )
    holding = [rule.level for rule in rules if rule.valid_from <= t and (rule.valid_to is None or t < rule.valid_to)]
    assert level(t, "FR", "CN-XJ", rules) == max(holding, default=0)


def test_the_policy_that_ships_is_dated_and_sourced() -> None:
    """Each row says since when and where that is written."""
    rules = load_regions()
    assert {rule.code for rule in rules} >= {"CN-XJ", "CN-XZ"}
    assert all(rule.source and rule.valid_from >= micros(datetime(2019, 1, 1, tzinfo=UTC)) for rule in rules)


GOOD = {"code": '"CN-XJ"', "level": "3", "valid_from": "2019-10-09", "source": '"Entity List"'}


def written(folder: Path, **changed: str) -> Path:
    """A policy file with one good rule and one that is changed; an empty text leaves the key out."""
    path = folder / "regions.toml"
    rows = [GOOD, {**GOOD, **changed}]
    text = "\n".join("[[region]]\n" + "\n".join(f"{k} = {v}" for k, v in row.items() if v) for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def test_dates_are_midnights_in_utc(tmp_path: Path) -> None:
    """From the first moment of the day, up to the first moment of the last."""
    rule = load_regions(written(tmp_path, valid_to="2020-01-01"))[1]
    assert rule.valid_from == micros(datetime(2019, 10, 9, tzinfo=UTC))
    assert rule.valid_to == micros(datetime(2020, 1, 1, tzinfo=UTC))


REFUSED = [
    ("level", "4", "region 2: level: 4 is not in 0..3; give the level as a whole number"),
    ("level", "true", "region 2: level: True is not in 0..3"),
    ("level", "", "region 2: level: None is not in 0..3"),
    ("source", "", "region 2: source: None is missing; say where the rule is written"),
    ("valid_from", '"2019-10-09"', "region 2: valid_from: '2019-10-09' is not a date; write it as 2019-10-09, without"),
    ("valid_to", '"2025-01-01"', "region 2: valid_to: '2025-01-01' is not a date"),
    ("valid_to", "2019-10-09", "region 2: valid_to: '2019-10-09' is not after valid_from; swap or mend the dates"),
    ("code", '"xinjiang"', "region 2: code: 'xinjiang' is not an ISO 3166-2 code; write it as CN-XJ"),
    ("code", "", "region 2: code: None is not an ISO 3166-2 code"),
    ("valid_until", "2025-01-01", "is an unknown key; use code, level, valid_from, valid_to, source"),
]


@pytest.mark.parametrize(("key", "value", "why"), REFUSED)
def test_what_a_policy_file_gets_wrong_is_named(tmp_path: Path, key: str, value: str, why: str) -> None:
    """The rule by its number, the key, the value, and the mend."""
    with pytest.raises(Refused, match=re.escape(why)):
        load_regions(written(tmp_path, **{key: value}))


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    """One table where a list of tables should stand."""
    path = tmp_path / "regions.toml"
    path.write_text("[region]\nlevel = 3", encoding="utf-8")
    with pytest.raises(Refused, match=re.escape("write [[region]] above each rule")):
        load_regions(path)


def test_a_hub_holds_by_its_dates_for_a_country_or_a_region() -> None:
    """Either may be named."""
    codes = Codes()
    hubs = Hubs((HubRule("SG", 100, "an alert", 200), HubRule("CN-HK", 100, "a notice")), codes)
    places = [("SG", None), ("CN", "CN-HK"), ("CN", "CN-GD"), (None, None)]
    country = np.array([codes.code("country", country) for country, _ in places])
    region = np.array([codes.code("region", region) for _, region in places])
    for t, expected in ((99, [0, 0, 0, NULL]), (100, [1, 1, 0, NULL]), (200, [0, 1, 0, NULL])):
        assert hubs.are(country, region, np.full(4, t)).tolist() == expected
        assert [hubs.is_one(int(c), int(r), t) for c, r in zip(country, region, strict=True)] == expected


def test_the_hubs_that_ship_are_dated_and_sourced() -> None:
    """Hong Kong among them; China's mainland, where the regions are, is none."""
    hubs = {rule.code: rule for rule in load_hubs()}
    assert "HK" in hubs
    assert "CN" not in hubs
    assert all(rule.source and rule.valid_from >= micros(datetime(2019, 1, 1, tzinfo=UTC)) for rule in hubs.values())


def test_a_hub_is_a_country_or_a_region(tmp_path: Path) -> None:
    """Anything else is refused with the mend."""
    path = tmp_path / "hubs.toml"
    path.write_text('[[hub]]\ncode = "Hong Kong"\nvalid_from = 2020-01-01\nsource = "a notice"', encoding="utf-8")
    with pytest.raises(Refused, match="hub 1: code: 'Hong Kong' is not an ISO 3166 code; write a country as HK"):
        load_hubs(path)


@settings(deadline=None)
@given(some_rules, st.integers(0, 20), st.sampled_from(["CN", "FR", None]), st.sampled_from(["CN-XJ", "FR-75", None]))
def test_one_place_has_the_level_that_it_has_among_many(
    rows: list[tuple[int, int, int | None]], t: int, country: str | None, region: str | None
) -> None:
    """The scalar and the vector lookup agree."""
    rules = tuple(RegionRule("CN-XJ", n, s, "a notice", None if d is None else s + d) for n, s, d in rows)
    codes = Codes()
    sensitivity = Sensitivity(rules, codes)
    one = codes.code("country", country), codes.code("region", region)
    assert sensitivity.level(*one, t) == level(t, country, region, rules)
