"""A scorecard: points for each band of values of each feature, added up to log-odds.

It is a logistic regression on the ranks of banded features, the standard of credit scoring (Siddiqi 2006, "Credit Risk
Scorecards"), with a ridge penalty that lets features which tell the same share its weight. Where findings are few,
it generalises where trees, which choose one feature at a time, learn by heart; trees see what features say together.
The champion is the mean of both (see `training.growing`). It is written as trees, a feature each (`Scorecard.trees`),
so that its reasons are as exact as theirs and the artefact stays one LightGBM text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BANDS = 10
"""Bands of a feature, at most, with as many lines in each as ties allow: tenths, as scorecards have them."""

STRENGTH = 0.05
"""Inverse strength of the ridge penalty. Our choice, by exploratory runs on worlds that no figure is quoted from."""

MOST_LINES = 30_000
"""Lines of each outcome that teach, at most; of more, so many are drawn and weigh more. Points change little beyond."""

_DIGITS = 6
"""Points are rounded to so many digits: what lies below is the solver's noise."""


@dataclass(frozen=True)
class Scorecard:
    """Points in log-odds, by feature.

    `edges` holds the upper edges of all bands but the last, ascending; `points` and `counts`, one longer, what each
    band is worth and how many teaching lines it had; `missing` and `missing_counts`, (n_features,), the same where a
    feature is missing.
    """

    edges: tuple[Floats, ...]
    points: tuple[Floats, ...]
    counts: tuple[Ints, ...]
    missing: Floats
    missing_counts: Ints
    intercept: float

    def log_odds(self, values: Floats) -> Floats:
        """The sum of the points (n_lines,) of `values` (n_lines, n_features), NaN where missing."""
        total = np.full(len(values), self.intercept)
        for column, (edges, points) in enumerate(zip(self.edges, self.points, strict=True)):
            value = values[:, column]
            of_band = points[np.searchsorted(edges, value, side="left").clip(max=len(edges))]
            total += np.where(np.isnan(value), self._where_missing(column), of_band)
        return total

    def trees(self, share: float = 1.0) -> list[str]:
        """Each feature that tells anything as a tree of LightGBM's text, without its number; points times `share`."""
        told = [column for column in range(len(self.edges)) if self.points[column].any() or self.missing[column]]
        return [
            _tree(column, self._leaves(column, share, self.intercept if number == 0 else 0.0), self.edges[column])
            for number, column in enumerate(told)
        ]

    def _where_missing(self, column: int) -> float:
        """Where no teaching line lacked the feature, one that does counts as the usual band does."""
        if self.missing_counts[column]:
            return float(self.missing[column])
        return float(self.points[column][self._usual[column]])

    @cached_property
    def _usual(self) -> list[int]:
        """The band whose points lie nearest to none, by feature."""
        return [int(np.argmin(np.abs(points))) for points in self.points]

    def _leaves(self, column: int, share: float, intercept: float) -> "_Leaves":
        return _Leaves(
            values=(self.points[column] + intercept) * share,
            counts=self.counts[column],
            missing=(float(self.missing[column]) + intercept) * share,
            missing_count=int(self.missing_counts[column]),
            usual=self._usual[column],
        )


@dataclass(frozen=True)
class _Leaves:
    values: Floats
    counts: Ints
    missing: float
    missing_count: int
    usual: int


class _Text:
    """The arrays of a tree, filled node by node."""

    def __init__(self, column: int, leaves: _Leaves, edges: Floats) -> None:
        self.edges, self.leaves = edges, leaves
        self.threshold: list[float] = []
        self.decision: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.node_count: list[int] = []
        self.leaf_value: list[float] = []
        self.leaf_count: list[int] = []
        if leaves.missing_count:
            self._split(_LARGEST, default_left=False, count=int(leaves.counts.sum()) + leaves.missing_count)
            self.left[0] = self._between(0, len(edges))
            self.right[0] = self._leaf(leaves.missing, leaves.missing_count)
        else:
            self._between(0, len(edges))
        self.column = column

    def _between(self, first: int, last: int) -> int:
        """The tree of some bands; its number as a child."""
        if first == last:
            return self._leaf(float(self.leaves.values[first]), int(self.leaves.counts[first]))
        middle = (first + last) // 2
        count = int(self.leaves.counts[first : last + 1].sum())
        node = self._split(float(self.edges[middle]), default_left=self.leaves.usual <= middle, count=count)
        self.left[node] = self._between(first, middle)
        self.right[node] = self._between(middle + 1, last)
        return node

    def _split(self, threshold: float, *, default_left: bool, count: int) -> int:
        self.threshold.append(threshold)
        self.decision.append(_NAN_IS_MISSING | (_DEFAULT_LEFT if default_left else 0))
        self.node_count.append(count)
        self.left.append(0)
        self.right.append(0)
        return len(self.threshold) - 1

    def _leaf(self, value: float, count: int) -> int:
        self.leaf_value.append(value)
        self.leaf_count.append(count)
        return -len(self.leaf_value)

    def __str__(self) -> str:
        nodes, leaves = len(self.threshold), len(self.leaf_value)
        node_value, gain = [0.0] * nodes, [0.0] * nodes
        gain[0] = _spread(self.leaf_value, self.leaf_count)
        fields: dict[str, Sequence[int | float]] = {
            "num_leaves": [leaves], "num_cat": [0], "split_feature": [self.column] * nodes, "split_gain": gain,
            "threshold": self.threshold, "decision_type": self.decision, "left_child": self.left,
            "right_child": self.right, "leaf_value": self.leaf_value, "leaf_weight": self.leaf_count,
            "leaf_count": self.leaf_count, "internal_value": node_value, "internal_weight": self.node_count,
            "internal_count": self.node_count, "is_linear": [0], "shrinkage": [1],
        }  # fmt: skip
        return "".join(f"{name}={' '.join(map(repr, values))}\n" for name, values in fields.items()) + "\n\n"


