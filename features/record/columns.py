"""The record as arrow tables: whole tables, read as fast as each database gives them."""

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from sqlalchemy import Boolean, Connection, Double, Integer, Table, Text

from features.record.databases import cursor
from features.record.orders import ORDER_LINES, ORDERS

LINE_COLUMNS = (
    *("position", "t", "late", "order_id", "revision", "ordered_at", "reseller_id", "line_id", "line_no"),
    *("sku", "quantity_milli", "unit", "amount_minor", "currency", "value", "category", "end_user_id"),
    *("end_user_class", "declared_use", "ship_country", "ship_region", "ship_city", "ship_latitude"),
    *("ship_longitude", "ship_x_km", "ship_y_km", "for_stock", "attributes"),
)
"""The columns of `lines`: those of the order, then those of the line."""

_ROWS = 2_000  # at a time: few enough to stay in the processor's cache, a quarter quicker than 50,000
_PAGE = 100_000  # positions at a time, where the database sends text


def columnar(connection: Connection, table: Table, upto: int) -> pa.Table:
    """A table of the record up to a position, in the order of its primary key."""
    schema = pa.schema([(column.name, _arrow(column.type)) for column in table.columns])
    pages = _copied if connection.dialect.name == "postgresql" else _fetched
    return pa.Table.from_batches(pages(connection, table, upto, schema), schema).combine_chunks()


def lines(connection: Connection, upto: int) -> pa.Table:
    """One row an order line, sorted by position and line number, with the columns of its order."""
    orders = columnar(connection, ORDERS, upto)
    found = columnar(connection, ORDER_LINES, upto)
    of_line = orders.take(pc.index_in(found["position"], orders["position"]))
    sources = {name: of_line if name in of_line.column_names else found for name in LINE_COLUMNS}
    return pa.table({name: source[name] for name, source in sources.items()})


def _query(table: Table, first: int, last: int) -> str:
    names = ", ".join(column.name for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key.columns)
    return f"SELECT {names} FROM {table.name} WHERE position BETWEEN {first} AND {last} ORDER BY {key}"  # noqa: S608 - our names, integers


def _fetched(connection: Connection, table: Table, upto: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with cursor(connection) as own:
        own.execute(_query(table, 1, upto))
        while rows := own.fetchmany(_ROWS):
            columns = zip(*rows, strict=True)
            arrays = [_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            yield pa.record_batch(arrays, schema=schema)


def _array(column: tuple[object, ...], kind: pa.DataType) -> pa.Array:
    if kind == pa.bool_():  # SQLite has no truth, only 0 and 1
        return pa.array(column, pa.int8()).cast(pa.bool_())
    return pa.array(column, kind)


def _copied(connection: Connection, table: Table, upto: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    convert = csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,  # COPY writes an empty text in quotes, a missing one without
        true_values=["t"],
        false_values=["f"],
    )
    with cursor(connection) as own:
        for first in range(1, upto + 1, _PAGE):
            page = io.BytesIO()
            query = _query(table, first, min(first + _PAGE - 1, upto))
            own.execute(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", stream=page)
            if page.tell():
                yield from csv.read_csv(
                    pa.py_buffer(page.getbuffer()),
                    csv.ReadOptions(column_names=schema.names, block_size=1 << 25),
                    csv.ParseOptions(newlines_in_values=True),
                    convert,
                ).to_batches()


def _arrow(kind: object) -> pa.DataType:
    if isinstance(kind, Boolean):
        return pa.bool_()
    if isinstance(kind, Integer):
        return pa.int64()
    if isinstance(kind, Double):
        return pa.float64()
    if isinstance(kind, Text):
        return pa.string()
    raise TypeError(f"{kind!r} has no arrow type here")
