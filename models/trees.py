"""The trees of a LightGBM text as plain arrays, read by the names that LightGBM writes.

The format is LightGBM's own (``Tree::ToString`` and ``Tree::NumericalDecision``, ``CategoricalDecision`` of its
``tree.h``): a node sends a value left or right by its threshold, and a missing one the way that its decision type says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of a decision type; the two above them name the kind of missing values."""

NO_MISSING, ZERO_MISSING, NAN_MISSING = 0, 1, 2

TINY = float(np.float32(1e-35))
"""LightGBM takes values that are no larger for zero (``kZeroThreshold``)."""


@dataclass(frozen=True)
class Tree:
    """One tree: arrays of shape (n_nodes,) for its splits, and of shape (n_leaves,) for its leaves.

    A child from 0 is a node, one below 0 is leaf ``-1 - child``. `node_count` and `leaf_count` tell how many rows of
    the training data came there. `categories` are, by node, what goes left; None where the split is a threshold.
    """

    feature: Ints
    threshold: Floats
    decision: Ints
    left: Ints
    right: Ints
    node_count: Floats
    leaf_value: Floats
    leaf_count: Floats
    categories: tuple[frozenset[int] | None, ...]

    def count(self, child: int) -> float:
        """Rows of the training data that came to a node or a leaf."""
        return float(self.node_count[child] if child >= 0 else self.leaf_count[-1 - child])

    def goes_left(self, node: int, value: float) -> bool:
        """Which way a numeric split sends a value, NaN and zero among them."""
        kind = int(self.decision[node]) >> 2 & 3
        if np.isnan(value) and kind != NAN_MISSING:
            value = 0.0
        missing = np.isnan(value) or (kind == ZERO_MISSING and abs(value) <= TINY)
        if missing:
            return bool(self.decision[node] & DEFAULT_LEFT)
        return bool(value <= self.threshold[node])


def trees(text: str) -> Iterator[Tree]:
    """The trees of a text, in their order."""
    for block in text.partition("\nend of trees")[0].split("\nTree=")[1:]:
        yield _tree(dict(line.split("=", 1) for line in block.splitlines() if "=" in line))


def _tree(said: dict[str, str]) -> Tree:
    leaves = int(said["num_leaves"])
    single = leaves < 2  # LightGBM writes nothing but the value then

    def ints(name: str) -> Ints:
        return np.array([] if single else said[name].split(), np.int64)

    def floats(name: str) -> Floats:
        return np.array([] if single else said[name].split(), np.float64)

    decision, threshold = ints("decision_type"), floats("threshold")
    return Tree(
        feature=ints("split_feature"),
        threshold=threshold,
        decision=decision,
        left=ints("left_child"),
        right=ints("right_child"),
        node_count=floats("internal_count"),
        leaf_value=np.array(said["leaf_value"].split(), np.float64),
        leaf_count=floats("leaf_count"),
        categories=tuple(
            _categories(said, int(at)) if kind & CATEGORICAL else None
            for kind, at in zip(decision.tolist(), threshold.tolist(), strict=True)
        ),
    )


def _categories(said: dict[str, str], at: int) -> frozenset[int]:
    """The categories that a split sends left, from LightGBM's words of 32 bits."""
    edges = [int(edge) for edge in said["cat_boundaries"].split()]
    words = [int(word) for word in said["cat_threshold"].split()[edges[at] : edges[at + 1]]]
    return frozenset(32 * number + bit for number, word in enumerate(words) for bit in range(32) if word >> bit & 1)
