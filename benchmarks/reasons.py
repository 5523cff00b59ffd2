"""Scores and exact reasons from tables beside LightGBM's own: batch and single rows, shallow and deeper trees.

Run: ``python -m benchmarks.reasons`` (`make bench-reasons`). The vectors are drawn, as wide as the catalogue, a tenth
of them missing; the trees are grown with the parameters of training, and once with 31 leaves. CPU time counts all
threads. Tables are made and compiled before the clock starts, and their making is told. Figures go to ``reasons.json``
in the folder of run-time files.
"""

import argparse
import json
from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.machine import home, machine, timed
from features.catalog.all import catalogue
from models import tree_shap
from models.tree_tables import tables
from training.growing import PARAMETERS

Floats = NDArray[np.float64]

TREES = 400
SINGLES = 300
ORACLE_ROWS = 2_000
"""Rows that LightGBM explains: it takes half a millisecond for each."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=40_000)
    rows = parser.parse_args().rows
    figures = {f"{leaves} leaves": _measured(rows, leaves) for leaves in (PARAMETERS["num_leaves"], 31)}
    home().mkdir(parents=True, exist_ok=True)
    (home() / "reasons.json").write_text(json.dumps(figures | {"machine": machine()}, indent=1))
    _show(figures)


def drawn(rows: int, width: int, seed: int = 1) -> tuple[Floats, NDArray[np.int64]]:
    """Vectors of shape (rows, width), counts among numbers, a tenth missing, and labels that follow ten columns."""
    dice = np.random.default_rng(seed)
    values = dice.normal(size=(rows, width))
    values[:, ::3] = dice.poisson(1.0, values[:, ::3].shape)
    labels = (values[:, :10].sum(axis=1) + dice.normal(size=rows) > 6).astype(np.int64)
    values[dice.random(values.shape) < 0.1] = np.nan
    return values, labels


def grown(values: Floats, labels: NDArray[np.int64], trees: int, **more: Any) -> lgb.Booster:
    """A booster with the parameters of training."""
    settings = {**PARAMETERS, "objective": "binary", "verbosity": -1, "seed": 1, **more}
    text = lgb.train(settings, lgb.Dataset(values, labels), trees).model_to_string()
    return lgb.Booster(model_str=text)


def _measured(rows: int, leaves: int) -> dict[str, Any]:
    values, labels = drawn(rows, len(catalogue().names))
    booster = grown(values, labels, TREES, num_leaves=leaves)
    tables(grown(values, labels, 2).model_to_string())  # compiled from here on
    made, making = timed(lambda: tables(booster.model_to_string()))
    if made is None:
        raise SystemExit("these trees are too deep for tables")
    for few in (values[:1], values[:100]):
        tree_shap.contributions(made, few)
        tree_shap.probabilities(made, few)
    few = values[:ORACLE_ROWS]
    apart = np.abs(tree_shap.contributions(made, few) - booster.predict(few, pred_contrib=True)).max()
    same = tree_shap.probabilities(made, values).tobytes() == booster.predict(values).tobytes()
    return {
        "rows": rows,
        "largest difference": float(apart),
        "probabilities are the same bits": same,
        "making the tables, CPU s": making["cpu"],
        "MB of tables": made.sums.nbytes / 2**20,
        "reasons": _beside(
            lambda row: tree_shap.contributions(made, row),
            lambda row, threads: booster.predict(row, pred_contrib=True, num_threads=threads),
            values,
        ),
        "scores": _beside(
            lambda row: tree_shap.probabilities(made, row),
            lambda row, threads: booster.predict(row, num_threads=threads),
            values,
        ),
    }


def _beside(ours: Callable[[Floats], Any], theirs: Callable[[Floats, int], Any], values: Floats) -> dict[str, float]:
    few, singles = values[:ORACLE_ROWS], [values[row : row + 1] for row in range(SINGLES)]
    _, mine = timed(lambda: ours(values))
    _, other = timed(lambda: theirs(few, 0))
    _, one = timed(lambda: [ours(row) for row in singles])
    _, other_one = timed(lambda: [theirs(row, 1) for row in singles])
    speed, other_speed = len(values) / mine["cpu"], len(few) / other["cpu"]
    return {
        "rows per CPU second": speed,
        "of LightGBM": other_speed,
        "ratio": speed / other_speed,
        "CPU us of a single row": 1e6 * one["cpu"] / SINGLES,
        "of LightGBM, single": 1e6 * other_one["cpu"] / SINGLES,
        "ratio, single": other_one["cpu"] / one["cpu"],
    }


def _show(figures: dict[str, Any]) -> None:
    table = Table("", *figures, title=f"{TREES} trees: tables beside LightGBM")
    for name in next(iter(figures.values())):
        found = [each[name] for each in figures.values()]
        if isinstance(found[0], dict):
            for key in found[0]:
                table.add_row(f"{name}: {key}", *(f"{each[key]:,.1f}" for each in found))
        else:
            table.add_row(name, *(f"{each:,.3g}" if isinstance(each, float) else str(each) for each in found))
    Console().print(table)


if __name__ == "__main__":
    main()
