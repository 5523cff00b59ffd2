"""Parts of the trade, and models without a family of features."""

import numpy as np

from tests.training import made
from training.ablations import ablated, without
from training.judging import Candidate, judging_rows
from training.slices import part, resellers_before, slices


def test_a_slice_says_what_is_found_and_whom_it_burdens() -> None:
    """Unseen resellers are a slice; below ten positives nothing is estimated of its recall."""
    table, said = made.world(800)
    rows = judging_rows(table, said, start=0, end=made.LATER)
    model = Candidate("model", table.values[:, 0], calibrated=False, threshold=3.0)
    known = frozenset(f"r{i}" for i in range(30))
    found = {each.name: each for each in slices(rows, model, known, draws=50)}
    unseen = found["unseen resellers"]
    assert unseen.lines == 200
    assert unseen.recall.low <= unseen.recall.value <= unseen.recall.high
    assert unseen.ratio.endswith("x")
    few = slices(rows, model, frozenset(f"r{i}" for i in range(38)), draws=20)[-1]
    assert (few.name, np.isnan(few.ap.value)) == ("unseen resellers", few.positives < 10)


def test_a_part_is_numbered_anew() -> None:
    """Groups and orders from 0, labels in place."""
    table, said = made.world(100)
    rows = judging_rows(table, said, start=0, end=made.LATER)
    mask = np.arange(100) >= 40
    left = part(rows, mask)
    assert (left.label == rows.label[mask]).all()
    assert (left.order.max(), left.order.min()) == (29, 0)


def test_resellers_are_known_by_their_first_order() -> None:
    """One that comes later is unseen."""
    lines = made.lines([{"reseller_id": "a"}, {"reseller_id": "b"}, {"reseller_id": "c"}])
    assert resellers_before(lines, 2 * 86_400_000_000) == {"a", "b"}


def test_an_ablation_does_not_see_the_family() -> None:
    """The made features hold a finding rate and no place: one ablation changes what the trees are given."""
    blank = without(made.FEATURES)
    assert blank["without findings"].tolist() == [False, False, False, True]
    assert not blank["without location"].any()
    chosen = made.chosen(400)
    table, said = made.world(400)
    rows = judging_rows(table, said, start=0, end=made.LATER)
    assert [each.name for each in ablated(chosen, rows)] == list(blank)
