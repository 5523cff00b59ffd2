"""The fixed tasks: which lines teach, with which labels, and which lines judge.

``time``      learn from what was known when the score went into service, judged on the year after it
``unseen``    the same, but a fifth of the resellers teaches nothing and alone judges
``rare``      the time task in the world where 0.3 % of the orders are diverted
``drift``     the time task in the world where a rule changes and diverters adapt
``resellers`` which resellers divert: one row a reseller, as in the one published study of this question, which is
              unsupervised (INFORMS Journal on Computing, 2022.0155)
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.measures import DAY
from training.benchmark.world import World
from training.labels import Kind
from training.split import unseen_resellers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

WEAK_WEIGHT = 0.05
"""Weight of a line without a finding, which teaches as not diverted (frozen as of version 1)."""

MATURITY_DAYS = 90
"""A line younger than this without a finding teaches nothing: its finding may be on the way."""

HELD_OUT = 0.2
"""Share of the resellers that teach nothing in the task `unseen`."""


@dataclass(frozen=True)
class Lines:
    """Order lines of a task; `rows` (n_lines,) are their places in the world's columns."""

    world: World
    rows: Rows

    @property
    def features(self) -> pd.DataFrame:
        """The frozen features (n_lines, n_features), NaN where missing."""
        return self.world.features.iloc[self.rows].reset_index(drop=True)

    @property
    def declared(self) -> pd.DataFrame:
        """The columns of `orders.csv` with the masters of product and reseller joined, as text and numbers."""
        return self.world.lines.iloc[self.rows].reset_index(drop=True)


@dataclass(frozen=True)
class Taught(Lines):
    """Lines that teach, by observed labels.

    `label` (n_lines,) 1 diverted or 0, with `weight` (n_lines,) in (0, 1]; `judged` (n_lines,) where somebody looked,
    so that the label is more than the absence of one.
    """

    label: Floats
    weight: Floats
    judged: Bools
    until: int


@dataclass(frozen=True)
class Task:
    """What teaches and what judges; `truth` and `found` (n_lines,) of the judging lines are kept from the entries.

    `found` is 1 diverted, 0 cleared, NaN where no finding of its own tells.
    """

    name: str
    teach: Taught
    judge: Lines
    truth: Floats
    found: Floats


TaskName = Literal["time", "unseen", "rare", "drift"]
SCENARIO: dict[str, str] = {"time": "standard", "unseen": "standard", "rare": "rare", "drift": "drift"}
"""The world of each task; `resellers` is asked of `standard` too."""


def observed(of: World, until: int) -> Taught:
    """All lines that teach by `until`: diverted and cleared as found, the unknown weakly as not diverted."""
    labels = of.labels(until)
    unknown = labels.kind == Kind.UNKNOWN
    young = unknown & (of.t >= until - MATURITY_DAYS * DAY)
    teaches = (of.t < until) & (labels.kind != Kind.INCONCLUSIVE) & ~young & (of.shipped | ~unknown)
    rows = np.flatnonzero(teaches)
    weight = np.where(unknown, WEAK_WEIGHT, labels.weight)[rows]
    label = (labels.kind[rows] == Kind.DIVERTED).astype(np.float64)
    return Taught(of, rows, label, weight, labels.decided[rows] & ~labels.spread[rows], until)


def task(of: World, name: TaskName) -> Task:
    """A task on its world."""
    teach, judge = observed(of, of.trained_until), np.flatnonzero((of.t >= of.trained_until) & of.shipped)
    if name == "unseen":
        held_out = np.zeros(len(of.t), np.bool_)
        held_out[unseen_resellers(list(of.reseller), HELD_OUT).judge] = True
        teach, judge = _without(teach, held_out), judge[held_out[judge]]
    labels = of.labels()
    decided = labels.decided & ~labels.spread
    found = np.where(decided, labels.kind == Kind.DIVERTED, np.nan)[judge]
    return Task(name, teach, Lines(of, judge), of.diverted[judge].astype(np.float64), found)


def _without(taught: Taught, held_out: Bools) -> Taught:
    kept = ~held_out[taught.rows]
    rows, label, weight, judged = taught.rows[kept], taught.label[kept], taught.weight[kept], taught.judged[kept]
    return Taught(taught.world, rows, label, weight, judged, taught.until)
