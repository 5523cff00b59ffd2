"""Trees as tables, from which scores and their exact reasons are read: what `models.tree_shap` goes through.

The contributions of a tree (Lundberg et al. 2020, "From local explanations to global understanding with explainable AI
for trees", algorithm 2) depend on a row only through which way each of its splits would send it. So each tree is cut
into pieces of few yes-or-no questions: on the way to a piece, all splits of one feature make one question (is the value
within an interval?), and each split inside of it is one more. For every pattern of answers the piece's
contributions, and the value of the leaf if it is in there, stand in a table.

Deep trees do not fit: a piece has at most `MOST_QUESTIONS` of them, all tables together `MOST_BYTES`. `tables` returns
None for them, and for what is no sum of trees with constant leaves; LightGBM itself explains those.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.windows.compiled import inlined, threaded
from models.trees import ZERO_MISSING, Tree, trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUESTIONS = 8
"""Of a piece, where the tree can be cut so: a table of 256 patterns stays in the nearest cache."""
MOST_QUESTIONS = 12
"""Different features on the way to one leaf, at most."""
MOST_BYTES = 64 << 20

UP_TO, UP_TO_OR_NAN, WITHIN, WITHIN_OR_NAN, AROUND_ZERO, ONE_OF = range(6)
"""Kinds of questions: at most a number; between two; the same where zero is missing; one of some categories. Numba has
them in compiled code, which it keeps until `models.tree_shap` changes: change both files."""


class Tables(NamedTuple):
    """All pieces of all trees, flat.

    Questions are arrays of shape (n_questions,), those of piece i from ``first_question[i]`` on; its columns, the
    features that it speaks of, from ``first_column[i]`` on, and their sums by pattern from ``first_sum[i]`` on; the
    leaf's value by pattern stands from ``first_leaf[i]`` on.
    """

    feature: Ints
    kind: Ints
    above: Floats
    up_to: Floats
    nan: Ints
    zero: Ints
    first_category: Ints
    categories: NDArray[np.uint8]
    first_question: Ints
    first_column: Ints
    column: Ints
    first_sum: Ints
    sums: Floats
    first_leaf: Ints
    leaves: Floats
    expected: float


@dataclass(frozen=True, slots=True)
class _Question:
    """Whether a value goes the way of a leaf at all splits of its feature."""

    feature: int
    above: float = math.nan
    up_to: float = math.inf
    nan: bool = True
    zero: bool = True
    zero_missing: bool = False
    categories: frozenset[int] | None = None
    others: bool = True
    """Whether categories that no split names go this way."""

    def also(self, tree: Tree, node: int, left: bool) -> "_Question":
        """The same question and that of one more split."""
        named = tree.categories[node]
        if named is not None:
            return self._one_of(named, left)
        at = float(tree.threshold[node])
        above, up_to = (self.above, min(self.up_to, at)) if left else (float(np.fmax(self.above, at)), self.up_to)
        return _Question(
            self.feature,
            above,
            up_to,
            self.nan and tree.goes_left(node, math.nan) == left,
            self.zero and tree.goes_left(node, 0.0) == left,
            self.zero_missing or int(tree.decision[node]) >> 2 & 3 == ZERO_MISSING,
        )

    def _one_of(self, named: frozenset[int], left: bool) -> "_Question":
        """`categories` are those that go this way where `others` do not, else those that do not."""
        held = self.categories or frozenset()
        if not self.others:
            held = held & named if left else held - named
        elif left:
            held = named - held
        else:
            held = held | named
        return _Question(self.feature, categories=held, others=self.others and not left)

    @property
    def kind(self) -> int:
        if self.categories is not None:
            return ONE_OF
        if self.zero_missing:
            return AROUND_ZERO
        if math.isnan(self.above):
            return UP_TO_OR_NAN if self.nan else UP_TO
        return WITHIN_OR_NAN if self.nan else WITHIN

    def listed(self) -> list[int]:
        """A byte a category from 0 on, whether it goes this way; the last stands for all others."""
        held = self.categories or frozenset()
        size = max(held, default=-1) + 1
        return [int((category in held) != self.others) for category in range(size)] + [int(self.others)]


@dataclass(slots=True)
class _Piece:
    """Part of a tree: the questions on the way to it, then its own splits, and for each leaf what it needs."""

    questions: list[_Question]
    leaves: list[tuple[float, list[int], list[float], list[int], list[int]]] = field(default_factory=list)
    """Value; then for each feature on the way: its number, its share of rows, the bits that matter, and how they must
    stand."""


def tables(text: str, average: bool = False) -> Tables | None:
    """The tables of a LightGBM text; None for trees that are too deep, averaged, or with linear leaves."""
    if average or "\nis_linear=1" in text:
        return None
    pieces: list[_Piece] = []
    expected = held = 0.0
    for tree in trees(text):
        expected += _expected(tree)
        if tree.feature.size and not (tree.node_count > 0).all():
            return None
        for piece in _pieces(tree):
            columns = {number for _, features, *_ in piece.leaves for number in features}
            held += 8 * len(columns) << len(piece.questions)
            if len(piece.questions) > MOST_QUESTIONS or held > MOST_BYTES:
                return None
            pieces.append(piece)
    return _flat(pieces, expected)


def _expected(tree: Tree) -> float:
    if not tree.feature.size:
        return float(tree.leaf_value[0])
    return float(sum(tree.leaf_count / tree.node_count[0] * tree.leaf_value))


@dataclass(frozen=True, slots=True)
class _Way:
    """How one comes to a node: by feature, the question so far and the share of rows that went on."""

    questions: dict[int, _Question]
    shares: dict[int, float]

    def on(self, tree: Tree, node: int, left: bool) -> "_Way":
        feature, child = int(tree.feature[node]), int(tree.left[node] if left else tree.right[node])
        question = self.questions.get(feature, _Question(feature)).also(tree, node, left)
        share = self.shares.get(feature, 1.0) * (tree.count(child) / tree.count(node))
        return _Way(self.questions | {feature: question}, self.shares | {feature: share})


def _pieces(tree: Tree) -> Iterator[_Piece]:
    """Cut from the root down, each piece as large as its questions allow."""
    waiting = [(0 if tree.feature.size else -1, _Way({}, {}))]
    while waiting:
        node, way = waiting.pop()
        splits = _splits(tree, node)
        if node < 0 or len(way.questions) + len(splits) <= QUESTIONS:
            yield _piece(tree, node, way, splits)
            continue
        waiting.append((int(tree.right[node]), way.on(tree, node, left=False)))
        waiting.append((int(tree.left[node]), way.on(tree, node, left=True)))


def _splits(tree: Tree, node: int) -> list[int]:
    if node < 0:
        return []
    return [node, *_splits(tree, int(tree.left[node])), *_splits(tree, int(tree.right[node]))]


def _piece(tree: Tree, top: int, way: _Way, splits: list[int]) -> _Piece:
    before = {feature: number for number, feature in enumerate(way.questions)}
    bit = {node: len(before) + number for number, node in enumerate(splits)}
    own = [_Question(int(tree.feature[node])).also(tree, node, left=True) for node in splits]
    piece = _Piece([*way.questions.values(), *own])
    needs = {feature: (1 << number, 1 << number) for feature, number in before.items()}
    waiting = [(top, way, needs)]
    while waiting:
        node, here, needs = waiting.pop()
        if node < 0:
            value = float(tree.leaf_value[-1 - node])
            shares, marks = [here.shares[number] for number in needs], list(needs.values())
            piece.leaves.append((value, list(needs), shares, [mark for mark, _ in marks], [want for _, want in marks]))
            continue
        feature = int(tree.feature[node])
        mask, want = needs.get(feature, (0, 0))
        for left, child in ((True, tree.left[node]), (False, tree.right[node])):
            told = mask | 1 << bit[node], want | (int(left) << bit[node])
            waiting.append((int(child), here.on(tree, node, left), needs | {feature: told}))
    return piece


def _flat(pieces: list[_Piece], expected: float) -> Tables:
    questions = [question for piece in pieces for question in piece.questions]
    listed = [question.listed() if question.kind == ONE_OF else [] for question in questions]
    columns = [sorted({number for _, features, *_ in piece.leaves for number in features}) for piece in pieces]
    sizes = [len(each) << len(piece.questions) for each, piece in zip(columns, pieces, strict=True)]
    first_sum = _firsts(sizes)
    first_leaf = _firsts([1 << len(piece.questions) for piece in pieces])
    sums, leaves = np.zeros(int(first_sum[-1])), np.zeros(int(first_leaf[-1]))
    for number, (piece, names) in enumerate(zip(pieces, columns, strict=True)):
        patterns, start = 1 << len(piece.questions), int(first_sum[number])
        ends = leaves[first_leaf[number] : first_leaf[number + 1]]
        table = sums[start : start + len(names) * patterns].reshape(len(names), patterns)
        for value, features, shares, masks, wants in piece.leaves:
            place = _ints(names.index(number) for number in features)
            many = len(features)
            room = np.zeros((1 << many, many))
            _leaf(value, np.array(shares), _ints(masks), _ints(wants), place, np.zeros(many), room, table, ends)
    return Tables(
        feature=_ints(question.feature for question in questions),
        kind=_ints(question.kind for question in questions),
        above=np.array([question.above for question in questions]),
        up_to=np.array([question.up_to for question in questions]),
        nan=_ints(question.nan for question in questions),
        zero=_ints(question.zero for question in questions),
        first_category=_firsts([len(each) for each in listed]),
        categories=np.array([byte for each in listed for byte in each], np.uint8),
        first_question=_firsts([len(piece.questions) for piece in pieces]),
        first_column=_firsts([len(each) for each in columns]),
        column=_ints(number for each in columns for number in each),
        first_sum=first_sum,
        sums=sums,
        first_leaf=first_leaf,
        leaves=leaves,
        expected=expected,
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array([int(value) for value in values], np.int64)


def _firsts(sizes: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@threaded
def _leaf(value, shares, masks, wants, place, power, room, table, ends):  # type: ignore[no-untyped-def]
    """Add one leaf to a piece's table, by way of its contributions for each pattern of satisfied features."""
    many = len(shares)
    for pattern in range(1 << many):
        for one in range(many):
            satisfied = 1.0 if pattern >> one & 1 else 0.0
            room[pattern, one] = value * _weight(shares, pattern, one, power) * (satisfied - shares[one])
    for answers in range(table.shape[1]):
        pattern = 0
        for one in range(many):
            if answers & masks[one] == wants[one]:
                pattern |= 1 << one
        for one in range(many):
            table[place[one], answers] += room[pattern, one]
        if pattern == (1 << many) - 1:
            ends[answers] = value


@inlined
def _weight(shares, pattern, one, power):  # type: ignore[no-untyped-def]
    """How much it counts whether a row satisfies one feature, over all orders in which features may become known.

    A set of m known others weighs m! (d - 1 - m)! / d!; `power` collects the products over such sets, as the
    coefficients of a polynomial.
    """
    many, degree = len(shares), 0
    power[:] = 0.0
    power[0] = 1.0
    for other in range(many):
        if other != one:
            satisfied = 1.0 if pattern >> other & 1 else 0.0
            degree += 1
            for m in range(degree, 0, -1):
                power[m] = power[m] * shares[other] + power[m - 1] * satisfied
            power[0] *= shares[other]
    total, weight = 0.0, 1.0 / many
    for m in range(many):
        total += power[m] * weight
        weight *= (m + 1) / max(1, many - 1 - m)
    return total
