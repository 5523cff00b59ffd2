"""How far a service has looked for recalls is known to the next start, of the same record and no other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from features.measures import DAY
from features.record import recalling
from features.record.copying import copy
from features.record.kinds import Event
from features.record.recalling import recalls_of
from serving import recaller
from serving.recaller import Recaller
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import NOW


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    """A state whose record holds an answered order of a reseller, and a finding that its answer did not see."""
    state = State(settings)
    state.keep_up()
    decided = a.decision("d-c1", order_id="c1", at=NOW, action="proceed")
    found = a.finding("f1", reseller_id="r-caught", at=NOW + DAY)
    keep(state, a.order("c1", reseller="r-caught", at=NOW), decided, found)
    yield state
    state.close()


def keep(state: State, *events: Event) -> None:
    """Append what came by a file."""
    state.record.append(events, source="file", recorded_at=NOW)


def recalls(state: State) -> int:
    """How often the order was called back or released."""
    with state.record.reading() as connection:
        return len(recalls_of(connection, ["c1"])["c1"])


def looked_at(state: State, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The resellers that a new start looks at."""
    asked: list[str] = []

    def watched(connection: object, reseller_id: str, now: int) -> object:
        asked.append(reseller_id)
        return recalling.due(connection, reseller_id, now)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(recaller, "due", watched)
        Recaller().catch_up(state)
    return asked


def test_a_start_looks_at_what_came_since_the_last(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the findings of the whole past."""
    assert "r-caught" in looked_at(state, monkeypatch)
    assert looked_at(state, monkeypatch) == []
    keep(state, a.finding("f1", "withdrawn", reseller_id="r-caught", at=NOW + 2 * DAY, revision=2))
    assert looked_at(state, monkeypatch) == ["r-caught"]
    assert recalls(state) == 2


def test_a_record_that_was_put_back_is_looked_at_anew(state: State, settings: Settings, tmp_path: Path) -> None:
    """A copy from between a finding and its recall lacks the recall, whatever the home folder remembers."""
    url = f"sqlite:///{tmp_path}/copy.db"
    copy(settings.record_url, url)
    Recaller().catch_up(state)
    assert recalls(state) == 1
    again = State(replace(settings, record_url=url))
    again.keep_up()
    assert recalls(again) == 0
    Recaller().catch_up(again)
    assert recalls(again) == 1
    again.close()


OTHERS = '{"finding": 9, "checkpoint": {"position": "1", "link": "of another record", "made_at": 0}}'


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"finding": "x", "checkpoint": {}}', OTHERS])
def test_a_file_that_says_nothing_is_looked_past(content: str, state: State) -> None:
    """The whole past is looked at."""
    (state.home / recaller.LOOKED).write_text(content)
    Recaller().catch_up(state)
    assert recalls(state) == 1
