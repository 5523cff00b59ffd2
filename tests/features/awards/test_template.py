"""The template for notices that are pages or papers only."""

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from features.awards.goods import GoodsReader
from features.awards.ocds import NoticeReader, Raw
from features.awards.template import template_releases
from features.evidence import Notice
from features.exchange import Exchange
from features.measures import Refused

HEADING = (
    "notice_id,published_at,buyer_name,buyer_cofog,buyer_country,supplier_name,description,quantity,amount,currency"
)
ROWS = (
    "p1,2021-06-09,Bureau,03,CN,Trader,STR kit,12,40563,USD",
    "p2,2021-06-10,Bureau,,CN,Trader,STR kit,1,,",
    "p2,2021-06-10,Bureau,,CN,Trader,sequencer,1,,",
)


def notices(path: Path) -> list[Notice]:
    """The notices of a file."""
    reader = NoticeReader(Exchange(), GoodsReader(), lambda published: published or 0)
    read = [reader.read(each) for each in template_releases(path) if isinstance(each, Raw)]
    return [notice for notice in read if notice is not None]


def test_rows_of_one_notice_stand_together(tmp_path: Path) -> None:
    """Each row is a kind of goods."""
    path = tmp_path / "notices.csv"
    path.write_text("\n".join([HEADING, *ROWS]))
    first, second = notices(path)
    assert (first.buyer_class, first.lines[0].value) == ("security", 4_056_300)
    assert [line.category for line in second.lines] == ["forensics/hid-kit", "sequencing/instrument"]


def test_excel_says_the_same_as_csv(tmp_path: Path) -> None:
    """Numbers and all."""
    plain, book = tmp_path / "n.csv", Workbook()
    plain.write_text("\n".join([HEADING, *ROWS]))
    for row in (HEADING, *ROWS):
        book.active.append([int(cell) if cell.isdigit() and cell != "03" else cell or None for cell in row.split(",")])
    book.save(tmp_path / "n.xlsx")
    assert [n.lines for n in notices(plain)] == [n.lines for n in notices(tmp_path / "n.xlsx")]


def test_a_column_for_persons_is_refused(tmp_path: Path) -> None:
    """With the columns that there are."""
    path = tmp_path / "n.csv"
    path.write_text("notice_id,contact_name\np1,Wang Wu\n")
    with pytest.raises(Refused, match="is not a column of the template"):
        list(template_releases(path))


def test_a_row_without_a_notice_is_told(tmp_path: Path) -> None:
    """By its number."""
    path = tmp_path / "n.csv"
    path.write_text("notice_id,buyer_name\n,Bureau\n")
    [refused] = template_releases(path)
    assert isinstance(refused, Refused)
    assert "n.csv:2" in str(refused)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("published_at", "31.02.2026", "is neither date nor time"),
        ("quantity", "four", "is no count of pieces"),
        ("amount", "1.200,50", "is no amount of a currency"),
        ("method", "secret", "is no method"),
    ],
)
def test_a_row_that_makes_no_sense_keeps_its_notice_out(tmp_path: Path, column: str, value: str, why: str) -> None:
    """Row, column and value are named; other notices of the file are taken."""
    path = tmp_path / "n.csv"
    with path.open("w", newline="") as stream:
        rows = csv.DictWriter(stream, ["notice_id", column], restval="")
        rows.writeheader()
        rows.writerows([{"notice_id": "p1"}, {"notice_id": "p2", column: value}])
    first, second = template_releases(path)
    assert isinstance(first, Raw)
    assert isinstance(second, Refused)
    assert f"n.csv:3: {column}" in str(second)
    assert why in str(second)


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    """By name, with the mend."""
    path = tmp_path / "n.csv"
    path.write_bytes("notice_id,buyer_name\np1,喀什市公安局\n".encode("gb18030"))
    with pytest.raises(Refused, match=r"n\.csv.* is not UTF-8; save it as UTF-8"):
        list(template_releases(path))


def test_columns_apart_by_semicolons_are_refused(tmp_path: Path) -> None:
    """As Excel writes them in half of Europe."""
    path = tmp_path / "n.csv"
    path.write_text("notice_id;buyer_name\np1;Bureau\n")
    with pytest.raises(Refused, match="';' separates its columns; save it with commas"):
        list(template_releases(path))
