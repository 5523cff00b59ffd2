"""One world of the usual size for all tests of this room."""

import csv
from pathlib import Path

import pytest

from training.simulator import Summary, simulate

Rows = list[dict[str, str]]


class World:
    """The files of one simulated world, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary: Summary = simulate(folder, seed=11)
        self._read: dict[str, Rows] = {}

    def rows(self, name: str) -> Rows:
        """The rows of a file, such as ``orders`` or ``sealed/truth``."""
        if name not in self._read:
            with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self._read[name] = list(csv.DictReader(file))
        return self._read[name]

    def orders(self) -> dict[str, dict[str, str]]:
        """Each order's first row with the truth beside it, by order id."""
        joined: dict[str, dict[str, str]] = {}
        for row, truth in zip(self.rows("orders"), self.rows("sealed/truth"), strict=True):
            joined.setdefault(row["order_id"], row | truth)
        return joined


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world of 20,000 lines."""
    return World(tmp_path_factory.mktemp("world"))
