"""Findings, revisions and cancellations, as what later lines see of them."""

import math
from typing import Any

import numpy as np
import pytest

from features.measures import DAY
from features.trade import Place, Site
from features.vector import Vectorizer, feature_table
from features.windows.view import ALL, Count, FindingRate, Sum
from tests.factory import T0, finding, line, order, reseller, status
from tests.features.worlds import book, entries, of, vector

JUDGED = of(Count("diverted"), Count("cleared"), FindingRate(prior=0.0, weight=1.0))
STANDING = of(Count(windows=(9, ALL)), Sum("value", windows=(9, ALL)))
BY_CITY = of(Count("diverted"), key=("ship_city",), entity="ship_to_city")
TWO_CITIES = (line("1", ship_to=Place(city="Bern")), line("2", ship_to=Place(city="Basel")))


def judged(*events: Any, at: int = T0) -> list[float]:
    """Diverted, cleared and the rate of the reseller, as an order at `at` sees them."""
    return list(vector(JUDGED, *events, order("last", at=at)).values())


def standing(*events: Any, at: int = T0) -> list[float]:
    """Lines in 9 days, lines ever, their values, as an order at `at` sees them."""
    return list(vector(STANDING, *events, order("last", at=at)).values())


def test_a_finding_on_a_line_speaks_of_that_line() -> None:
    """Of its city, not of its sibling's."""
    world = (order("a", at=T0 - 9, lines=TWO_CITIES), finding("f", order_id="a", line_id="2", at=T0 - 5))
    seen = [vector(BY_CITY, *world, order("b", ship_to=Place(city=city))) for city in ("Bern", "Basel")]
    assert [found["ship_to_city_diverted_count_all"] for found in seen] == [0, 1]


def test_a_finding_on_a_line_that_the_order_lacks_speaks_of_the_whole_order() -> None:
    """It still counts for the reseller, and for no city."""
    world = (order("a", at=T0 - 9, lines=TWO_CITIES), finding("f", order_id="a", line_id="7", at=T0 - 5))
    assert judged(*world) == [1, 0, 0.5]
    assert vector(BY_CITY, *world, order("b", ship_to=Place(city="Bern")))["ship_to_city_diverted_count_all"] == 0


def test_a_finding_on_a_reseller_counts_for_all_its_later_orders() -> None:
    """It judges no order, so none of them leaves it out."""
    assert judged(order("a", at=T0 - 9), finding("f", reseller_id="r1", at=T0 - 5)) == [1, 0, 0.5]
    assert judged(order("a", at=T0 - 9), finding("f", reseller_id="r2", at=T0 - 5)) == [0, 0, 0.0]


def test_a_finding_on_a_reseller_counts_for_its_address() -> None:
    """As the address was known when the finding was."""
    features = of(Count("diverted"), key=("address",), entity="address")
    known = [reseller(name, at=T0 - 9, address_id="a1") for name in ("r1", "r2")]
    found = finding("f", reseller_id="r2", at=T0 - 5)
    assert vector(features, *known, found, order("o"))["address_diverted_count_all"] == 1
    moved = reseller("r2", at=T0 - 7, address_id="a2", sites=(Site(Place("US")),))
    assert vector(features, *known, moved, found, order("o"))["address_diverted_count_all"] == 0


def test_a_finding_on_an_order_that_nobody_knows_says_nothing() -> None:
    """There is no line that it could speak of."""
    assert judged(finding("f", order_id="elsewhere", at=T0 - 5)) == [0, 0, 0.0]


def test_an_inconclusive_finding_decides_nothing() -> None:
    """It is kept apart: neither diverted nor cleared."""
    assert judged(order("a", at=T0 - 9), finding("f", "inconclusive", order_id="a", at=T0 - 5)) == [0, 0, 0.0]


def test_a_corrected_finding_replaces_the_one_before() -> None:
    """From when the correction is known, strictly."""
    world = (
        order("a", at=T0 - 9),
        finding("f", order_id="a", at=T0 - 5),
        finding("f", "cleared", order_id="a", at=T0 - 2, revision=2),
    )
    assert judged(*world, at=T0 - 2) == [1, 0, 0.5]
    assert judged(*world, at=T0 - 1) == [0, 1, 0.0]


