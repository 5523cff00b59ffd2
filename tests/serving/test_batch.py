"""Tests of scoring a file: the same vectors and probabilities as the service, bit for bit, and nothing twice."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.facts.book import Book
from features.measures import DAY, SECOND, Refused, instant
from features.record import Record
from features.trade import Order
from models.reasons import explain
from serving.batch import WithReasons, score, vectors
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.settings import Settings
from serving.state import State
from tests import factory as a
from tests.serving.made import body, model, world

TODAY = instant("2025-11-09T00:02:00Z")


def requests() -> Iterator[dict[str, Any]]:
    """Orders with all that may happen to them, in the order in which they are sent."""
    for number in range(12):
        yield body(f"n{number}", reseller_id=f"r{number % 3}", ordered_at=f"2025-11-09T00:01:{number // 2:02d}Z")
    yield body("n1", revision=2, reseller_id="r2", ordered_at="2025-11-09T00:01:30Z")
    yield body("late", reseller_id="r1", ordered_at="2025-11-01T00:00:00Z")
    two = [{"line_id": "1", "sku": "kit-1", "amount": "3", "currency": "EUR"}, {"line_id": "2", "sku": "kit-3"}]
    yield body("now", ordered_at=None, lines=two)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk that answered all of them."""
    made = Desk(State(settings), now=lambda: TODAY)
    made.state.keep_up()
    for request in requests():
        made.score(OrderRequest.model_validate(request))
    yield made
    made.state.close()


def answered(record: Record) -> list[Order]:
    """The orders that were answered, as they were exported with their moments."""
    found = [record.order(entry.event.order_id, entry.event.revision) for entry in record.decisions()]
    return [entry.event for entry in found if entry is not None]


def test_a_file_of_answered_orders_gets_the_vectors_of_the_service(desk: Desk) -> None:
    """Bit for bit, whatever else is in the file: orders that the service never saw are no history to them."""
    record = desk.state.record
    stranger = a.order("stranger", reseller="r1", at=TODAY - DAY)
    found = set()
    for order, values in vectors(Book.of(record), model().features, answered(record), [stranger]):
        decision = record.decision(order.order_id, order.revision)
        if decision is not None:
            assert values.tobytes() == decision.vectors, order
            found.add((order.order_id, order.revision))
    assert len(found) == 15


def test_a_file_of_answered_orders_gets_the_answers_of_the_service(desk: Desk, tmp_path: Path) -> None:
    """Probability, action, rank and reasons of every line."""
    record, out = desk.state.record, tmp_path / "scored.parquet"
    summary = score(record, model(), answered(record), out)
    rows = pq.read_table(out).to_pylist()
    assert (summary.orders, summary.recorded, summary.lines, summary.rejected) == (15, 15, 16, ())
    answers = [json.loads(entry.event.response) for entry in record.decisions()]
    lines = [(answer, line) for answer in answers for line in answer["lines"]]
    for row, (answer, line) in zip(rows, lines, strict=True):
        assert (row["order_id"], row["line_id"], row["t"]) == (answer["order_id"], line["line_id"], answer["t"])
        assert (row["probability"], row["line_action"]) == (line["probability"], line["action"])
        assert (row["action"], row["rank"]) == (answer["action"], answer["rank"])
        assert (json.loads(row["reasons"]) if row["reasons"] else None) == line["reasons"]


def test_a_file_in_order_of_time_is_scored_as_if_it_were_posted(settings: Settings, tmp_path: Path) -> None:
    """Into a record that does not hold it, and that holds no more of it afterwards."""
    with Record.open(settings.record_url) as record:
        position = record.position()
        orders = [_dated(request) for request in requests() if request["order_id"] not in {"late", "now"}]
        before = dict(_vectors(record, orders))
        assert score(record, model(), orders, tmp_path / "out.csv").recorded == 0
        assert record.position() == position
    desk = Desk(State(settings), now=lambda: TODAY)
    desk.state.keep_up()
    for request in requests():
        desk.score(OrderRequest.model_validate(request))
    for (order_id, revision), values in before.items():
        decision = desk.state.record.decision(order_id, revision)
        assert decision is not None
        assert values.tobytes() == decision.vectors, order_id
    desk.state.close()


