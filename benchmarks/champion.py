"""The champion against its rivals on worlds of several seeds: ranks by the truth and by findings, paired by world.

Run: ``python -m benchmarks.champion`` (``--seeds 10``; ``--task unseen``). ``--entry catboost`` adds one of those that
``diversion benchmark`` knows, ``--entry training.benchmark.champion:corrected`` a policy for lines without a finding.
Figures of a seed are kept in the folder of run-time files, and a run goes on after the last that is there. The champion
was chosen on seeds from 11 on.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.machine import home
from benchmarks.paired import paired
from training.benchmark.champion import Champion
from training.benchmark.entries import Entry
from training.benchmark.run import TASKS, chosen_entries, run
from training.benchmark.tasks import SCENARIO, TaskName
from training.benchmark.tasks import task as task_of
from training.benchmark.world import World, world

CHAMPION = "champion"
USUAL = ("two-term rule", "checklist", "isolation forest", "logistic", "reference", CHAMPION)
MEASURES = {
    "ap": "AP on truth",
    "auc": "AUC on truth",
    "recall": "recall at 2 % on truth",
    "found_ap": "AP on findings",
}

GAP = "calibration"
GAPS = (
    ("said_of_judged", "found_of_judged", "found diverted, of the lines that somebody judged"),
    ("said", "diverted", "diverted, of all lines"),
    ("said_of_top", "diverted_of_top", "diverted, of the 2 % that rank highest"),
)

Found = dict[str, dict[str, float]]
"""By entry, then by measure."""


def measured(folder: Path, task: TaskName, seed: int, orders: int | None, entries: Sequence[Entry]) -> Found:
    """The figures of a world, those already kept and those that are missing."""
    path, worlds = folder / f"{task}-{orders or 'full'}-{seed}.json", folder / f"worlds-{orders or 'full'}"
    kept: Found = json.loads(path.read_text()) if path.exists() else {}
    missing = [each for each in entries if each.name not in kept or (each.name == CHAMPION and GAP not in kept)]
    rows = run(worlds, missing, [task], seed=seed, orders=orders, draws=1) if missing else ()
    kept |= {row.entry: {name: getattr(row, name).value for name in MEASURES} for row in rows}
    champion = next((each for each in missing if isinstance(each, Champion) and each.name == CHAMPION), None)
    if champion is not None:
        scenario = SCENARIO[task]
        kept[GAP] = _gap(champion, world(worlds / f"{scenario}-{seed}", scenario, seed, orders), task)
    path.write_text(json.dumps(kept, indent=1))
    return {name: kept[name] for name in (*(entry.name for entry in entries), GAP) if name in kept}


def _gap(champion: Champion, given: World, name: TaskName) -> dict[str, float]:
    """What the champion's probabilities say of the judged lines, and how many were found and were diverted."""
    asked = task_of(given, name)
    probability = champion.probabilities(asked.judge)
    top = np.argsort(-probability, kind="stable")[: len(probability) // 50]
    judged = ~np.isnan(asked.found)
    return {
        "said": float(probability.mean()),
        "diverted": float(asked.truth.mean()),
        "said_of_judged": float(probability[judged].mean()),
        "found_of_judged": float(asked.found[judged].mean()),
        "said_of_top": float(probability[top].mean()),
        "diverted_of_top": float(asked.truth[top].mean()),
    }


def show(found: Sequence[Found], console: Console) -> None:
    """Means over worlds, and what the champion is ahead by, paired by world."""
    columns = [*MEASURES.values(), "champion ahead in AP on truth", "ahead in AP on findings"]
    table = Table(
        *("entry", *columns), caption=f"{len(found)} worlds; means, and 95 % t intervals of paired differences"
    )
    for name in (name for name in found[0] if name != GAP):
        means = [f"{np.mean([each[name][measure] for each in found]):.3f}" for measure in MEASURES]
        ahead = [paired(_ahead(found, name, measure)) for measure in ("ap", "found_ap")] if name != CHAMPION else []
        table.add_row(name, *means, *ahead)
    console.print(table)
    gaps = [each[GAP] for each in found if GAP in each]
    if gaps:
        console.print(_gaps(gaps))


def _gaps(gaps: Sequence[dict[str, float]]) -> Table:
    """What the champion said and what was, on the mean and by world."""
    table = Table(
        *("share", "said", "was", "said more by", "was, for each one said, by world"),
        caption=f"Calibrated on findings, {len(gaps)} worlds; means, 95 % t interval of the paired difference",
    )
    for said, happened, of_what in GAPS:
        told, was = (np.array([gap[name] for gap in gaps]) for name in (said, happened))
        ratios = ", ".join(f"{each:.1f}" for each in was / told)
        table.add_row(of_what, f"{told.mean():.3f}", f"{was.mean():.3f}", paired(told - was), ratios)
    return table


def _ahead(found: Sequence[Found], name: str, measure: str) -> Any:
    return np.array([each[CHAMPION][measure] - each[name][measure] for each in found])


def main() -> None:
    """Measure what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--task", default="time", choices=TASKS)
    parser.add_argument("--orders", type=int, help="smaller worlds, for a first look")
    parser.add_argument("--entry", action="append", default=[], help="one more, by name or as module:Class")
    asked = parser.parse_args()
    folder = home() / "champion"
    folder.mkdir(parents=True, exist_ok=True)
    own = [name for name in asked.entry if ":" in name]
    entries, console = chosen_entries([*USUAL, *(set(asked.entry) - set(own))], own), Console()
    seeds = track(range(1, asked.seeds + 1), "worlds", console=Console(stderr=True))
    show([measured(folder, asked.task, seed, asked.orders, entries) for seed in seeds], console)


if __name__ == "__main__":
    main()
