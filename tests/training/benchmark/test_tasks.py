"""The tasks: what teaches, what judges, and that nothing passes from one to the other."""

import numpy as np
import pandas as pd

from training.benchmark.frozen import features
from training.benchmark.resellers import reseller_task
from training.benchmark.tasks import task
from training.benchmark.world import World


def test_what_judges_comes_after_what_teaches(small: World) -> None:
    """And orders that were never shipped do not judge."""
    time = task(small, "time")
    assert small.t[time.teach.rows].max() < small.trained_until <= small.t[time.judge.rows].min()
    assert small.shipped[time.judge.rows].all()


def test_held_out_resellers_teach_nothing(small: World) -> None:
    """About a fifth of them, and they alone judge."""
    unseen = task(small, "unseen")
    taught, judged = set(small.reseller[unseen.teach.rows]), set(small.reseller[unseen.judge.rows])
    assert not taught & judged
    assert 0.1 < len(judged) / len(taught | judged) < 0.3


def test_labels_of_the_teaching_lines_are_those_known_by_then(small: World) -> None:
    """Some are wrong, most diversions have none: an entry never sees the truth."""
    teach = task(small, "time").teach
    known = small.findings[(small.findings["outcome"] == "diverted") & (small.findings["known"] * 10**6 < teach.until)]
    orders = small.lines["order_id"].to_numpy()[teach.rows[teach.label == 1]]
    assert set(orders) <= set(known["order_id"])
    assert 0 < teach.label.sum() < small.diverted[teach.rows].sum()


def test_later_orders_and_findings_change_no_frozen_feature(small: World) -> None:
    """The features of the first half are the same where the second half never was."""
    half = len(small.lines) // 2
    half -= int((small.lines["order_id"].iloc[:half] == small.lines["order_id"].iloc[half]).sum())
    first = small.lines.iloc[:half]
    until = first["seconds"].iloc[-1]
    known = small.findings[(small.findings["known"] < until) & small.findings["order_id"].isin(set(first["order_id"]))]
    without = ["category", "end_user_class", "reseller_shares_address"]  # codes of values, and a fact of the master
    alone = features(first, known).drop(columns=without)
    pd.testing.assert_frame_equal(alone, small.features.iloc[:half].drop(columns=without))


def test_the_reseller_task_has_one_row_a_reseller(small: World) -> None:
    """Truth: any line of its year was diverted."""
    asked = reseller_task(small)
    rows = small.t >= small.trained_until
    diverting = set(small.reseller[rows & small.diverted & small.shipped])
    assert asked.rows.index.is_unique
    assert set(asked.rows.index[asked.truth == 1]) == diverting
    assert np.isnan(asked.found).any()
