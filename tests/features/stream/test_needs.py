"""How views are put together so that they fit into memory."""

from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import sales
from features.catalog.all import catalogue
from features.facts.encode import Ints
from features.stream.needs import MOST_PARTS, Distinct, Needs, Pass, part_of
from features.translation import Translation, appended
from features.windows.feature_set import FeatureSet
from features.windows.plan import compile_plan
from features.windows.state import bytes_held, empty_state
from features.windows.steps import Steps, carry_out

WHOLE = catalogue()


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ints, Steps]:
    """Encoded lines of three years, and their steps, in the order of time."""
    folder: Path = tmp_path_factory.mktemp("trade")
    sales.make(folder, 60_000)
    lines = pa.concat_tables([pq.read_table(file) for file in sales.files(folder)])
    lines = lines.sort_by([("t", "ascending"), ("position", "ascending"), ("line_no", "ascending")])
    translation = Translation(WHOLE, sales.others(folder))
    rows = translation.encode(lines)
    position = lines["position"].to_numpy()
    return rows, appended(lines, position, rows[:, translation.flags_column])


@pytest.fixture(scope="module")
def needs(trade: tuple[Ints, Steps]) -> Needs:
    """What was learned of them, some lines at a time."""
    rows, steps = trade
    learned = Needs(WHOLE)
    for start in range(0, len(rows), 5_000):
        some = np.arange(start, min(start + 5_000, len(rows)))
        learned.see(rows[some], Steps(*(getattr(steps, name)[some] for name in Steps.__slots__)))
    return learned


@pytest.mark.parametrize("view", range(len(WHOLE.views)), ids=lambda view: WHOLE.views[view].entity)
def test_a_view_takes_no_more_than_it_was_thought_to(view: int, trade: tuple[Ints, Steps], needs: Needs) -> None:
    """And not so much less that passes would be wasted."""
    rows, steps = trade
    plan = compile_plan(FeatureSet((), (WHOLE.views[view],)))
    held = bytes_held(carry_out(empty_state(plan), plan, steps, rows, np.empty((0, 0))))
    assert held <= needs.bytes_of((view,)) < 6 * held


def test_every_view_is_in_one_pass_within_the_budget(needs: Needs) -> None:
    """Small budgets make more passes, and split what is too large alone."""
    for budget in (1 << 40, 60 << 20, 12 << 20):
        passes = list(needs.passes(budget))
        found = sorted(chain.from_iterable(one.views for one in passes if one.part == 0))
        assert found == list(range(len(WHOLE.views)))
        assert all(needs.bytes_of(one.views, one.parts) <= budget or one.parts == MOST_PARTS for one in passes)
        assert {one.parts for one in passes} == {1} or budget < 60 << 20


def test_the_parts_of_a_view_are_all_of_its_lines(trade: tuple[Ints, Steps]) -> None:
    """Each line once, but for those without an entity."""
    rows, _ = trade
    end_user = [view.entity for view in WHOLE.views].index("end_user")
    plan = compile_plan(FeatureSet((), (WHOLE.views[end_user],)))
    times = np.sum([part_of(rows, plan, Pass((end_user,), part, 4)) for part in range(4)], axis=0)
    assert set(np.unique(times)) == {0, 1}
    assert (times == 0).mean() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("number", [0, 500, 200_000])
def test_different_hashes_are_counted_within_a_tenth(number: int) -> None:
    """Exactly, where they are few."""
    hashes = np.random.default_rng(0).integers(0, 2**64, number, np.uint64)
    distinct = Distinct()
    for part in np.array_split(np.concatenate([hashes, hashes]), 7):
        distinct.see(part)
    assert distinct.count() == (number if number < 1000 else pytest.approx(number, rel=0.1))
