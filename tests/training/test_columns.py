"""Declared columns and conditions on them."""

import json

import pytest

from features.measures import Refused
from tests.training.made import lines
from training.columns import attribute_columns, matching

MADE = lines(
    [
        {"attributes": json.dumps({"port": "LA", "source": "U"}), "ship_country": "US"},
        {"attributes": json.dumps({"port": "NY"}), "ship_country": "CN"},
        {"attributes": None, "ship_country": None},
    ]
)


def test_attributes_become_columns() -> None:
    """A line without the attribute has none."""
    columns = attribute_columns(MADE)
    assert list(columns) == ["port", "source"]
    assert columns["source"].tolist() == ["U", None, None]


def test_conditions_match_attributes_and_columns() -> None:
    """Any of them is enough; an absent value matches nothing."""
    assert matching(MADE, ["source=U", "ship_country=CN"]).tolist() == [True, True, False]
    assert matching(MADE, []).tolist() == [False, False, False]


def test_an_unknown_name_is_refused() -> None:
    """The message lists what there is."""
    with pytest.raises(Refused, match="port, "):
        matching(MADE, ["harbour=LA"])


def test_a_condition_needs_a_name_and_a_value() -> None:
    """`name=value`, and nothing else."""
    with pytest.raises(Refused, match="write name=value"):
        matching(MADE, ["source"])
