"""Plain LightGBM on numbers that stand for values, as the wildlife benchmark has it."""

import json

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks import wildlife
from features.measures import DAY
from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from tests.training.made import LATER, findings, lines
from tests.training.made import finding as said
from training.dataset import training_set


def made(n: int, seed: int) -> tuple[FeatureTable, np.ndarray]:
    """Lines with the eight columns; those of genus G1 from port P2 are refused."""
    dice = np.random.default_rng(seed)
    drawn = {name: dice.integers(0, 4, n) for name in wildlife.DECLARED}
    text = [json.dumps({name: f"{name[:1].upper()}{values[i]}" for name, values in drawn.items()}) for i in range(n)]
    table = lines([{"order_id": f"o{i}", "t": i * DAY // 9, "attributes": text[i]} for i in range(n)])
    refused = (drawn["genus"] == 1) & (drawn["port"] == 2)
    return FeatureTable(FeatureSet((), ()), np.empty((n, 0)), table), refused


def test_values_become_numbers_and_new_ones_are_missing() -> None:
    """It learns a pair of values, and takes a value that it never saw."""
    table, refused = made(600, 1)
    outcome = ["diverted" if each else "cleared" for each in refused]
    known = findings(*(said(f"o{i}", outcome=each) for i, each in enumerate(outcome)))
    score = wildlife.label_encoded(training_set(table, known, LATER), 7)
    later, truth = made(300, 2)
    assert roc_auc_score(truth, score(later)) > 0.95
    odd = later.lines.slice(0, 1).to_pylist()[0] | {"attributes": json.dumps({"genus": "never seen"})}
    assert np.isfinite(score(FeatureTable(later.features, np.empty((1, 0)), lines([odd])))).all()
