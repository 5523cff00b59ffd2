"""The gates that keep the world hard and honest: measured on `standard` by the frozen reference learner.

``python -m training.benchmark.gates`` measures ten seeds and compares the means with the bounds; exit code 1 where a
gate is closed. A small world fails by chance and is not gated.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from training.benchmark import rules
from training.benchmark.frozen import PARTY_CONSTANT
from training.benchmark.reference import gains, grow, scored
from training.benchmark.tasks import observed
from training.benchmark.world import World, world
from training.labels import Kind
from training.simulator.typologies import TYPOLOGIES
from training.split import unseen_resellers

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

REVIEWED = 0.02
"""Share of the lines that people look at, for the recalls that are printed."""

PARTS = 4
"""Parts of the resellers, each judged by a learner that never saw it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A measure and its bounds: of the mean over seeds, and wider ones of a single seed."""

    measure: str
    low: float
    high: float
    low_of_one: float
    high_of_one: float
    says: str

    def open(self, value: float, *, single: bool = False) -> bool:
        """Whether a value is within the bounds."""
        low, high = (self.low_of_one, self.high_of_one) if single else (self.low, self.high)
        return low <= value <= high


GATES = (
    Gate("test_diversions", 150, np.inf, 150, np.inf, "diverted lines that judge"),
    Gate("oracle_ap", 0.60, 0.85, 0.52, 0.90, "average precision of the reference learner trained on the truth"),
    Gate("observed_to_oracle", 0.0, 0.70, 0.0, 0.80, "the same trained on observed labels, as a share of it"),
    Gate("unseen_to_seen", 0.75, 1.05, 0.60, 1.10, "average precision on resellers that taught nothing, as a share"),
    Gate("region_ap", 0.0, 0.08, 0.0, 0.10, "average precision of the rule `ship-to in a sensitive region`"),
    Gate("region_honest", 0.85, 1.0, 0.80, 1.0, "share of the lines to such a region that are honest"),
    Gate("best_auc", 0.0, 0.80, 0.0, 0.85, "highest AUC of a single feature"),
    Gate("best_pair_ap", 0.0, 0.30, 0.0, 0.36, "highest average precision of a pair of binned features"),
    Gate("party_gain", 0.0, 0.10, 0.0, 0.13, "share of the gain of features that are constant per party"),
    Gate("never_labelled", 0.60, 0.80, 0.55, 0.85, "share of the diverted orders that no finding ever names"),
)
"""Every gate; the rest of what is measured is printed beside them."""


def measure(of: World) -> dict[str, float]:
    """Everything that the gates and the page of the world tell of one world."""
    until = of.trained_until
    teach = np.flatnonzero((of.t < until) & of.shipped)
    judge = np.flatnonzero((of.t >= until) & of.shipped)
    truth, later = of.diverted[judge].astype(np.float64), of.features.iloc[judge]
    oracle = grow(of.features.iloc[teach], of.diverted[teach])
    best = scored(oracle, later)
    taught = observed(of, until)
    by_labels = scored(grow(of.features.iloc[taught.rows], taught.label, taught.weight), later)
    ap = _precision(truth, best)
    region = rules.region(later)
    return {
        "test_diversions": float(truth.sum()),
        "diverted_orders": float(of.about["diverted_orders"] / of.about["orders"]),
        "oracle_ap": ap,
        "oracle_auc": float(roc_auc_score(truth, best)),
        "observed_ap": _precision(truth, by_labels),
        "observed_to_oracle": _precision(truth, by_labels) / ap,
        "unseen_to_seen": _precision(truth, _unseen(of, teach, judge)) / ap,
        "random_split_ap": _random_split(of),
        "region_ap": _precision(truth, region),
        "region_honest": 1.0 - float(truth[region > 0].mean()),
        "region_shown": float(region[truth > 0].mean()),
        **_single(later, truth),
        "best_pair_ap": max(_pairs(of, teach, judge).values()),
        "party_gain": sum(gains(oracle)[name] for name in PARTY_CONSTANT),
        "never_labelled": _never_labelled(of),
        "new_diverters": _new_diverters(of, teach, judge),
        "two_term_ap": _precision(truth, rules.two_term(later)),
        "checklist_ap": _precision(truth, rules.checklist(later)),
        "oracle_recall": _recall(truth, best),
        "observed_recall": _recall(truth, by_labels),
        "checklist_recall": _recall(truth, rules.checklist(later)),
        **_typologies(of, judge, best, by_labels),
    }


def _precision(truth: Floats, score: Floats) -> float:
    return float(average_precision_score(truth, score))


def _top(score: Floats) -> NDArray[np.bool_]:
    """The lines that would be looked at."""
    chosen = np.zeros(len(score), np.bool_)
    chosen[np.argsort(-score, kind="stable")[: int(len(score) * REVIEWED)]] = True
    return chosen


def _recall(truth: Floats, score: Floats) -> float:
    return float(_top(score)[truth > 0].mean())


def _unseen(of: World, teach: Rows, judge: Rows) -> Floats:
    """Scores of the judging lines, each by a learner that saw no line of its reseller."""
    out = np.zeros(len(judge))
    for part in _parts(of.reseller):
        own = grow(of.features.iloc[teach[~part[teach]]], of.diverted[teach[~part[teach]]])
        out[part[judge]] = scored(own, of.features.iloc[judge[part[judge]]])
    return out


def _parts(reseller: NDArray[np.object_]) -> Iterator[NDArray[np.bool_]]:
    """Lines of a quarter of the resellers at a time."""
    left = np.ones(len(reseller), np.bool_)
    for number in range(PARTS - 1):
        part = np.zeros(len(reseller), np.bool_)
        rows = np.flatnonzero(left)
        part[rows[unseen_resellers(list(reseller[rows]), 1.0 / (PARTS - number), seed=number).judge]] = True
        left &= ~part
        yield part
    yield left


def _random_split(of: World) -> float:
    """Average precision where a random quarter of the lines is judged: not what a forecast would reach."""
    rows = np.flatnonzero(of.shipped)
    held = np.random.default_rng(7).random(len(rows)) < 0.25
    trees = grow(of.features.iloc[rows[~held]], of.diverted[rows[~held]])
    return _precision(of.diverted[rows[held]].astype(np.float64), scored(trees, of.features.iloc[rows[held]]))


def _single(later: pd.DataFrame, truth: Floats) -> dict[str, float]:
    """The highest AUC of one feature in either direction, missing counted as lowest."""
    areas = [roc_auc_score(truth, later[name].fillna(-1e9)) for name in later]
    return {"best_auc": float(max(max(area, 1.0 - area) for area in areas))}


def _pairs(of: World, teach: Rows, judge: Rows) -> dict[tuple[str, str], float]:
    """Average precision of each pair of binned features."""
    rows = np.concatenate([teach, judge])
    binned = {name: rules.bins(of.features[name].to_numpy()[rows]) for name in of.features}
    before, after = of.diverted[teach].astype(np.float64), of.diverted[judge].astype(np.float64)
    return {
        (first, second): rules.pair_precision(binned[first], binned[second], before, after)
        for first, second in combinations(binned, 2)
    }


def _never_labelled(of: World) -> float:
    """Of the diversions of the training period, which had a year and more to surface."""
    diverted = set(of.lines["order_id"].to_numpy()[of.diverted & of.shipped & (of.t < of.trained_until)])
    found = set(of.findings["order_id"][of.findings["outcome"] == "diverted"])
    return 1.0 - len(diverted & found) / len(diverted)


def _new_diverters(of: World, teach: Rows, judge: Rows) -> float:
    """Share of the diverted lines that judge whose reseller no finding had named diverting when training ended."""
    labels = of.labels(of.trained_until)
    known = set(of.reseller[teach[labels.kind[teach] == Kind.DIVERTED]])
    diverted = judge[of.diverted[judge]]
    return float(np.mean([name not in known for name in of.reseller[diverted]]))


def _typologies(of: World, judge: Rows, oracle: Floats, by_labels: Floats) -> dict[str, float]:
    """Recall of each typology's lines among those looked at."""
    recalls = {}
    for typology in TYPOLOGIES:
        own = of.diverted[judge] & (of.typology[judge] == typology.code)
        for name, score in (("oracle", oracle), ("observed", by_labels)):
            recalls[f"{typology.code}_{name}"] = float(_top(score)[own].mean()) if own.any() else float("nan")
    return recalls


