"""Does it pay to look at a few orders drawn at random? Eight rounds of retraining, with and without, on the truth.

Run: ``python -m benchmarks.exploration`` (``--seeds 5``; ``--orders 20000`` is a small one). Each seed is a `standard`
world of `training.simulator`. Up to July 2024 somebody looked as the world says: an old checklist and a few random
audits. From then on a model looks: at the begin of each quarter it is trained on what is known (the frozen reference
learner and features of the world's gates), ranks the quarter's orders, and 2 % of them are reviewed. A policy gives a
share of these places to orders drawn at random, and the others to the highest scores. What a review finds, and when, is
drawn as in the world (60 % of the diversions, 22.5 % inconclusive, some 90 days late), and alike under every policy for
one order; notices and appeals of the world come in as they would. The next quarter's model learns from all of it.

Two measures: the average precision of each quarter's model on the truth of that quarter's lines, and how many diverted
orders the reviews met. Figures of a seed are kept in the folder of run-time files, and a run goes on after the last
seed that is there.
"""

import argparse
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import average_precision_score

from benchmarks.machine import home
from benchmarks.paired import paired
from features.measures import SECOND, instant
from training.benchmark.frozen import features
from training.benchmark.reference import grow, scored
from training.benchmark.tasks import observed
from training.benchmark.world import World, world
from training.simulator import checks

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

SHARES = (0.0, 0.05, 0.1)
"""Shares of the review places that are drawn at random: none, and the bounds that a policy is expected to keep."""

CAPACITY = 0.02
ROUNDS = [f"{year}-{month:02}-01T00:00:00Z" for year in (2024, 2025, 2026) for month in (1, 4, 7, 10)][2:11]
"""The begins of eight quarters, and the end of the last."""


@dataclass(frozen=True)
class Orders:
    """The orders of a world, all arrays (n_orders,), and what a review of each would meet.

    `line_of` (n_lines,) is the order of each line. `known_s` is when a review's finding would be known, in seconds, and
    `turn` an order's place in the random draw.
    """

    ids: NDArray[np.object_]
    line_of: Rows
    seconds: NDArray[np.int64]
    diverted: Bools
    shipped: Bools
    outcome: NDArray[np.object_]
    known_s: NDArray[np.int64]
    turn: Floats

    @classmethod
    def of(cls, given: World, seed: int) -> "Orders":
        """With the shares and delays of `training.simulator.checks`; draws of a seed, the same for every policy."""
        line_of, ids = pd.factorize(given.lines["order_id"])
        n, dice = len(ids), np.random.default_rng([2024, seed])
        diverted = np.zeros(n, np.bool_)
        np.logical_or.at(diverted, line_of, given.diverted)
        shipped = np.ones(n, np.bool_)
        np.logical_and.at(shipped, line_of, given.shipped)
        seconds = np.zeros(n, np.int64)
        seconds[line_of] = given.lines["seconds"]
        per_mille = np.where(diverted, checks.SENSITIVITY_PER_MILLE, checks.FALSE_ALARM_PER_MILLE)
        found = np.where(dice.random(n) * 1000 < per_mille, "diverted", "cleared")
        silent = dice.random(n) * 1000 < checks.INCONCLUSIVE_PER_MILLE
        outcome = np.where(silent, "inconclusive", found).astype(object)
        days = 5 + checks.CHECK_DELAY_DAYS * np.exp(dice.normal(0, 0.6, n))
        return cls(
            ids.to_numpy(object), line_of.astype(np.intp), seconds, diverted, shipped, outcome,
            seconds + (days * 86_400).astype(np.int64), dice.random(n),
        )  # fmt: skip

    def reviewed(self, which: Rows) -> pd.DataFrame:
        """The findings of the reviews of some orders, as `training.benchmark.frozen.read_findings` gives them."""
        ids = self.ids[which]
        return pd.DataFrame(
            {"finding_id": "review-" + ids, "order_id": ids, "line": "", "outcome": self.outcome[which],
             "source": "review", "known": self.known_s[which]}
        )  # fmt: skip


