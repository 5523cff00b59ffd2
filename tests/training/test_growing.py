"""Trees and a scorecard: what share each has, and which lines teach."""

from dataclasses import replace

import numpy as np
import pytest

from features.vector import FeatureTable
from tests.training import made
from training import growing
from training.dataset import TrainingSet
from training.growing import SCORECARD_SHARE, Trees


def checkered(n: int) -> TrainingSet:
    """Diverted where quantity and noise are both high or both low: no sum of points can tell it."""
    chosen = made.chosen(n, share=0.5)
    values = np.random.default_rng(5).normal(size=chosen.past.values.shape)
    target = (values[:, 0] * values[:, 1] > 0).astype(np.float64)
    past = FeatureTable(chosen.past.features, values, chosen.past.lines)
    return replace(chosen, past=past, target=target[chosen.rows])


def everything(chosen: TrainingSet) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """All rows."""
    return np.arange(len(chosen.target))


def test_the_scorecard_stays_where_findings_are_too_few_to_say_otherwise() -> None:
    """And where it is as good as trees."""
    for n in (120, 800):
        chosen = made.chosen(n)
        assert Trees({}, threads=1).useful(chosen, everything(chosen))[1] == SCORECARD_SHARE


def test_the_scorecard_is_left_out_where_trees_foretell_better_beyond_doubt() -> None:
    """What features say together, on many findings. A share that is given is not chosen."""
    chosen = checkered(4_000)
    free = {"monotone_constraints": [0, 0, 0, 0], "learning_rate": 0.1}
    assert Trees(free, threads=1).useful(chosen, everything(chosen))[1] == 0.0
    assert Trees({**free, "scorecard_share": 0.7}, threads=1).useful(chosen, everything(chosen))[1] == 0.7


def test_of_lines_without_a_finding_so_many_teach_and_weigh_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line that a finding decided teaches."""
    chosen = made.chosen(900, judged=0.3)
    whole = Trees({}, threads=1)._taught(chosen, everything(chosen))
    monkeypatch.setattr(growing, "MOST_UNKNOWN", 100)
    target, weight = Trees({}, threads=1)._taught(chosen, everything(chosen))[1:]
    decided = int((whole[2] == 1.0).sum())
    assert len(target) == decided + 100
    assert target.sum() == whole[1].sum()
    assert weight.sum() == pytest.approx(whole[2].sum())
