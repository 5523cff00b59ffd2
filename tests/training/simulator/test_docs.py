"""The page of the world says what the code does."""

from pathlib import Path

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
