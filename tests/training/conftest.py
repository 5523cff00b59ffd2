"""A trade in which big orders through one port are diverted, in a record, and a model trained on it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from features.catalog.all import catalogue
from features.measures import DAY
from features.record import Record
from features.trade import Finding, Order, attributes
from tests.factory import T0, finding, line, order
from training.building import Capacity
from training.train import Trained, train

UNTIL = T0 + 300 * DAY
FEATURES = catalogue(("port",))


def trade(days: int = 400, seed: int = 4) -> Iterator[Order | Finding]:
    """An order a day by twelve resellers; big orders through port XX are diverted, and found out five days later."""
    dice = np.random.default_rng(seed)
    for day in range(days):
        units, port = int(dice.integers(1, 10)), str(dice.choice(["LA", "NY", "XX"]))
        of_line = line(units=units, amount=units * 1_000, attributes=attributes({"port": port}))
        at = T0 + day * DAY
        yield order(f"o{day}", reseller=f"r{day % 12}", at=at, lines=(of_line,))
        diverted = units + 4 * (port == "XX") + dice.normal() > 10
        outcome = "diverted" if diverted else "cleared"
        yield finding(f"f{day}", outcome, order_id=f"o{day}", line_id="1", at=at + 5 * DAY, source="audit")


@pytest.fixture(scope="session")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The trade, in a record."""
    with Record.open(f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}") as opened:
        opened.append(trade(), source="made", recorded_at=T0 + 500 * DAY)
        yield opened


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def trained(traded: Record, home: Path) -> Trained:
    return train(traded, FEATURES, until=UNTIL, home=home, capacity=Capacity(0.1), threads=1)
