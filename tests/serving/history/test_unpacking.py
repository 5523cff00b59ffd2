"""Tests of what sales may lie in: whatever it is, the same rows."""

import bz2
import gzip
import shutil
import sqlite3
from collections.abc import Callable
from csv import reader
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from features.exchange import Exchange
from features.mapping import Mapping, Rejected
from features.measures import Refused
from features.record import Record
from features.trade import Order
from serving.history.run import Sales
from serving.history.unpacking import queried, unpacked
from tests.serving.history.made import TODAY, named, past, rows, sales
from tests.serving.made import world


@pytest.fixture
def plain(sqlite_url: str, tmp_path: Path) -> Sales:
    """Sales in one CSV file."""
    with Record.open(world(sqlite_url, tmp_path / "home", orders=10).record_url) as record:
        return sales(tmp_path / "in", rows(past(record, 25)[:25]))


def orders(given: Sales, data: list[Path]) -> set[Order]:
    """What a mapping makes of these files."""
    found = list(Mapping.load(named(given)).read(data, exchange=Exchange(), now=TODAY))
    assert not any(isinstance(each, Rejected) for each in found)
    return {each for each in found if isinstance(each, Order)}


def _zipped(file: Path, folder: Path) -> None:
    (folder / "a.csv.gz").write_bytes(gzip.compress(file.read_bytes()))


def _nested(file: Path, folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "a.csv.bz2").write_bytes(bz2.compress(file.read_bytes()))
    (folder / "deep" / "README").write_text("no data")


def _partitioned(file: Path, folder: Path) -> None:
    texts = csv.ConvertOptions(column_types=dict.fromkeys(["order", "line", "at"], pa.string()))
    table = csv.read_csv(file, convert_options=texts)
    ds.write_dataset(table, folder / "sales", format="parquet", partitioning=["dealer"], partitioning_flavor="hive")


def _parquet(file: Path, folder: Path) -> None:
    pq.write_table(csv.read_csv(file), folder / "a.parquet", compression="zstd")


@pytest.mark.parametrize("pack", [_zipped, _nested, _partitioned, _parquet])
def test_sales_are_the_same_whatever_they_lie_in(
    plain: Sales, tmp_path: Path, pack: Callable[[Path, Path], None]
) -> None:
    """Compressed, in folders within folders, in partitions, as Parquet."""
    (file,) = plain.data[0].glob("*.csv")
    packed = tmp_path / "packed"
    packed.mkdir()
    pack(file, packed)
    expected = orders(plain, [file])
    assert len(expected) == 25
    assert expected == orders(plain, unpacked([packed], tmp_path / "work"))


def test_sales_may_come_from_a_query(plain: Sales, tmp_path: Path) -> None:
    """Read once, and kept for a run that goes on."""
    (file,) = plain.data[0].glob("*.csv")
    with file.open(newline="") as stream:
        content = [(*row[:6], int(row[6]), *row[7:]) for row in reader(stream) if row[0] != "order"]
    erp = sqlite3.connect(tmp_path / "erp.db")
    erp.execute('CREATE TABLE sales ("order", revision, dealer, at, line, article, pieces, amount, "for")')
    erp.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", content)
    erp.commit()
    erp.close()
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    made = queried(url, "SELECT * FROM sales", tmp_path / "work")
    assert orders(plain, [file]) == orders(plain, [made])
    (tmp_path / "erp.db").unlink()
    assert made == queried(url, "SELECT * FROM sales", tmp_path / "work")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """With what is wrong: a query, a file that is no archive, a path."""
    with pytest.raises(Refused, match="no such table"):
        queried("sqlite://", "SELECT * FROM missing", tmp_path / "work")
    (tmp_path / "a.csv.gz").write_text("plain")
    with pytest.raises(Refused, match="gzip"):
        unpacked([tmp_path / "a.csv.gz"], tmp_path / "work")
    assert not (tmp_path / "work" / "a.csv").exists()
    with pytest.raises(Refused, match="not there"):
        unpacked([tmp_path / "b.csv"], tmp_path / "work")
    shutil.rmtree(tmp_path / "work")
