"""Tests of the tables behind scores and reasons; LightGBM's own predictions are the oracle."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import tree_shap, tree_tables
from models.classifier import Classifier
from models.trees import trees
from tests.models.made import classifier, made, raw_text

WIDTH = 6


def learned(seed: int, **options: Any) -> tuple[str, NDArray[np.float64]]:
    """A small model and rows to ask it about: missing values, zeros next to nothing, and values never seen."""
    dice = np.random.default_rng(seed)
    rounds, categories = options.pop("rounds", 6), options.pop("categories", 0)
    values = np.round(dice.normal(size=(160, WIDTH)), 1)
    for column in range(categories):
        values[:, column] = dice.integers(0, 40 if column else 5, len(values))
    values[dice.random(values.shape) < 0.15] = np.nan
    labels = dice.random(len(values)) < 1 / (1 + np.exp(-np.nansum(values, axis=1) % 3 + 1))
    settings_ = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": seed}
    settings_ |= {"min_data_per_group": 2, "cat_smooth": 1.0, "learning_rate": 0.5}
    data = lgb.Dataset(values, labels, categorical_feature=list(range(categories)))
    text = lgb.train(settings_ | options, data, rounds).model_to_string()
    odd = np.array([np.nan, 0.0, -0.0, 1e-36, -1e-36, np.inf, -np.inf, -0.5, 1e12, 39.7, -3.0])
    return text, np.vstack([values, dice.choice(odd, (40, WIDTH)), dice.integers(-2, 50, (40, WIDTH)) / 2.0])


worlds = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "rounds": st.integers(1, 8),
        "categories": st.integers(0, 2),
        "num_leaves": st.sampled_from([2, 5, 8, 20, 31]),
        "zero_as_missing": st.booleans(),
        "use_missing": st.booleans(),
        "min_gain_to_split": st.sampled_from([0.0, 0.0, 0.3, 1e9]),
        "bagging_fraction": st.sampled_from([1.0, 0.6]),
        "bagging_freq": st.just(1),
    }
)


@settings(max_examples=40, deadline=None)
@given(world=worlds)
def test_contributions_and_scores_are_those_of_lightgbm(world: dict[str, Any]) -> None:
    """Contributions to 1e-9, raw scores and probabilities bit for bit; whatever is missing, zero or a category."""
    text, values = learned(**world)
    booster, tables = lgb.Booster(model_str=text), tree_tables.tables(text)
    assert tables is not None
    np.testing.assert_allclose(
        tree_shap.contributions(tables, values), booster.predict(values, pred_contrib=True), atol=1e-9
    )
    assert tree_shap.log_odds(tables, values).tobytes() == booster.predict(values, raw_score=True).tobytes()
    assert tree_shap.probabilities(tables, values).tobytes() == booster.predict(values).tobytes()


@settings(max_examples=10, deadline=None)
@given(world=worlds)
def test_a_row_gets_the_same_alone_or_among_others(world: dict[str, Any]) -> None:
    """Bit for bit, whether rows are held by column or not, and in blocks of whatever length."""
    text, values = learned(**world)
    tables = tree_tables.tables(text)
    assert tables is not None
    for ask in (tree_shap.contributions, tree_shap.log_odds):
        together = ask(tables, values)
        for many in (1, 3, 17):
            parts = (ask(tables, values[first : first + many]).tobytes() for first in range(0, 240, many))
            assert together.tobytes() == b"".join(parts)


def test_threads_do_not_matter() -> None:
    """More rows than one thread takes."""
    text, values = learned(3, num_leaves=12)
    tables, many = tree_tables.tables(text), np.tile(values, (60, 1))
    assert tables is not None
    assert len(many) > 2 * tree_shap.ROWS_PER_THREAD
    assert (
        tree_shap.contributions(tables, many).tobytes()
        == np.tile(tree_shap.contributions(tables, values), (60, 1)).tobytes()
    )


def test_a_tree_without_splits_tells_its_value() -> None:
    """It moves the score and explains nothing."""
    text, values = learned(1, min_gain_to_split=1e9)
    assert all(tree.feature.size == 0 for tree in trees(text))
    tables = tree_tables.tables(text)
    assert tables is not None
    parts = tree_shap.contributions(tables, values)
    assert not parts[:, :-1].any()
    np.testing.assert_allclose(parts[:, -1], tree_shap.log_odds(tables, values), atol=1e-12)


def test_trees_too_deep_for_tables_are_explained_by_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers, slower."""
    values, _ = made(50)
    expected = classifier().contributions(values), classifier().predict(values)
    monkeypatch.setattr(tree_tables, "MOST_BYTES", 100)
    slow = Classifier(classifier().text)
    assert tree_tables.tables(slow.text) is None
    np.testing.assert_allclose(slow.contributions(values), expected[0], atol=1e-9)
    assert slow.predict(values).tobytes() == expected[1].tobytes()


def test_an_average_of_trees_and_linear_leaves_have_no_tables() -> None:
    """Their score is no sum of constants."""
    assert tree_tables.tables(raw_text(), average=True) is None
    assert tree_tables.tables(raw_text().replace("is_linear=0", "is_linear=1")) is None
