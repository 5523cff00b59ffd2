"""What to look at before a model is trusted: leaks and faults of the data, each with what to do about it.

=====================  ==============================================================================
``repeated key``       the label follows a group of columns that repeats (see `training.repeats`)
``outcome-coded``      one value of a declared column is found on diverted lines only
``too good``           one feature alone ranks the judged lines almost without a fault
``too few findings``   so few diverted lines, or so few resellers behind them, that nothing can be told
``definitions``        the features differ from those that the champion serves with
``drift``              inputs are distributed otherwise than before the champion's date
``label rate``         findings say `diverted` more, or less, often than before the champion's date
=====================  ==============================================================================

They warn and never stop a training: some leaks are knowledge (a seized shipment's code), and only who knows the data
can tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.model import ForeignFeatures, Model
from training.baselines import declared_columns
from training.dataset import TrainingSet, moments, take
from training.metrics import Ranking, auc
from training.repeats import repeated_key

Floats = NDArray[np.float64]

CODED_SHARE, CODED_LINES, CODED_COVER = 0.95, 10, 0.05
"""A value is outcome-coded where that share of at least so many judged lines with it is diverted, and it stands on at
least that share of all diverted ones."""

TOO_GOOD = 0.95
"""AUC of one feature alone. Of the simulated world none reaches .80 (a gate); a leak is near 1."""

FEW_DIVERTED, FEW_RESELLERS = 30, 5
PSI_LARGE = 0.25
"""Population stability index above which a distribution has shifted (Siddiqi 2006, "Credit Risk Scorecards": below .1
little, up to .25 some)."""

RATE_Z = 3.0
"""Standard errors between two label rates that are no chance."""


AGAINST_CHAMPION = frozenset({"definitions", "drift", "label rate"})
"""Kinds that say how far the data has moved from the champion's."""


@dataclass(frozen=True)
class Doubt:
    """Something to look at: its kind, what was seen, and what to do."""

    kind: str
    seen: str
    mend: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.seen}; {self.mend}"


def doubts(chosen: TrainingSet, champion: Model | None = None) -> list[Doubt]:
    """All that should be looked at before the training set teaches; `champion` is the model that serves, if any."""
    found = [*_few(chosen), *_leaks(chosen)]
    if champion is not None:
        found += [*_definitions(chosen, champion), *_drift(chosen, champion.card.as_of)]
    return found


def _few(chosen: TrainingSet) -> Iterator[Doubt]:
    diverted = chosen.target == 1
    resellers = len(set(np.asarray(chosen.table.lines.column("reseller_id").to_pandas())[diverted]))
    if diverted.sum() < FEW_DIVERTED or resellers < FEW_RESELLERS:
        yield Doubt(
            "too few findings",
            f"{int(diverted.sum())} diverted lines of {resellers} resellers",
            f"do not trust a difference between models before there are {FEW_DIVERTED} of {FEW_RESELLERS}; look into "
            "more orders, some of them drawn at random",
        )


def _leaks(chosen: TrainingSet) -> Iterator[Doubt]:
    judged = np.flatnonzero(chosen.judged)
    label = chosen.target[judged]
    if label.sum() < CODED_LINES or label.all():
        return
    table = take(chosen.table, judged)
    declared = declared_columns(table)
    orders = pd.factorize(table.lines.column("order_id").to_pandas())[0]
    repeat = repeated_key(declared, label, np.asarray(orders, np.intp))
    if repeat is not None:
        names = ", ".join(name.removeprefix("attribute.") for name in repeat.columns)
        yield Doubt(
            "repeated key",
            f"after a diverted line with the same {names}, {repeat.followed:.0%} of the lines are diverted "
            f"(of all judged lines {repeat.base:.0%}), and {repeat.covered:.0%} of the diverted lines come after one",
            "find out whether labels were copied along; keep one line of each key, or judge on first appearances only",
        )
    yield from _coded(declared, label)
    yield from _too_good(chosen, judged, label)


