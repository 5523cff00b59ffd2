"""A made record with a champion, a service on it, and orders to send: what the tests of `serving` stand on."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import lightgbm as lgb
import numpy as np

from features.measures import DAY
from features.record import Event, Promotion, Record
from features.record.keys import ROLES
from features.trade import OrderLine
from features.vector import feature_table
from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from features.windows.view import ALL, Count, FindingRate, LineFeature, Mean, SinceLast, Sum, View
from models.artefact import Model, save
from models.calibration import Platt, fold
from models.classifier import Classifier
from models.policy import Policy
from models.rules import DEFAULT, load_rules
from serving.keys import create
from serving.settings import Settings
from tests import factory as a
from tests.models.made import CARD

ROOT = Path(__file__).parents[2]
NOW = a.T0 + 400 * DAY
"""When the made world ends."""

FEATURES = FeatureSet(
    lines=(
        LineFeature("product_sensitivity", "direct", ("sensitivity",), "1", "category", "its sensitivity is {value}"),
        LineFeature("value", "direct", ("value",), "1", "transaction", "it is worth {value}"),
        LineFeature(
            "ship_to_region_sensitivity", "direct", ("region_sensitivity",), "1", "location", "the level is {value}"
        ),
    ),
    views=(
        View(
            "reseller", ("reseller",), "reseller", "this reseller",
            (Count("orders", windows=(30, ALL)), Sum("units", windows=(365,)), Mean("value", windows=(365,)),
             Count("diverted", windows=(ALL,), sign=1), SinceLast(), FindingRate(sign=1)),
        ),
        View("end_user", ("end_user",), "end_user", "this end user", (Count("orders", windows=(365,)),)),
    ),
)  # fmt: skip


def _line(line_id: str, dice: np.random.Generator) -> OrderLine:
    sku, units, cents = dice.integers(4), dice.integers(1, 9), dice.integers(10**6)
    return a.line(line_id, sku=f"kit-{sku}", units=int(units), amount=int(cents), end_user_id=f"e{cents % 5}")


def history(orders: int = 300) -> list[Event]:
    """Resellers, products, orders of one to three lines and findings on a tenth of them, all before `NOW`."""
    dice = np.random.default_rng(5)
    events: list[Event] = [a.reseller(f"r{n}", at=a.T0) for n in range(8)]
    events += [a.product(f"kit-{n}", at=a.T0, sensitivity=n) for n in range(4)]
    events.append(a.rate("EUR", "1.25", at=a.T0))
    for number in range(orders):
        at = a.T0 + DAY + number * 390 * DAY // orders
        lines = tuple(_line(str(n), dice) for n in range(dice.integers(1, 4)))
        events.append(a.order(f"h{number}", reseller=f"r{dice.integers(8)}", at=at, lines=lines))
        if number % 10 == 3:
            outcome = "diverted" if dice.random() < 0.4 else "cleared"
            events.append(a.finding(f"f{number}", outcome, order_id=f"h{number}", at=at + DAY // 4))
    return events


@cache
def model(seed: int = 1, features: FeatureSet = FEATURES) -> Model:
    """A model trained on noise over the made history: what it says does not matter, that it says it does."""
    dice = np.random.default_rng(seed)
    values = dice.gamma(2, 2, (500, len(features.names)))
    values[dice.random(values.shape) < 0.2] = np.nan
    labels = (np.nan_to_num(values[:, 1] + values[:, 3]) + dice.normal(0, 1, 500) > 8).astype(np.int64)
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 7, "num_threads": 1, "seed": seed}
    data = lgb.Dataset(values, labels, feature_name=list(features.names))
    classifier = Classifier(fold(str(lgb.train(settings, data, 20).model_to_string()), Platt(1.1, -0.3)))
    policy = Policy.from_capacity(classifier.predict(values), 0.3)
    return Model(classifier, features, policy, load_rules(DEFAULT), Platt(1.1, -0.3), CARD, kernel_version=VERSION)


def promote(record: Record, home: Path, chosen: Model | None = None, at: int = NOW) -> Promotion:
    """Make a model the champion, as `training.promote` does."""
    chosen = chosen or model()
    folder = home / "models" / chosen.fingerprint
    if not folder.exists():
        save(chosen, folder)
    event = a.promotion(f"p-{at}", model=chosen.fingerprint, at=at, artefact=f"models/{chosen.fingerprint}")
    record.append([event], source="test", recorded_at=at)
    return event


def keys_of(settings: Settings) -> dict[str, str]:
    """A key for each role, new in the record."""
    with Record.open(settings.record_url) as record:
        return {role: create(record, f"the test's {role}", [role], NOW)[0] for role in ROLES}


def world(url: str, home: Path, orders: int = 300) -> Settings:
    """A record with a history and a champion; returns the settings of a service on it."""
    with Record.open(url) as record:
        receipt = record.append(history(orders), source="test", recorded_at=NOW)
        assert receipt.complete, receipt
        promote(record, home)
    return Settings(home, url)


def body(order_id: str = "n1", **more: Any) -> dict[str, Any]:
    """A request to score an order of one line, a minute after the history ends."""
    line = {"line_id": "1", "sku": "kit-2", "quantity": "2", "amount": "12.10", "end_user_id": "lab"}
    usual = {"order_id": order_id, "reseller_id": "r1", "ordered_at": "2025-11-09T00:01:00Z", "lines": [line]}
    return usual | more


@dataclass(frozen=True)
class Server:
    """A running service: its address, and its process."""

    url: str
    process: "subprocess.Popen[str]"
    log: Path
    settings: Settings
    keys: dict[str, str] = field(default_factory=dict)

    def post(self, content: Any, path: str = "/v1/score", **more: Any) -> httpx.Response:
        """Post JSON."""
        return httpx.post(self.url + path, json=content, timeout=20, **more)

    def ask(self, method: str, path: str, role: str | None = None, content: Any = None) -> httpx.Response:
        """Send a request with the key of a role, see `keys_of`; without one where no role is named."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.keys[role]}"}
        return httpx.request(method, self.url + path, json=content, headers=headers, timeout=20)

    def another(self, role: str, person: str | None = None) -> str:
        """A name under which `ask` knows a further key of a role, made just now, for a person or for nobody else."""
        with Record.open(self.settings.record_url) as record:
            name = f"{role} {len(self.keys)}"
            self.keys[name], _ = create(record, person or name, [role], NOW)
        return name

    def wait(self, path: str = "/readyz", status: int = 200, seconds: float = 180) -> None:
        """Wait until an address answers with a status."""
        until(lambda: httpx.get(self.url + path, timeout=2).status_code == status, seconds, self.log)


