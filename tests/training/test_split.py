"""Splits go forward in time, or hold out whole resellers."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.measures import DAY
from training.split import forward_folds, forward_parts, unseen_resellers

days = st.lists(st.integers(0, 50), min_size=3, max_size=60).map(lambda each: np.array(each, np.int64) * DAY)


@given(t=days, gap=st.integers(0, 5))
def test_parts_follow_each_other_with_a_gap(t: np.ndarray, gap: int) -> None:
    """Each line of a part is older than each line of the next, by the gap at least."""
    parts = [t[rows] for rows in forward_parts(t, (0.5, 0.25, 0.25), gap)]
    for earlier, later in pairwise(parts):
        if len(earlier) and len(later):
            assert earlier.max() < later.min() - gap * DAY + 1


def test_lines_of_one_moment_never_part() -> None:
    """An order stays in one piece."""
    t = np.repeat(np.arange(10), 7).astype(np.int64)
    parts = [set(t[rows]) for rows in forward_parts(t, (0.55, 0.25, 0.2))]
    assert set.union(*parts) == set(range(10))
    assert sum(map(len, parts)) == 10


@given(t=days)
def test_a_fold_is_judged_by_later_lines(t: np.ndarray) -> None:
    """And no line judges twice."""
    folds = list(forward_folds(t, 3))
    judges = np.concatenate([fold.judge for fold in folds]) if folds else np.array([])
    assert len(judges) == len(set(judges.tolist()))
    for fold in folds:
        assert t[fold.teach].max() < t[fold.judge].min()


def test_unseen_resellers_teach_nothing() -> None:
    """No reseller stands on both sides."""
    resellers = [f"r{number % 50}" for number in range(500)]
    fold = unseen_resellers(resellers, share=0.3)
    teach, judge = ({resellers[row] for row in rows} for rows in (fold.teach, fold.judge))
    assert not teach & judge
    assert 5 <= len(judge) <= 25


def test_a_reseller_keeps_its_side_when_others_come() -> None:
    """Its side follows from its own name."""
    few, many = ["a", "b", "c"], ["a", "b", "c", "d", "e", "f"]
    held = {few[row] for row in unseen_resellers(few, 0.5).judge}
    assert held == {many[row] for row in unseen_resellers(many, 0.5).judge} & set(few)
