"""The files: bytes, columns, keys."""

import json
import re
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from features.exchange import Exchange
from features.mapping import Mapping, Rejected
from features.measures import Refused, instant
from tests.training.simulator.conftest import World
from training import simulator
from training.simulator import simulate

OPEN_FILES = ("resellers", "products", "orders", "rates", "findings", "statuses")
EVIDENCE = ("evidence/owners", "evidence/sell_through", "evidence/exploration")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing but scenario, seed and number decides."""
    for name in ("first", "second"):
        simulate(tmp_path / name, seed=3, orders=1500)
    assert _digests(tmp_path / "first") == _digests(tmp_path / "second")


def test_the_bytes_are_those_of_this_version(tmp_path: Path) -> None:
    """A change of the world is a new version of the benchmark: raise it in `scenario.py` and write these anew."""
    simulate(tmp_path, seed=1, orders=500)
    digests = _digests(tmp_path)
    assert {name: digests[name][:16] for name in ("orders.csv", "truth.csv", "findings.csv")} == BYTES


BYTES = {
    "orders.csv": "5a04a317c5e9b1ec",
    "truth.csv": "2042be5ce8f59d6d",
    "findings.csv": "9754c28c1606a3bb",
}


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    """Every file depends on the seed."""
    simulate(tmp_path / "first", seed=3, orders=1500)
    simulate(tmp_path / "second", seed=4, orders=1500)
    first, second = _digests(tmp_path / "first"), _digests(tmp_path / "second")
    assert not [name for name in first if first[name] == second[name]]


def test_there_are_about_as_many_orders_as_asked_for(world: World) -> None:
    """Within 3 %, and about 1.3 lines an order."""
    assert abs(world.summary.orders / 60_000 - 1.0) < 0.03
    assert len(world.rows("orders")) == world.summary.lines
    assert 1.2 <= world.summary.lines / world.summary.orders <= 1.4


def test_the_mapping_takes_every_row(tmp_path: Path) -> None:
    """What the simulator writes, the mapping reads."""
    summary = simulate(tmp_path, seed=3, orders=1500)
    mapping = Mapping.load(Path(simulator.__file__).parent / "mapping.toml")
    now = instant("2030-01-01T00:00:00Z")
    events = list(mapping.read([tmp_path], exchange=Exchange("USD"), now=now))
    kinds = [type(event).__name__ for event in events]
    assert not [event for event in events if isinstance(event, Rejected)]
    assert kinds.count("Order") == summary.orders
    assert kinds.count("Finding") == summary.findings
    assert kinds.count("StatusChange") == summary.withheld_orders
    assert kinds.count("SellThrough") == summary.sell_through_reports


def test_parquet_holds_what_csv_holds(tmp_path: Path) -> None:
    """The large world differs in the kind of file only: both make the same orders."""
    mapping, now = Mapping.load(Path(simulator.__file__).parent / "mapping.toml"), instant("2030-01-01T00:00:00Z")
    orders = {}
    for scenario in ("standard", "large"):
        simulate(tmp_path / scenario, seed=3, scenario_name=scenario, orders=600)
        read = mapping.read([tmp_path / scenario], exchange=Exchange("USD"), now=now)
        orders[scenario] = [event for event in read if type(event).__name__ == "Order"]
    assert orders["standard"] == orders["large"]
    assert pq.read_metadata(tmp_path / "large" / "orders.parquet").num_rows > 600


def test_no_open_file_tells_the_truth(world: World) -> None:
    """Typologies and twins are named under `sealed` alone."""
    for name in (*OPEN_FILES, *EVIDENCE):
        text = (world.folder / f"{name}.csv").read_text(encoding="utf-8")
        assert not re.search(r"typology|twin|truth|\bT(0[1-9]|1[0-7])\b", text), name
        assert name == "findings" or "divert" not in text
    awards = (world.folder / "evidence" / "awards.jsonl").read_text(encoding="utf-8")
    assert not re.search(r"divert|typology|O0\d{7}", awards)


def test_every_key_resolves(world: World) -> None:
    """Orders name known resellers and products; findings and truth name known lines."""
    orders = world.rows("orders")
    lines = {(row["order_id"], row["line"]) for row in orders}
    order_ids = {order_id for order_id, _ in lines}
    assert {row["reseller_id"] for row in orders} <= {row["reseller_id"] for row in world.rows("resellers")}
    assert {row["sku"] for row in orders} <= {row["sku"] for row in world.rows("products")}
    assert {row["currency"] for row in orders} <= {row["currency"] for row in world.rows("rates")}
    assert {(row["order_id"], row["line"]) for row in world.rows("sealed/truth")} == lines
    for name in ("statuses", "evidence/exploration"):
        assert {row["order_id"] for row in world.rows(name)} <= order_ids
    for row in world.rows("findings"):
        assert (row["order_id"], row["line"]) in lines if row["line"] else row["order_id"] in order_ids


def test_lines_are_in_time_order_within_the_scenario(world: World) -> None:
    """2022-10-01 to 2026-06-30, times in ISO 8601 with Z, order ids in the order of time."""
    times = [row["ordered_at"] for row in world.rows("orders")]
    assert times == sorted(times)
    assert times[0] >= "2022-10-01"
    assert times[-1] < "2026-07-01"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    assert all(first <= second for first, second in pairwise(row["order_id"] for row in world.rows("orders")))


def test_resellers_and_products_are_known_before_they_are_ordered_from(world: World) -> None:
    """Master data comes first, and who moves has a second version with dated sites."""
    first: dict[str, str] = {}
    for row in world.rows("resellers"):
        first.setdefault(row["reseller_id"], row["known_at"])
    products = {row["sku"]: row["known_at"] for row in world.rows("products")}
    for row in world.rows("orders"):
        assert first[row["reseller_id"]] < row["ordered_at"]
        assert products[row["sku"]] < row["ordered_at"]
    moved = [row for row in world.rows("resellers") if row["site_valid_from"]]
    assert 0.03 < len(moved) / len(first) < 0.15


@pytest.mark.parametrize("name", OPEN_FILES)
def test_rows_are_unique(world: World, name: str) -> None:
    """No row stands twice."""
    rows = [tuple(row.values()) for row in world.rows(name)]
    assert len(rows) == len(set(rows))


def test_the_world_tells_its_name_and_version(world: World) -> None:
    """Whoever quotes a figure can say of which world."""
    about = json.loads((world.folder / "world.json").read_text())
    assert [about[key] for key in ("name", "version", "scenario", "seed")] == ["tier-two", "1", "standard", 11]


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """An unknown scenario, too few orders."""
    with pytest.raises(Refused, match="is no scenario"):
        simulate(tmp_path, seed=1, scenario_name="huge")
    with pytest.raises(Refused, match="too few"):
        simulate(tmp_path, seed=1, orders=10)


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.*")) if path.is_file()}
