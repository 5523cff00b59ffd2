"""Sell-through reports in files."""

from pathlib import Path

import pytest

from features.mapping import Rejected
from features.mapping.importing import import_data
from features.measures import DAY, Quantity, Refused, instant
from features.record import Record
from features.sell_through import SellThrough
from tests.features.mapping.written import NOW, read, written

MAPPING = """
zone = "UTC"
units = { box = "each" }
[sell_through]
reseller_id = "dealer"
sku = "article"
category = "family"
period_from = "from"
period_to = "to"
quantity = "sold"
unit = "unit"
known_at = "reported"
end_user_id = "customer"
"""
HEAD = "dealer,article,family,from,to,sold,unit,reported,customer\n"
ROW = "r1,kit,,2024-01-01,2024-03-31,12.5,box,2024-04-09T08:00Z,u1\n"


def test_a_row_is_a_report(tmp_path: Path) -> None:
    """A date counts from the end of its day."""
    [report] = read(tmp_path, MAPPING, pos=HEAD + ROW)
    until = instant("2024-03-31T23:59:59.999999Z")
    assert (report.reseller_id, report.sku, report.category, report.end_user_id) == ("r1", "kit", None, "u1")
    assert (report.period_from, report.period_to) == (instant("2024-01-01T23:59:59.999999Z"), until)
    assert (report.quantity, report.known_at) == (Quantity(12_500, "each"), instant("2024-04-09T08:00Z"))


def test_a_period_may_have_an_end_and_last_so_long(tmp_path: Path) -> None:
    """And a report may have become known so long after it."""
    mapping = MAPPING.replace('period_from = "from"', 'lasts = "13 weeks"')
    mapping = mapping.replace('known_at = "reported"', 'known_at = { lag = "30 days" }')
    [report] = read(tmp_path, mapping, pos=HEAD + ROW)
    assert report.period_to - report.period_from == 91 * DAY
    assert report.known_at == report.period_to + 30 * DAY


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("r1,kit", ",kit", ("dealer", "", "is missing", "fill it in, or give the key a `default`")),
        ("kit", "", ("article", "", "is missing, and category too", "name the product or the category")),
        ("12.5", "-1", ("sold", "-1", "is not in 0..100000000000 thousandths", "check sign and unit")),
        ("12.5", "many", ("sold", "many", "is not a number", "write digits with '.' as the decimal mark")),
        ("2024-01-01", "2024-05-01", ("to", "2024-03-31", "lies before period_from", "check both dates")),
        ("2024-04-09", "2029-04-09", ("reported", "2029-04-09T08:00Z", "is in the future", "import it after")),
    ],
)
def test_a_row_that_cannot_be_meant_is_told(tmp_path: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    """With its column, its value, why, and the mend."""
    [rejected] = read(tmp_path, MAPPING, pos=HEAD + ROW.replace(old, new, 1))
    assert isinstance(rejected, Rejected)
    told = (rejected.column, rejected.value, rejected.why, rejected.mend)
    assert all(text.startswith(begins) for text, begins in zip(told, said, strict=True)), told
    assert (rejected.file, rejected.row) == ("pos.csv", 2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('period_from = "from"\n', "", "needs period_from, or how long a period `lasts`, and not both"),
        ('period_from = "from"\n', 'lasts = "a quarter"\n', "'a quarter' is not a span of time"),
        ('sku = "article"\ncategory = "family"\n', "", "needs sku or category"),
    ],
)
def test_a_mapping_that_says_too_little_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Before any row is read."""
    with pytest.raises(Refused, match=said):
        written(tmp_path, MAPPING.replace(old, new))


def test_the_same_file_changes_nothing_and_a_correction_is_a_new_version(record: Record, tmp_path: Path) -> None:
    """What was reported at one time twice with different contents is told, and the rest is taken."""
    first, corrected = ROW, ROW.replace("12.5", "9").replace("04-09", "05-02")
    contradicted = corrected.replace(",9,", ",8,")
    for rows, appended, same, conflicts in (
        (first, 1, 0, 0),
        (first, 0, 1, 0),
        (first + corrected, 1, 1, 0),
        (contradicted, 0, 0, 1),
    ):
        mapping = written(tmp_path, MAPPING, pos=HEAD + rows)
        done = import_data(record, mapping, [tmp_path / "pos.csv"], rejects=tmp_path / "rejects.csv", now=NOW)
        receipt = done.receipt
        assert (receipt.appended, receipt.same, len(receipt.conflicts)) == (appended, same, conflicts)
    assert "quantity.milli: 9000 became 8000" in str(receipt.conflicts[0])
    reports = [entry.event for entry in record.entries((SellThrough,))]
    assert [report.quantity.milli for report in reports] == [12_500, 9_000]
    assert len({report.report_id for report in reports}) == 1


def test_a_pattern_may_name_a_folder_within_the_data(tmp_path: Path) -> None:
    """Other files of that folder are passed over."""
    mapping = written(tmp_path, 'files = "pos/sold*.csv"\n' + MAPPING)
    (tmp_path / "pos").mkdir()
    for name in ("sold-1.csv", "sold-2.csv", "other.csv"):
        (tmp_path / "pos" / name).write_text(HEAD + ROW)
    assert [path.name for path, _ in mapping.files([tmp_path])] == ["sold-1.csv", "sold-2.csv"]
