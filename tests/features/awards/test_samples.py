"""Real papers of the Open Contracting Data Standard, where they are at hand."""

import os
from pathlib import Path

import pytest

from features.awards.taking import take
from features.measures import instant
from features.record import Record

BESIDE = Path(__file__).parents[3] / ".." / "shared" / "data" / "ocds"
SAMPLES = Path(os.environ.get("OCDS_SAMPLES", BESIDE))
FILES = sorted(path for path in SAMPLES.rglob("*.json") if not path.name.endswith("schema.json"))
NOW = instant("2025-01-01T00:00:00Z")


@pytest.mark.skipif(not FILES, reason="no samples at hand; OCDS_SAMPLES names a folder of them")
def test_all_samples_go_in_and_what_they_lack_is_told(sqlite_url: str) -> None:
    """None is refused; each release is a notice, says nothing new or awards nothing; foreign money has no rate here."""
    with Record.open(sqlite_url) as record:
        each = [take(record, [path], now=NOW) for path in FILES]
        again = [take(record, [path], now=NOW) for path in FILES]
    assert not [str(problem) for taken in each for problem in taken.refused]
    assert all(len(taken.new) + taken.same + taken.empty for taken in each)
    assert sum(len(taken.new) for taken in each) >= 10
    assert not [taken for taken in again if taken.new]
    for taken in each:
        valued = {line.amount.currency for notice, _ in taken.new for line in notice.lines if line.amount}
        told = {str(problem.value) for problem in taken.unread if problem.column.endswith("currency")}
        assert told == valued - {"USD"}
