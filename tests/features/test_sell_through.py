"""A report of what was sold on, as an object of the trade."""

import doctest
from dataclasses import replace
from typing import Any

import pytest

from features import sell_through
from features.measures import DAY, Quantity, Refused
from tests import factory as a


def test_the_example_of_the_module_holds() -> None:
    """What a report is on."""
    assert doctest.testmod(sell_through) == (0, 2)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"quantity": Quantity.of(9)}, True),
        ({"known_at": a.T0}, True),
        ({"reseller_id": "r2"}, False),
        ({"category": "sequencing/kit"}, False),
        ({"sku": "kit"}, False),
        ({"end_user_id": "u1"}, False),
        ({"period_from": a.T0 - DAY}, False),
    ],
)
def test_a_correction_is_on_what_was_reported_before(changed: dict[str, Any], same: bool) -> None:
    """How much, and when it was said, may change; whose, what, when and to whom make another report."""
    assert (replace(a.sold_on(), **changed).report_id == a.sold_on().report_id) is same


def test_parts_that_read_alike_when_joined_are_two_reports() -> None:
    """Names may hold blanks."""
    first, second = a.sold_on("r 1", sku="kit"), a.sold_on("r", sku="1 kit")
    assert first.report_id != second.report_id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"category": None}, "sku: None is missing, and category too"),
        ({"period_to": a.T0 - 900 * DAY}, "lies before period_from"),
        ({"reseller_id": ""}, "is not an identifier"),
    ],
)
def test_a_report_that_cannot_be_meant_is_refused(wrong: dict[str, Any], said: str) -> None:
    """With the mend."""
    with pytest.raises(Refused, match=said):
        replace(a.sold_on(), **wrong)
