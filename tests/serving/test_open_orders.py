"""Open orders asked again from a snapshot: the very vectors that the whole record gives, twice."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.awards import AWARDS
from features.evidence import Link
from features.measures import DAY
from features.record import Record
from features.trade import Order, Place, Site, StatusChange
from features.windows.feature_set import FeatureSet
from features.windows.view import ALL, Count, Quotient, Sum, View
from serving.engine_at import engine_at, silent
from serving.evidence import Answers, ask, by_record
from serving.keeping import Keeper
from tests import factory as a
from tests.features.awards.made import KNOWN, KORLA, award_line, link, linking, notice, verdict

RESELLER = View("reseller", ("reseller",), "reseller", "this reseller", (Count("orders", windows=(30, ALL)),))
GOODS = View("category", ("category",), "category", "such goods", (Sum("units", windows=(90,)),))
AWARDS_EACH = Quotient(
    "awards_an_order", "reseller_awards_count_365d", "reseller_orders_count_all", "1", "awards", "{value} an order"
)
FEATURES = FeatureSet((), (RESELLER, GOODS, *AWARDS), quotients=(AWARDS_EACH,))
HID, SEQ = "forensics/hid-kit", "sequencing/kit"
START: list[Any] = [
    a.product("kit", category=HID, at=a.T0 - DAY),
    a.product("reader", category=SEQ, at=a.T0 - DAY),
    *(a.reseller(f"r{n}", at=a.T0 - DAY) for n in (1, 2, 3)),
]
PLACES = (KORLA, Place("DE", "DE-BE", "Berlin"), None)
OPEN = 60


class Story:
    """What happens in order of time, as it is drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.at = draw, a.T0
        self.events: list[Any] = []
        self.revisions: dict[str, int] = {}
        self.notices: dict[str, int] = {}
        self.unjudged: dict[str, Link] = {}

    def one_of(self, *those: Any) -> Any:
        """One of them."""
        return self.draw(st.sampled_from(those))

    def order(self) -> None:
        """A new order, or the next revision of one."""
        name = self.one_of(f"o{len(self.events)}", f"o{len(self.events)}", *self.revisions)
        self.revisions[name] = self.revisions.get(name, 0) + 1
        line = a.line(sku=self.one_of("kit", "reader"), ship_to=self.one_of(*PLACES))
        whose = self.one_of("r1", "r1", "r2", "r3")
        self.events.append(a.order(name, reseller=whose, at=self.at, revision=self.revisions[name], lines=(line,)))

    def notice(self, *, late: bool = False) -> None:
        """A notice or the amendment of one, and what links it, to somebody or nobody."""
        name = self.one_of(f"n{len(self.events)}", *self.notices)
        new = self.notices[name] = self.notices.get(name, 0) + 1
        at = self.at - 3 * DAY if late and new == 1 else self.at
        whose = self.one_of("r1", "r2", None)
        line = award_line(supplier_id=whose, category=self.one_of(HID, SEQ, None))
        buyer = {"buyer_class": self.one_of("security", "health"), "buyer_place": self.one_of(*PLACES)}
        links = [link(self.one_of(*self.revisions))] if whose == "r1" and self.revisions else []
        self.events.append(notice(name, line, at=at, revision=new, happened_at=at - self.one_of(0, 20) * DAY, **buyer))
        found = linking(*links, notice_id=name, at=at, reseller=whose, revision=new, notice_revision=new)
        self.events.append(found)
        self.unjudged |= {name: links[0]} if links else {}

    def judged(self) -> None:
        """Somebody confirms a link."""
        if self.unjudged:
            name = self.one_of(*self.unjudged)
            self.events.append(verdict(self.unjudged.pop(name), at=self.at, notice_id=name))

    def reported(self) -> None:
        """A reseller tells what it sold on."""
        self.events.append(a.sold_on(self.one_of("r1", "r2"), self.one_of(1, 4, 9), at=self.at))

    def ended(self) -> None:
        """An order ships, or is cancelled."""
        if self.revisions:
            self.events.append(a.status(self.one_of(*self.revisions), self.one_of("shipped", "cancelled"), at=self.at))

    def found(self) -> None:
        """A finding on an order."""
        if self.revisions:
            name = f"f{len(self.events)}"
            self.events.append(a.finding(name, order_id=self.one_of(*self.revisions), at=self.at))


