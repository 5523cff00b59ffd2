"""Rules that need no training: what a clerk or an old checklist would do, on the frozen features."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def region(table: pd.DataFrame) -> Floats:
    """1 where the goods go to a sensitive region, else 0."""
    shown: Floats = (table["ship_to_level"] >= 2).to_numpy(np.float64)
    return shown


def two_term(table: pd.DataFrame) -> Floats:
    """2 for a reseller with a finding of diversion known by then, and 1 more for sensitive goods."""
    found: Floats = (table["reseller_diverted_findings"] > 0).to_numpy(np.float64)
    sensitive: Floats = (table["sensitivity"] >= 2).to_numpy(np.float64)
    return 2.0 * found + sensitive


def checklist(table: pd.DataFrame) -> Floats:
    """The points of the old checklist, of equals the more valuable first."""
    signs = (
        (4, table["ship_to_level"] >= 2),
        (3, table["sensitivity"] >= 2),
        (2, table["order_value_log2"] >= np.log2(25_000.0)),
        (2, table["for_stock"] > 0),
        (2, table["end_user_blank"] > 0),
        (2, table["reseller_age_days"] < 365),
        (1, table["ship_to_hub"] > 0),
        (1, table["reseller_authorised"] == 0),
    )
    points = sum(weight * shown.to_numpy(np.float64) for weight, shown in signs)
    return np.asarray(points + table["line_value_log2"].fillna(0.0).to_numpy() / 1_000.0, np.float64)


def pair_precision(first: NDArray[np.intp], second: NDArray[np.intp], teach: Floats, judge: Floats) -> float:
    """Average precision on judging lines of the mean of each pair of bins, learned from the teaching lines.

    `first` and `second` hold bins below 16 of the teaching lines, then of the judging ones; `teach` and `judge` 0 or 1.
    """
    cell = first * 16 + second
    before, after = cell[: len(teach)], cell[len(teach) :]
    rate = (np.bincount(before, teach, 256) + teach.mean()) / (np.bincount(before, minlength=256) + 1.0)
    order = np.argsort(-rate, kind="stable")
    hits = np.cumsum(np.bincount(after, judge, 256)[order])
    seen = np.cumsum(np.bincount(after, minlength=256)[order])
    precision = np.divide(hits, seen, out=np.zeros(256), where=seen > 0)
    return float((np.diff(hits, prepend=0.0) * precision).sum() / judge.sum())


def bins(column: Floats, count: int = 8) -> NDArray[np.intp]:
    """About equally full bins of a feature, 0 for missing."""
    edges = np.unique(np.nanquantile(column, np.linspace(0, 1, count + 1)[1:-1]))
    return np.where(np.isnan(column), 0, 1 + np.searchsorted(edges, column, side="right")).astype(np.intp)