def _dated(request: dict[str, Any]) -> Order:
    line = a.line("1", sku="kit-2", units=2, amount=1210, end_user_id="lab")
    at = instant(request["ordered_at"])
    order = a.order(request["order_id"], reseller=request["reseller_id"], at=at, lines=(line,))
    return replace(order, revision=request.get("revision", 1))


def _vectors(record: Record, orders: list[Order]) -> Iterator[tuple[tuple[str, int], Any]]:
    for order, values in vectors(Book.of(record), model().features, [], orders):
        yield (order.order_id, order.revision), values.copy()


@pytest.fixture
def record(sqlite_url: str, tmp_path: Path) -> Iterator[Record]:
    """A made world without answers."""
    with Record.open(world(sqlite_url, tmp_path / "home").record_url) as record:
        yield record


def test_what_contradicts_the_record_or_itself_is_rejected_and_the_rest_scored(record: Record, tmp_path: Path) -> None:
    """Another content under a known id, a missing revision or moment, an order twice."""
    held = record.order("h5")
    assert held is not None
    other, new = replace(held.event, reseller_id="r9"), a.order("new", at=TODAY)
    orders = [
        other, new, new, replace(new, reseller_id="r2"), a.order("gap", revision=3, at=TODAY),
        replace(a.order("undated"), known_at=None), a.order("h6", revision=2, at=TODAY),
    ]  # fmt: skip
    summary = score(record, model(), orders, tmp_path / "out.csv")
    assert (summary.orders, summary.lines) == (2, 2)
    whys = {reject.order_id: reject.why for reject in summary.rejected}
    assert "reseller_id" in whys["h5"]
    assert "'r9'" in whys["h5"]
    assert "twice" in whys["new"]
    assert "revision 1" in whys["gap"]
    assert "no moment" in whys["undated"]
    assert set(whys) == {"h5", "new", "gap", "undated"}


def test_an_imported_order_is_scored_at_its_own_moment(record: Record, tmp_path: Path) -> None:
    """Also where the file gives another one, or another value at newer rates."""
    held = record.order("h7")
    assert held is not None
    lines = tuple(replace(line, value=1) for line in held.event.lines)
    moved = replace(held.event, known_at=TODAY, lines=lines)
    for orders in ([held.event], [moved]):
        summary = score(record, model(), orders, tmp_path / f"{len(lines)}-{orders[0] is moved}.csv")
        assert (summary.recorded, summary.rejected) == (1, ())
    texts = [path.read_text() for path in sorted(tmp_path.glob("*.csv"))]
    assert texts[0] == texts[1]


def test_reasons_are_written_for_those_that_were_asked_for(record: Record, tmp_path: Path) -> None:
    """In a CSV they are sentences."""
    orders = [a.order(f"n{n}", reseller="r9", at=TODAY + n * SECOND, amount=10**n, end_user_id="e") for n in range(6)]
    rows: dict[str, list[dict[str, str]]] = {}
    choices: tuple[WithReasons, ...] = ("waiting", "all", "none")
    for which in choices:
        score(record, model(), orders, tmp_path / f"{which}.csv", with_reasons=which)
        rows[which] = list(csv.DictReader((tmp_path / f"{which}.csv").read_text().splitlines()))
    assert not any(row["reasons"] for row in rows["none"])
    assert all((row["reasons"] != "") == (row["action"] != "proceed") for row in rows["waiting"])
    (_, values), *_ = vectors(Book.of(record), model().features, [], orders)
    assert rows["all"][0]["reasons"] == "; ".join(reason.sentence for reason in explain(model(), values)[0])
    assert {row["action"] for row in rows["waiting"]} > {"proceed"}


def test_a_file_appears_when_it_is_whole(record: Record, tmp_path: Path) -> None:
    """Nothing is left of one that failed, and a name that says no format is refused."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(record, model(), [a.order("n", at=TODAY)], tmp_path / "out.parquet", progress=stop)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    with pytest.raises(Refused, match=r"\.csv or \.parquet"):
        score(record, model(), [], tmp_path / "out.xlsx")


def test_an_empty_file_gives_an_empty_table(record: Record, tmp_path: Path) -> None:
    """With its columns."""
    assert score(record, model(), [], tmp_path / "out.parquet").orders == 0
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0
    assert str(score(record, model(), [], tmp_path / "out.csv")).startswith("0 orders")
