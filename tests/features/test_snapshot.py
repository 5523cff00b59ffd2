"""Snapshots of the engine's memory: what comes back goes on as if nothing had happened."""

from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import snapshot
from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY
from features.record import Record
from features.trade import Product, Reseller
from features.vector import Vectorizer, feature_table
from features.windows.state import packed
from tests.factory import T0, order
from tests.features.facts.made import market
from tests.features.test_vector import SMALL, WHOLE, bits, keep


def followed(record: Record, upto: int) -> Vectorizer:
    """A state that came to a position event by event."""
    vectorizer = Vectorizer(WHOLE, record.currency)
    vectorizer.follow(record.tail(0, upto), record.revisions)
    return vectorizer


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 70))
def test_a_snapshot_in_mid_stream_changes_no_bit(seed: int, cut: int) -> None:
    """Wherever it is taken, with events that nobody has seen yet and corrections to come."""
    with TemporaryDirectory() as folder, Record.open(f"sqlite:///{folder}/record.db") as record:
        keep(record, *market(seed, events=70))
        file = Path(folder) / "state.npz"
        snapshot.save(followed(record, cut), record, file)
        vectorizer = snapshot.restore(file, WHOLE, record)
        vectorizer.follow(record.tail(vectorizer.position), record.revisions)
        last = order("last", at=vectorizer.clock + DAY)
        expected = feature_table(Book.of(record).with_orders([last]), WHOLE).values[-1:]
        assert bits(vectorizer.vectors(last, vectorizer.clock + DAY)) == bits(expected)


def same(one: Vectorizer, other: Vectorizer) -> bool:
    """Whether two would keep the same, and tell the same awards behind a line. Verdicts stand in no order."""
    kept, wanted = one.kept(), other.kept()
    for each in (kept, wanted):
        each.awards["confirmed"].sort()
    arrays = zip(packed(kept.state).values(), packed(wanted.state).values(), strict=True)
    asked = order("asked", reseller="r1", at=one.clock + DAY)
    awards = [feature.name for feature in WHOLE.features if feature.family == "awards"]
    told = [[each.behind(asked, one.clock + DAY, 0, name) for name in awards] for each in (one, other)]
    return (
        told[0] == told[1]
        and (kept.texts, kept.awards) == (wanted.texts, wanted.awards)
        and np.array_equal(kept.award_rows, wanted.award_rows)
        and all(np.array_equal(*pair) for pair in arrays)
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 90), min_size=1, max_size=3))
def test_what_goes_on_from_snapshots_becomes_what_never_stopped(seed: int, cuts: list[int]) -> None:
    """Array for array: reports, awards, verdicts, findings and cancellations before, between and after the cuts."""
    with TemporaryDirectory() as folder, Record.open(f"sqlite:///{folder}/record.db") as record:
        keep(record, *market(seed, events=90))
        vectorizer = followed(record, 0)
        for cut in sorted(cuts):
            vectorizer.follow(record.tail(vectorizer.position, cut), record.revisions)
            snapshot.save(vectorizer, record, Path(folder) / "state.npz")
            vectorizer = snapshot.restore(Path(folder) / "state.npz", WHOLE, record)
        vectorizer.follow(record.tail(vectorizer.position), record.revisions)
        assert same(vectorizer, followed(record, record.position()))


def test_a_start_from_a_snapshot_reads_no_evidence(record: Record, tmp_path: Path, monkeypatch: Any) -> None:
    """However much was found and reported before: what it does not hold is read where somebody speaks of it."""
    keep(record, *market(7, events=200))
    snapshot.save(followed(record, record.position()), record, tmp_path / "state.npz")
    read: set[type] = set()
    entries = Record.entries

    def watched(self: Record, of: Collection[type], upto: int | None = None) -> Any:
        read.update(of)
        return entries(self, of, upto)

    monkeypatch.setattr(Record, "entries", watched)
    snapshot.restore(tmp_path / "state.npz", WHOLE, record)
    assert read == {Reseller, Product}


def test_a_snapshot_is_refused_by_other_definitions(record: Record, tmp_path: Path) -> None:
    """The text says what differs, and what to do."""
    keep(record, order("a"))
    snapshot.save(followed(record, 1), record, tmp_path / "state")
    with pytest.raises(snapshot.Unusable, match=r"another version|features is"):
        snapshot.restore(tmp_path / "state", catalogue(), record)
    with pytest.raises(snapshot.Unusable, match="features is"):
        snapshot.restore(tmp_path / "state", SMALL, record)


def test_a_snapshot_of_another_record_is_refused(tmp_path: Path) -> None:
    """Two records that went the same way so far are the same; one event apart they are not."""
    with Record.open(f"sqlite:///{tmp_path}/a.db") as one, Record.open(f"sqlite:///{tmp_path}/b.db") as other:
        keep(one, order("a"), order("b", at=T0 + 1))
        keep(other, order("a"), order("b", at=T0 + 2))
        snapshot.save(followed(one, 2), one, tmp_path / "state")
        with pytest.raises(snapshot.Unusable, match="entry is"):
            snapshot.restore(tmp_path / "state", WHOLE, other)


@pytest.mark.parametrize("damage", [b"", b"PK", b"not an archive"])
def test_a_file_that_is_no_snapshot_is_refused(damage: bytes, record: Record, tmp_path: Path) -> None:
    """Cut short or something else: never a state of unknown content."""
    (tmp_path / "state").write_bytes(damage)
    with pytest.raises(snapshot.Unusable, match="replay the record"):
        snapshot.restore(tmp_path / "state", WHOLE, record)


def test_a_damaged_array_is_refused(record: Record, tmp_path: Path) -> None:
    """The archive's own checksums are looked at."""
    keep(record, *(order(f"o{n}", at=T0 + n) for n in range(50)))
    snapshot.save(followed(record, 50), record, tmp_path / "state")
    content = bytearray((tmp_path / "state").read_bytes())
    content[len(content) // 3] ^= 0xFF
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(snapshot.Unusable, match="replay the record"):
        snapshot.restore(tmp_path / "state", WHOLE, record)


def test_a_broken_write_leaves_the_old_snapshot(record: Record, tmp_path: Path) -> None:
    """The new file takes the old one's place when it is whole, not before."""
    keep(record, order("a"), order("b", at=T0 + 1))
    file = tmp_path / "state"
    snapshot.save(followed(record, 1), record, file)
    broken = followed(record, 2)
    broken.state = broken.state._replace(arena=np.array([object()]))
    with pytest.raises((ValueError, AttributeError, TypeError)):
        snapshot.save(broken, record, file)
    assert snapshot.restore(file, WHOLE, record).position == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("state")] == ["state"]
