"""The rivals."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from features.catalog.all import catalogue
from features.measures import DAY
from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from tests.training.made import chosen, world
from training.baselines import FLAGS, Checklist, Flag, logistic, prior, two_term
from training.dataset import TrainingSet, training_set


def test_the_prior_is_the_weighted_share() -> None:
    """Each line gets it."""
    made = chosen(200)
    scores = prior(made).score(made.table)
    assert scores.tolist() == pytest.approx([made.target.mean()] * 200)


def test_the_logistic_regression_learns_from_declared_values() -> None:
    """It ranks lines of a later world that it never saw, ports never seen among them."""
    made = chosen(800)
    table, _ = world(400, seed=5)
    quantity, port = table.values[:, 0], table.lines.column("attributes").to_pylist()
    risky = (quantity + 2.0 * np.array(["XX" in each for each in port])) > 4.0
    assert roc_auc_score(risky, logistic(made).score(table)) > 0.9


def test_the_logistic_regression_knows_only_its_training_set() -> None:
    """Lines and findings after the date change nothing."""
    table, said = world(400)
    early = training_set(table, said, 100 * DAY)
    cut = FeatureTable(table.features, table.values[:200], table.lines.slice(0, 200))
    alone = training_set(cut, said, 100 * DAY)
    assert logistic(early).score(table).tolist() == logistic(alone).score(table).tolist()


def suspects(made: TrainingSet) -> np.ndarray:
    """Raise the finding rate of the first hundred lines and make the next hundred sensitive."""
    values = made.past.values
    values[:, 2:] = [0.0, 0.02]
    values[:100, 3], values[50:150, 2] = 0.5, 2.0
    return values


def test_the_two_term_rule_has_four_cells() -> None:
    """Reseller found out or not, goods sensitive or not."""
    made = chosen(300)
    suspects(made)
    rule = two_term(made)
    assert rule is not None
    assert np.unique(rule.cells(made.table), return_counts=True)[1].tolist() == [150, 50, 50, 50]


def test_the_two_term_rule_needs_finding_rates() -> None:
    """Without them there is no such rule."""
    table, said = world(100)
    bare = FeatureTable(FeatureSet(table.features.lines, ()), table.values[:, :3], table.lines)
    assert two_term(training_set(bare, said, 10_000 * DAY)) is None


def test_the_checklist_counts_flags() -> None:
    """From a value up, up to a value; what is missing shows none."""
    made = chosen(60)
    names = made.past.features.names
    values = made.table.values
    values[:, :2] = [0.0, 5.0]
    values[:20, 0], values[10:30, 1], values[30:40, :2] = 3.0, -1.0, np.nan
    score = Checklist((Flag(names[0], least=2.0), Flag(names[1], most=0.0))).score(made.table)
    assert score.tolist() == [1.0] * 10 + [2.0] * 10 + [1.0] * 10 + [0.0] * 30


def test_the_shipped_catalogue_holds_every_flag() -> None:
    """None is left out in silence."""
    assert {flag.feature for flag in FLAGS} <= set(catalogue().names)
