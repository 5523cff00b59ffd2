"""An order's moment."""

import pytest

from features.measures import SECOND, Refused
from features.record import Moment, moment
from tests.factory import T0


def test_the_moment_is_the_time_of_the_order() -> None:
    """An order in time keeps its own time."""
    assert Moment(T0 + 7, late=False) == moment(T0 + 7, now=T0 + 9, clock=T0)


def test_an_order_without_a_time_counts_from_now() -> None:
    """A missing time is the time of arrival."""
    assert Moment(T0 + 9, late=False) == moment(None, now=T0 + 9, clock=T0)
    assert Moment(T0 + 9, late=False) == moment(None, now=T0 + 9, clock=None)


def test_moments_never_go_back() -> None:
    """An order without a time that finds the clock ahead of now sees everything acknowledged before it."""
    assert Moment(T0 + 1, late=False) == moment(None, now=T0 - 5, clock=T0)


def test_an_order_behind_the_clock_is_late_and_sees_all_before_it() -> None:
    """Late orders come one microsecond after everything that was acknowledged."""
    assert Moment(T0 + 1, late=True) == moment(T0 - 5, now=T0 + 9, clock=T0)


def test_orders_of_one_instant_share_it() -> None:
    """An order at the clock is not late, and does not see what came at the same instant."""
    assert Moment(T0, late=False) == moment(T0, now=T0 + 9, clock=T0)


def test_an_order_may_run_five_minutes_ahead_and_no_more() -> None:
    """Clocks differ a little; more is a mistake that names its column."""
    assert Moment(T0 + 300 * SECOND, late=False) == moment(T0 + 300 * SECOND, now=T0, clock=None)
    with pytest.raises(Refused, match=r"ordered_at.*more than 5 minutes ahead.*check clock and zone"):
        moment(T0 + 300 * SECOND + 1, now=T0, clock=None)
