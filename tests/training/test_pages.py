"""Pages hold the numbers of their reports, ask nobody for anything, and take nothing of the data for markup."""

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.measures import DAY
from tests.training.made import LATER, world
from training.compare import Comparison, Flip
from training.curves import curves
from training.intervals import Interval
from training.judging import Candidate, judge, judging_rows
from training.pages.comparison import MOST_FLIPS, comparison_page
from training.pages.evaluation import evaluation_page
from training.pages.html import interval_picture
from training.report import MEASURES, Report
from training.slices import Slice

HOSTILE = """<script>alert('1')</script>"><img src=x onerror="alert(2)"> $x_1$ &amp;"""
"""What somebody may call an order, or a region."""

KNOWN, NEVER = Interval(0.5, 0.25, 0.75), Interval(float("nan"), float("nan"), float("nan"))


class Read(HTMLParser):
    """A page as a browser would take it apart: its elements, its tables, what its marks say, its script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.titles: list[str] = []
        self.script = ""
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "title":
            self.titles.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in {"td", "th"}:
            self.tables[-1][-1][-1] += data
        elif self._open == "title":
            self.titles[-1] += data
        elif self._open == "script":
            self.script += data

    @property
    def policy(self) -> str:
        """What the page allows itself."""
        return next(str(attrs["content"]) for tag, attrs in self.elements if tag == "meta" and "content" in attrs)


def report() -> Report:
    table, said = world(400)
    rows = judging_rows(table, said, start=0, end=LATER)
    model = Candidate("model", 1 / (1 + np.exp(3 - table.values[:, 0])), threshold=0.5, costs=(1_000.0, 10.0))
    samples = judge(rows, [model, Candidate("noise", table.values[:, 1], calibrated=False)], 0.05, draws=50)
    counts: dict[str, Any] = {"lines": 400, "orders": 200, "groups": 40, "positives": int(rows.label.sum())}
    return Report(
        "f" * 64, 0, LATER, "reseller", (HOSTILE,), 0.05, **counts, left_out=rows.left_out, meaning=rows.meaning,
        samples=samples, notes=(HOSTILE,), curves=curves(rows, model, 0.05, draws=50),
        slices=(Slice(HOSTILE, 1_200, 30, KNOWN, KNOWN, NEVER, 0.1),),
    )  # fmt: skip


def comparison(flips: int = 3) -> Comparison:
    samples = report().samples
    made = [Flip(f"{HOSTILE}{i}", HOSTILE, 0.01, 0.5 + i / 10_000, i % 2 == 0, None) for i in range(flips)]
    return Comparison(
        "a" * 64, "b" * 64, 0, DAY, 100, 30, 9, {"challenger": samples["model"], "champion": samples["model"]},
        {"ap": KNOWN, "loss": NEVER}, {HOSTILE: (30, KNOWN)}, tuple(made), 5_000, (HOSTILE,),
    )  # fmt: skip


PAGES = {"evaluation": lambda: evaluation_page(report()), "comparison": lambda: comparison_page(comparison())}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_for_anything(name: str) -> None:
    """No element points anywhere but into the page, and its own policy forbids it."""
    page = Read(PAGES[name]())
    pointing = {"src", "href", "action", "srcset", "data", "xlink:href"}
    targets = {attrs[each] for _, attrs in page.elements for each in pointing & set(attrs)}
    assert all(str(target).startswith("#") for target in targets)
    assert "url(http" not in PAGES[name]()
    assert page.policy.startswith("default-src 'none';")


@pytest.mark.parametrize("name", PAGES)
def test_only_the_script_that_ships_may_run(name: str) -> None:
    """Known by its digest; names of orders and regions are words, whatever they hold."""
    page = Read(PAGES[name]())
    digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.policy
    assert page.script == files("training.pages").joinpath("page.js").read_text("utf-8")
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not [attrs for tag, attrs in page.elements if tag == "img" or any(each.startswith("on") for each in attrs)]
    assert HOSTILE in {cell for table in page.tables for row in table for cell in row}
    assert f"{HOSTILE}: {KNOWN}" in page.titles


def test_an_evaluation_holds_the_numbers_of_its_report() -> None:
    """In its tables, and where the pointer rests."""
    of = report()
    page = Read(evaluation_page(of))
    assert of.curves is not None
    heads = {tuple(table[0]): table[1:] for table in page.tables}
    capacity = heads["share reviewed", "scores from", "precision", "recall", "recall of value"]
    assert capacity == [
        [f"{each.share:.2%}", f"{each.threshold:.4f}", *map(str, (each.precision, each.recall, each.value_recall))]
        for each in of.curves.capacity
    ]
    assert heads["stated", "observed", "lines"] == [
        [f"{each.stated:.4f}", str(each.observed), f"{each.lines:,}"] for each in of.curves.reliability
    ]
    assert heads["", "model", "noise"] == [
        [f"{name}: {MEASURES[name]}", *(str(of.interval(each, name) or "") for each in ("model", "noise"))]
        for name in MEASURES
    ]
    assert [HOSTILE, "1,200", "30", str(KNOWN), str(KNOWN), "not estimable", "not estimable"] in [
        row for rows in heads.values() for row in rows
    ]
    for bar in of.curves.scores:
        told = f"{bar.diverted:,} diverted lines with scores from {bar.low:.4f} to {bar.high:.4f}"
        assert told in page.titles


def test_an_evaluation_without_curves_or_calibration_is_a_page_too() -> None:
    """A model that was not calibrated is not shown as one."""
    of = report()
    assert of.curves is not None
    bare = evaluation_page(replace(of, curves=replace(of.curves, reliability=()), slices=()))
    assert "<h2>Calibration</h2>" not in bare
    assert "<h2>Scores</h2>" in bare
    assert "<h2>Scores</h2>" not in evaluation_page(replace(of, curves=None))


def test_a_comparison_lists_the_orders_that_flip() -> None:
    """As many as a page can hold, and says so where there are more."""
    many = comparison(MOST_FLIPS + 5)
    page = comparison_page(many)
    (flips,) = (table for table in Read(page).tables if table[0][0] == "order")
    assert len(flips) - 1 == MOST_FLIPS
    assert flips[1] == [f"{HOSTILE}0", HOSTILE, "0.0100", "0.5000", "0.4900", "proceed -> review", "unknown"]
    assert f"{MOST_FLIPS + 5:,} of 5,000 orders" in page
    assert "the JSON holds all" in page
    assert "the JSON holds all" not in comparison_page(comparison())


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_tables_sort_and_the_slider_says_what_its_row_says() -> None:
    """The script, run against as much of a document as it asks for."""
    script = Path(str(files("training.pages").joinpath("page.js")))
    run = ["node", str(Path(__file__).with_name("page_events.js")), str(script)]
    said = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    assert (said["first"], said["moved"], said["lit"]) == ("name b; count 1", "name a; count 30", True)
    assert (said["falling"], said["rising"], said["byName"]) == ("abc", "cba", "cba")
    assert said["sorted"] == ["descending", ""]


def test_what_is_not_estimable_is_not_drawn() -> None:
    assert interval_picture("Slices", "AP", [("one", NEVER), ("another", NEVER)]) == ""
    drawn = interval_picture("Slices", "AP", [("one", KNOWN), ("another", NEVER)])
    assert "one" in drawn
    assert "another" not in drawn
