"""Which orders of the data are new, which the record holds already, and which cannot be taken; within bounded memory.

The rules are those of `serving.sorting`. Nearly all orders of a past are plain: one revision, once in the data, not in
the record. Only the others are looked at one by one, some at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.mapping import Rejected
from features.measures import Refused
from features.record.columns import LINE_COLUMNS
from features.stream.checkpoint import whole
from serving.history.taking import unplaced
from serving.sorting import CONTENT, Held, held_orders

Row = dict[str, Any]

_SUSPECTS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Settled:
    """`new` are files of lines whose positions, `shift` added, follow the record's; `recorded` are positions of it."""

    new: tuple[Path, ...]
    shift: int
    recorded: NDArray[np.int64]
    rejected: tuple[Rejected, ...]
    lines: int
    """Of the new orders."""


def settle(taken: Sequence[Path], held: pa.Table, folder: Path, memory_mb: int, shift: int = 0) -> Settled:
    """Sort the lines of Parquet files (the columns of `Record.lines`) against those of a record.

    `shift` is added to their positions, which must lie behind the record's. Raises `Refused` where a column is missing.
    """
    config = {"memory_limit": f"{max(256, memory_mb)}MB", "temp_directory": str(folder / "spill")}
    with duckdb.connect(config=config) as connection:
        connection.register("held", held.select(["order_id"]))
        _look_at(connection, taken, shift)
        out: list[int] = []
        recorded: list[int] = []
        rejected: list[Rejected] = []
        for orders in _suspects(connection):
            _settle(orders, held, out, recorded, rejected)
        new = tuple(taken)
        if out:
            new = (folder / "new.parquet",)
            connection.register("gone", pa.table({"position": pa.array(out, pa.int64())}))
            with whole(new[0]) as part:
                kept = "SELECT * FROM taken ANTI JOIN gone USING (position)"
                connection.execute(f"COPY ({kept}) TO {_quoted(part)} (FORMAT parquet)")
            shift = 0
        (lines,) = connection.execute(f"SELECT count(*) FROM {_read(new)}").fetchall()[0]  # noqa: S608 - a quoted path
    return Settled(new, shift, np.unique(np.array(recorded, np.int64)), tuple(rejected), int(lines))


def _look_at(connection: duckdb.DuckDBPyConnection, taken: Sequence[Path], shift: int) -> None:
    names = ", ".join(f"position + {shift} AS position" if name == "position" else name for name in LINE_COLUMNS)
    try:
        connection.execute(f"CREATE TEMP VIEW taken AS SELECT {names} FROM {_read(taken)}")  # noqa: S608 - quoted paths
    except duckdb.Error as error:
        why = f"do not all hold the columns of a record's lines ({str(error).splitlines()[0]})"
        mend = "give --mapping, or Parquet files with those columns, see docs/drivers.md"
        raise Refused("data", ", ".join(path.name for path in taken[:3]), why, mend) from None
    connection.execute("""
        CREATE TEMP TABLE suspect AS
        SELECT order_id FROM taken GROUP BY order_id
        HAVING min(position) <> max(position) OR max(revision) <> 1 OR min(revision) <> 1
        UNION SELECT order_id FROM taken SEMI JOIN held USING (order_id)""")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _read(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(_quoted, paths))}])"


def _suspects(connection: duckdb.DuckDBPyConnection) -> Iterator[list[list[Row]]]:
    """Lines of suspected orders, order by order (all revisions of an id together), some orders at a time."""
    total = connection.execute("SELECT count(*) FROM suspect").fetchall()[0][0]
    connection.execute("CREATE TEMP TABLE numbered AS SELECT order_id, row_number() OVER () AS number FROM suspect")
    for start in range(0, total, _SUSPECTS_AT_ONCE):
        query = f"""
            SELECT taken.* FROM taken JOIN numbered USING (order_id)
            WHERE number > {start} AND number <= {start + _SUSPECTS_AT_ONCE} ORDER BY position, line_no"""  # noqa: S608
        rows = connection.sql(query).to_arrow_table().to_pylist()
        yield [list(lines) for _, lines in groupby(rows, itemgetter("position"))]


def _settle(
    orders: list[list[Row]], held: pa.Table, out: list[int], recorded: list[int], rejected: list[Rejected]
) -> None:
    """As `serving.sorting.sort` goes through orders in the order of the data."""
    ids = {lines[0]["order_id"] for lines in orders}
    known = held_orders(held, ids)
    places = _positions(held, ids)
    newest: dict[str, int] = {}
    for order_id, revision in known:
        newest[order_id] = max(revision, newest.get(order_id, 0))
    taken: dict[tuple[str, int], list[Any]] = {}
    for lines in orders:
        head = lines[0]
        key = (head["order_id"], head["revision"])
        content = [tuple(line[name] for name in LINE_COLUMNS if name != "position") for line in lines]
        before = taken.setdefault(key, content)
        why = None
        if before is not content:
            out.append(head["position"])
            why = None if before == content else "stands twice in the data with different contents"
        elif key in known:
            out.append(head["position"])
            why = differs(lines, known[key])
            if why is None:
                recorded.append(places[key])
        elif key[1] != newest.get(key[0], 0) + 1:
            out.append(head["position"])
            why = f"comes before revision {newest.get(key[0], 0) + 1}; put the revisions in order"
        else:
            newest[key[0]] = key[1]
        if why is not None:
            rejected.append(unplaced(*key, head["t"], why))


def differs(lines: list[Row], held: Held) -> str | None:
    """What of an order is not as the record holds it."""
    return held.differs([tuple(line[name] for name in CONTENT) for line in lines], lines[0]["ordered_at"])


def _positions(held: pa.Table, ids: set[str]) -> dict[tuple[str, int], int]:
    among = held.filter(pc.is_in(held["order_id"], pa.array(sorted(ids), pa.string())))
    columns = (among[name].to_pylist() for name in ("order_id", "revision", "position"))
    return {(order_id, revision): position for order_id, revision, position in zip(*columns, strict=True)}
