"""Awards without a matching sell-through report: what counts, as of when, and the same in every way of computing it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.awards import AWARDS
from features.evidence import AwardLine, Linking, LinkVerdict, Notice
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.record.ledger import Entry
from features.sell_through import SellThrough
from features.snapshot import restore, save
from features.trade import Order
from features.vector import Behind, Vectorizer, feature_table
from features.windows.feature_set import FeatureSet
from tests import factory as a
from tests.features.awards.made import AWARDED, KNOWN, award_line, link, linking, notice, verdict
from tests.features.worlds import book, entries, same, vector

FEATURES = FeatureSet((), AWARDS)
KIT = a.product("kit", category="forensics/hid-kit", at=a.T0 - DAY)
COUNT, UNREPORTED = "reseller_awards_count_365d", "reseller_unreported_awards_count_365d"
LATER = KNOWN + 40 * DAY


def seen(*events: Any) -> tuple[float, float]:
    """Awards and awards without a report, as the last order sees them."""
    told = vector(FEATURES, KIT, *events)
    return told[COUNT], told[UNREPORTED]


def asked(order_id: str = "o9", *, at: int = LATER, **more: Any) -> Any:
    """An order of r1 after the notice was known."""
    return a.order(order_id, at=at, **more)


def test_an_award_stands_without_a_report_until_one_is_known() -> None:
    """Strictly after it was reported, and the award itself counts as before."""
    told = [notice(), linking(), a.sold_on(at=KNOWN + DAY)]
    assert seen(notice(), linking(), asked()) == (1, 1)
    assert seen(*told, asked(at=KNOWN + DAY)) == (1, 1)
    assert seen(*told, asked(at=KNOWN + DAY + 1)) == (1, 0)


def test_a_report_that_was_known_before_the_award_covers_it_too() -> None:
    """Whichever the record holds first."""
    early = a.sold_on(at=KNOWN - DAY)
    assert seen(early, notice(), linking(), asked()) == (1, 0)
    assert seen(notice(), linking(), early, asked()) == (1, 0)


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ({}, 0),
        ({"units": 3}, 1),
        ({"reseller_id": "r2"}, 1),
        ({"category": "forensics"}, 0),
        ({"category": "sequencing/kit"}, 1),
        ({"category": "forensics/hid"}, 1),
        ({"sku": "kit"}, 0),
        ({"sku": "unknown"}, 1),
        ({"end_user_id": "B1"}, 0),
        ({"end_user_id": "b2"}, 1),
        ({"period_from": AWARDED - 300 * DAY, "period_to": AWARDED - 181 * DAY}, 1),
        ({"period_from": AWARDED - 300 * DAY, "period_to": AWARDED - 180 * DAY}, 0),
        ({"period_from": AWARDED + 91 * DAY, "period_to": AWARDED + 99 * DAY}, 1),
    ],
)
def test_a_report_covers_an_award_of_such_goods_at_that_time(said: dict[str, Any], lacking: int) -> None:
    """By reseller, goods, quantity, time, and buyer where it names one."""
    assert seen(notice(), linking(), a.sold_on(at=KNOWN + DAY, **said), asked()) == (1, lacking)


def test_two_products_are_two_even_in_one_category() -> None:
    """A report on the very product covers the award of it."""
    named = notice("n1", award_line(sku="kit"))
    assert seen(named, linking(), a.sold_on(sku="other", category="forensics/hid-kit"), asked()) == (1, 1)
    assert seen(named, linking(), a.sold_on(sku="kit", at=KNOWN), asked()) == (1, 0)


def test_reports_add_up() -> None:
    """Two quarters together may cover what neither does."""
    first, second = a.sold_on(units=2, at=KNOWN), a.sold_on(units=2, at=KNOWN + DAY)
    assert seen(notice(), linking(), first, asked()) == (1, 1)
    assert seen(notice(), linking(), first, second, asked()) == (1, 0)


def test_a_correction_takes_the_place_of_a_report() -> None:
    """Nothing was sold on after all: the award stands without a report from when that was known."""
    period: dict[str, Any] = {"period_from": AWARDED - 9 * DAY, "period_to": AWARDED + 9 * DAY}
    told = [notice(), linking(), a.sold_on(at=KNOWN + DAY, **period), a.sold_on(units=0, at=KNOWN + 9 * DAY, **period)]
    assert seen(*told, asked(at=KNOWN + 9 * DAY)) == (1, 0)
    assert seen(*told, asked()) == (1, 1)
    assert seen(*told, asked(at=KNOWN + 373 * DAY)) == (0, 1)


def test_nobodys_award_and_unknown_goods_lack_no_report() -> None:
    """There is nothing that a reseller of ours could have reported."""
    assert seen(notice(), linking(reseller=None), asked()) == (0, 0)
    assert seen(notice("n1", award_line(category=None)), linking(), asked()) == (1, 0)


def test_an_award_that_judges_an_order_is_no_history_of_it_without_a_report_either() -> None:
    """A later revision does not see it; another order does."""
    judged = link()
    told = [a.order("o1"), notice(), linking(judged), verdict(judged, at=KNOWN + DAY)]
    assert seen(*told, a.order("o1", at=LATER, revision=2)) == (0, 0)
    assert seen(*told, asked()) == (1, 1)


def test_the_notices_without_a_report_are_named() -> None:
    """And no longer once one is known."""
    engine = Vectorizer(FEATURES, "USD")
    engine.load(book(KIT, notice(), linking(), notice("n2", award_line(units=9)), linking(notice_id="n2")))
    assert engine.behind(asked(), LATER, 0, UNREPORTED) == ["n2", "n1"]
    engine.follow([Entry(9, KNOWN + DAY, a.sold_on(at=KNOWN + DAY))], lambda _: [])
    assert engine.behind(asked(), LATER, 0, UNREPORTED) == ["n2"]
    assert engine.behind(asked(), LATER, 0, COUNT) == ["n2", "n1"]


def test_what_was_known_before_a_report_asks_for_a_replay() -> None:
    """The award would have been without a report in between, and that moment has passed."""
    engine = Vectorizer(FEATURES, "USD")
    engine.follow([Entry(1, KNOWN + DAY, a.sold_on(at=KNOWN + DAY))], lambda _: [])
    with pytest.raises(Behind):
        engine.follow([Entry(2, KNOWN, notice()), Entry(3, KNOWN, linking())], lambda _: [])


def test_a_snapshot_goes_on_with_the_reports_that_it_held(tmp_path: Path) -> None:
    """A correction after it finds the report that it corrects, and the award that this covered."""
    period: dict[str, Any] = {"period_from": AWARDED - 9 * DAY, "period_to": AWARDED + 9 * DAY}
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
        record.append([KIT, notice(), linking(), a.sold_on(at=KNOWN, **period)], source="test", recorded_at=a.T0)
        engine = Vectorizer(FEATURES, "USD")
        engine.load(Book.of(record))
        save(engine, record, tmp_path / "state.npz")
        for units, lacking in ((3, 1.0), (5, 0.0)):
            at = KNOWN + units * DAY
            record.append([a.sold_on(units=units, at=at, **period)], source="test", recorded_at=a.T0)
            again = restore(tmp_path / "state.npz", FEATURES, record)
            again.follow(record.tail(again.position), record.revisions)
            values = again.vectors(asked(), LATER)[0]
            assert dict(zip(FEATURES.names, values, strict=True))[UNREPORTED] == lacking


def covered(line: AwardLine, told: Notice, whose: str, reports: Iterable[SellThrough]) -> bool:
    """The definition in plain words: whether the reports as they stand add up to the award."""
    newest: dict[Any, SellThrough] = {}
    for report in reports:
        newest[report.reseller_id, report.sku, report.category, report.period_from, report.end_user_id] = report
    units = 0
    for report in newest.values():
        own, wanted = (each.category or {"kit": "forensics/hid-kit"}.get(str(each.sku)) for each in (report, line))
        alike = report.sku == line.sku if report.sku and line.sku else own and wanted and related(own, wanted)
        begins, ends = told.dated - 180 * DAY, told.dated + 90 * DAY
        near = report.period_from <= ends and report.period_to >= begins
        named = report.end_user_id in {None, told.buyer_id}
        if report.reseller_id == whose and alike and near and named:
            units += report.quantity.milli
    return units > 0 and (line.quantity is None or units >= line.quantity.milli)


def related(one: str, other: str) -> bool:
    """Whether one path is the other or lies above it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def standing(known: Sequence[Any]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Awards without a report by all that is known: whose, and which order they judge."""
    notices = {(each.notice_id, each.revision): each for each in known if isinstance(each, Notice)}
    linkings = {each.notice_id: each for each in known if isinstance(each, Linking)}
    said = {each.link_id: each for each in known if isinstance(each, LinkVerdict)}
    reports = [each for each in known if isinstance(each, SellThrough)]
    found = {}
    for linked in linkings.values():
        told = notices[linked.notice_id, linked.notice_revision]
        for number, (line, of) in enumerate(zip(told.lines, linked.lines, strict=True)):
            here = [v for v in said.values() if (v.notice_id, v.line) == (told.notice_id, number) and v.confirmed]
            judges = frozenset(v.order_id for v in here)
            if of.reseller_id and len(judges) < 2 and not covered(line, told, of.reseller_id, reports):
                found[told.notice_id, number] = linked.revision, of.reseller_id, judges
    return found


def counted(events: Sequence[Any], order: Order) -> int:
    """The feature by its definition: how many awards stand without a report, for a year at most."""
    at = order.known_at or 0
    known = sorted((e for e in events if not isinstance(e, Order) and e.known_at < at), key=lambda e: e.known_at)
    evidence = [event for event in known if not hasattr(event, "sku") or isinstance(event, SellThrough)]
    since: dict[tuple[str, int], int] = {}
    before: dict[tuple[str, int], tuple[Any, ...]] = {}
    for number in range(1, len(evidence) + 1):
        now = standing(evidence[:number])
        since |= {key: evidence[number - 1].known_at for key in now if before.get(key) != now[key]}
        before = now
    return sum(
        whose == order.reseller_id and order.order_id not in judges and since[key] >= at - 365 * DAY
        for key, (_, whose, judges) in before.items()
    )


Goods = list[dict[str, Any]]
AWARDED_GOODS: Goods = [{"category": "forensics/hid-kit"}, {"category": "forensics"}, {"category": None, "sku": "kit"}]
REPORTED: Goods = [{"category": "forensics/hid-kit"}, {"category": "sequencing"}, {"sku": "kit"}, {"sku": "other"}]


@st.composite
def histories(draw: st.DrawFn) -> list[Any]:
    """Orders with revisions, notices, amendments, verdicts, reports and corrections, in order of time."""
    events: list[Any] = [KIT]
    clock, orders = a.T0, {"o0": 1}
    events.append(a.order("o0", at=clock))
    links: list[tuple[str, Any, int]] = []
    notices: dict[str, int] = {}
    for number in range(1, draw(st.integers(4, 16))):
        clock += draw(st.sampled_from([0, 1, 20, 120])) * DAY + draw(st.integers(0, 1))
        kind = draw(st.sampled_from(["order", "revision", "notice", "verdict", "report", "report"]))
        if kind == "report":
            since = clock // (90 * DAY) * 90 * DAY
            said = {**draw(st.sampled_from(REPORTED)), "end_user_id": draw(st.sampled_from([None, None, "b1", "b2"]))}
            whose, units = draw(st.sampled_from(["r1", "r1", "r2"])), draw(st.sampled_from([0, 2, 5]))
            report = a.sold_on(whose, units, at=clock, period_from=since, period_to=since + 90 * DAY, **said)
            if all((event.report_id, event.known_at) != (report.report_id, clock) for event in reports_in(events)):
                events.append(report)
        elif kind == "notice":
            name = draw(st.sampled_from([f"n{number}", *notices]))
            revision = notices[name] = notices.get(name, 0) + 1
            line = award_line(draw(st.sampled_from([None, 4])), **draw(st.sampled_from(AWARDED_GOODS)))
            chosen = [link(order) for order in sorted(orders)[:2] if draw(st.booleans())]
            told: dict[str, Any] = {"at": clock, "revision": revision}
            events.append(notice(name, line, happened_at=clock - draw(st.sampled_from([9, 200])) * DAY, **told))
            supplier = draw(st.sampled_from(["r1", "r1", None]))
            events.append(linking(*chosen, notice_id=name, reseller=supplier, notice_revision=revision, **told))
            known = {(each[0], each[1].order_id) for each in links}
            links += [(name, each, 1) for each in chosen if (name, each.order_id) not in known]
        elif kind == "verdict" and links:
            place = draw(st.integers(0, len(links) - 1))
            name, each, revision = links[place]
            events.append(verdict(each, at=clock, notice_id=name, confirmed=draw(st.booleans()), revision=revision))
            links[place] = name, each, revision + 1
        else:
            name = draw(st.sampled_from(sorted(orders))) if kind == "revision" else f"o{number}"
            orders[name] = orders.get(name, 0) + 1
            events.append(a.order(name, at=clock, revision=orders[name], reseller=draw(st.sampled_from(["r1", "r2"]))))
    events.append(a.order("last", at=clock + DAY))
    return events


def reports_in(events: Iterable[Any]) -> list[SellThrough]:
    """The reports among events."""
    return [event for event in events if isinstance(event, SellThrough)]


@settings(max_examples=60, deadline=None)
@given(histories())
def test_one_by_one_all_at_once_and_by_hand_are_one(events: list[Any]) -> None:
    """Online, batch and the definition in plain Python, bit for bit, at every order."""
    table = feature_table(book(*events), FEATURES)
    batch = dict(zip(table.lines["position"].to_pylist(), table.values, strict=True))
    engine, held = Vectorizer(FEATURES, "USD"), dict[str, list[Any]]()
    for entry in entries(*events):
        if isinstance(entry.event, Order):
            name = entry.event.order_id
            online = engine.vectors(entry.event, entry.known_at, held.get(name, []))[0]
            held.setdefault(name, []).append(entry)
            np.testing.assert_array_equal(online, batch[entry.position])
            assert online[FEATURES.names.index(UNREPORTED)] == counted(events[: entry.position - 1], entry.event)
        engine.follow([entry], lambda order_id: held.get(order_id, []))


@settings(max_examples=40, deadline=None)
@given(histories(), st.randoms())
def test_a_file_of_reports_may_come_before_or_after_the_notices(events: list[Any], chance: Any) -> None:
    """Positions do not matter, the times of knowledge do: of events of one time the order stays."""
    reports = reports_in(events)
    rest = [event for event in events if not isinstance(event, SellThrough)]
    chance.shuffle(reports)
    assert same(vector(FEATURES, *reports, *rest), vector(FEATURES, *events))
