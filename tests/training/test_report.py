"""What people and programs read of an evaluation."""

import io
import json
from typing import Any

import numpy as np
from rich.console import Console

from tests.training.made import LATER, world
from training.judging import Candidate, judge, judging_rows
from training.report import MEASURES, Report


def report() -> Report:
    table, said = world(400)
    rows = judging_rows(table, said, start=0, end=LATER)
    quantity = table.values[:, 0]
    model = Candidate("model", 1 / (1 + np.exp(3 - quantity)), threshold=0.5, costs=(1_000.0, 10.0))
    rivals = [Candidate("noise", table.values[:, 1], calibrated=False), Candidate("prior", np.full(400, 0.1))]
    samples = judge(rows, [model, *rivals], 0.05, draws=200)
    counts: dict[str, Any] = {"lines": 400, "orders": 200, "groups": 40, "positives": int(rows.label.sum())}
    return Report(
        "f" * 64, 0, LATER, "reseller", ("port=ZZ",), 0.05, **counts,
        left_out=rows.left_out, meaning=rows.meaning, samples=samples, notes=("a note",),
    )  # fmt: skip


def shown() -> str:
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(report().render())
    return console.export_text()


def test_the_table_names_all_and_says_what_a_positive_is() -> None:
    """Model, rivals, exclusions, meaning and notes."""
    text = shown()
    for part in ("model", "noise", "prior", "without lines where port=ZZ", "A positive is", "a note", "40 groups"):
        assert part in text


def test_a_rival_that_is_no_probability_has_no_brier_score() -> None:
    """A rank is not judged as one."""
    assert report().interval("noise", "brier") is None
    assert report().interval("prior", "brier") is not None


def test_gains_are_the_models_over_the_rival() -> None:
    """Positive where the model is better."""
    gain = report().gain("noise", "auc")
    assert gain.low > 0
    assert f"+{gain.value:.3f}" in shown()


def test_the_json_is_plain() -> None:
    """No NaN, and every measure that is explained."""
    content = json.loads(json.dumps(report().to_json(), allow_nan=False))
    assert set(content["measures"]["model"]) == set(MEASURES)
    assert len(content["measures"]["model"]["auc"]) == 3
    assert set(content["gains"]) == {"noise", "prior"}
