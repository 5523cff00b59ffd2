"""Trees, their calibration, and what happens where findings are few."""

import lightgbm as lgb
import numpy as np
import pytest

from tests.training.made import LATER, chosen, finding, findings, world
from training.dataset import training_set
from training.fit import UNCALIBRATED, fit, judged_rows, order_probabilities


def test_the_same_seed_gives_the_same_model() -> None:
    """Text for text."""
    assert fit(chosen(), threads=1).text == fit(chosen(), threads=1).text
    assert fit(chosen(), threads=1).text != fit(chosen(), threads=1, seed=8).text


def test_calibration_is_on_later_lines_than_the_trees_saw() -> None:
    """Each line is scored once, by the trees of its fold; the first stretch only teaches."""
    made = chosen(1_000)
    fitted = fit(made, threads=1)
    assert fitted.platt is not None
    assert "trees that saw only earlier lines" in fitted.calibrated
    assert fitted.later.rows.tolist() == list(range(400, 1_000))
    assert not fitted.warnings


def test_too_few_findings_leave_the_model_uncalibrated_and_say_so() -> None:
    """A handful in all."""
    fitted = fit(chosen(200, share=0.02), threads=1)
    assert fitted.platt is None
    assert fitted.calibrated == UNCALIBRATED
    assert fitted.warnings[-1] == UNCALIBRATED
    assert any("10 are needed" in warning for warning in fitted.warnings)


def test_one_late_finding_still_gives_a_ranking() -> None:
    """No earlier line can teach, so nothing is unseen, and the warnings say so."""
    table, _ = world(100)
    said = findings(*(finding(f"o{day}", "0", outcome="diverted" if day == 49 else "cleared") for day in range(50)))
    fitted = fit(training_set(table, said, LATER, unknown="drop"), threads=1)
    assert not fitted.later.unseen
    assert any("no earlier line can teach" in warning for warning in fitted.warnings)


def test_monotone_signs_hold() -> None:
    """More units never lower the score; noise may do what it likes."""
    booster = lgb.Booster(model_str=fit(chosen(), threads=1).text)
    lines = np.column_stack([np.linspace(0, 9, 50), np.zeros(50), np.ones(50), np.full(50, 0.02)])
    assert (np.diff(booster.predict(lines, raw_score=True)) >= 0).all()


def test_lines_without_a_finding_do_not_calibrate() -> None:
    """They teach with a small weight only."""
    made = chosen(400, judged=0.5)
    judged, truth = judged_rows(made, np.arange(made.past.lines.num_rows))
    assert len(judged) == made.counts()["diverted"] + made.counts()["cleared"]
    assert truth.sum() == made.counts()["diverted"]


def test_an_order_is_as_risky_as_its_worst_line() -> None:
    """One probability an order."""
    made = chosen(8, share=0.5)
    probability = np.array([0.1, 0.2, 0.3, 0.1, 0.0, 0.0, 0.9, 0.8])
    highest = order_probabilities(made.past, np.arange(8), probability)
    assert sorted(highest) == pytest.approx([0.0, 0.2, 0.3, 0.9])
