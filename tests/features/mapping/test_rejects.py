"""The file of refused rows."""

import csv
import json
from pathlib import Path

from features.exchange import Exchange
from features.mapping import Rejected, Rejects
from tests.features.mapping.written import NOW, ORDERS, only, read, written


def test_rejects_tell_all_that_is_needed_to_mend_a_row(tmp_path: Path) -> None:
    """File, row, column, value, reason, mend, and the row as it stood."""
    [refused] = read(tmp_path, ORDERS, orders='order,reseller,at,sku\no1,"Ö, r",soon,a\n')
    with Rejects(tmp_path / "rejects.csv") as rejects:
        rejects.add(refused)
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        [row] = csv.DictReader(stream)
    assert (row["file"], row["row"], row["column"], row["value"]) == ("orders.csv", "2", "at", "soon")
    assert (row["why"], row["mend"][:14]) == ("is not a time", "write ISO 8601")
    assert json.loads(row["raw"]) == {"order": "o1", "reseller": "Ö, r", "at": "soon", "sku": "a"}
    assert rejects.count == 1


def test_there_is_no_file_without_rejects(tmp_path: Path) -> None:
    """Nor one that an earlier run left behind."""
    path = tmp_path / "rejects.csv"
    path.write_text("of an earlier run")
    with Rejects(path) as rejects:
        pass
    assert rejects.count == 0
    assert not path.exists()


def test_bytes_that_are_no_text_can_be_told(tmp_path: Path) -> None:
    """Rejects are UTF-8 whatever was in the file."""
    mapping = written(tmp_path, ORDERS)
    (tmp_path / "orders.csv").write_bytes(b"order,reseller,at,sku\no1,H\xe4ndler,2024-01-01T10:00Z,s\n")
    with Rejects(tmp_path / "rejects.csv") as rejects:
        for event in mapping.read([tmp_path / "orders.csv"], exchange=Exchange(), now=NOW):
            rejects.add(only(Rejected, [event])[0])
    assert "name the file's `encoding`" in (tmp_path / "rejects.csv").read_text(encoding="utf-8")
