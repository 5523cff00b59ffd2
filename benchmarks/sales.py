"""An invented trade as large as asked, in Parquet: lines of orders, and what was found, cancelled and known besides.

Resellers and end users are drawn by Zipf's law; most end users of a reseller come from its own circle. Some orders are
revised, some cancelled, some judged. Names are numbers; nobody is meant.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.measures import DAY
from features.record.ledger import Entry
from features.trade import Finding, Outcome, Place, Product, Reseller, Site, Status, StatusChange

Ints = NDArray[np.int64]

START = 18_262 * DAY
"""1 January 2020."""
YEARS = 3
RESELLERS, END_USERS, SKUS, CITIES, CIRCLE = 20_000, 400_000, 300, 3_000, 400
REVISED, CANCELLED, JUDGED = 0.01, 0.005, 0.001
"""Shares of orders."""
FILES = 8
COUNTRIES = ("US", "DE", "CN", "KZ", "TR", "AE", "SG", "VN")


def make(folder: Path, rows: int, seed: int = 1) -> None:
    """Write about so many lines into files under `folder`, each in no order of time, unless they are there."""
    done = folder / f"made-{rows}-{seed}"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    lines = _lines(np.random.default_rng(seed), rows)
    shuffled = np.random.default_rng(seed).permutation(lines.num_rows)
    for number, part in enumerate(np.array_split(shuffled, FILES)):
        pq.write_table(lines.take(pa.array(part)), folder / f"lines-{number}.parquet", compression="zstd")
    done.touch()


def files(folder: Path) -> list[Path]:
    """The files of lines."""
    return sorted(folder.glob("lines-*.parquet"))


def others(folder: Path, seed: int = 1) -> Book:
    """What else there is: findings and cancellations of orders of the files, resellers and products."""
    read = pq.read_table(files(folder), columns=["order_id", "position", "t", "revision"])
    behind = int(pc.max(read["position"]).as_py())
    placed = read.filter(pc.field("revision") == 1)
    first = np.unique(placed["position"].to_numpy(), return_index=True)[1]
    chance = np.random.default_rng(seed)
    entries: list[Entry[Any]] = [Entry(0, START - DAY, each) for each in (*_resellers(), *_products())]
    whole = placed.take(pa.array(first))
    ids, times = whole["order_id"], whole["t"].to_numpy()
    for kind, share in ((StatusChange, CANCELLED), (Finding, JUDGED)):
        for number in np.flatnonzero(chance.random(first.size) < share):
            behind += 1
            known = int(times[number]) + int(chance.integers(1, 200)) * DAY // 2
            entries.append(Entry(behind, known, _said(kind, ids[int(number)].as_py(), known, chance)))
    return Book.empty("USD").extended(entries)


def _said(kind: type, order_id: str, known: int, chance: np.random.Generator) -> StatusChange | Finding:
    if kind is StatusChange:
        return StatusChange(order_id, Status.CANCELLED, known, known)
    outcome = (Outcome.DIVERTED, Outcome.CLEARED, Outcome.INCONCLUSIVE)[int(chance.integers(3))]
    return Finding(f"f-{order_id}", outcome, known - DAY, known, order_id)


def _resellers() -> list[Reseller]:
    return [
        Reseller(
            f"reseller-{number:05d}", START - DAY, None, (Site(Place(COUNTRIES[number % 8])),),
            f"address-{number // 2:05d}", START - 900 * DAY, START - 500 * DAY, START + 2_000 * DAY,
        )
        for number in range(RESELLERS)
    ]  # fmt: skip


def _products() -> list[Product]:
    return [
        Product(f"sku-{number:03d}", START - DAY, f"top{number % 4}/branch{number % 23}", sensitivity=number % 4)
        for number in range(SKUS)
    ]


def _lines(chance: np.random.Generator, rows: int) -> pa.Table:
    """Lines of orders in the order of position; the sizes of orders are 1, 2 and 3 lines (70, 20 and 10 %)."""
    sizes = chance.choice([1, 2, 3], int(rows / 1.4) + 1, p=[0.7, 0.2, 0.1])
    orders = int(np.searchsorted(np.cumsum(sizes), rows))
    number, revision, moment = _placed(chance, orders)
    line_count = sizes[number]
    of = np.repeat(np.arange(number.size), line_count)
    line_no = np.arange(of.size) - np.repeat(np.cumsum(line_count) - line_count, line_count)
    reseller = _zipf(chance, RESELLERS, 1.0, orders)[number[of]]
    own = (reseller * 7_919 + _zipf(chance, CIRCLE, 0.8, of.size)) % END_USERS
    anyone = _zipf(chance, END_USERS, 0.8, of.size)
    user = np.where(chance.random(of.size) < 0.8, own, anyone)
    sku = _zipf(chance, SKUS, 0.7, of.size)
    city = (reseller * 31 + _zipf(chance, 40, 1.0, of.size)) % CITIES
    units = chance.integers(1, 20, of.size)
    columns: dict[str, Any] = {
        "position": of + 1,
        "t": moment[of],
        "late": np.zeros(of.size, bool),
        "order_id": _named("order-", number[of], 7),
        "revision": revision[of],
        "ordered_at": moment[of],
        "reseller_id": _named("reseller-", reseller, 5),
        "line_id": line_no.astype(str),
        "line_no": line_no,
        "sku": _named("sku-", sku, 3),
        "quantity_milli": units * 1000,
        "unit": pa.DictionaryArray.from_arrays(np.zeros(of.size, np.int32), ["each"]),
        "amount_minor": units * (1_000 + sku * 377),
        "currency": pa.DictionaryArray.from_arrays(np.zeros(of.size, np.int32), ["USD"]),
        "value": units * (1_000 + sku * 377),
        "category": pa.nulls(of.size, pa.string()),
        "end_user_id": _named("user-", user, 6, missing=chance.random(of.size) < 0.05),
        "end_user_class": _classes(user),
        "declared_use": pa.nulls(of.size, pa.string()),
        "ship_country": pa.DictionaryArray.from_arrays((city % 8).astype(np.int32), list(COUNTRIES)),
        "ship_region": _named("", city % 97, 2),
        "ship_city": _named("city-", city, 4),
        "ship_latitude": pa.nulls(of.size, pa.float64()),
        "ship_longitude": pa.nulls(of.size, pa.float64()),
        "ship_x_km": pa.nulls(of.size, pa.float64()),
        "ship_y_km": pa.nulls(of.size, pa.float64()),
        "for_stock": chance.random(of.size) < 0.1,
        "attributes": pa.nulls(of.size, pa.string()),
    }
    return pa.table({name: pa.array(column) for name, column in columns.items()}).cast(SCHEMA)


def _placed(chance: np.random.Generator, orders: int) -> tuple[Ints, Ints, Ints]:
    """Number, revision and moment of each placing of an order, in the order of time."""
    again = np.flatnonzero(chance.random(orders) < REVISED)
    first = np.sort(chance.integers(0, YEARS * 365 * 86_400, orders)) * 1_000_000 + START
    later = first[again] + chance.integers(1, 20 * 86_400, again.size) * 1_000_000
    moment = np.concatenate([first, later])
    number = np.concatenate([np.arange(orders), again])
    revision = np.concatenate([np.ones(orders, np.int64), np.full(again.size, 2)])
    order = np.argsort(moment, kind="stable")
    return number[order], revision[order], moment[order]


def _zipf(chance: np.random.Generator, values: int, exponent: float, size: int) -> Ints:
    weights = np.arange(1, values + 1, dtype=np.float64) ** -exponent
    drawn = np.searchsorted(np.cumsum(weights) / weights.sum(), chance.random(size))
    return np.minimum(drawn, values - 1)


def _named(prefix: str, number: Ints, digits: int, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    different = np.unique(number)
    names = pa.array([f"{prefix}{each:0{digits}d}" for each in different.tolist()])
    index = pa.array(np.searchsorted(different, number).astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(index, names)


def _classes(user: Ints) -> pa.Array:
    names = ["health", "research", "trade", "school", "police"]
    return pa.DictionaryArray.from_arrays((user % 5).astype(np.int32), names)
