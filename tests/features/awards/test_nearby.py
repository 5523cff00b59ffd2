"""A few notices are linked with the sales that they can speak of, and as if with all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.awards.linking import Linker
from features.awards.nearby import FEW, book_of
from features.evidence import Notice
from features.facts.book import Book
from features.measures import DAY
from features.record import Event, Record
from features.trade import Order, attributes
from tests import factory as a
from tests.features.awards.made import AWARDED, KORLA, award_line, notice

FIRMS: list[Event] = [
    a.reseller("r1", name="Tian Shan Trading Ltd", at=a.T0 - DAY),
    a.reseller("r2", name="Altai Science LLC", at=a.T0 - DAY),
    a.reseller("r3", at=a.T0 + 70 * DAY),
    a.product("kit", category="sequencing/kit", at=a.T0 - DAY),
    a.product("kit", category="forensics/hid-kit", at=a.T0),
    a.product("reader", category="sequencing/instrument", at=a.T0 - DAY),
]

notices = st.builds(
    lambda line, ago: notice("n1", award_line(**line), happened_at=AWARDED - ago * DAY),
    st.fixed_dictionaries(
        {
            "units": st.sampled_from([None, 4, 4, 5]),
            "value": st.sampled_from([None, 1_500, 1_500, 90_000]),
            "supplier_id": st.sampled_from([None, "r1", "r3", "nobody"]),
            "supplier_name": st.sampled_from([None, "Tianshan Trading Limited", "Altai Science", "Nobody of ours"]),
            "category": st.sampled_from([None, "forensics/hid-kit", "forensics/hid-kit", "sequencing/instrument"]),
            "sku": st.sampled_from([None, "kit"]),
            "serial": st.sampled_from([None, None, 'S"%_9', "测-1"]),
        }
    ),
    st.integers(0, 600),
)


@st.composite
def sold(draw: st.DrawFn) -> list[Any]:
    """Orders with revisions, some of which never shipped."""
    events: list[Any] = []
    revisions: dict[str, int] = {}
    for number in range(draw(st.integers(1, 14))):
        at = a.T0 + 6 * number * DAY
        name = draw(st.sampled_from([f"o{number}", f"o{number}", *revisions]))
        if draw(st.integers(0, 5)) == 0 and revisions:
            events.append(a.status(name if name in revisions else "o0", became=draw(st.sampled_from(ENDS)), at=at))
            continue
        revisions[name] = revisions.get(name, 0) + 1
        more: dict[str, Any] = {
            "sku": draw(st.sampled_from(["kit", "kit", "reader", "unknown"])),
            "category": draw(st.sampled_from([None, None, "forensics/hid-kit", "sequencing/instrument"])),
            "units": draw(st.sampled_from([4, 4, 5])),
            "ship_to": draw(st.sampled_from([None, KORLA])),
            "attributes": draw(st.sampled_from([(), attributes({"serial": 'S"%_9'}), attributes({"lot": "测-1"})])),
        }
        events.append(_order(name, draw(st.sampled_from(["r1", "r1", "r2", "r3"])), at, revisions[name], more))
    return events


ENDS = ["cancelled", "withheld", "shipped"]


def _order(name: str, reseller: str, at: int, revision: int, line: dict[str, Any]) -> Order:
    return a.order(name, reseller=reseller, at=at, revision=revision, **line)


@settings(max_examples=60, deadline=None)
@given(sold(), st.lists(notices, min_size=1, max_size=3))
def test_the_links_are_those_that_the_whole_record_gives(
    tmp_path_factory: pytest.TempPathFactory, events: list[Any], told: list[Notice]
) -> None:
    """Whoever sold, revised, cancelled, and whatever the notice tells or lacks."""
    with Record.open(f"sqlite:///{tmp_path_factory.mktemp('near')}/record.db") as record:
        record.append([*FIRMS, *events], source="test", recorded_at=a.T0)
        few, all_of_it = Linker(book_of(record, told)), Linker(Book.of(record))
        assert [few.link(each) for each in told] == [all_of_it.link(each) for each in told]


def test_what_no_notice_speaks_of_is_not_read(record: Record) -> None:
    """Of three orders the one to the supplier and of the goods, in all its revisions."""
    kits, other = a.order("o1", units=4), a.order("o2", sku="reader")
    moved = a.order("o1", reseller="r2", at=a.T0 + DAY, revision=2, sku="reader")
    elsewhere = a.order("o3", reseller="r2", units=4)
    record.append([*FIRMS, kits, other, elsewhere, moved, a.status("o2")], source="test", recorded_at=a.T0)
    read = book_of(record, [notice()])
    assert list(zip(read.lines["order_id"].to_pylist(), read.lines["revision"].to_pylist(), strict=True)) == [
        ("o1", 1),
        ("o1", 2),
    ]
    assert not read.statuses


def test_for_many_notices_everything_is_read(tmp_path: Path) -> None:
    """One reading serves them all."""
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
        record.append([*FIRMS, a.order("o1", sku="reader")], source="test", recorded_at=a.T0)
        assert not len(book_of(record, [notice()] * FEW).lines)
        assert len(book_of(record, [notice()] * (FEW + 1)).lines) == 1
