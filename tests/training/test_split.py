"""Splits go forward in time, or hold out whole resellers."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.measures import DAY
from tests.training.made import LATER, finding, findings, world
from training.dataset import TrainingSet, training_set
from training.evidence import ALONE, evidence_groups
from training.fit import FOLDS, fit
from training.growing import STOP_SHARES, Trees
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


groups = st.lists(st.integers(-1, 6), min_size=60, max_size=60).map(lambda each: np.array(each, np.int64))


@given(t=days, together=groups)
def test_lines_of_one_notice_never_teach_and_judge(t: np.ndarray, together: np.ndarray) -> None:
    """In folds and in parts; lines that no notice ties stay where they were."""
    together = together[: len(t)]
    pairs = [(fold.teach, fold.judge) for fold in forward_folds(t, 3, together=together)]
    pairs += list(pairwise(forward_parts(t, (0.6, 0.4), together=together)))
    plain = [(fold.teach, fold.judge) for fold in forward_folds(t, 3)] + list(pairwise(forward_parts(t, (0.6, 0.4))))
    whole = {tuple(judge): set(teach) for teach, judge in plain}
    for teach, judge in pairs:
        tied = set(together[teach]) & set(together[judge])
        assert tied <= {ALONE}
        left_out = whole[tuple(judge)] - set(teach)
        assert all(together[row] in set(together[judge]) - {ALONE} for row in left_out)


def test_notices_tie_their_orders_together() -> None:
    """Through an order of two notices too; checks tie nothing, nor does what was not known yet."""
    table, _ = world(12)
    said = findings(
        finding("o0", "0", source="notice a", outcome="inconclusive"),
        finding("o3", "1", source="notice a"),
        finding("o3", "0", source="notice b"),
        finding("o5", None, source="notice b"),
        finding("o1", "0", source="audit"),
        finding("o2", "0", source="notice a", known_at=LATER),
        finding("o4", "0", source="notice c"),
    )
    tied = dict(zip(table.lines["order_id"].to_pylist(), evidence_groups(table.lines, said, LATER), strict=True))
    assert tied["o0"] == tied["o3"] == tied["o5"] != tied["o4"]
    assert tied["o1"] == tied["o2"] == ALONE


def tied() -> TrainingSet:
    """A training set in which one notice judged an order of the first days and one of the last."""
    table, said = world(400)
    told = {"source": "notice n1", "known_at": LATER - 1, "position": 999}
    both = findings(*(finding(f"o{day}", "0", **told) for day in (3, 190)))
    return training_set(table, pa.concat_tables([said, both]), LATER)


def test_no_fold_of_a_training_set_has_one_notice_on_both_sides() -> None:
    """What judges stays whole; the early order does not teach there."""
    chosen = tied()
    order = np.array(chosen.table.lines["order_id"].to_pylist())
    folds = list(forward_folds(chosen.t, FOLDS, together=chosen.evidence))
    parts = forward_parts(chosen.t, STOP_SHARES, together=chosen.evidence)
    for teach, judge in ((folds[-1].teach, folds[-1].judge), parts):
        assert {"o190"} <= set(order[judge])
        assert {"o3", "o4"} & set(order[teach]) == {"o4"}
    assert "o3" in order[folds[0].teach]


def test_what_calibrates_was_scored_by_trees_that_saw_no_order_of_its_notices() -> None:
    """The scores of the last fold are those of trees that the early order did not teach, and of no others."""
    chosen = tied()
    fitted = fit(chosen, threads=1)
    *_, last = forward_folds(chosen.t, FOLDS, together=chosen.evidence)
    *_, careless = forward_folds(chosen.t, FOLDS)
    odds = [
        Trees({}, threads=1).grow(chosen, teach, fitted.rounds).predict(chosen.table.values[last.judge], raw_score=True)
        for teach in (last.teach, careless.teach)
    ]
    scored = fitted.later.log_odds[-len(last.judge) :]
    np.testing.assert_array_equal(scored, odds[0])
    assert not np.array_equal(scored, odds[1])
