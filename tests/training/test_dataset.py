"""The training set as of a date."""

import numpy as np
import pyarrow as pa
import pytest

from features.measures import DAY, Refused
from features.vector import FeatureTable
from tests.training.made import FEATURES, LATER, chosen, finding, findings, lines, world
from training.dataset import feature, training_set


def table(rows: list[dict[str, object]]) -> FeatureTable:
    return FeatureTable(FEATURES, np.arange(4.0 * len(rows)).reshape(-1, 4), lines(rows))


SAID = findings(finding("o0"), finding("o1", outcome="cleared"), finding("o2", outcome="inconclusive"))


def test_unknown_lines_count_a_little_or_not_at_all() -> None:
    """And inconclusive ones never do."""
    made = table([{}] * 4)
    weak = training_set(made, SAID, LATER, unknown="weak", weak_weight=0.05)
    drop = training_set(made, SAID, LATER, unknown="drop")
    assert (weak.target.tolist(), weak.weight.tolist()) == ([1, 0, 0], [1, 1, 0.05])
    assert (drop.target.tolist(), drop.weight.tolist()) == ([1, 0], [1, 1])
    assert drop.lines_left_out == {"inconclusive": 1, "unknown": 1}


def test_what_was_done_with_the_unknown_is_stated() -> None:
    """The statement goes into the output and the card."""
    made = table([{}] * 4)
    assert "not diverted with weight 0.05" in training_set(made, SAID, LATER).statement()
    assert "without a finding are left out" in training_set(made, SAID, LATER, unknown="drop").statement()


def test_young_lines_without_a_finding_are_left_out() -> None:
    """Their finding may be on the way; judged ones stay, however young."""
    made = table([{"t": 40 * DAY}, {"t": 150 * DAY}, {"t": 40 * DAY}, {"t": 150 * DAY}])
    said = findings(finding("o0"), finding("o1", outcome="cleared"))
    past = training_set(made, said, 200 * DAY, maturity_days=90)
    assert past.table.lines.column("order_id").to_pylist() == ["o0", "o2", "o1"]
    assert past.lines_left_out["too young"] == 1


def test_a_withheld_order_is_never_clean() -> None:
    """It was never shipped, so nothing could happen to it."""
    statuses = pa.table({"position": [9], "known_at": [50 * DAY], "order_id": ["o3"], "status": ["withheld"]})
    past = training_set(table([{}] * 4), SAID, LATER, statuses=statuses)
    assert past.lines_left_out["never shipped"] == 1
    assert len(past.target) == 2


def test_lines_from_the_date_on_do_not_teach() -> None:
    """Nor do findings that were not known by then."""
    made, said = world(200)
    past = training_set(made, said, 50 * DAY)
    assert past.t.max() < 50 * DAY
    assert past.labels.known_at.max() < 50 * DAY


def test_rows_keep_their_vectors() -> None:
    """Sorting by time moves vector, line and label together."""
    made = table([{"t": 3 * DAY}, {"t": 1 * DAY}])
    past = training_set(made, findings(finding("o0"), finding("o1", outcome="cleared")), LATER)
    assert past.target.tolist() == [0, 1]
    assert feature(past.table, "quantity").tolist() == [4.0, 0.0]


def test_one_kind_alone_is_refused() -> None:
    """Nothing can be learned from it, and the message says what to do."""
    with pytest.raises(Refused, match="0 diverted among"):
        training_set(table([{}] * 3), findings(), LATER)


def test_the_fingerprint_tells_training_sets_apart() -> None:
    """Equal content, equal fingerprint."""
    assert chosen(60).fingerprint() == chosen(60).fingerprint()
    assert chosen(60).fingerprint() != chosen(60, seed=2).fingerprint()