def until(true: Callable[[], bool], seconds: float = 60, log: Path | None = None) -> None:
    """Wait until something is true; connections that fail count as false."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(httpx.TransportError):
            if true():
                return
        time.sleep(0.05)
    raise AssertionError("never came true\n" + (log.read_text() if log else ""))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(settings: Settings, port: int, *, keys: bool = False) -> tuple[list[str], dict[str, str]]:
    """How a server is started, without keys unless told otherwise, and its environment."""
    settings = replace(settings, port=port, keys=keys)
    return [sys.executable, "-m", "serving.run"], {**os.environ, **settings.environment()}


@contextmanager
def served(settings: Settings, ready: bool = True, *, keys: bool = False) -> Iterator[Server]:
    """A server in a process of its own, stopped at the end."""
    port = free_port()
    arguments, environment = command(settings, port, keys=keys)
    log = settings.home / f"server-{port}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=output, stderr=output, text=True)
        server = Server(f"http://127.0.0.1:{port}", process, log, settings, keys_of(settings) if keys else {})
        try:
            server.wait("/readyz" if ready else "/livez")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def recomputed(record: Record) -> Any:
    """The vectors of every line of the record, by (order_id, revision)."""
    table = feature_table(record, FEATURES)
    keys = zip(table.lines["order_id"].to_pylist(), table.lines["revision"].to_pylist(), strict=True)
    found: dict[tuple[str, int], list[Any]] = {}
    for key, row in zip(keys, table.values, strict=True):
        found.setdefault(key, []).append(row)
    return {key: np.array(rows) for key, rows in found.items()}
