"""One world of the usual size for all tests of this room."""

import csv
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from training.simulator import Summary, simulate

Rows = list[dict[str, str]]


class World:
    """The files of one simulated world, read when asked for."""

    def __init__(self, folder: Path, scenario: str = "small", seed: int = 11, orders: int | None = None) -> None:
        self.folder = folder
        self.summary: Summary = simulate(folder, seed=seed, scenario_name=scenario, orders=orders)
        self._read: dict[str, Rows] = {}

    def rows(self, name: str) -> Rows:
        """The rows of a file, such as ``orders`` or ``sealed/truth``."""
        if name not in self._read:
            with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self._read[name] = list(csv.DictReader(file))
        return self._read[name]

    @cached_property
    def orders(self) -> dict[str, dict[str, str]]:
        """Each order's first row with the truth beside it, by order id."""
        joined: dict[str, dict[str, str]] = {}
        for row, truth in zip(self.rows("orders"), self.rows("sealed/truth"), strict=True):
            joined.setdefault(row["order_id"], row | truth)
        return joined

    @cached_property
    def releases(self) -> list[dict[str, Any]]:
        """The procurement releases, in the order of the file."""
        lines = (self.folder / "evidence" / "awards.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world of 60,000 orders: enough for shares to mean something."""
    return World(tmp_path_factory.mktemp("world"), "standard", orders=60_000)
