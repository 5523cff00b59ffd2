"""The one moment of an order: what it may see is everything known strictly before it."""

from dataclasses import dataclass

from features.measures import SECOND, Refused, iso

AHEAD = 300 * SECOND
"""How far an order system's clock may run ahead of ours."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When an order counts (`t`, microseconds UTC), and whether it came behind the record's clock."""

    t: int
    late: bool


def moment(ordered_at: int | None, now: int, clock: int | None) -> Moment:
    """The moment of an order that arrives `now`, when the record's clock stands at `clock`.

    It is the time of the order (`now` where that is absent), but never before the clock, so that moments only move
    forward. An order strictly behind the clock is late, and its moment is one microsecond *after* the clock: it
    sees everything acknowledged before it. So does an order without a time of its own that finds the clock ahead
    of `now`, though it is not late. An order dated exactly at the clock keeps that instant: orders of one instant
    are not history to each other.

    >>> moment(ordered_at=70, now=90, clock=50)
    Moment(t=70, late=False)
    >>> moment(ordered_at=40, now=90, clock=50)
    Moment(t=51, late=True)
    >>> moment(ordered_at=50, now=90, clock=50)
    Moment(t=50, late=False)

    Raises `Refused` when the order is dated more than 5 minutes ahead of `now`.
    """
    if ordered_at is not None and ordered_at > now + AHEAD:
        raise Refused(
            "ordered_at", iso(ordered_at), f"is more than 5 minutes ahead of {iso(now)}", "check clock and zone"
        )
    if ordered_at is None:
        return Moment(now if clock is None else max(now, clock + 1), late=False)
    if clock is None or ordered_at >= clock:
        return Moment(ordered_at, late=False)
    return Moment(clock + 1, late=True)
