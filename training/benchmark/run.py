"""A benchmark run: each entry on each task, on the truth and on observed labels side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.measures import Refused
from training.benchmark.entries import Entry, of_path, shipped
from training.benchmark.resellers import reseller_task, scores_of_resellers
from training.benchmark.tasks import SCENARIO, Task, TaskName, task
from training.benchmark.world import World, world
from training.intervals import Interval, bootstrap
from training.metrics import Ranking, at_capacity, auc, average_precision

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

TASKS: tuple[TaskName, ...] = ("time", "unseen", "rare", "drift")
RESELLERS = "resellers"
REVIEWED = 0.02
"""Share of the lines (or resellers: a tenth) that people look at."""

REVIEWED_RESELLERS = 0.1


@dataclass(frozen=True)
class Row:
    """One entry on one task: by the truth, and by the findings there are."""

    task: str
    entry: str
    ap: Interval
    auc: Interval
    recall: Interval
    found_ap: Interval
    lines: int
    diverted: int
    found: int
    judged: int

    def to_json(self) -> dict[str, Any]:
        """The row as JSON types; an interval as value, low, high."""
        return {
            name: [value.value, value.low, value.high] if isinstance(value, Interval) else value
            for name, value in vars(self).items()
        }


def run(
    folder: Path,
    entries: Sequence[Entry],
    tasks: Sequence[str],
    *,
    seed: int = 1,
    orders: int | None = None,
    draws: int = 500,
    progress: Progress | None = None,
) -> list[Row]:
    """Every entry on every task; worlds lie in `folder` and are made where they are missing."""
    say = progress or _say_nothing
    for name in tasks:
        if name != RESELLERS:
            _known(name)
    rows: list[Row] = []
    worlds: dict[str, World] = {}
    for name in tasks:
        scenario = SCENARIO.get(name, "standard")
        say(f"{name}: reading the world", 0.0)
        if scenario not in worlds:
            worlds = {scenario: world(folder / f"{scenario}-{seed}", scenario, seed, orders)}
        for number, entry in enumerate(entries):
            say(f"{name}: {entry.name}", number / len(entries))
            if name == RESELLERS:
                rows.append(_of_resellers(worlds[scenario], entry, draws))
            else:
                rows.append(_of_lines(task(worlds[scenario], _known(name)), entry, draws))
    return rows


def chosen_entries(only: Sequence[str], own: Sequence[str]) -> list[Entry]:
    """The shipped entries, or those named in `only`, and somebody's own, as ``module:Class``."""
    every = {entry.name: entry for entry in shipped()}
    for name in only:
        if name not in every:
            raise Refused("only", name, "is no entry that is installed", f"use one of {', '.join(every)}")
    return [*(every[name] for name in (only or every)), *map(of_path, own)]


def _known(name: str) -> TaskName:
    for known in TASKS:
        if known == name:
            return known
    raise Refused("task", name, "is no task", f"use one of {', '.join((*TASKS, RESELLERS))}")


def _of_lines(of: Task, entry: Entry, draws: int) -> Row:
    entry.fit(of.teach)
    score = np.asarray(entry.score(of.judge), np.float64)
    group = np.unique(of.judge.world.reseller[of.judge.rows].astype(str), return_inverse=True)[1]
    return _row(of.name, entry.name, score, of.truth, of.found, group, REVIEWED, draws)


def _of_resellers(of: World, entry: Entry, draws: int) -> Row:
    asked = reseller_task(of)
    score = scores_of_resellers(asked, entry)
    group = np.arange(len(score))
    return _row(RESELLERS, entry.name, score, asked.truth, asked.found, group, REVIEWED_RESELLERS, draws)


def _row(
    name: str,
    entry: str,
    score: Floats,
    truth: Floats,
    found: Floats,
    group: NDArray[np.intp],
    share: float,
    draws: int,
) -> Row:
    by_truth = _measured(score, truth, group, share, draws)
    judged = ~np.isnan(found)
    own_group = np.unique(group[judged], return_inverse=True)[1]
    by_found = _measured(score[judged], found[judged], own_group, share, draws)
    return Row(
        task=name,
        entry=entry,
        ap=by_truth["ap"],
        auc=by_truth["auc"],
        recall=by_truth["recall"],
        found_ap=by_found["ap"],
        lines=len(truth),
        diverted=int(truth.sum()),
        found=int(np.nansum(found)),
        judged=int(judged.sum()),
    )


def _measured(score: Floats, label: Floats, group: NDArray[np.intp], share: float, draws: int) -> dict[str, Interval]:
    ranking = Ranking.of(score, label, group)

    def statistic(multiplicity: Floats) -> dict[str, Floats]:
        counts = ranking.counts(multiplicity)
        recall = at_capacity(*counts, share)[1]
        return {"ap": average_precision(*counts), "auc": auc(*counts), "recall": recall}

    groups = int(group.max()) + 1
    sample = bootstrap({"entry": statistic}, groups, 2 * int(label.sum()) + 1, draws)["entry"]
    return {name: sample.interval(name) for name in sample.value}


def _say_nothing(step: str, share: float) -> None:
    """Nobody listens."""
