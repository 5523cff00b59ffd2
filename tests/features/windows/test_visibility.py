"""What a line may see: the laws one by one, each with the smallest world that breaks when the law does."""

import math

from features.measures import DAY
from features.windows.view import ALL, Count, FindingRate, Mean, SinceFirst, SinceLast, Sum
from tests.factory import T0, finding, line, order, status
from tests.features.worlds import of, vector

LINES = of(Count(windows=(1, ALL)))
ALL_LINES = "reseller_lines_count_all"


def test_an_order_does_not_count_itself() -> None:
    """The first order of a reseller sees nothing."""
    assert vector(LINES, order())[ALL_LINES] == 0


def test_an_order_sees_what_came_before() -> None:
    """A microsecond is enough."""
    assert vector(LINES, order("a", at=T0 - 1), order("b", at=T0))[ALL_LINES] == 1


def test_orders_of_one_instant_are_not_history_to_each_other() -> None:
    """Strictly before: an event known at t is not seen at t."""
    assert vector(LINES, order("a", at=T0), order("b", at=T0))[ALL_LINES] == 0


def test_lines_of_one_order_are_not_history_to_each_other() -> None:
    """All of them see the same past."""
    both = (line("1"), line("2"))
    assert vector(LINES, order("a", at=T0 - 5), order("b", lines=both))[ALL_LINES] == 1


def test_a_window_holds_what_is_exactly_as_old_as_it_is_wide() -> None:
    """A window of W is [t - W, t)."""
    edge = vector(LINES, order("a", at=T0 - DAY), order("b"))["reseller_lines_count_1d"]
    outside = vector(LINES, order("a", at=T0 - DAY - 1), order("b"))["reseller_lines_count_1d"]
    assert (edge, outside) == (1, 0)


def test_a_finding_is_seen_when_it_became_known_not_when_it_happened() -> None:
    """Two clocks: it happened before the order, and was known at its moment, so it was not known before."""
    found = finding("f", order_id="a", at=T0, happened_at=T0 - 9)
    rate = of(FindingRate(prior=0.1, weight=1.0))
    assert vector(rate, order("a", at=T0 - 10), found, order("b", at=T0)) == {"reseller_finding_rate": 0.1}
    assert vector(rate, order("a", at=T0 - 10), found, order("b", at=T0 + 1)) == {"reseller_finding_rate": 0.55}


def test_a_line_does_not_see_the_finding_that_judges_it_whatever_its_dates() -> None:
    """The decision was dated before the order: 1,072 real import lines are like that."""
    early = finding("f", order_id="b", at=T0 - 5)
    counts = of(Count("diverted"), FindingRate(prior=0.1, weight=1.0))
    world = (order("b", revision=1, at=T0 - 10), early, order("b", revision=2, at=T0))
    assert set(vector(counts, *world).values()) == {0.0, 0.1}
    assert vector(counts, *world, order("c", at=T0 + 1))["reseller_diverted_count_all"] == 1


def test_a_line_does_not_see_a_finding_on_its_sibling() -> None:
    """A finding on one line says nothing to the other lines of the order."""
    both = (line("1"), line("2"))
    first = order("b", at=T0 - 10, lines=both)
    rate = of(FindingRate(prior=0.1, weight=1.0))
    judged = finding("f", order_id="b", line_id="2", at=T0 - 5)
    assert vector(rate, first, judged, order("b", revision=2, lines=both))["reseller_finding_rate"] == 0.1


def test_an_earlier_revision_is_not_history_to_a_later_one() -> None:
    """Nor is it to others, once they know the later one."""
    first, second = order("a", at=T0 - 9, value=500), order("a", revision=2, at=T0 - 5, value=700)
    total = of(Sum("value", windows=(ALL,)), SinceFirst())
    seen = vector(total, first, second)
    assert seen["reseller_value_total_all"] == 0
    assert math.isnan(seen["reseller_since_first"])
    assert vector(total, first, second, order("b"))["reseller_value_total_all"] == 7


def test_a_cancelled_order_stops_counting_once_that_is_known() -> None:
    """At the instant of the cancellation it still counts."""
    placed, gone = order("a", at=T0 - 9), status("a", "cancelled", at=T0)
    assert vector(LINES, placed, gone, order("b", at=T0))[ALL_LINES] == 1
    assert vector(LINES, placed, gone, order("b", at=T0 + 1))[ALL_LINES] == 0


def test_a_withdrawn_finding_leaves_no_trace() -> None:
    """The next revision of a finding replaces the one before, from when it is known."""
    was, gone = finding("f", order_id="a", at=T0 - 5), finding("f", "withdrawn", order_id="a", at=T0 - 2, revision=2)
    counts = of(Count("diverted"))
    assert vector(counts, order("a", at=T0 - 9), was, order("b"))["reseller_diverted_count_all"] == 1
    assert vector(counts, order("a", at=T0 - 9), was, gone, order("b"))["reseller_diverted_count_all"] == 0


def test_a_finding_may_be_withdrawn_years_later() -> None:
    """No window needs to hold it any more."""
    was = finding("f", order_id="a", at=T0 + DAY)
    gone = finding("f", "withdrawn", order_id="a", at=T0 + 900 * DAY, revision=2)
    late = order("b", at=T0 + 901 * DAY)
    assert vector(of(Count("diverted", windows=(ALL,)), Count(windows=(5,))), order("a"), was, gone, late) == {
        "reseller_diverted_count_all": 0.0,
        "reseller_lines_count_5d": 0.0,
    }


def test_an_order_counts_once_however_many_of_its_lines_were_judged() -> None:
    """Cleared lines beside a diverted one do not dilute it."""
    lines = tuple(line(str(number)) for number in range(3))
    judged = [
        finding(f"f{n}", "diverted" if n == 1 else "cleared", order_id="a", line_id=str(n), at=T0 + n) for n in range(3)
    ]
    seen = vector(of(FindingRate(prior=0.0, weight=1.0)), order("a", lines=lines), *judged, order("b", at=T0 + DAY))
    assert seen["reseller_finding_rate"] == 0.5


def test_a_missing_key_gives_no_entity() -> None:
    """Two lines without an end user have nothing in common."""
    features = of(Count(), SinceLast(), FindingRate(), key=("end_user",), entity="end_user")
    seen = vector(features, order("a", at=T0 - 5), order("b"))
    assert all(math.isnan(value) for value in seen.values())


def test_nothing_seen_is_zero_for_counts_and_missing_for_means() -> None:
    """Missing is a value; only the finding rate falls back on its prior."""
    seen = vector(of(Count(), Sum("value"), Mean("value"), SinceLast(), FindingRate(prior=0.25)), order())
    assert [seen[name] for name in seen if not math.isnan(seen[name])] == [0.0, 0.0, 0.25]


def test_a_finding_on_a_whole_order_speaks_of_what_its_lines_share() -> None:
    """It counts for the reseller, and for no category where the lines are of two."""
    features = of(Count("diverted"), key=("category",), entity="category")
    mixed = order("a", at=T0 - 9, lines=(line("1", category="x"), line("2", category="y")))
    found = finding("f", order_id="a", at=T0 - 5)
    assert vector(features, mixed, found, order("b", category="x"))["category_diverted_count_all"] == 0
    assert vector(of(Count("diverted")), mixed, found, order("b"))["reseller_diverted_count_all"] == 1