_LARGEST = float(np.finfo(np.float64).max)
_NAN_IS_MISSING, _DEFAULT_LEFT = 8, 2
"""LightGBM's decision type: bits 2 and 3 say that NaN is missing, bit 1 that what is missing goes left."""


def _tree(column: int, leaves: _Leaves, edges: Floats) -> str:
    return str(_Text(column, leaves, edges))


def _spread(values: list[float], counts: list[int]) -> float:
    """Variance times lines: what stands for the gain of a split in LightGBM's importance."""
    value, count = np.array(values), np.array(counts, np.float64)
    mean = np.average(value, weights=count)
    return float((count * (value - mean) ** 2).sum())


def fit_scorecard(
    values: Floats, target: Floats, weight: Floats, signs: list[int], *, strength: float = STRENGTH, seed: int = 7
) -> Scorecard:
    """The scorecard of least weighted logistic loss with a ridge penalty on the weights of ranks from 0 to 1.

    `values` (n_lines, n_features), NaN where missing; `target` (n_lines,) 0 or 1; `weight` (n_lines,); `signs`, one of
    -1, 0, +1 a feature, as `models.classifier.signs`: points never fall where a feature with +1 rises. A missing
    value has points of its own and escapes the sign.
    """
    rows, weight = _drawn(target, weight, seed)
    values, target = values[rows], target[rows]
    edges = tuple(_edges(values[:, column]) for column in range(values.shape[1]))
    banded = [_Banded.of(values[:, column], each) for column, each in enumerate(edges)]
    lacking = [column for column, each in enumerate(banded) if 0 < each.missing.sum() < len(rows)]
    design = np.column_stack([*(each.rank for each in banded), *(banded[column].missing for column in lacking)])
    slopes, intercept = _solved(design, target, weight, [*signs, *[0] * len(lacking)], strength)
    missing = np.zeros(len(edges))
    missing[lacking] = slopes[len(edges) :]
    return Scorecard(
        edges=edges,
        points=tuple(np.round(each.ranks * slope, _DIGITS) for each, slope in zip(banded, slopes, strict=False)),
        counts=tuple(each.counts for each in banded),
        missing=np.round(missing, _DIGITS),
        missing_counts=np.array([each.missing.sum() for each in banded], np.int64),
        intercept=round(intercept, _DIGITS),
    )


@dataclass(frozen=True)
class _Banded:
    """A feature on the teaching lines: the rank of each, 0 on average and where missing; by band, `ranks`, `counts`."""

    rank: Floats
    missing: NDArray[np.bool_]
    ranks: Floats
    counts: Ints

    @classmethod
    def of(cls, value: Floats, edges: Floats) -> "_Banded":
        missing = np.isnan(value)
        band = np.searchsorted(edges, value, side="left").clip(max=len(edges))
        counts = np.bincount(band[~missing], minlength=len(edges) + 1)
        ranks = np.cumsum(counts) - counts / 2.0
        if len(edges):
            ranks = (ranks - ranks[0]) / (ranks[-1] - ranks[0])
            ranks = ranks - np.average(ranks, weights=counts)
        else:
            ranks = np.zeros(1)
        return cls(np.where(missing, 0.0, ranks[band]), missing, ranks, counts)


def _edges(value: Floats) -> Floats:
    """Values between bands: of the lines that have the feature, each band holds a tenth, and ties stay together."""
    known = value[~np.isnan(value)]
    if not len(known):
        return np.empty(0)
    cuts = np.unique(np.quantile(known, np.arange(1, BANDS) / BANDS, method="inverted_cdf"))
    below: Floats = cuts[cuts < known.max()]
    return below


def _drawn(target: Floats, weight: Floats, seed: int) -> tuple[NDArray[np.intp], Floats]:
    """Rows, at most `MOST_LINES` of each outcome, and what they weigh so that the outcomes weigh as before."""
    dice = np.random.default_rng(seed)
    rows, weights = [], []
    for outcome in (0.0, 1.0):
        mine = np.flatnonzero(target == outcome)
        some = np.sort(dice.choice(mine, MOST_LINES, replace=False)) if len(mine) > MOST_LINES else mine
        rows.append(some)
        weights.append(weight[some] * (weight[mine].sum() / weight[some].sum() if len(some) else 1.0))
    return np.concatenate(rows), np.concatenate(weights)


def _solved(design: Floats, target: Floats, weight: Floats, signs: list[int], strength: float) -> tuple[Floats, float]:
    """Slopes within their signs, and the intercept, by L-BFGS-B (Byrd et al. 1995)."""
    free = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
    bounds = [*(free[sign] for sign in signs), (None, None)]
    share = float(np.average(target, weights=weight))
    start = np.zeros(design.shape[1] + 1)
    start[-1] = np.log(share / (1.0 - share))

    def loss(found: Floats) -> tuple[float, Floats]:
        slopes, score = found[:-1], design @ found[:-1] + found[-1]
        off = strength * weight * (1.0 / (1.0 + np.exp(-score)) - target)
        value = strength * float((weight * (np.logaddexp(0.0, score) - target * score)).sum())
        return value + 0.5 * float(slopes @ slopes), np.append(design.T @ off + slopes, off.sum())

    with threadpool_limits(1):  # sums of several threads come in another order each time
        solved = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return np.asarray(solved.x[:-1], np.float64), float(solved.x[-1])
