"""Notices into the record."""

import json
from pathlib import Path

import pytest

from features.awards.taking import Taken, take
from features.evidence import Linking, Notice
from features.measures import DAY, Refused, instant
from features.record import Event, Record
from tests import factory as a
from tests.features.awards.made import release

NOW = instant("2025-01-01T00:00:00Z")
SALES: list[Event] = [
    a.product("kit", category="forensics/hid-kit", at=a.T0),
    a.reseller("r1", name="Tian Shan Trading Ltd", at=a.T0),
    a.order("o1", at=a.T0 + DAY, units=4),
]


def taken(record: Record, folder: Path, *releases: object, lag: int | None = None) -> Taken:
    """What becomes of a package of releases."""
    file = folder / "n.json"
    file.write_text(json.dumps({"releases": releases}))
    return take(record, [file], now=NOW, lag=lag)


def test_a_notice_is_taken_with_its_links(record: Record, tmp_path: Path) -> None:
    """On both databases, and read back as it was."""
    record.append(SALES, source="test", recorded_at=NOW)
    found = taken(record, tmp_path, release())
    assert [link.order_id for link in found.new[0][1].links] == ["o1"]
    held = [entry.event for entry in record.entries((Notice, Linking))]
    assert held == [*found.new[0]]
    assert record.clock() == NOW


def test_the_same_notice_twice_changes_nothing(record: Record, tmp_path: Path) -> None:
    """Nor does a later stage that says the same, nor an older one that comes late."""
    first = release() | {"tag": ["contract"]}
    taken(record, tmp_path, first)
    before = record.position()
    older = release(value={"amount": 1, "currency": "USD"}) | {"date": "2024-12-10T00:00:00Z"}
    again = taken(record, tmp_path, first, release() | {"date": "2024-12-20T00:00:00Z"}, older)
    assert (again.same, len(again.new), record.position()) == (3, 0, before)


def test_an_amendment_is_a_new_version(record: Record, tmp_path: Path) -> None:
    """With links of its own; one that cancels the award leaves no line."""
    taken(record, tmp_path, release())
    later = {"date": "2024-12-20T00:00:00Z"}
    amended = taken(record, tmp_path, release(value={"amount": 99, "currency": "USD"}) | later)
    cancelled = taken(record, tmp_path, release(status="cancelled") | {"date": "2024-12-21T00:00:00Z"})
    assert [(notice.revision, linking.revision) for notice, linking in (*amended.new, *cancelled.new)] == [
        (2, 2),
        (3, 3),
    ]
    assert cancelled.new[0][0].lines == ()


def test_a_declared_lag_dates_the_knowledge(record: Record, tmp_path: Path) -> None:
    """After publication, never after now."""
    found = taken(record, tmp_path, release(), lag=DAY)
    assert found.new[0][0].known_at == instant("2024-12-18T00:00:00Z")
    assert taken(record, tmp_path, release("other"), lag=999 * DAY).new[0][0].known_at == NOW


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(record: Record, tmp_path: Path) -> None:
    """A file of another kind is refused whole."""
    found = taken(record, tmp_path, {"ocid": "bad", "awards": [{"title": "no id"}]}, release())
    assert (len(found.refused), len(found.new), found.complete) == (1, 1, False)
    with pytest.raises(Refused, match="is no file of notices"):
        take(record, [tmp_path / "n.pdf"], now=NOW)


def test_of_two_papers_of_one_day_neither_comes_back(record: Record, tmp_path: Path) -> None:
    """Wrapped in another way, the first says nothing new after the second either; said again later, it does."""
    first, second = release(), release(value={"amount": 16, "currency": "USD"})
    assert [len(taken(record, tmp_path, each).new) for each in (first, second)] == [1, 1]
    assert taken(record, tmp_path, first | {"id": "wrapped"}).same == 1
    [(notice, _)] = taken(record, tmp_path, first | {"date": "2024-12-20T00:00:00Z"}).new
    assert notice.revision == 3
