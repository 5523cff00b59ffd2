"""Which lines judge, and what a candidate is worth on them."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from features.measures import DAY, Refused
from features.vector import FeatureTable
from tests.training.made import FEATURES, LATER, finding, findings, lines, world
from training.judging import Candidate, Rows, judge, judging_rows

PERIOD = {"start": 0, "end": LATER}


def rows(**more: object) -> Rows:
    table, said = world(600)
    return judging_rows(table, said, **{**PERIOD, **more})  # type: ignore[arg-type]


def test_only_lines_judged_by_their_own_finding_count() -> None:
    """Not inconclusive ones, not those of a judged order, not unknown ones; each is told."""
    made = FeatureTable(FEATURES, np.zeros((6, 4)), lines([{}, {}, {}, {}, {"order_id": "o3", "line_id": "2"}, {}]))
    said = findings(
        finding("o0"), finding("o1", outcome="cleared"), finding("o2", outcome="inconclusive"), finding("o3", None)
    )
    judged = judging_rows(made, said, start=0, end=LATER)
    assert judged.label.tolist() == [1, 0]
    told = {"excluded": 0, "inconclusive": 1, "known of the order only": 2, "never shipped": 0, "without a finding": 1}
    assert judged.left_out == told


def test_unknown_counts_as_clean_only_when_asked() -> None:
    """And then the meaning of a positive says so."""
    made = FeatureTable(FEATURES, np.zeros((2, 4)), lines([{}, {}]))
    judged = judging_rows(made, findings(finding("o0")), start=0, end=LATER, unknown="clean")
    assert judged.label.tolist() == [1, 0]
    assert "judged or not" in judged.meaning


def test_excluded_lines_do_not_judge() -> None:
    """Conditions speak of attributes and columns."""
    judged = rows(exclude=["port=XX"])
    assert judged.left_out["excluded"] > 0
    assert not any("XX" in each for each in judged.table.lines.column("attributes").to_pylist())


def test_labels_are_as_of_a_date() -> None:
    """What was learned later does not judge."""
    assert len(rows(as_of=50 * DAY).label) < len(rows().label)


def test_a_period_without_both_kinds_is_refused() -> None:
    """Nothing can be said there."""
    with pytest.raises(Refused, match="holds 0 judged lines"):
        rows(start=LATER - 1)


def test_measures_equal_those_of_scikit_learn() -> None:
    """On the rows as they are."""
    judged = rows()
    score = 1 / (1 + np.exp(2 - judged.table.values[:, 0]))
    found = judge(judged, [Candidate("model", score, threshold=0.5)], 0.1, draws=20)["model"].value
    assert found["auc"] == pytest.approx(roc_auc_score(judged.label, score))
    assert found["ap"] == pytest.approx(average_precision_score(judged.label, score))
    assert found["brier"] == pytest.approx(brier_score_loss(judged.label, score))


def test_capacity_counts_orders_by_their_worst_line() -> None:
    """Thirty of three hundred orders of two lines."""
    judged = rows()
    score = judged.table.values[:, 0]
    orders: dict[int, tuple[float, float]] = {}
    for order, own, label in zip(judged.order, score, judged.label, strict=True):
        highest, diverted = orders.get(order, (-1.0, 0.0))
        orders[order] = max(highest, own), max(diverted, label)
    reviewed = sorted(orders.values(), reverse=True)[:30]
    found = judge(judged, [Candidate("model", score, calibrated=False)], 0.1, draws=5)["model"].value
    assert found["precision"] == pytest.approx(sum(diverted for _, diverted in reviewed) / 30)


def test_the_fixed_threshold_is_judged_as_it_stands() -> None:
    """The share of orders that wait for it, whatever the capacity."""
    judged = rows()
    probability = np.where(judged.order % 4 == 0, 0.9, 0.1)
    found = judge(judged, [Candidate("model", probability, threshold=0.9)], 0.02, draws=5)["model"].value
    assert found["waiting"] == pytest.approx(0.25)


def test_intervals_draw_whole_groups() -> None:
    """Few resellers make wider intervals than many orders."""
    wide = judge(rows(by="reseller"), [Candidate("m", rows().table.values[:, 1])], 0.1, draws=200)["m"]
    narrow = judge(rows(by="order"), [Candidate("m", rows().table.values[:, 1])], 0.1, draws=200)["m"]
    assert rows(by="reseller").groups == 40
    assert rows(by="order").groups == 300
    assert wide.interval("auc").value == narrow.interval("auc").value