@pytest.mark.parametrize(("at", "expected"), [(-4, [0, 1, 0.0]), (-1, [0, 1, 0.0])])
def test_a_correction_that_was_known_before_the_mistake_leaves_no_trace_of_it(at: int, expected: list[float]) -> None:
    """Imports date things as they please: counts never fall below what stands."""
    world = (
        order("a", at=T0 - 9),
        finding("f", order_id="a", at=T0 - 2),
        finding("f", "cleared", order_id="a", at=T0 - 5, revision=2),
    )
    assert judged(*world, at=T0 + at) == expected


def test_a_revision_that_was_known_before_the_one_that_it_replaces_stands_alone() -> None:
    """Only the later revision is ever history to others."""
    world = (order("a", at=T0 - 2, value=500), order("a", revision=2, at=T0 - 5, value=700))
    assert standing(*world, at=T0 - 3) == [1, 1, 7.0, 7.0]
    assert standing(*world) == [1, 1, 7.0, 7.0]


def test_a_cancellation_dated_before_its_order_leaves_nothing() -> None:
    """An order that has a day only counts from the day's end; its cancellation may have an hour."""
    world = (order("a", at=T0 - 2), status("a", "cancelled", at=T0 - 5))
    assert standing(*world, at=T0 - 3) == standing(*world) == [0, 0, 0.0, 0.0]


def test_an_order_cancelled_twice_is_taken_back_once() -> None:
    """By the cancellation that is known first, wherever it stands in the record."""
    twice = (order("a", at=T0 - 9), status("a", "cancelled", at=T0 - 2), status("a", "cancelled", at=T0 - 5))
    assert standing(*twice, at=T0 - 5) == [1, 1, 10.0, 10.0]
    assert standing(*twice, at=T0 - 4) == standing(*twice) == [0, 0, 0.0, 0.0]


def test_a_cancelled_order_that_is_revised_stands_again() -> None:
    """The revision is a new order of things; the earlier lines are not taken back twice."""
    world = (order("a", at=T0 - 9), status("a", "cancelled", at=T0 - 5), order("a", revision=2, at=T0 - 3, value=700))
    assert [standing(*world, at=T0 - ago)[:2] for ago in (4, 3, 2)] == [[0, 0], [0, 0], [1, 1]]


def test_a_cancellation_known_after_the_revision_takes_nothing_more_back() -> None:
    """The revision had replaced the lines by then."""
    world = (order("a", at=T0 - 9), status("a", "cancelled", at=T0 - 2), order("a", revision=2, at=T0 - 5, value=700))
    assert standing(*world, at=T0 - 3) == standing(*world) == [1, 1, 7.0, 7.0]


def test_what_was_shipped_still_counts() -> None:
    """Only a cancellation takes an order back."""
    assert standing(order("a", at=T0 - 9), status("a", "shipped", at=T0 - 5)) == [1, 1, 10.0, 10.0]


def test_a_cancellation_of_an_order_that_nobody_knows_does_nothing() -> None:
    """It may come from another system."""
    assert standing(status("elsewhere", "cancelled", at=T0 - 5)) == [0, 0, 0.0, 0.0]


def test_an_order_cancelled_years_later_leaves_what_has_no_window() -> None:
    """Its lines are long forgotten by every window, and are taken back from all time."""
    gone = status("a", "cancelled", at=T0 + 900 * DAY)
    world = (order("a"), order("b", reseller="r2", at=T0 + 800 * DAY), gone)
    assert standing(*world, at=T0 + 901 * DAY) == [0, 0, 0.0, 0.0]


def test_cancellations_and_revisions_are_the_same_one_by_one() -> None:
    """What a service follows entry by entry is what a batch sees at once."""
    world = entries(
        order("a", at=T0 - 9),
        status("a", "cancelled", at=T0 - 8),
        order("a", revision=2, at=T0 - 7, value=700),
        status("a", "cancelled", at=T0 - 6),
        status("a", "cancelled", at=T0 - 5),
        order("last"),
    )
    vectorizer = Vectorizer(STANDING, "USD")
    vectorizer.follow(world[:-1], lambda _: [world[0], world[2]])
    online = vectorizer.vectors(world[-1].event, T0)
    assert np.array_equal(online, feature_table(book(*(entry.event for entry in world)), STANDING).values[-1:])
    assert not math.isnan(online.sum())
