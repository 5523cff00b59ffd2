"""The champion against rivals on several worlds: measured once, told as means and paired differences."""

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.champion import CHAMPION, GAP, Found, measured, show
from training.benchmark.run import chosen_entries


def test_a_world_is_measured_once_for_each_entry(tmp_path: Path) -> None:
    """What is kept is not asked again, and only what is missing is."""
    few, more = chosen_entries(["checklist"], ()), chosen_entries(["checklist", "region rule"], ())
    first = measured(tmp_path, "time", 1, 2_000, few)
    shutil.rmtree(tmp_path / "worlds-2000")
    assert repr(measured(tmp_path, "time", 1, 2_000, few)) == repr(first)  # what cannot be told is NaN
    assert not (tmp_path / "worlds-2000").exists()
    both = measured(tmp_path, "time", 1, 2_000, more)
    assert repr(both["checklist"]) == repr(first["checklist"])
    assert set(both) == {"checklist", "region rule"}


def test_the_table_tells_how_far_ahead_the_champion_is_in_the_same_worlds() -> None:
    """Two worlds, and what its probabilities said."""

    def world(champion: float, rival: float) -> Found:
        figures = {
            name: {"ap": ap, "auc": ap, "recall": ap, "found_ap": ap}
            for name, ap in ((CHAMPION, champion), ("rival", rival))
        }
        said = {"said": 0.01, "said_of_judged": 0.2, "said_of_top": 0.1}
        return figures | {
            GAP: said | {"diverted": 0.03, "found_of_judged": 0.2, "diverted_of_top": 0.4},
        }

    told = io.StringIO()
    show([world(0.5, 0.4), world(0.6, 0.48)], Console(file=told, width=200))
    assert "+0.110 [-0.017, +0.237]" in told.getvalue()
    rows = {row.split("│")[1].strip(): row for row in told.getvalue().splitlines() if row.startswith("│")}
    assert "-0.020 [-0.020, -0.020] │ 3.0, 3.0" in rows["diverted, of all lines"]
    assert "0.200 │ 0.200 │ +0.000" in rows["found diverted, of the lines that somebody judged"]


@pytest.mark.parametrize("name", ["dropping", "corrected"])
def test_policies_for_lines_without_a_finding_are_entries(name: str) -> None:
    """By module and class."""
    (entry,) = chosen_entries(["checklist"], [f"training.benchmark.champion:{name}"])[1:]
    assert entry.name.startswith("unknown")
