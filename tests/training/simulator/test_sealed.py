"""The truth is sealed: nothing that makes features, trains, judges or serves opens it."""

import re
import shutil
from pathlib import Path

from features.exchange import Exchange
from features.mapping import Mapping
from features.measures import instant
from training import simulator
from training.benchmark.frozen import features, read_findings, read_lines
from training.simulator import simulate

ROOT = Path(__file__).parents[3]
GRADERS = {"training/benchmark/world.py", "training/simulator/files.py"}
"""Who writes the sealed files, and who grades finished models with them."""


def test_no_path_of_features_training_or_serving_names_the_sealed_files() -> None:
    """Only the simulator's writer and the benchmark's grader do."""
    rooms = [path for room in ("features", "models", "training", "serving") for path in (ROOT / room).rglob("*.py")]
    naming = {str(path.relative_to(ROOT)) for path in rooms if re.search(r"[\"']sealed[\"'/]", path.read_text())}
    assert naming == GRADERS


def test_the_record_and_the_frozen_features_are_the_same_without_the_truth(tmp_path: Path) -> None:
    """Everything open is read from a folder in which the sealed files never lay."""
    simulate(tmp_path / "whole", seed=3, orders=1500)
    shutil.copytree(tmp_path / "whole", tmp_path / "open", ignore=shutil.ignore_patterns("sealed"))
    mapping, now = Mapping.load(Path(simulator.__file__).parent / "mapping.toml"), instant("2030-01-01T00:00:00Z")
    whole, without = (
        list(mapping.read([tmp_path / name], exchange=Exchange("USD"), now=now)) for name in ("whole", "open")
    )
    assert whole == without
    tables = [features(read_lines(tmp_path / name), read_findings(tmp_path / name)) for name in ("whole", "open")]
    assert tables[0].equals(tables[1])
