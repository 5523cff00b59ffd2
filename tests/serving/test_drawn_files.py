"""Random audits in files: the orders that the service draws, and what it tells of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from features.measures import SECOND, instant
from features.record import Record
from features.trade import Order
from models.artefact import save
from serving.batch import score
from serving.contract import OrderRequest
from serving.desk import Desk
from serving.draw import SECRET_FILE, at_hand, secret
from serving.history.run import Options, score_history
from serving.settings import Settings
from serving.state import State
from serving.translation import request_of
from tests import factory as a
from tests.serving.history.made import files, named
from tests.serving.made import model, promote
from tests.test_command_line import run

TODAY = instant("2025-11-09T00:02:00Z")
OFTEN = replace(model(), rules=(), policy=replace(model().policy, threshold=2.0, review_share=0.5, draw_rate=0.5))
"""Nothing but a draw stops an order."""


def orders() -> Iterator[Order]:
    """Orders of two lines, one after the other."""
    for number in range(30):
        lines = tuple(a.line(str(n), sku=f"kit-{n}", units=number + 1, amount=10**n * 99) for n in (1, 2))
        yield a.order(f"d{number}", reseller=f"r{number % 3}", at=TODAY - (40 - number) * SECOND, lines=lines)


def test_a_file_is_drawn_as_its_orders_posted(sqlite_settings: Settings, tmp_path: Path) -> None:
    """Actions, probabilities and reasons of every line, bit for bit: order by order, in columns, and posted."""
    short, long = tmp_path / "short.parquet", tmp_path / "long.parquet"
    with Record.open(sqlite_settings.record_url) as record:
        promote(record, sqlite_settings.home, OFTEN, TODAY - 60 * SECOND)
        score(record, OFTEN, orders(), short, draw_key=b"s")
        score_history(record, OFTEN, files(tmp_path / "in", orders()), long, Options(draw_key=b"s"), now=TODAY)
    with_secret = Settings.of(sqlite_settings.environment() | {"DIVERSION_DRAW_SECRET": "s"})
    desk = Desk(State(with_secret), now=lambda: TODAY)
    desk.state.keep_up()
    desk.score_all([OrderRequest.model_validate(request_of(order).model_dump()) for order in orders()])
    decisions = [entry.event for entry in desk.state.record.decisions()]
    desk.state.close()
    assert {decision.drawn for decision in decisions} == {True, False}
    answers = [json.loads(decision.response) for decision in decisions]
    posted = [(answer, line) for answer in answers for line in answer["lines"]]
    for path in (short, long):
        for row, (answer, line) in zip(pq.read_table(path).to_pylist(), posted, strict=True):
            assert (row["order_id"], row["line_id"], row["t"]) == (answer["order_id"], line["line_id"], answer["t"])
            assert (row["action"], row["line_action"]) == (answer["action"], line["action"])
            assert (row["probability"], row["rank"]) == (line["probability"], answer["rank"])
            assert (json.loads(row["reasons"]) if row["reasons"] else None) == line["reasons"]


def test_without_the_secret_nothing_is_drawn_and_that_is_said(sqlite_settings: Settings, tmp_path: Path) -> None:
    """Looking for it makes none."""
    home, asked = sqlite_settings.home, files(tmp_path / "in", orders())
    save(OFTEN, tmp_path / "often")
    arguments: tuple[str | Path, ...] = (
        "score",
        "--mapping",
        named(asked),
        "--model",
        tmp_path / "often",
        *sorted(asked.data[0].iterdir()),
    )
    said, drawn = [], []
    for _ in range(2):
        told = run(home, *arguments, "--out", tmp_path / "out.parquet", "--record", sqlite_settings.record_url)
        assert told.returncode == 0, told.stderr
        said.append("at random" in told.stderr)
        drawn.append(pq.read_table(tmp_path / "out.parquet")["action"].to_pylist().count("review"))
        if not (home / SECRET_FILE).exists():
            assert at_hand(home) is None
            secret(home)
    assert said == [True, False]
    assert drawn[0] == 0 < drawn[1]
