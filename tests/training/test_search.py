"""A search for parameters is bounded, seeded, and goes on where it stopped."""

from pathlib import Path

from tests.training import made
from training.growing import PARAMETERS
from training.search import PARAMETERS_OF_SPACE, SPACE, search


def test_a_search_begins_with_the_usual_parameters_and_stays_in_bounds(tmp_path: Path) -> None:
    """So it never ends below them on its own folds."""
    found = search(made.chosen(), tmp_path, trials=3, threads=1)
    assert found is not None
    assert dict(found.trials[0].parameters) == PARAMETERS_OF_SPACE
    assert found.score >= found.usual > 0
    assert all(SPACE[name][1] <= value <= SPACE[name][2] for name, value in found.best.items())
    assert set(found.best) <= {*PARAMETERS, "scorecard_share"}


def test_an_interrupted_search_ends_where_an_undisturbed_one_does(tmp_path: Path) -> None:
    """Two trials, then up to four, are the four of one go; nothing is tried twice."""
    chosen = made.chosen()
    search(chosen, tmp_path / "a", trials=2, threads=1)
    resumed = search(chosen, tmp_path / "a", trials=4, threads=1)
    whole = search(chosen, tmp_path / "b", trials=4, threads=1)
    assert resumed is not None
    assert resumed == whole
    assert len(resumed.trials) == 4


def test_other_data_begin_another_search(tmp_path: Path) -> None:
    """The study hangs on the fingerprint of the training set."""
    search(made.chosen(), tmp_path, trials=2, threads=1)
    other = search(made.chosen(seed=2), tmp_path, trials=1, threads=1)
    assert other is not None
    assert len(other.trials) == 1


def test_too_few_findings_cannot_be_searched_with(tmp_path: Path) -> None:
    """No fold could judge a trial."""
    assert search(made.chosen(60), tmp_path, trials=2, threads=1) is None
