"""The law of evidence: awards are history of later orders, never of the order that they judge."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.awards import AWARDS
from features.evidence import LinkVerdict
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.snapshot import restore, save
from features.trade import Order, Place
from features.vector import Vectorizer, feature_table
from features.windows.feature_set import FeatureSet
from tests import factory as a
from tests.features.awards.made import KNOWN, award_line, link, linking, notice, verdict
from tests.features.worlds import book, entries, same, vector

FEATURES = FeatureSet((), AWARDS)
KIT = a.product("kit", category="forensics/hid-kit", at=a.T0 - DAY)
COUNT, RESTRICTED = "reseller_awards_count_365d", "reseller_restricted_awards_count_365d"
NEARBY = "ship_to_region_category_unexplained_awards_count_90d"
XINJIANG = Place("CN", "CN-XJ")
LATER = KNOWN + 10 * DAY


def seen(*events: Any) -> dict[str, float]:
    """What the last order sees of awards."""
    return vector(FEATURES, KIT, *events)


def asked(order_id: str = "o9", *, at: int = LATER, **more: Any) -> Any:
    """An order of r1 after the notice was known."""
    return a.order(order_id, at=at, **more)


@pytest.mark.parametrize(("at", "count"), [(KNOWN, 0), (KNOWN + 1, 1), (KNOWN + 365 * DAY, 1), (KNOWN + 366 * DAY, 0)])
def test_an_award_is_seen_after_it_was_known_and_for_a_year(at: int, count: int) -> None:
    """Strictly after, whenever it was awarded."""
    assert seen(notice(), linking(), asked(at=at))[COUNT] == count


def test_an_award_tells_what_it_is() -> None:
    """By buyer, region, method and supplier."""
    told = seen(notice(method="direct"), linking(), asked())
    assert (told[RESTRICTED], told["reseller_direct_awards_share_365d"]) == (1, 1.0)
    assert told["category_restricted_awards_count_90d"] == 1
    harmless = seen(notice(buyer_class="health"), linking(), asked())
    assert (harmless[COUNT], harmless[RESTRICTED], harmless["reseller_security_awards_count_365d"]) == (1, 0, 0)


def test_the_area_sees_awards_to_nobody_of_ours() -> None:
    """Until a sale explains them."""
    to_there = asked(ship_to=XINJIANG)
    unknown = notice("n1", award_line(supplier_id=None))
    assert seen(unknown, linking(reseller=None), to_there)[NEARBY] == 1
    explained = [a.order("o1"), notice(), linking(link()), to_there]
    assert seen(*explained)[NEARBY] == 0
    assert seen(unknown, linking(reseller=None), asked(ship_to=Place("CN", "CN-GD")))[NEARBY] == 0


def test_an_amendment_takes_the_place_of_what_it_amends() -> None:
    """From when it was known."""
    amended = [
        notice(at=KNOWN + DAY, buyer_class="health", revision=2),
        linking(at=KNOWN + DAY, notice_revision=2, revision=2),
    ]
    told = seen(notice(), linking(), *amended, asked())
    assert (told[COUNT], told[RESTRICTED]) == (1, 0)


def test_a_confirmed_award_is_no_history_of_the_order_that_it_judges() -> None:
    """A later revision does not see it; another order does."""
    judged = link()
    told = [a.order("o1"), notice(), linking(judged), verdict(judged, at=KNOWN + DAY)]
    assert seen(*told, a.order("o1", at=LATER, revision=2))[RESTRICTED] == 0
    assert seen(*told, asked())[RESTRICTED] == 1


def test_a_rejected_award_is_history_again() -> None:
    """It judges nobody then."""
    judged = link()
    told = [a.order("o1"), notice(), linking(judged), verdict(judged, at=KNOWN + DAY)]
    taken_back = verdict(judged, at=KNOWN + 2 * DAY, confirmed=False, revision=2)
    assert seen(*told, taken_back, a.order("o1", at=LATER, revision=2))[RESTRICTED] == 1


def test_an_award_that_judges_two_orders_speaks_through_its_findings_only() -> None:
    """Neither may see it, so nobody does."""
    both = link("o1", weight=0.5), link("o2", weight=0.5)
    told = [a.order("o1"), a.order("o2"), notice(), linking(*both)]
    said = [verdict(each, at=KNOWN + n * DAY) for n, each in enumerate(both, 1)]
    assert seen(*told, *said, asked())[COUNT] == 0
    assert seen(*told, said[0], asked())[COUNT] == 1


def test_the_notices_behind_a_feature_are_named() -> None:
    """Newest first, those that count and no others."""
    engine = Vectorizer(FEATURES, "USD")
    second = [notice("n2", at=KNOWN + DAY, buyer_class="health"), linking(notice_id="n2", at=KNOWN + DAY)]
    engine.load(book(KIT, a.order("o1"), notice(), linking(), *second))
    asked_now = asked()
    assert engine.behind(asked_now, LATER, 0, COUNT) == ["n2", "n1"]
    assert engine.behind(asked_now, LATER, 0, RESTRICTED) == ["n1"]
    assert engine.behind(asked("o9", reseller="r2"), LATER, 0, COUNT) == []
    assert engine.behind(asked_now, KNOWN + 1, 0, COUNT) == ["n1"]


days = st.integers(0, 40)


@st.composite
def histories(draw: st.DrawFn) -> list[Any]:
    """Orders with revisions, notices, links, amendments and verdicts, in order of time."""
    events: list[Any] = [KIT]
    clock = a.T0
    orders: dict[str, int] = {}
    links: list[tuple[str, Any, int]] = []
    for number in range(draw(st.integers(3, 14))):
        clock += draw(days) * DAY + 1
        kind = draw(st.sampled_from(["order", "revision", "notice", "verdict"]))
        if kind == "revision" and orders:
            name = draw(st.sampled_from(sorted(orders)))
            orders[name] += 1
            events.append(a.order(name, reseller="r1", at=clock, revision=orders[name]))
        elif kind == "notice":
            name, known = f"n{number}", [link(order) for order in sorted(orders)[:2]]
            chosen = [each for each in known if draw(st.booleans())]
            events += [notice(name, at=clock), linking(*chosen, notice_id=name, at=clock)]
            links += [(name, each, 1) for each in chosen]
        elif kind == "verdict" and links:
            place = draw(st.integers(0, len(links) - 1))
            name, each, revision = links[place]
            yes = draw(st.booleans())
            events.append(verdict(each, at=clock, notice_id=name, confirmed=yes, revision=revision))
            links[place] = name, each, revision + 1
        else:
            orders[f"o{number}"] = 1
            events.append(a.order(f"o{number}", at=clock, ship_to=XINJIANG))
    return events


def online(events: list[Any]) -> dict[int, Any]:
    """The vector of each order as asked when it came, by position."""
    engine, found, held = Vectorizer(FEATURES, "USD"), {}, dict[str, list[Any]]()
    for entry in entries(*events):
        if isinstance(entry.event, Order):
            name = entry.event.order_id
            found[entry.position] = engine.vectors(entry.event, entry.known_at, held.get(name, []))[0]
            held.setdefault(name, []).append(entry)
        engine.follow([entry], lambda order_id: held.get(order_id, []))
    return found


@settings(max_examples=40, deadline=None)
@given(histories())
def test_one_by_one_gives_what_all_at_once_gives(events: list[Any]) -> None:
    """Bit for bit."""
    table = feature_table(book(*events), FEATURES)
    asked_one_by_one = online(events)
    for position, values in zip(table.lines["position"].to_pylist(), table.values, strict=True):
        np.testing.assert_array_equal(values, asked_one_by_one[position])


@settings(max_examples=40, deadline=None)
@given(histories())
def test_what_judges_an_order_never_changes_its_vector(events: list[Any]) -> None:
    """Without the notices whose confirmed links name the order, its vectors are what they were."""
    orders = [event for event in events if isinstance(event, Order)]
    for order in orders[-2:]:
        upto = events[: events.index(order) + 1]
        said = {event.link_id: event for event in upto if isinstance(event, LinkVerdict)}
        guilty = {v.notice_id for v in said.values() if v.confirmed and v.order_id == order.order_id}
        rest = [event for event in upto if getattr(event, "notice_id", None) not in guilty]
        assert same(vector(FEATURES, *upto), vector(FEATURES, *rest))


def test_a_snapshot_goes_on_with_the_awards_that_it_held(tmp_path: Path) -> None:
    """A verdict after it finds the award that it speaks of."""
    judged = link()
    before: list[Any] = [KIT, a.order("o1"), notice(), linking(judged)]
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
        record.append(before, source="test", recorded_at=a.T0)
        engine = Vectorizer(FEATURES, "USD")
        engine.load(Book.of(record))
        save(engine, record, tmp_path / "state.npz")
        record.append([verdict(judged, at=KNOWN + DAY)], source="test", recorded_at=a.T0)
        again = restore(tmp_path / "state.npz", FEATURES, record)
        again.follow(record.tail(again.position), record.revisions)
        values = again.vectors(a.order("o1", at=LATER, revision=2), LATER, record.revisions("o1"))[0]
    assert dict(zip(FEATURES.names, values, strict=True))[RESTRICTED] == 0


def test_only_the_newest_notices_are_named_where_few_are_asked_for() -> None:
    """Whether the engine was asked before they came or not; one that was taken out is not named."""
    engine, fresh = Vectorizer(FEATURES, "USD"), Vectorizer(FEATURES, "USD")
    later = [[notice(f"n{n}", at=KNOWN + n * DAY), linking(notice_id=f"n{n}", at=KNOWN + n * DAY)] for n in (2, 3, 4)]
    engine.load(book(KIT, notice(), linking()))
    assert engine.behind(asked(), LATER, 0, COUNT, most=2) == ["n1"]
    engine.follow(entries(KIT, notice(), linking(), *(each for pair in later for each in pair))[3:], lambda _: ())
    fresh.load(book(KIT, notice(), linking(), *(each for pair in later for each in pair)))
    for each in (engine, fresh):
        assert each.behind(asked(), LATER, 0, COUNT, most=2) == ["n4", "n3"]
        assert each.behind(asked(), KNOWN + 3 * DAY, 0, COUNT) == ["n2", "n1"]