def picked(score: Floats, turn: Floats, places: int, share: float) -> Rows:
    """Of orders (n_orders,) those that are reviewed: the highest scores, and a share drawn from all the others."""
    drawn = round(places * share)
    ranked = np.argsort(-score, kind="stable")
    highest, others = ranked[: places - drawn], ranked[places - drawn :]
    return np.concatenate([highest, others[np.argsort(turn[others], kind="stable")][:drawn]])


def eight_rounds(given: World, orders: Orders, share: float) -> dict[str, list[float]]:
    """A policy's measures, one a quarter."""
    edges = [instant(each) // SECOND for each in ROUNDS]
    before = set(orders.ids[orders.seconds < edges[0]])
    held = given.findings
    known = held[held["order_id"].isin(before) | (held["source"] == checks.SOURCES[checks.PROCUREMENT])]
    measures: dict[str, list[float]] = {"average precision": [], "diverted met": [], "places": []}
    for begins, ends in pairwise(edges):
        known = known.sort_values("known", kind="stable").reset_index(drop=True)
        now = replace(given, findings=known, features=features(given.lines, known))
        taught = observed(now, begins * SECOND)
        trees = grow(taught.features, taught.label, taught.weight)
        quarter = np.flatnonzero((now.t >= begins * SECOND) & (now.t < ends * SECOND) & now.shipped)
        score = scored(trees, now.features.iloc[quarter])
        measures["average precision"].append(float(average_precision_score(now.diverted[quarter], score)))
        of_order = pd.Series(score).groupby(orders.line_of[quarter]).max()
        asked = of_order.index.to_numpy(np.intp)
        places = round(CAPACITY * len(asked))
        chosen = asked[picked(of_order.to_numpy(), orders.turn[asked], places, share)]
        measures["diverted met"].append(float(orders.diverted[chosen].sum()))
        measures["places"].append(float(places))
        known = pd.concat([known, orders.reviewed(chosen)], ignore_index=True)
    return measures


def of_seed(seed: int, size: int | None, folder: Path) -> dict[str, Any]:
    """Every policy in the world of a seed; kept in `folder`."""
    path = folder / f"exploration-{seed}-{size or 'standard'}.json"
    if not path.exists():
        given = world(folder / f"exploration-world-{seed}-{size or 'standard'}", "standard", seed, size)
        orders = Orders.of(given, seed)
        found = {str(share): eight_rounds(given, orders, share) for share in SHARES}
        path.write_text(json.dumps(found))
    held: dict[str, Any] = json.loads(path.read_text())
    return held


def show(found: list[dict[str, Any]]) -> None:
    """Measures a quarter, means over seeds; and the differences to no exploration, paired by seed."""
    console = Console(width=140)
    for measure in ("average precision", "diverted met"):
        table = Table(
            "share drawn", *(each[:7] for each in ROUNDS[:-1]), title=f"{measure}, mean of {len(found)} worlds"
        )
        for share in SHARES:
            cells = np.mean([each[str(share)][measure] for each in found], axis=0)
            table.add_row(f"{share:.0%}", *(f"{cell:.3f}" if cell < 1 else f"{cell:.1f}" for cell in cells))
        console.print(table)
    table = Table("share drawn", "average precision, last four quarters", "diverted met, a place, all quarters")
    for share in SHARES[1:]:
        table.add_row(
            f"{share:.0%}",
            *(paired(_gain(found, share, *how)) for how in (("average precision", 4), ("diverted met", 8))),
        )
    console.print("Against none drawn, paired by world, 95 % t interval:", table)


def _gain(found: list[dict[str, Any]], share: float, measure: str, last: int) -> Floats:
    def level(of: dict[str, list[float]]) -> float:
        values = np.array(of[measure][-last:])
        return float(values.mean() if measure == "average precision" else values.sum() / sum(of["places"][-last:]))

    return np.array([level(each[str(share)]) - level(each["0.0"]) for each in found])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--orders", type=int)
    options = parser.parse_args()
    folder = home().resolve() / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(of_seed, seed, options.orders, folder) for seed in range(1, options.seeds + 1)]
        found = [future.result() for future in track(futures, "eight rounds a world")]
    show(found)


if __name__ == "__main__":
    main()
