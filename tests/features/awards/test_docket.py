"""Confirming and rejecting links."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from features.awards.docket import Docket
from features.evidence import Notice, link_id
from features.measures import DAY, Refused
from features.record import Record
from features.trade import Finding, Outcome
from tests import factory as a
from tests.features.awards.made import KNOWN, link, linking, notice
from tests.features.record.test_turns import ROOT

LATER = KNOWN + 5 * DAY
TWO = ("ana:compliance", "ben:compliance")


def docket(url: str, told: Notice, *grades: str) -> tuple[Record, Docket, list[str]]:
    """A record with one notice and links to o1, o2 ..., with their ids."""
    record = Record.open(url)
    links = [
        link(f"o{n}" if grade != "D" else None, grade, weight=1 / len(grades)) for n, grade in enumerate(grades, 1)
    ]
    orders = [a.order(f"o{n}") for n in range(1, 4)]
    record.append([*orders, told, linking(*links)], source="test", recorded_at=KNOWN)
    return record, Docket(record), [link_id("n1", each) for each in links]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A record of its own."""
    return f"sqlite:///{tmp_path}/record.db"


def findings(record: Record) -> list[Finding]:
    """All findings."""
    return [entry.event for entry in record.entries((Finding,))]


def test_a_confirmed_link_to_a_forbidden_buyer_is_a_finding(url: str) -> None:
    """Known when it was confirmed, naming the notice."""
    record, said, [key] = docket(url, notice(), "B")
    said.confirm(key[:6], who=TWO, now=LATER)
    [found] = findings(record)
    assert (found.outcome, found.order_id, found.known_at) == (Outcome.DIVERTED, "o1", LATER)
    assert found.source == "notice n1"


@pytest.mark.parametrize("buyer", [{"buyer_class": "health"}, {"buyer_place": None}])
def test_any_other_buyer_is_no_finding(url: str, buyer: dict[str, Any]) -> None:
    """Unless the analyst says which."""
    record, said, [key] = docket(url, notice(**buyer), "B")
    assert said.confirm(key, who=TWO, now=LATER)[1] is None
    said.confirm(key, who=TWO, now=LATER, outcome=Outcome.CLEARED)
    assert [found.outcome for found in findings(record)] == [Outcome.CLEARED]


def test_grades_c_and_d_never_become_findings(url: str) -> None:
    """D names no sale that could be confirmed."""
    record, said, keys = docket(url, notice(), "C", "D")
    assert said.confirm(keys[0], who=TWO, now=LATER)[1] is None
    with pytest.raises(Refused, match="grade D"):
        said.confirm(keys[1], who=TWO, now=LATER)
    with pytest.raises(Refused, match="cannot follow"):
        said.confirm(keys[0], who=TWO, now=LATER, outcome=Outcome.DIVERTED)
    assert findings(record) == []


def test_a_rejection_withdraws_the_finding(url: str) -> None:
    """And a second confirmation is its next revision."""
    record, said, [key] = docket(url, notice(), "A")
    for at, act in enumerate((said.confirm, said.reject, said.confirm)):
        act(key, who=TWO, now=LATER + at, why="serials were read")
    outcomes = [(found.outcome, found.revision) for found in findings(record)]
    assert outcomes == [(Outcome.DIVERTED, 1), (Outcome.WITHDRAWN, 2), (Outcome.DIVERTED, 3)]


def test_one_person_alone_makes_a_claim_and_a_second_one_makes_it_stand(url: str) -> None:
    """As with any finding."""
    record, said, [key] = docket(url, notice(), "B")
    for at, who in enumerate(("ana", "ben")):
        said.confirm(key, who=(who,), now=LATER + at)
    assert [(found.outcome, found.claimed) for found in findings(record)] == [
        (Outcome.INCONCLUSIVE, Outcome.DIVERTED),
        (Outcome.DIVERTED, None),
    ]
    with pytest.raises(Refused, match="2 different people"):
        said.reject(key, who=("ana",), now=LATER + 9, why="other serials")


FAILS = "CREATE TRIGGER fails BEFORE INSERT ON link_verdicts BEGIN SELECT RAISE(ABORT, 'no room'); END"
"""A store that takes the finding, and not the verdict behind it."""

HANGS = "CREATE TRIGGER hangs BEFORE INSERT ON link_verdicts BEGIN SELECT hang(); END"
ACT = """
import sys, time
from sqlalchemy import Engine, event
from features.awards.docket import Docket
from features.record import Record
from tests.features.awards.test_docket import LATER, TWO

def hang():
    print("between", flush=True)
    time.sleep(60)

event.listen(Engine, "connect", lambda connection, _: connection.create_function("hang", 0, hang))
with Record.open(sys.argv[1]) as record:
    getattr(Docket(record), sys.argv[2])("n1", who=TWO, now=LATER + 1, why="serials were read")
"""


def alter(record: Record, sql: str) -> None:
    """What happens to the store from outside."""
    with record.writing() as connection:
        connection.execute(text(sql))


def asked(url: str, act: str) -> tuple[Record, Docket, list[Any]]:
    """A record with a link to act upon, confirmed already where it is to be rejected, and its entries."""
    record, said, [key] = docket(url, notice(), "B")
    if act == "reject":
        said.confirm(key, who=TWO, now=LATER)
    return record, said, list(record.tail(0))


@pytest.mark.parametrize("act", ["confirm", "reject"])
def test_a_verdict_and_its_finding_stand_both_or_neither(url: str, act: str) -> None:
    """Where the store fails between them; the same again goes through once it is mended."""
    record, said, before = asked(url, act)
    alter(record, FAILS)
    with pytest.raises(sqlite3.IntegrityError, match="no room"):
        getattr(said, act)("n1", who=TWO, now=LATER + 1, why="serials were read")
    assert list(record.tail(0)) == before
    alter(record, "DROP TRIGGER fails")
    verdict, reported = getattr(said, act)("n1", who=TWO, now=LATER + 1, why="serials were read")
    assert [entry.event for entry in record.tail(before[-1].position)] == [reported.finding, verdict]


@pytest.mark.parametrize("act", ["confirm", "reject"])
def test_a_process_killed_between_finding_and_verdict_leaves_neither(url: str, act: str) -> None:
    """After kill -9 the record holds what it held before, and takes both."""
    record, _, before = asked(url, act)
    alter(record, HANGS)
    command = [sys.executable, "-c", ACT, url, act]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "between\n"
        process.kill()
    assert list(record.tail(0)) == before
    alter(record, "DROP TRIGGER hangs")
    getattr(Docket(record), act)("n1", who=TWO, now=LATER + 1, why="serials were read")
    assert len(list(record.tail(0))) == len(before) + 2


def test_a_name_that_is_none_is_refused(url: str) -> None:
    """With the way to those that are."""
    _, said, _ = docket(url, notice(), "B", "B")
    for name in ("nothing", ""):
        with pytest.raises(Refused, match="evidence list"):
            said.named(name)
    with pytest.raises(Refused, match="is a notice with 2 links"):
        said.link("n1")


def test_days_from_published_to_flagged_are_told_by_month(url: str) -> None:
    """By the month in which we knew."""
    _, said, _ = docket(url, notice(published_at=KNOWN - 30 * DAY), "B")
    assert list(said.speed()) == [("2024-12", 1, 30.0)]