def of_seed(seed: int) -> dict[str, float]:
    """The measures of one `standard` world, made in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(world(Path(folder) / "world", "standard", seed))


def closed(measures: Sequence[Mapping[str, float]]) -> list[Gate]:
    """The gates whose bounds the means do not keep; of one world, the wider bounds."""
    single = len(measures) == 1
    return [gate for gate in GATES if not gate.open(_mean(measures, gate.measure), single=single)]


def _mean(measures: Sequence[Mapping[str, float]], name: str) -> float:
    return float(np.nanmean([each[name] for each in measures]))


def table(measures: Sequence[Mapping[str, float]]) -> str:
    """All measures as text: mean, lowest and highest over the seeds, gates first."""
    gated = {gate.measure: gate for gate in GATES}
    lines = [f"{'measure':22} {'mean':>9} {'lowest':>9} {'highest':>9}  bounds"]
    for name in (*gated, *(other for other in measures[0] if other not in gated)):
        values = [each[name] for each in measures if not np.isnan(each[name])] or [float("nan")]
        bounds = f"{gated[name].low:g} to {gated[name].high:g}: {gated[name].says}" if name in gated else ""
        numbers = " ".join(f"{value:9.3f}" for value in (np.mean(values), min(values), max(values)))
        lines.append(f"{name:22} {numbers}  {bounds}".rstrip())
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the gates, print the table, tell which are closed."""
    parser = argparse.ArgumentParser(prog="gates", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many worlds, with seeds from 1")
    parser.add_argument("--workers", type=int, default=2, help="how many at a time")
    chosen = parser.parse_args(arguments)
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as pool:
        measures = list(pool.map(of_seed, range(1, chosen.seeds + 1)))
    print(table(measures))
    shut = closed(measures)
    for gate in shut:
        print(f"CLOSED: {gate.measure} {_mean(measures, gate.measure):.3f} is not in {gate.low:g} to {gate.high:g}")
    return 1 if shut else 0


if __name__ == "__main__":
    sys.exit(main())
