"""The soak finds what it looks for, and a short one finds nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from features.record import Record
from serving.settings import Settings
from tests import factory as a
from tests.serving.soak import Acknowledged, Broken, soak


def test_a_service_that_is_killed_loses_and_doubles_nothing(settings: Settings) -> None:
    """A worker, then everything at once; a second run knows that this was done."""
    said: list[str] = []
    assert soak(settings, 2, said.append) == {"kills": 2, "whole": 1}
    assert [line.split("(")[0] for line in said] == ["kill 1 ", "kill 2 ", said[2]]
    assert said[2].startswith("every vector and link again")
    assert soak(replace(settings, port=0), 2, said.append) == {"kills": 2, "whole": 1}
    assert len(said) == 3


@pytest.mark.parametrize(("answer", "wrong"), [(b"yes", "is lost"), (b"other", "another answer")])
def test_what_is_lost_or_different_is_found(record: Record, tmp_path: Path, answer: bytes, wrong: str) -> None:
    """An acknowledged order that the record lacks, and one that it holds with other bytes."""
    if answer != b"yes":
        record.append([a.decision(response=answer)], source="test", recorded_at=a.T0)
    with Acknowledged(tmp_path / "acknowledged.jsonl") as acknowledged:
        acknowledged.add("o1", b"yes")
        with pytest.raises(Broken, match=wrong):
            acknowledged.check(record)


def test_another_answer_to_the_same_order_is_found(tmp_path: Path) -> None:
    """Also by a later run, and where the last line was cut."""
    file = tmp_path / "acknowledged.jsonl"
    with Acknowledged(file) as first:
        first.add("o1", b"yes")
    file.write_text(file.read_text() + '{"order_id": "o2", "sh')
    with Acknowledged(file) as later:
        later.add("o1", b"yes")
        with pytest.raises(Broken, match="another answer"):
            later.add("o1", b"no")