@st.composite
def happened(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """What the record holds, and new evidence behind it: notices, and amendments of known ones."""
    story = Story(draw)
    kinds = (*[story.order] * 4, *[story.notice] * 2, story.judged, story.reported, story.ended, story.found)
    for _ in range(draw(st.integers(4, 16))):
        story.at += draw(st.integers(0, 9)) * DAY + 1
        story.one_of(*kinds)()
    known, story.events = story.events, []
    for number in range(draw(st.integers(1, 3))):
        story.at += draw(st.integers(0, 40 if number == 0 else 0)) * DAY + 1
        story.notice(late=story.one_of(False, False, False, True))
    return known, story.events


def asked(record: Record, new: list[Any], before: int, keeper: Keeper) -> Answers:
    """What new evidence does to open orders."""
    names = {each.notice_id for each in new}
    record.append(new, source="test", recorded_at=a.T0)
    return ask(record, FEATURES, names, before, keeper=keeper, open_days=OPEN)


@settings(max_examples=40, deadline=None)
@given(happened(), st.data())
def test_the_answers_are_those_of_the_whole_record(
    tmp_path_factory: pytest.TempPathFactory, story: tuple[list[Any], list[Any]], data: st.DataObject
) -> None:
    """Before and after, bit for bit; and what was not asked is the same before and after."""
    home = tmp_path_factory.mktemp("asked")
    events, new = story
    with Record.open(f"sqlite:///{home}/record.db") as record:
        record.append([*START, *events], source="test", recorded_at=a.T0)
        before, keeper = record.position(), Keeper(home, lambda: a.T0)
        if data.draw(st.booleans(), "snapshot"):
            upto = data.draw(st.integers(1, before), "position of the snapshot")
            keeper.keep(engine_at(keeper, FEATURES, record, upto, silent), record)
            keeper.finish()
        found = asked(record, new, before, keeper)
        names = {each.notice_id for each in new}
        everyone = everything_open(record, found.t)
        oracle = dict(
            zip([each.order_id for each in everyone], by_record(record, FEATURES, everyone, names, before), strict=True)
        )
        assert found.open == len(everyone)
        for order, pair in zip(found.orders, found.pairs, strict=True):
            for mine, theirs in zip(pair, oracle.pop(order.order_id), strict=True):
                assert mine.tobytes() == theirs.tobytes()
        assert all(old.tobytes() == again.tobytes() for old, again in oracle.values())


def everything_open(record: Record, t: int) -> list[Order]:
    """All open orders as if they were revised at `t`, found the long way."""
    entries = [entry.event for entry in record.entries((Order,))]
    newest = max((order.known_at or 0 for order in entries), default=0)
    ended = {e.event.order_id for e in record.entries((StatusChange,))}
    stand = {order.order_id: order for order in entries if (order.known_at or 0) > newest - OPEN * DAY}
    return [
        replace(order, revision=order.revision + 1, known_at=t)
        for name, order in sorted(stand.items())
        if name not in ended
    ]


GOES_THERE, SITS_THERE, GOODS_ALONE = "its goods go there", "its reseller sits there", "its goods"


@pytest.mark.parametrize(
    ("told", "whose"),
    [
        ({"reseller": "r1"}, {"its reseller"}),
        ({"line": {"supplier_id": "x"}}, {GOES_THERE, SITS_THERE}),
        ({"line": {"supplier_id": None}}, {GOES_THERE, SITS_THERE, GOODS_ALONE}),
        ({"line": {"supplier_id": "x", "category": None}}, set()),
        ({"line": {"supplier_id": "x"}, "buyer_place": None}, set()),
        (
            {"line": {"supplier_id": "x"}, "buyer_place": KORLA, "buyer_class": "security"},
            {GOES_THERE, SITS_THERE, GOODS_ALONE},
        ),
    ],
)
def test_an_order_is_touched_by_what_it_shares_with_an_award(
    sqlite_url: str, tmp_path: Path, told: dict[str, Any], whose: set[str]
) -> None:
    """And by nothing else; those that are touched differ."""
    berlin, lyon = Place("DE", "DE-BE", "Berlin"), Place("FR", "FR-ARA", "Lyon")
    sites = {"r1": None, "r2": None, "r4": berlin}
    firms = [a.reseller(name, at=a.T0 - DAY, sites=(Site(at or lyon),)) for name, at in sites.items()]
    orders = [
        a.order("its reseller", reseller="r1", sku="reader", ship_to=lyon),
        a.order(GOES_THERE, reseller="r2", sku="kit", ship_to=berlin),
        a.order(SITS_THERE, reseller="r4", sku="kit", ship_to=lyon),
        a.order(GOODS_ALONE, reseller="r2", sku="kit", ship_to=lyon),
        a.order("nothing", reseller="r2", sku="reader", ship_to=berlin),
    ]
    buyer: dict[str, Any] = {"buyer_place": berlin, "buyer_class": "health"} | {
        k: v for k, v in told.items() if k.startswith("buyer")
    }
    line = award_line(**{"category": HID if "reseller" not in told else None, **told.get("line", {})})
    new = [notice("n1", line, **buyer), linking(reseller=told.get("reseller"))]
    with Record.open(sqlite_url) as record:
        record.append([*START[:2], *firms, *orders], source="test", recorded_at=a.T0)
        found = asked(record, new, record.position(), Keeper(tmp_path, lambda: a.T0))
    assert {order.order_id for order in found.orders} == whose
    assert all(old.tobytes() != now.tobytes() for old, now in found.pairs)


def test_an_order_that_comes_meanwhile_is_left_out(sqlite_url: str, tmp_path: Path) -> None:
    """A service goes on while somebody adds a notice: the question is about what was there before."""
    with Record.open(sqlite_url) as record:
        record.append([*START, a.order("o1", sku="kit", ship_to=KORLA)], source="test", recorded_at=a.T0)
        before = record.position()
        record.append([a.order("o2", sku="kit", at=KNOWN + DAY, ship_to=KORLA)], source="test", recorded_at=a.T0)
        found = asked(record, [notice(), linking()], before, Keeper(tmp_path, lambda: a.T0))
        oracle = by_record(record, FEATURES, found.orders, ["n1"], before)
    assert (found.open, [order.order_id for order in found.orders]) == (1, ["o1"])
    assert [[each.tobytes() for each in pair] for pair in found.pairs] == [
        [each.tobytes() for each in pair] for pair in oracle
    ]
