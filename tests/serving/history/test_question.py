"""Tests of the two questions: what counts as known."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.facts.book import Book
from features.measures import DAY, instant
from features.record import Event, Record
from features.vector import feature_table
from models.rules import DEFAULT, load_rules
from serving.history.question import known_for
from serving.history.run import Options, score_history
from tests import factory as a
from tests.serving.history.made import rows, sales
from tests.serving.made import FEATURES, model

DIVERTED = FEATURES.names.index("reseller_diverted_count_all")


@pytest.fixture
def record(sqlite_url: str) -> Record:
    """Three orders of one reseller a day apart; long after, the first is found diverted and the second cleared."""
    record = Record.open(sqlite_url)
    events: list[Event] = [a.reseller("r1"), a.product("kit")]
    events += [a.order(f"o{number}", reseller="r1", at=a.T0 + number * DAY) for number in range(3)]
    events += [a.finding("f0", "diverted", order_id="o0", at=a.T0 + 100 * DAY)]
    events += [a.finding("f1", "diverted", order_id="o1", at=a.T0 + 100 * DAY)]
    events += [a.finding("f1", "cleared", order_id="o1", at=a.T0 + 120 * DAY, revision=2)]
    record.append(events, source="test", recorded_at=a.T0 + 200 * DAY)
    return record


def diverted(book: Book) -> list[float]:
    """How many diverted orders of the reseller each order saw."""
    return [float(value) for value in feature_table(book, FEATURES).values[:, DIVERTED]]


def test_what_was_found_since_counts_from_its_order_on_and_never_for_its_own(record: Record) -> None:
    """A corrected finding counts as what it is now."""
    book = Book.of(record)
    assert diverted(book) == [0.0, 0.0, 0.0]
    assert diverted(known_for("as-known-today", book, a.T0 + 200 * DAY)) == [0.0, 1.0, 1.0]
    assert diverted(known_for("as-known-today", book, a.T0 + 110 * DAY)) == [0.0, 1.0, 2.0]
    record.close()


def test_without_findings_since_both_questions_get_the_same_vectors(record: Record) -> None:
    """Windows end where they ended."""
    book = Book.of(record, upto=5)
    then, today = (feature_table(known_for(q, book, a.T0 + DAY), FEATURES) for q in ("as-it-was", "as-known-today"))
    np.testing.assert_array_equal(then.values, today.values)
    record.close()


def test_as_known_today_the_score_is_no_probability_and_the_rules_are_todays(record: Record, tmp_path: Path) -> None:
    """A rule that came later holds an order of long ago; the rank stays."""
    orders = [each.event for each in (record.order(f"o{number}") for number in range(3)) if each is not None]
    asked = sales(tmp_path / "in", rows(orders))
    now = instant("2026-11-01T00:00:00Z")
    tables = {}
    for question in ("as-it-was", "as-known-today"):
        out = tmp_path / f"{question}.parquet"
        summary = score_history(record, model(), asked, out, Options(question), now=now)
        tables[question] = pq.read_table(out).to_pylist()
        assert summary.question == question
    assert [row["action"] for row in tables["as-known-today"]][1:] == ["hold", "hold"]
    assert "diverted-at-this-reseller" not in [row["rules"] for row in tables["as-it-was"]]
    assert [row["probability"] for row in tables["as-known-today"]] == [None] * 3
    assert all(0.0 <= row["rank"] <= 1.0 for row in tables["as-known-today"])
    assert any(rule.valid_from for rule in load_rules(DEFAULT))
    record.close()
