"""The files: bytes, columns, keys."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.training.simulator.conftest import World
from training.simulator import simulate

OPEN_FILES = ("resellers", "products", "orders", "rates", "findings")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing but seed and size decides."""
    simulate(tmp_path / "first", seed=3, lines=1500)
    simulate(tmp_path / "second", seed=3, lines=1500)
    assert _digests(tmp_path / "first") == _digests(tmp_path / "second")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    """Every file depends on the seed."""
    simulate(tmp_path / "first", seed=3, lines=1500)
    simulate(tmp_path / "second", seed=4, lines=1500)
    first, second = _digests(tmp_path / "first"), _digests(tmp_path / "second")
    assert not [name for name in first if first[name] == second[name]]


def test_there_are_at_least_as_many_lines_as_asked_for(world: World) -> None:
    """About 1.3 lines an order, and hardly more lines than asked for."""
    assert 20_000 <= world.summary.lines <= 20_400
    assert len(world.rows("orders")) == world.summary.lines
    assert 1.2 <= world.summary.lines / world.summary.orders <= 1.4


def test_no_open_file_tells_the_truth(world: World) -> None:
    """Typologies and twins are named under `sealed` alone."""
    for name in OPEN_FILES:
        text = (world.folder / f"{name}.csv").read_text(encoding="utf-8")
        assert not re.search(r"typology|twin|truth|,T(01|02|04|05|06|07|10|11)\b", text), name
        assert name == "findings" or "divert" not in text


def test_every_key_resolves(world: World) -> None:
    """Orders name known resellers and products; findings and truth name known lines."""
    orders = world.rows("orders")
    lines = {(row["order_id"], row["line"]) for row in orders}
    order_ids = {order_id for order_id, _ in lines}

    assert {row["reseller_id"] for row in orders} <= {row["reseller_id"] for row in world.rows("resellers")}
    assert {row["sku"] for row in orders} <= {row["sku"] for row in world.rows("products")}
    assert {row["currency"] for row in orders} <= {row["currency"] for row in world.rows("rates")}
    assert {(row["order_id"], row["line"]) for row in world.rows("sealed/truth")} == lines
    for row in world.rows("findings"):
        assert (row["order_id"], row["line"]) in lines if row["line"] else row["order_id"] in order_ids


def test_lines_are_in_time_order_within_the_declared_years(world: World) -> None:
    """2022-10-01 to 2026-06-30, times in ISO 8601 with Z."""
    times = [row["ordered_at"] for row in world.rows("orders")]
    assert times == sorted(times)
    assert times[0] >= "2022-10-01"
    assert times[-1] < "2026-07-01"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


def test_resellers_and_products_are_known_before_they_are_ordered_from(world: World) -> None:
    """Master data comes first."""
    resellers = {row["reseller_id"]: row["known_at"] for row in world.rows("resellers")}
    products = {row["sku"]: row["known_at"] for row in world.rows("products")}
    for row in world.rows("orders"):
        assert resellers[row["reseller_id"]] < row["ordered_at"]
        assert products[row["sku"]] < row["ordered_at"]


@pytest.mark.parametrize("name", OPEN_FILES)
def test_rows_are_unique(world: World, name: str) -> None:
    """No row stands twice."""
    rows = [tuple(row.values()) for row in world.rows(name)]
    assert len(rows) == len(set(rows))


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.csv"))}
