"""Small histories with heavy ties, revisions, cancellations and corrected findings, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from features.facts.book import Book
from features.measures import DAY, Quantity
from features.record.ledger import Entry
from features.trade import Finding, Order, OrderLine, Outcome, Place, Status, StatusChange
from features.windows.feature_set import FeatureSet
from features.windows.view import (
    ALL,
    Burst,
    Count,
    Distinct,
    FindingRate,
    Gap,
    Max,
    Mean,
    Min,
    Quotient,
    Ratio,
    Share,
    SinceFirst,
    SinceLast,
    Statistic,
    Std,
    Sum,
    Variety,
    View,
    ZScore,
)

EVERYTHING = (
    Count("lines", windows=(1, 3, ALL)),
    Count("orders", windows=(1, ALL)),
    Count("diverted", windows=(3, ALL)),
    Count("inconclusive"),
    Sum("value", windows=(1, 3, ALL)),
    Mean("value", windows=(3, ALL)),
    Std("value", windows=(1, 3, ALL)),
    Ratio("value", windows=(3, ALL)),
    ZScore("units", windows=(1, 3)),
    Distinct("end_user", windows=(1, 3)),
    Distinct("ship_city", windows=(2,)),
    Distinct("order", windows=(3,)),
    Share("undeclared", windows=(1, ALL)),
    Share("stock", windows=(3,)),
    SinceFirst(),
    SinceLast("lines"),
    SinceLast("undeclared"),
    FindingRate(prior=0.1, weight=4.0),
    FindingRate(prior=0.1, weight=4.0, windows=(3,)),
    Min("value", windows=(1, 3)),
    Max("value", windows=(3,)),
    Max("units", windows=(2,), where="stock"),
    Mean("value", windows=(3, ALL), where="undeclared"),
    Distinct("sku", windows=(3,), where="stock"),
    SinceLast("diverted", windows=(3,)),
    SinceLast("orders", windows=(2,)),
    Burst("lines", windows=(1,), usual=3),
    Gap("orders", windows=(3,)),
    Variety("end_user", windows=(3,)),
    Variety("sku", windows=(1,), where="stock"),
    Share("use_undeclared", windows=(3,)),
)


def feature_set(*more: Statistic) -> FeatureSet:
    """Every statistic, of an entity, of one that may be missing, and of a composed key."""
    return FeatureSet(
        (),
        (
            View("reseller", ("reseller",), "reseller", "this reseller", (*EVERYTHING, *more)),
            View("end_user", ("end_user",), "end_user", "this end user", EVERYTHING),
            View("pair", ("reseller", "category", "ship_city"), "reseller", "this pair", EVERYTHING[:8]),
        ),
        quotients=(
            Quotient("pair_share", "pair_lines_count_3d", "reseller_lines_count_3d", "share", "reseller", "{value}"),
            Quotient("value_to_user", "reseller_value_mean_3d", "end_user_value_mean_3d", "1", "reseller", "{value}"),
        ),
    )


SHORT = feature_set()
"""Events older than a year are freed."""

LONG = feature_set(Count("lines", windows=(36_500,)))
"""No event is ever freed, so that corrections reach back as far as they like."""

TICK = DAY // 2
"""Times are multiples of half a day, so that ties and window edges are hit all the time."""

some_value = st.none() | st.sampled_from([0, 1, 5, 10**9, 10**11])
lines = st.builds(
    lambda value, units, user, city, category, stock, use: {
        "value": value,
        "quantity": None if units is None else Quantity(units, "each"),
        "end_user_id": user,
        "ship_to": None if city is None else Place(city=city),
        "category": category,
        "for_stock": stock,
        "declared_use": use,
    },
    some_value,
    st.none() | st.integers(0, 9000),
    st.none() | st.sampled_from(["u1", "u2"]),
    st.none() | st.sampled_from(["Bern", "Basel"]),
    st.none() | st.sampled_from(["a", "b/c"]),
    st.none() | st.booleans(),
    st.none() | st.just("resale"),
)


@st.composite
def histories(draw: st.DrawFn, most: int = 24) -> list[Entry[Any]]:
    """Entries in the order of position, with known_at that never runs backwards."""
    entries: list[Entry[Any]] = []
    revisions: dict[str, int] = {}
    findings: dict[str, tuple[int, str]] = {}
    t = 0
    for position in range(1, draw(st.integers(2, most)) + 1):
        t += draw(st.sampled_from([0, 0, 1, TICK, TICK, 2 * TICK, 6 * TICK, 900 * DAY]))
        kind = draw(st.sampled_from("ooooorfffc")) if revisions else "o"
        known = sorted(revisions)
        event: Any
        if kind in "or":
            order_id = draw(st.sampled_from(known)) if kind == "r" else f"o{position}"
            revisions[order_id] = revisions.get(order_id, 0) + 1
            made = draw(st.lists(lines, min_size=1, max_size=3))
            parts = tuple(OrderLine(str(n), f"s{n}", **fields) for n, fields in enumerate(made))
            event = Order(order_id, draw(st.sampled_from(["r1", "r2"])), parts, t, revisions[order_id], t)
        elif kind == "f":
            name = draw(st.sampled_from([*sorted(findings), f"f{position}"]))
            revision, judged = findings.get(name, (0, draw(st.sampled_from(known))))
            findings[name] = (revision + 1, judged)
            outcome = draw(st.sampled_from(list(Outcome)))
            line = draw(st.none() | st.sampled_from(["0", "1", "7"]))
            happened_at = t - draw(st.sampled_from([0, TICK, 40 * DAY]))
            event = Finding(name, outcome, happened_at, t, judged, line, revision=revision + 1)
        else:
            event = StatusChange(
                draw(st.sampled_from(known)), draw(st.sampled_from([Status.CANCELLED, Status.SHIPPED])), t, t
            )
        entries.append(Entry(position, t, event))
    return entries


def book(entries: list[Entry[Any]]) -> Book:
    """The history as a book."""
    empty = Book.empty("USD")
    return empty.extended(entries)
