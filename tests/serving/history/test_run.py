"""Tests of the long run: the same rows as order by order, whatever stops it."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.facts.lines import SCHEMA, tabulate
from features.measures import Refused
from features.record import Entry, Record
from serving.batch import score
from serving.history.run import Options, Sales, rejects_path, score_history, work_folder
from tests.serving.history.made import INTERRUPTED, TODAY, files, named, past, rows, sales
from tests.serving.made import ROOT, model, world


@pytest.fixture
def record(sqlite_url: str, tmp_path: Path) -> Iterator[Record]:
    """A made world with a champion."""
    with Record.open(world(sqlite_url, tmp_path / "home").record_url) as record:
        yield record


def by_line(path: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a scored file by what they speak of; each must stand there once."""
    table = pq.read_table(path).to_pylist()
    found = {(row["order_id"], row["revision"], row["line_id"]): row for row in table}
    assert len(found) == len(table)
    return found


@pytest.mark.parametrize("reasons", ["waiting", "all", "none"])
def test_a_past_is_scored_as_its_orders_one_by_one(record: Record, tmp_path: Path, reasons: Any) -> None:
    """Every column of every line, bit for bit, those that the record holds and the new ones."""
    orders = past(record)
    out, other = tmp_path / "long.parquet", tmp_path / "short.parquet"
    summary = score_history(record, model(), files(tmp_path / "in", orders), out, Options(reasons=reasons), now=TODAY)
    expected = score(record, model(), orders, other, with_reasons=reasons)
    assert by_line(out) == by_line(other)
    assert expected.recorded == 10
    assert len(by_line(out)) == expected.lines
    assert not work_folder(out).exists()
    assert sum(summary.actions.values()) == summary.orders == expected.orders - 9  # the last revision of each counts


def test_a_run_that_is_killed_goes_on_to_the_same_bytes(record: Record, sqlite_url: str, tmp_path: Path) -> None:
    """By kill -9 while features are computed and while lines are scored; no line is lost or there twice."""
    past_ = files(tmp_path / "in", past(record, 200))
    whole, out = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    score_history(record, model(), past_, whole, INTERRUPTED, now=TODAY)
    work = work_folder(out)
    begun = (work / "new" / "view-0", work / "scores-1-2.arrow")
    command = [sys.executable, "-m", "tests.serving.history.interrupted", sqlite_url]
    command += [str(named(past_)), str(past_.data[0]), str(out)]
    for path in begun:
        child = subprocess.Popen(command, cwd=ROOT)
        limit = time.monotonic() + 300
        while not path.exists() and child.poll() is None and time.monotonic() < limit:
            time.sleep(0.002)
        assert child.poll() is None, f"ended before {path.name}"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert not out.exists()
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=600).returncode == 0
    assert out.read_bytes() == whole.read_bytes()
    assert len(by_line(out)) == pq.read_metadata(out).num_rows


def test_rows_that_cannot_be_taken_are_told_with_their_column_and_mend(record: Record, tmp_path: Path) -> None:
    """Beside the scores: those of the files, then orders that contradict the record."""
    good = rows(past(record, 30)[:30])
    bad = [*good, ("bad", "1", "r1", "yesterday", "0", "kit-1", "1", "10.00", "e")]
    held = record.order("h5")
    assert held is not None
    other = rows([replace(held.event, reseller_id="r9")])
    out = tmp_path / "out.csv"
    summary = score_history(record, model(), sales(tmp_path / "in", bad, other), out, now=TODAY, options=Options())
    told = list(csv.DictReader(rejects_path(out).read_text().splitlines()))
    assert [(each["row"], each["column"], each["value"]) for each in told[:1]] == [
        (str(len(bad) + 1), "at", "yesterday")
    ]
    assert told[0]["mend"]
    assert "reseller_id" in told[1]["why"]
    assert (summary.rejected_orders, summary.orders) == (1, 30)


def test_data_that_does_not_fit_is_refused_before_the_long_run(record: Record, tmp_path: Path) -> None:
    """Units nobody knows, a column that is not there, attributes that the model needs; nothing is left behind."""
    content = [("x" + row[0], *row[1:6], "many", *row[7:]) for row in rows(past(record, 20)[:20])]
    wrong = sales(tmp_path / "in", content)
    with pytest.raises(Refused, match="44 of the first 44"):
        score_history(record, model(), wrong, tmp_path / "out.csv", Options(), now=TODAY)
    named(wrong).write_text(named(wrong).read_text().replace('"article"', '"artcle"'))
    with pytest.raises(Refused, match="article"):
        score_history(record, model(), wrong, tmp_path / "out.csv", Options(), now=TODAY)
    with pytest.raises(Refused, match=r"\.csv or \.parquet"):
        score_history(record, model(), wrong, tmp_path / "out.xlsx", Options(), now=TODAY)
    assert not (tmp_path / "out.csv").exists()


def test_another_question_begins_anew(record: Record, tmp_path: Path) -> None:
    """What an earlier run left is not taken for this one's."""
    sales_, out = files(tmp_path / "in", past(record, 20)), tmp_path / "out.parquet"

    def stop(what: str, _: float) -> None:
        if what == "scoring":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_history(record, model(), sales_, out, Options(reasons="all"), now=TODAY, progress=stop)
    assert work_folder(out).exists()
    score_history(record, model(), sales_, out, Options(reasons="none"), now=TODAY)
    assert not any(row["reasons"] for row in by_line(out).values())


def test_lines_in_the_columns_of_a_record_need_no_mapping(record: Record, tmp_path: Path) -> None:
    """As they are exported from one, whatever their positions; the same rows as through a mapping."""
    orders = past(record, 30)[:30]
    table = tabulate([Entry(1000 + 7 * number, order.known_at or 0, order) for number, order in enumerate(orders)])
    pq.write_table(pa.Table.from_pydict(table, schema=SCHEMA), tmp_path / "lines.parquet")
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    score_history(record, model(), Sales(None, (tmp_path / "lines.parquet",)), one, Options(), now=TODAY)
    score_history(record, model(), files(tmp_path / "in", orders), other, Options(), now=TODAY)
    assert by_line(one) == by_line(other)
    pq.write_table(pa.table({"order_id": ["a"]}), tmp_path / "short.parquet")
    with pytest.raises(Refused, match="do not all hold the columns"):
        score_history(record, model(), Sales(None, (tmp_path / "short.parquet",)), one, Options(), now=TODAY)
