"""Tests of the classifier."""

import numpy as np
import pytest

from models.classifier import Classifier, NotAClassifier, header, signs
from tests.models.made import FEATURES, classifier, made, raw_text


def test_a_row_scores_the_same_alone_or_among_others() -> None:
    """Bit for bit, below and above the number of rows from which threads are used."""
    values, _ = made(600, seed=3)
    together = classifier().predict(values)
    alone = np.concatenate([classifier().predict(values[i : i + 1]) for i in range(len(values))])
    assert alone.tobytes() == together.tobytes()


def test_the_memory_layout_does_not_matter() -> None:
    """Columns in Fortran order, or a strided slice, give the same bits."""
    values, _ = made(50)
    expected = classifier().predict(values).tobytes()
    assert expected == classifier().predict(np.asfortranarray(values)).tobytes()
    assert expected == classifier().predict(np.repeat(values, 2, axis=0)[::2]).tobytes()


def test_probabilities_lie_between_0_and_1_with_everything_missing_too() -> None:
    """A line of which nothing is known has a probability."""
    nothing = np.full((1, 5), np.nan)
    probabilities = np.concatenate([classifier().predict(nothing), classifier().predict(made()[0])])
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_no_rows_give_no_probabilities() -> None:
    """An empty matrix is not an error."""
    nothing = np.empty((0, 5))
    assert classifier().predict(nothing).shape == (0,)
    assert classifier().contributions(nothing).shape == (0, 6)


def test_contributions_add_up_to_the_log_odds() -> None:
    """One column a feature, the last the expected value."""
    values, _ = made(80)
    parts = classifier().contributions(values)
    assert parts.shape == (80, 6)
    np.testing.assert_allclose(parts.sum(axis=1), classifier().log_odds(values), atol=1e-9)


def test_contributions_are_the_same_alone_or_among_others() -> None:
    """Reasons on demand equal those computed at once, bit for bit."""
    values, _ = made(300)
    together = classifier().contributions(values)
    assert together[7:8].tobytes() == classifier().contributions(values[7:8]).tobytes()


def test_another_width_is_refused() -> None:
    """A matrix with a column less is no vector of this model."""
    with pytest.raises(ValueError, match=r"shape \(3, 4\) is not \(n, 5\)"):
        classifier().predict(np.zeros((3, 4)))


@pytest.mark.parametrize("objective", ["regression", "cross_entropy"])
def test_another_objective_is_refused(objective: str) -> None:
    """The score of another objective is no log-odds."""
    text = raw_text().replace("objective=binary sigmoid:1", f"objective={objective}")
    with pytest.raises(NotAClassifier, match=objective):
        Classifier(text)


def test_another_steepness_is_refused() -> None:
    """With sigmoid 2 the raw score is half the log-odds."""
    with pytest.raises(NotAClassifier, match="sigmoid:2"):
        Classifier(raw_text(sigmoid=2.0))


def test_names_and_signs_follow_the_definitions() -> None:
    """The constraints reach LightGBM in the order of the columns."""
    assert signs(FEATURES) == [1, 1, 0, 0, 1]
    assert classifier().feature_names == FEATURES.names
    assert "[monotone_constraints: 1,1,0,0,1]" in raw_text()
    assert header(raw_text())["num_class"] == "1"


def test_more_of_a_signed_feature_never_lowers_the_risk() -> None:
    """The sign holds along the whole range of the column."""
    values, _ = made(200)
    steps = []
    for level in range(4):
        values[:, 1] = level
        steps.append(classifier().predict(values))
    assert (np.diff(np.array(steps), axis=0) >= 0).all()