def _coded(declared: pd.DataFrame, label: Floats) -> Iterator[Doubt]:
    if label.mean() > CODED_SHARE / 2.0:
        return
    for name in (each for each in declared if declared[each].dtype == object):
        short = name.removeprefix("attribute.")
        by_value = pd.Series(label).groupby(declared[name].to_numpy(object)).agg(["size", "sum"])
        coded = by_value[(by_value["size"] >= CODED_LINES) & (by_value["sum"] >= CODED_SHARE * by_value["size"])]
        for value, row in coded[coded["sum"] >= CODED_COVER * label.sum()].iterrows():
            yield Doubt(
                "outcome-coded",
                f"{int(row['sum'])} of {int(row['size'])} judged lines with {short} = {value} are diverted",
                "find out whether it is filled in after the outcome; if so leave the column out of the mapping, and "
                f"evaluate with --exclude {short}={value} as well",
            )


def _too_good(chosen: TrainingSet, judged: NDArray[np.intp], label: Floats) -> Iterator[Doubt]:
    values = chosen.table.values[judged]
    for column, name in enumerate(chosen.past.features.names):
        area = alone(values[:, column], label)
        if max(area, 1.0 - area) > TOO_GOOD:
            yield Doubt(
                "too good",
                f"{name} alone has an AUC of {max(area, 1.0 - area):.3f} on {len(label):,} judged lines",
                "find out whether it is known before the order ships, or says the outcome in other words",
            )


def alone(values: Floats, label: Floats) -> float:
    """AUC of one feature (n_lines,) by itself; what is missing ranks below all."""
    lowest = np.nanmin(values) - 1.0 if np.isfinite(values).any() else 0.0
    scores = np.where(np.isfinite(values), values, lowest)
    return float(auc(*Ranking.of(scores, label).counts(np.ones((1, len(label)))))[0])


def _definitions(chosen: TrainingSet, champion: Model) -> Iterator[Doubt]:
    try:
        champion.require(chosen.past.features)
    except ForeignFeatures as foreign:
        yield Doubt(
            "definitions",
            str(foreign).partition("; retrain")[0].replace("the model", "the champion"),
            "compare the two models before you promote: not only the findings differ",
        )


def _drift(chosen: TrainingSet, since: int) -> Iterator[Doubt]:
    t = moments(chosen.past)
    before, after = chosen.past.values[t < since], chosen.past.values[t >= since]
    if min(len(before), len(after)) < 10 * BINS:
        return
    index = {name: psi(before[:, i], after[:, i]) for i, name in enumerate(chosen.past.features.names)}
    shifted = sorted((name for name in index if index[name] > PSI_LARGE), key=lambda name: -index[name])
    if shifted:
        worst = ", ".join(f"{name} {index[name]:.2f}" for name in shifted[:5])
        yield Doubt(
            "drift",
            f"{len(shifted)} features are distributed otherwise since the champion's date (stability index above "
            f"{PSI_LARGE}): {worst}",
            "look whether trade changed or the way it is written down did; the second is a fault to mend first",
        )
    yield from _label_rate(chosen, since)


def _label_rate(chosen: TrainingSet, since: int) -> Iterator[Doubt]:
    label, late = chosen.target[chosen.judged], chosen.labels.known_at[chosen.judged] >= since
    if not 0 < late.sum() < len(late):
        return
    old, new, pooled = label[~late].mean(), label[late].mean(), label.mean()
    error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / late.sum() + 1.0 / (~late).sum()))
    if error > 0.0 and abs(new - old) > RATE_Z * error:
        yield Doubt(
            "label rate",
            f"{new:.1%} of the lines judged since the champion's date are diverted, {old:.1%} before",
            "look whether other orders are looked into, or other things called diverted: then probabilities shift",
        )


BINS = 10


def psi(before: Floats, after: Floats) -> float:
    """Population stability index of a feature, (n_before,) and (n_after,); what is missing is a bin of its own.

    ``sum((q - p) * log(q / p))`` over bins that hold a tenth of `before` each, each share at least 1e-4 (Siddiqi 2006).
    """
    seen = before[np.isfinite(before)]
    edges = np.unique(np.quantile(seen, np.linspace(0.0, 1.0, BINS + 1)[1:-1])) if len(seen) else np.empty(0)

    def shares(values: Floats) -> Floats:
        bins = np.where(np.isfinite(values), np.searchsorted(edges, values, side="left"), len(edges) + 1)
        counts = np.bincount(bins, minlength=len(edges) + 2)
        found: Floats = np.maximum(counts / max(len(values), 1), 1e-4)
        return found

    p, q = shares(before), shares(after)
    return float(((q - p) * np.log(q / p)).sum())
