"""Tests of the reasons: which families speak, and in what words."""

import doctest
import math
from typing import Any

import pytest

from features.windows.feature_set import FeatureSet
from features.windows.view import Feature, LineFeature
from models import reasons as reasons_module
from models.reasons import LOWERING, RAISING, _reasons, explain, number, sentence
from tests.models.made import FEATURES, made, model, vector

MODEL = model()


def reasons(parts: dict[str, tuple[str, float]]) -> list[tuple[str, str]]:
    """(feature, direction) told for made-up contributions, given as name -> (family, log-odds)."""
    rows = tuple(LineFeature(name, "direct", ("units",), "1", family, "{value}") for name, (family, _) in parts.items())
    values = [part for _, part in parts.values()]
    return [(each.feature, each.direction) for each in _reasons(FeatureSet(rows, ()), [0.0] * len(rows), values)]


def test_the_heaviest_family_speaks_first() -> None:
    """Its sum decides, not its strongest feature."""
    found = reasons({"a": ("one", 0.6), "b": ("two", 0.5), "c": ("two", 0.4)})
    assert found == [("b", "raises"), ("c", "raises"), ("a", "raises")]


def test_two_features_that_cancel_out_are_no_reason() -> None:
    """A family speaks on the side of its sum only."""
    found = reasons({"a": ("one", 2.0), "b": ("one", -2.5), "c": ("two", 0.1)})
    assert found == [("c", "raises"), ("b", "lowers")]


def test_every_family_tells_its_strongest_feature_before_one_tells_two() -> None:
    """Five places for those that raise, two for those that lower."""
    found = reasons(
        {f"a{i}": ("loud", 1.0 - i / 10) for i in range(6)}
        | {"b": ("soft", 0.1), "c": ("calm", 0.05)}
        | {f"d{i}": (f"low{i}", -1.0 - i) for i in range(4)}
    )
    raising = [name for name, direction in found if direction == "raises"]
    assert raising == ["a0", "a1", "a2", "b", "c"]
    assert [name for name, direction in found if direction == "lowers"] == ["d3", "d2"]


def test_a_line_whose_features_all_say_nothing_has_no_reasons() -> None:
    """No contribution, no sentence."""
    assert reasons({"a": ("one", 0.0), "b": ("two", 0.0)}) == []


def test_reasons_of_real_lines_add_up() -> None:
    """Raising first, at most five and two, each family's weight the sum of its features."""
    values, _ = made(40)
    parts = MODEL.classifier.contributions(values)
    for row, found in enumerate(explain(MODEL, values)):
        directions = [each.direction for each in found]
        assert directions == sorted(directions, reverse=True)
        assert directions.count("raises") <= RAISING
        assert directions.count("lowers") <= LOWERING
        for each in found:
            members = [i for i, f in enumerate(FEATURES.features) if f.family == each.family]
            assert each.family_contribution == pytest.approx(parts[row, members].sum())
            assert each.contribution == parts[row, FEATURES.names.index(each.feature)]


def test_reasons_on_demand_are_those_given_at_once() -> None:
    """A row explains the same alone or among others."""
    values, _ = made(30)
    assert explain(MODEL, values)[11:12] == explain(MODEL, values[11:12])


def test_a_reason_gives_value_norm_red_flag_and_what_would_clear_it() -> None:
    """As an analyst reads it."""
    row = vector(units=9.0, ship_to_region_sensitivity=3.0)
    found = {each.feature: each for each in explain(MODEL, row)[0]}
    region = found["ship_to_region_sensitivity"]
    assert (region.value, region.norm, region.red_flag) == (3.0, None, "RF32")
    assert region.sentence == "the ship-to region's level is 3"
    units = sentence(FEATURES.features[2], 4.0, 1.2)
    assert units == "4 units; the mean is 1.2"


def test_the_example_in_the_docstring_runs() -> None:
    """What the module shows is true."""
    assert doctest.testmod(reasons_module).failed == 0


def feature(because: str, unit: str = "1") -> Feature:
    """A feature with this sentence."""
    return Feature("f", unit, "family", because)


@pytest.mark.parametrize(
    ("because", "value", "norm", "expected"),
    [
        ("it had {value} lines", 12.0, math.nan, "it had 12 lines"),
        ("it had {value} lines", math.nan, math.nan, "not known: it had … lines"),
        ("{value} units; the mean is {norm}", 4.0, math.nan, "4 units; the mean is unknown"),
        ("{value} units", 4.0, 1.234, "4 units (usually 1.23)"),
        ("the line is for stock", 1.0, math.nan, "the line is for stock"),
        ("the line is for stock", 0.0, math.nan, "not so: the line is for stock"),
        ("the line is for stock", math.nan, math.nan, "not known: the line is for stock"),
    ],
)
def test_a_sentence_has_its_numbers_filled_in(because: str, value: Any, norm: float, expected: Any) -> None:
    """And says so where the value is not known."""
    assert sentence(feature(because), value, norm) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (4.0, "1", "4"),
        (-2.0, "1", "-2"),
        (1.23456, "1", "1.23"),
        (0.000123456, "1", "0.000123"),
        (1234567.8, "1", "1,234,568"),
        (0.1256, "share", "12.6 %"),
        (1.0, "share", "100 %"),
        (math.inf, "1", "inf"),
    ],
)
def test_numbers_are_written_for_people(value: Any, unit: str, expected: Any) -> None:
    """Whole numbers whole, others to three digits."""
    assert number(value, unit) == expected
