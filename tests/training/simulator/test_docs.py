"""The page of the world says what the code does."""

import re
from pathlib import Path

from tests.training.simulator.conftest import World
from training.benchmark.gates import GATES
from training.simulator.scenario import NAME, SCENARIOS, VERSION
from training.simulator.typologies import TYPOLOGIES

PAGE = (Path(__file__).parents[3] / "docs" / "world.md").read_text(encoding="utf-8")


def test_the_page_names_the_benchmark_and_every_scenario() -> None:
    """Name, version, scenarios."""
    assert PAGE.startswith(f"# The world `{NAME}`, version {VERSION}\n")
    assert not [name for name in SCENARIOS if f"| `{name}` |" not in PAGE]


def test_the_page_tells_every_story_and_its_twin() -> None:
    """Word for word."""
    for typology in TYPOLOGIES:
        assert f"| {typology.code} | {typology.story} | {typology.twin_story} |" in PAGE


def test_the_page_shows_every_gate() -> None:
    """With what was measured."""
    assert not [gate.measure for gate in GATES if f"| `{gate.measure}` |" not in PAGE]


def test_the_dates_of_the_readme_leave_findings_that_judge(tmp_path: Path) -> None:
    """Of both kinds, on orders that the model it trains has not seen."""
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (until,) = re.findall(r"^diversion train --until (\S+)$", readme, re.MULTILINE)
    (since,) = re.findall(r"^diversion evaluate --from (\S+)$", readme, re.MULTILINE)
    small = World(tmp_path, seed=2021)  # that of `make run`
    later = [row["outcome"] for row in small.rows("findings") if small.orders[row["order_id"]]["ordered_at"] >= since]
    assert since == until
    assert min(later.count("diverted"), later.count("cleared")) >= 10
