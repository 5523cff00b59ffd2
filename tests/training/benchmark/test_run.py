"""Entries are run, judged and told, somebody else's like ours."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from features.measures import Refused
from training.benchmark.champion import Champion
from training.benchmark.entries import Extra, Logistic, of_path
from training.benchmark.picture import write_page
from training.benchmark.run import chosen_entries, run
from training.benchmark.table import render
from training.benchmark.tasks import Lines, Taught, task
from training.benchmark.world import World
from training.simulator.typologies import TYPOLOGIES

QUICK = {"n_jobs": 1, "outer_bags": 1, "interactions": 0, "max_rounds": 50}


class RandomForest:
    """The entry that the docs show."""

    name = "random forest"

    def fit(self, teach: Taught) -> None:
        """Learn from filled features."""
        self.model = RandomForestClassifier(min_samples_leaf=5, n_estimators=20, random_state=1)
        self.model.fit(teach.features.fillna(-1), teach.label, teach.weight)

    def score(self, lines: Lines) -> NDArray[np.float64]:
        """Probabilities."""
        probability: NDArray[np.float64] = self.model.predict_proba(lines.features.fillna(-1))[:, 1]
        return probability


def test_every_entry_is_judged_on_truth_and_on_findings(small: World) -> None:
    """One table a task, with intervals, for rules, learners, a reseller's view and somebody else's model."""
    entries = chosen_entries(["prior", "checklist", "isolation forest", "reference"], [f"{__name__}:RandomForest"])
    folder = small.folder.parent / "runs"
    rows = run(folder, entries, ["time", "resellers"], seed=5, orders=6_000, draws=50)
    assert [row.entry for row in rows[:5]] == [entry.name for entry in entries]
    table = render(rows)
    assert table.count("| random forest |") == 2
    assert "diverted in truth" in table
    prior = rows[0]
    assert prior.ap.value == pytest.approx(prior.diverted / prior.lines)
    assert all(row.ap.low <= row.ap.value <= row.ap.high for row in rows)


def test_the_champion_reads_the_same_lines_in_the_same_order(small: World) -> None:
    """It uses the engine's own features, and beats a coin."""
    asked, champion = task(small, "time"), Champion()
    champion.fit(asked.teach)
    score = champion.score(asked.judge)
    assert len(score) == len(asked.truth)
    assert score[asked.truth == 1].mean() > score[asked.truth == 0].mean()


def test_the_logistic_regression_chooses_its_strength(small: World) -> None:
    """By forward folds within training."""
    asked, entry = task(small, "time"), Logistic()
    entry.fit(asked.teach)
    assert np.isfinite(entry.score(asked.judge)).all()


def test_an_entry_that_is_none_is_refused() -> None:
    """With what is wrong and the mend."""
    with pytest.raises(Refused, match="names no class"):
        of_path("nowhere:Nothing")
    with pytest.raises(Refused, match="is no entry"):
        of_path("pathlib:Path")
    with pytest.raises(Refused, match="is no entry that is installed"):
        chosen_entries(["the best"], [])
    with pytest.raises(Refused, match="is no task"):
        run(Path(), [], ["everything"])


@pytest.mark.filterwarnings("ignore:Missing values detected")  # of its pictures, which nobody draws here
@pytest.mark.parametrize(
    "extra",
    [
        Extra("explainable boosting", "interpret.glassbox", "ExplainableBoostingClassifier", QUICK),
        Extra("catboost", "catboost", "CatBoostClassifier", {"verbose": False, "iterations": 50, "thread_count": 1}),
    ],
)
def test_extras_learn_where_they_are_installed(
    small: World, extra: Extra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pip install diversion-risk[rivals]` brings them."""
    if not extra.installed:
        pytest.skip(f"{extra.package} is not installed")
    monkeypatch.chdir(tmp_path)  # catboost leaves its logs where it runs
    asked = task(small, "time")
    extra.fit(asked.teach)
    assert np.isfinite(extra.score(asked.judge)).all()


def test_the_page_of_plots_shows_every_story(small: World, tmp_path: Path) -> None:
    """One file with its pictures inside."""
    page = write_page(small.folder, tmp_path / "world.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 5
    assert all(typology.code in page for typology in TYPOLOGIES)
