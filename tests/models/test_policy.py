"""Tests of the policy: capacity, threshold, rank."""

import doctest
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import policy
from models.policy import Policy

PROBABILITIES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5, 1.0])), min_size=1, max_size=200)
SHARES = st.floats(0.001, 1.0)
SOUND: dict[str, Any] = {"review_share": 0.1, "threshold": 0.5, "reference": (0.1, 0.2)}


def test_the_example_in_the_docstring_runs() -> None:
    """What the module shows is true."""
    assert doctest.testmod(policy).failed == 0


@given(PROBABILITIES, SHARES)
def test_the_share_that_waits_is_within_the_capacity(probabilities: Any, share: float) -> None:
    """Ties counted; and one step lower would not fit any more."""
    made = Policy.from_capacity(probabilities, share)
    waiting = np.mean([made.waits(p) for p in probabilities])
    lower = [p for p in probabilities if p < made.threshold]
    assert waiting <= share + 1e-12
    assert not lower or np.mean(np.array(probabilities) >= max(lower)) > share


def test_ties_that_exceed_the_capacity_leave_nobody_waiting() -> None:
    """A threshold cannot tell equals apart, and the capacity is a bound."""
    made = Policy.from_capacity([0.3] * 50 + [0.1] * 50, 0.1)
    assert not made.waits(0.3)
    assert made.waits(0.300001)


def test_random_audits_take_their_part_of_the_capacity() -> None:
    """With a tenth of the orders drawn, two tenths are left for the score."""
    made = Policy.from_capacity(np.arange(100) / 100, 0.3, draw_rate=0.1)
    assert sum(made.waits(p / 100) for p in range(100)) == 20


@given(PROBABILITIES, st.floats(0, 1), st.floats(0, 1))
def test_the_rank_is_a_share_and_rises_with_the_probability(probabilities: Any, one: float, other: float) -> None:
    """In [0, 1], and never lower for a higher probability."""
    made = Policy.from_capacity(probabilities, 0.1)
    low, high = sorted((one, other))
    assert 0.0 <= made.rank(low) <= made.rank(high) <= 1.0


@given(PROBABILITIES, st.floats(0, 1))
def test_the_rank_is_right_to_a_thousandth(probabilities: Any, probability: float) -> None:
    """It is the share of reference orders below."""
    made = Policy.from_capacity(probabilities, 0.1)
    assert made.rank(probability) == pytest.approx(np.mean(np.array(probabilities) < probability), abs=1.1e-3)


@given(PROBABILITIES, SHARES)
def test_a_policy_survives_json(probabilities: Any, share: float) -> None:
    """With its version."""
    made = Policy.from_capacity(probabilities, share, missed_cost=374_474, review_cost=120.5)
    assert Policy.from_json(made.to_json()) == made
    assert Policy.from_json(made.to_json()).version == made.version


def test_another_content_is_another_version() -> None:
    """The version is a fingerprint."""
    versions = {Policy.from_capacity([0.1, 0.2], share).version for share in (0.1, 0.2, 0.5)}
    assert len(versions) == 3


def test_costs_say_from_where_a_review_pays() -> None:
    """They inform; the threshold follows from the capacity."""
    assert Policy.from_capacity([0.1], 0.5, missed_cost=1000, review_cost=20).break_even == 0.02
    assert Policy.from_capacity([0.1], 0.5, missed_cost=1000).break_even is None


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"review_share": 0.0}, "review_share"),
        ({"review_share": 1.5}, "review_share"),
        ({"threshold": float("nan")}, "threshold"),
        ({"reference": ()}, "reference"),
        ({"reference": (0.2, 0.1)}, "reference"),
        ({"draw_rate": 0.2}, "draw_rate"),
        ({"missed_cost": -1.0}, "missed_cost"),
    ],
)
def test_a_senseless_policy_is_refused(changes: dict[str, Any], column: str) -> None:
    """The error names the column."""
    with pytest.raises(ValueError, match=column):
        Policy(**SOUND | changes)


@pytest.mark.parametrize("probabilities", [[], [float("nan")], [1.2], [[0.1]]])
def test_what_is_no_probability_is_refused(probabilities: Any) -> None:
    """An empty reference has no share."""
    with pytest.raises(ValueError, match="order_probabilities"):
        Policy.from_capacity(probabilities, 0.1)
