"""A cold ``diversion evidence add`` of one notice against a large record: the real command, a process of its own."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks import sales
from features.facts.lines import SCHEMA
from features.measures import DAY, Money, Quantity, iso
from features.record import Event, Record
from features.trade import Order, OrderLine, Place, Product

_LINES_AT_ONCE = 100_000


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


def notice(home: Path, number: int, named: bool) -> Path:
    """A release on one of the last sales, published in the week after the last; `named` tells its supplier."""
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
    supplier = {"id": order.reseller_id, "name": order.reseller_id}
    release = {
        "ocid": f"ocds-cold-{number}-{time.time_ns()}",
        "id": "1",
        "date": iso(last + 7 * DAY),
        "tag": ["award"],
        "initiationType": "tender",
        "buyer": {"id": "b1", "name": "City police"},
        "awards": [
            {
                "id": "1",
                "date": iso((order.known_at or 0) + 30 * DAY),
                "value": {"amount": dollars, "currency": "USD"},
                "suppliers": [supplier] if named else [{"id": "other", "name": "Nobody of ours"}],
                "items": [{"id": "1", "description": f"goods of {products[line.sku]}", "quantity": units}],
            }
        ],
    }
    file = home / f"notice-{number}.json"
    file.write_text(json.dumps(release), encoding="utf-8")
    return file


def added(home: Path, file: Path) -> tuple[float, float, str]:
    """Wall and CPU seconds of the command, and what it printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "diversion", "evidence", "add", str(file), "--home", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, cpu, done.stdout
