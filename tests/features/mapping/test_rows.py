"""CSV and Parquet as rows of texts; a broken row is told, not raised."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.exchange import Exchange
from features.mapping import Rejected
from features.mapping.rows import CsvRows, ParquetRows, Row, texts
from features.mapping.tables import Source
from features.measures import Refused, instant
from features.trade import Order
from tests.features.mapping.written import NOW, ORDERS, only, read, written

SOURCE = Source.model_validate({"product": {"sku": "a", "known_at": "b"}})


def rows(folder: Path, text: str | bytes, source: Source = SOURCE) -> list[Row]:
    """The rows of a CSV file."""
    path = folder / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(CsvRows(path, source).read(()))


def test_rows_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    """The heading is line 1; a row may span lines; blank lines count but are no rows."""
    said = rows(tmp_path, '\ufeffa,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n')
    assert [(row.number, row.cells) for row in said] == [(2, ["1", "two\r\nlines"]), (5, ["3", "4"])]


@pytest.mark.parametrize(("line", "cells"), [("1", 1), ("1,2,3", 3)])
def test_a_row_of_another_width_is_broken(tmp_path: Path, line: str, cells: int) -> None:
    """Its neighbours are not."""
    good, broken, last = rows(tmp_path, f"a,b\n1,2\n{line}\n3,4\n")
    assert (good.broken, last.broken) == (None, None)
    assert broken.broken
    assert (broken.number, broken.broken.why) == (3, f"has {cells} cells where the heading has 2")


def test_an_open_quote_cannot_hide_its_neighbours(tmp_path: Path) -> None:
    """Every line that it swallowed is told."""
    said = rows(tmp_path, 'a,b\n1,"open\n2,x\n3,"closed"\n4,y\n')
    assert [(row.number, row.broken is None) for row in said] == [(2, False), (3, False), (4, False), (5, True)]
    assert said[1].broken
    assert "in lines 2 to 4" in said[1].broken.why


def test_a_broken_row_takes_its_order_along(tmp_path: Path) -> None:
    """As far as its order can still be told."""
    good = "o1,r,2024-01-01T10:00Z,a\n"
    said = read(tmp_path, ORDERS, orders=f"order,reseller,at,sku\n{good}o1,r\n{good.replace('o1', 'o2')}")
    assert [order.order_id for order in only(Order, said)] == ["o2"]
    assert [(row.row, row.column) for row in only(Rejected, said)] == [(2, "order"), (3, "row")]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """With the mend; in their own encoding they are read."""
    data = "a,b\nHändler,1\n".encode("cp1252")
    [row] = rows(tmp_path, data)
    assert row.broken
    assert row.broken.mend == "name the file's `encoding`"
    [row] = rows(tmp_path, data, SOURCE.model_copy(update={"encoding": "cp1252"}))
    assert row.cells == ["Händler", "1"]


@pytest.mark.parametrize("text", ["", "\n", '"a\nb'])
def test_a_file_without_a_heading_is_refused(tmp_path: Path, text: str) -> None:
    """As a whole."""
    with pytest.raises(Refused, match=r"data\.csv"):
        rows(tmp_path, text)


@pytest.mark.parametrize(
    ("values", "of", "said"),
    [
        ([1, None], pa.int64(), ["1", None]),
        ([1e-05, 57.16, 146.0, float("nan")], pa.float64(), ["0.00001", "57.16", "146", None]),
        ([Decimal("12.30")], pa.decimal128(9, 2), ["12.30"]),
        ([True], pa.bool_(), ["true"]),
        ([date(2024, 3, 4)], pa.date32(), ["2024-03-04"]),
        ([datetime(2024, 3, 4, 10)], pa.timestamp("ns"), ["2024-03-04 10:00:00.000000"]),  # noqa: DTZ001 - the case
        ([datetime(2024, 3, 4, 10, tzinfo=UTC)], pa.timestamp("s", "Asia/Tokyo"), ["2024-03-04 10:00:00.000000Z"]),
        (["a"], pa.dictionary(pa.int8(), pa.string()), ["a"]),
        ([["a", "b"]], pa.list_(pa.string()), ["['a', 'b']"]),
    ],
)
def test_typed_columns_become_texts(values: list[Any], of: Any, said: list[str | None]) -> None:
    """Without exponents and without losing the zone."""
    assert texts(pa.array(values, of)) == said


def test_parquet_types_stand_above_the_notation(tmp_path: Path) -> None:
    """A decimal comma and a date format are for texts only; naive times need the mapping's zone."""
    table = {"order": [7], "reseller": ["r"], "at": [datetime(2024, 3, 4, 10)], "sku": ["s"], "a": [1.5]}  # noqa: DTZ001
    pq.write_table(pa.table(table), tmp_path / "orders.parquet")
    mapping = 'decimal = ","\ndate_format = "%d.%m.%Y"\n' + ORDERS + 'amount = "a"\ncurrency = { const = "USD" }\n'
    data, exchange = [tmp_path / "orders.parquet"], Exchange()
    [order] = written(tmp_path, mapping).read(data, exchange=exchange, now=NOW)
    assert isinstance(order, Order)
    assert (order.order_id, order.ordered_at) == ("7", instant("2024-03-04T10:00Z"))
    assert order.lines[0].value == 150
    zoneless = mapping.replace('zone = "UTC"\n', "")
    [refused] = written(tmp_path, zoneless).read(data, exchange=exchange, now=NOW)
    assert isinstance(refused, Rejected)
    assert (refused.row, refused.column, refused.why) == (1, "at", "names no zone")


def test_what_is_not_parquet_is_refused(tmp_path: Path) -> None:
    """Whatever its name says."""
    (tmp_path / "a.parquet").write_text("no")
    with pytest.raises(Refused, match="is not a Parquet file"):
        ParquetRows(tmp_path / "a.parquet")
