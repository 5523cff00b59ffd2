"""One text for one content, the same as `json.dumps` writes of it."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from features.canonical import canonical
from features.trade import Place, Status
from tests.factory import order, rate

contents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(Status),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(contents)
def test_json_types_are_written_as_json_dumps_does(content: Any) -> None:
    """Keys sorted, nothing between, ASCII; the digests of the first records rest on it."""
    assert canonical(content) == json.dumps(content, sort_keys=True, separators=(",", ":"))


def test_a_dataclass_is_the_object_of_its_fields() -> None:
    """In the order of their names, those inside others too."""
    told = json.loads(canonical(order(order_id="é")))
    assert list(told) == sorted(told)
    assert (told["order_id"], list(told["lines"][0]["amount"])) == ("é", ["currency", "minor"])


def test_decimals_stand_as_texts() -> None:
    """A rate of 1.10 is not 1.1 of a float."""
    assert '"rate":"1.10"' in canonical(rate(value="1.10"))
    assert canonical((Decimal(1), None, True)) == '["1",null,true]'


def test_younger_fields_stand_only_where_they_say_something() -> None:
    """What was written before there were such fields stays what it was."""
    assert "x_km" not in canonical(Place("CN"))
    assert '"x_km":0.0' in canonical(Place(x_km=0.0, y_km=0.0))


def test_a_field_can_be_left_out() -> None:
    """Of the thing itself, not of what it holds."""
    assert "known_at" not in canonical(order(), without="known_at")
    assert "line_id" in canonical(order(), without="line_id")
