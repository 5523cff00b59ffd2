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
from training.benchmark.entries import Entry
from training.benchmark.run import TASKS, chosen_entries, run

CHAMPION = "champion"
USUAL = ("two-term rule", "checklist", "isolation forest", "logistic", "reference", CHAMPION)
MEASURES = {
    "ap": "AP on truth",
    "auc": "AUC on truth",
    "recall": "recall at 2 % on truth",
    "found_ap": "AP on findings",
}

Found = dict[str, dict[str, float]]
"""By entry, then by measure."""


def measured(folder: Path, task: str, seed: int, entries: Sequence[Entry]) -> Found:
    """The figures of a world, those already kept and those that are missing."""
    path = folder / f"champion-{task}-{seed}.json"
    kept: Found = json.loads(path.read_text()) if path.exists() else {}
    missing = [entry for entry in entries if entry.name not in kept]
    for row in run(folder / "worlds", missing, [task], seed=seed, draws=1) if missing else ():
        kept[row.entry] = {name: getattr(row, name).value for name in MEASURES}
    path.write_text(json.dumps(kept, indent=1))
    return {entry.name: kept[entry.name] for entry in entries}


def show(found: Sequence[Found], console: Console) -> None:
    """Means over worlds, and what the champion is ahead by, paired by world."""
    columns = [*MEASURES.values(), "champion ahead in AP on truth", "ahead in AP on findings"]
    table = Table(
        *("entry", *columns), caption=f"{len(found)} worlds; means, and 95 % t intervals of paired differences"
    )
    for name in found[0]:
        means = [f"{np.mean([world[name][measure] for world in found]):.3f}" for measure in MEASURES]
        ahead = [paired(_ahead(found, name, measure)) for measure in ("ap", "found_ap")] if name != CHAMPION else []
        table.add_row(name, *means, *ahead)
    console.print(table)


def _ahead(found: Sequence[Found], name: str, measure: str) -> Any:
    return np.array([world[CHAMPION][measure] - world[name][measure] for world in found])


def main() -> None:
    """Measure what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--task", default="time", choices=TASKS)
    parser.add_argument("--entry", action="append", default=[], help="one more, by name or as module:Class")
    asked = parser.parse_args()
    folder = home() / "champion"
    folder.mkdir(parents=True, exist_ok=True)
    own = [name for name in asked.entry if ":" in name]
    entries, console = chosen_entries([*USUAL, *(set(asked.entry) - set(own))], own), Console()
    seeds = track(range(1, asked.seeds + 1), "worlds", console=Console(stderr=True))
    show([measured(folder, asked.task, seed, entries) for seed in seeds], console)


if __name__ == "__main__":
    main()
