"""Orders as columns of lines, the same columns that the record gives for many."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from features.record.columns import LINE_COLUMNS
from features.record.ledger import Entry
from features.record.orders import ORDER, ORDER_LINES
from features.trade import Order

_HEAD = [column.name for column in ORDER.tables[0].columns]
_LINE = [column.name for column in ORDER_LINES.columns]

_TYPES = {column.name: column.type.python_type for table in (ORDER_LINES, ORDER.tables[0]) for column in table.columns}
_ARROW = {int: pa.int64(), str: pa.string(), float: pa.float64(), bool: pa.bool_()}
SCHEMA = pa.schema([(name, _ARROW[_TYPES[name]]) for name in LINE_COLUMNS])
"""The columns of `Record.lines` as arrow types."""


def tabulate(entries: Iterable[Entry[Order]]) -> dict[str, list[Any]]:
    """The lines of orders, with the columns of `Record.lines`, in the order given."""
    columns: dict[str, list[Any]] = {name: [] for name in LINE_COLUMNS}
    for entry in entries:
        (_, head), *lines = ORDER.rows(entry)
        for _, line in lines:
            row = dict(zip(_LINE, line, strict=True)) | dict(zip(_HEAD, head, strict=True))
            for name, column in columns.items():
                column.append(row[name])
    return columns
