"""A cold ``diversion evidence add`` of one notice against a large record: the real command, a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks import sales
from benchmarks.crowned import crown
from features.facts.lines import SCHEMA
from features.measures import DAY, Money, Quantity, iso
from features.record import Event, Record
from features.trade import Order, OrderLine, Place, Product

NAMED, STRANGER, RESTRICTED = "supplier of ours", "stranger", "stranger to a restricted buyer"
"""Kinds of notice. The last one counts for every open order of its goods, wherever it goes."""

_KORLA = {"countryName": "China", "region": "Xinjiang", "locality": "Korla"}
_LINES_AT_ONCE = 100_000


@dataclass(frozen=True)
class Added:
    """What one command cost: seconds and the peak of its memory; and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    told: str


def recorded(folder: Path, rows: int) -> Path:
    """A home folder whose record holds so many invented lines; made once, which takes minutes."""
    home, files = folder / f"home-{rows}", folder / f"sales-{rows}"
    if not (home / "made").exists():
        (home / "record.db").unlink(missing_ok=True)
        sales.make(files, rows)
        home.mkdir(parents=True, exist_ok=True)
        with Record.open(f"sqlite:///{home}/record.db", currency="USD", patience_s=600.0) as record:
            record.append(_events(files), source="benchmark", recorded_at=sales.START + 5 * 365 * DAY)
        (home / "made").touch()
    return home


def served(home: Path, world: Path) -> Path:
    """The same record with the champion of another world, and no snapshot yet."""
    folder = home.with_name(f"{home.name}-served")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(home / "record.db", folder)
    crown(folder, world)
    return folder


def _events(folder: Path) -> Iterator[Event]:
    others = sales.others(folder)
    yield from (entry.event for entry in (*others.resellers, *others.products))
    order = [("position", "ascending"), ("line_no", "ascending")]
    lines = pq.read_table(sales.files(folder)).cast(SCHEMA).sort_by(order)
    rows = (row for batch in lines.to_batches(_LINES_AT_ONCE) for row in batch.to_pylist())
    for _, of_order in groupby(rows, itemgetter("position")):
        yield _order(list(of_order))
    yield from (entry.event for entry in (*others.findings, *others.statuses))


def _order(rows: list[dict[str, Any]]) -> Order:
    first = rows[0]
    lines = tuple(
        OrderLine(
            row["line_id"], row["sku"], Quantity(row["quantity_milli"], row["unit"]),
            Money(row["amount_minor"], row["currency"]), row["value"], end_user_id=row["end_user_id"],
            end_user_class=row["end_user_class"], for_stock=row["for_stock"],
            ship_to=Place(row["ship_country"], row["ship_region"], row["ship_city"]),
        )
        for row in rows
    )  # fmt: skip
    return Order(first["order_id"], first["reseller_id"], lines, first["t"], first["revision"], first["t"])


def notice(home: Path, number: int, kind: str) -> Path:
    """A release on one of the last sales, published in the week after the last."""
    with Record.open(f"sqlite:///{home}/record.db") as record:
        last = record.clock() or 0
        order = next(
            entry.event
            for entry in record.tail(record.position() - 60_000 + 1_000 * number)
            if isinstance(entry.event, Order) and entry.event.revision == 1
        )
        products = {entry.event.sku: entry.event.category for entry in record.entries((Product,))}
    line = order.lines[0]
    units, dollars = (line.quantity.milli if line.quantity else 0) // 1000, 2 * (line.value or 0) / 100
    supplier = order.reseller_id if kind == NAMED else "Nobody of ours"
    buyer = {"id": "b1", "name": "City police"}
    release = {
        "ocid": f"ocds-cold-{number}-{time.time_ns()}",
        "id": "1",
        "date": iso(last + 7 * DAY),
        "tag": ["award"],
        "initiationType": "tender",
        "parties": [{**buyer, "roles": ["buyer"], "address": _KORLA if kind == RESTRICTED else {}}],
        "buyer": buyer,
        "awards": [
            {
                "id": "1",
                "date": iso((order.known_at or 0) + 30 * DAY),
                "value": {"amount": dollars, "currency": "USD"},
                "suppliers": [{"id": supplier, "name": supplier}],
                "items": [{"id": "1", "description": f"goods of {products[line.sku]}", "quantity": units}],
            }
        ],
    }
    file = home / f"notice-{number}.json"
    file.write_text(json.dumps(release), encoding="utf-8")
    return file


def added(home: Path, file: Path) -> Added:
    """The command on one notice."""
    command = [sys.executable, "-m", "diversion", "evidence", "add", str(file), "--home", str(home)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    told = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Added(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told)
