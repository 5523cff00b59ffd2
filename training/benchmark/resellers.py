"""The reseller-level task: one row a reseller, which of them divert in the year that judges."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.benchmark.entries import Entry
from training.benchmark.tasks import Lines, Task, task
from training.benchmark.world import World

Floats = NDArray[np.float64]

WORST_SHARE = 0.1
"""A reseller's score is the mean of this share of its lines, the worst ones, unless the entry says otherwise."""


@dataclass(frozen=True)
class ResellerTask:
    """Resellers with orders in the judging year: `rows` (n_resellers, n_features) means of the frozen features there.

    `truth` (n_resellers,) 1 where any of its lines was diverted; `found` by findings, NaN where none tells.
    """

    lines: Task
    rows: pd.DataFrame
    codes: NDArray[np.intp]
    truth: Floats
    found: Floats


def reseller_task(of: World) -> ResellerTask:
    """The task on its world."""
    lines = task(of, "time")
    names, codes = np.unique(of.reseller[lines.judge.rows].astype(str), return_inverse=True)
    found = pd.Series(lines.found).groupby(codes).max().to_numpy(np.float64)
    truth = pd.Series(lines.truth).groupby(codes).max().to_numpy(np.float64)
    rows = lines.judge.features.groupby(codes).mean().set_axis(names)
    return ResellerTask(lines, rows, np.asarray(codes, np.intp), truth, found)


def scores_of_resellers(asked: ResellerTask, entry: Entry) -> Floats:
    """The entry's own `score_resellers(rows)` where it has one, else the mean of the worst tenth of its lines."""
    own = getattr(entry, "score_resellers", None)
    if own is not None:
        return np.asarray(own(asked.rows), np.float64)
    entry.fit(asked.lines.teach)
    return _worst(np.asarray(entry.score(_lines(asked)), np.float64), asked.codes)


def _lines(asked: ResellerTask) -> Lines:
    return asked.lines.judge


def _worst(score: Floats, codes: NDArray[np.intp]) -> Floats:
    order = np.lexsort((-score, codes))
    size = np.bincount(codes)
    place = np.arange(len(score)) - np.repeat(np.cumsum(size) - size, size)
    kept = place < np.maximum(1, np.ceil(size * WORST_SHARE))[codes[order]]
    total = np.bincount(codes[order][kept], score[order][kept])
    return np.asarray(total / np.bincount(codes[order][kept]), np.float64)
