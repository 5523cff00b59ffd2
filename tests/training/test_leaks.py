"""Faults of the data that must not pass unseen, and honest data that must."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from features.measures import DAY
from tests.models import made as models
from tests.training import made
from training.leaks import doubts, psi
from training.repeats import repeated_key

BESIDE = Path(__file__).parents[2] / ".." / "shared" / "data" / "customs-kr"
CUSTOMS = Path(os.environ.get("CUSTOMS_KR", BESIDE)) / "df_syn_train_eng.csv"


def declarations(rows: int = 4_000, copied: bool = True) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Lines of which a third repeats five columns of an earlier one, with or without its label."""
    dice = np.random.default_rng(1)
    table = pd.DataFrame({f"c{i}": dice.integers(0, 40, rows) for i in range(5)}).astype(str)
    label = (dice.random(rows) < 0.1).astype(float)
    again = np.arange(rows * 2 // 3, rows)
    source = dice.integers(0, rows // 3, len(again))
    table.loc[again] = table.loc[source].to_numpy()
    if copied:
        label[again] = label[source]
    table["noise"] = dice.integers(0, 10_000, rows).astype(str)
    return table, label


def test_a_label_that_follows_a_key_is_told() -> None:
    """With the key; the column that never repeats is no part of it."""
    table, label = declarations()
    found = repeated_key(table, label, np.arange(len(label)))
    assert found is not None
    assert found.followed > 0.95
    assert "noise" not in found.columns


def test_a_key_that_tells_nothing_is_no_leak() -> None:
    """Lines may repeat; their labels are drawn anew. Nor do lines of one order repeat each other."""
    table, label = declarations(copied=False)
    assert repeated_key(table, label, np.arange(len(label))) is None
    table, label = declarations()
    assert repeated_key(table, label, np.zeros(len(label), np.intp)) is None


def test_the_synthetic_customs_declarations_trip_it() -> None:
    """Their generator copied the label together with a key; shuffled labels follow nothing."""
    if not CUSTOMS.exists():
        pytest.skip("the synthetic customs declarations are not here: beside the repository, or in CUSTOMS_KR")
    table = pd.read_csv(CUSTOMS)
    label = table["Fraud"].to_numpy(float)
    declared = table.drop(columns=["Fraud", "Critical Fraud", "Declaration ID"])
    found = repeated_key(declared, label, np.arange(len(label)))
    assert found is not None
    assert found.followed > 0.95
    shuffled = np.random.default_rng(0).permutation(label)
    assert repeated_key(declared, shuffled, np.arange(len(label))) is None


def test_honest_data_raises_no_doubt() -> None:
    """The made world has 60 diverted lines of many resellers."""
    assert doubts(made.chosen()) == []


def test_a_feature_that_says_the_outcome_is_told() -> None:
    """And so is a value that stands on diverted lines only."""
    chosen = made.chosen()
    chosen.past.values[chosen.rows, 1] = chosen.target
    ports = [f'{{"port": "{"XX" if hit else "LA"}"}}' for hit in chosen.target]
    lines = chosen.past.lines
    lines = lines.set_column(lines.column_names.index("attributes"), "attributes", [ports])
    kinds = {each.kind: each for each in doubts(replace(chosen, past=replace(chosen.past, lines=lines)))}
    assert "noise alone has an AUC of 1.000" in kinds["too good"].seen
    assert "--exclude port=XX" in kinds["outcome-coded"].mend


def test_few_findings_are_told() -> None:
    """A world of 60 lines has six diverted ones."""
    assert [each.kind for each in doubts(made.chosen(60))] == ["too few findings"]


def test_what_changed_since_the_champion_is_told() -> None:
    """Other definitions, inputs that moved, and findings that say diverted more often."""
    chosen = made.chosen()
    card = replace(models.CARD, as_of=200 * DAY)
    late = np.flatnonzero(chosen.t >= card.as_of)
    chosen.past.values[chosen.rows[late], 1] += 3.0
    moved = replace(chosen, target=np.where(chosen.t >= card.as_of, np.arange(len(chosen.target)) % 2, chosen.target))
    found = {each.kind: each for each in doubts(moved, models.model(card=card))}
    assert {"definitions", "drift", "label rate"} <= set(found)
    assert "noise" in found["drift"].seen


def test_the_stability_index_of_equal_distributions_is_small() -> None:
    """And of shifted or vanished values large."""
    dice = np.random.default_rng(2)
    values = dice.normal(size=5_000)
    assert psi(values, dice.normal(size=5_000)) < 0.02
    assert psi(values, values + 1.0) > 0.25
    assert psi(values, np.where(dice.random(5_000) < 0.5, np.nan, values)) > 0.25
