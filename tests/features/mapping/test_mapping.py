"""Loading a mapping, and matching files to its sources."""

from pathlib import Path

import pytest

from features.exchange import Exchange
from features.mapping import Mapping
from features.measures import Refused
from tests.features.mapping.written import NOW, ORDERS, read, written

TWO = """
[[source]]
files = "orders*.csv"
order = { order_id = "o", reseller_id = "r", ordered_at = "t" }
line = { sku = "s" }
[[source]]
files = "rates*"
rate = { currency = "c", rate = "x", valid_from = "t" }
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reseller_id", "resellr_id", r"\[order\]: 'resellr_id' is not a known key; did you mean 'reseller_id'"),
        ("[order]", "[ordre]", "'ordre' is not a known key; did you mean 'order'"),
        ("zone", "zome", "'zome' is not a known key; did you mean 'zone'"),
        ('sku = "sku"', 'sku = { colunm = "s" }', r"\[line.sku\]: 'colunm' is not a known key; did you mean 'column'"),
        ('sku = "sku"', "", r"\[line\]: 'sku' Field required"),
        ('sku = "sku"', 'sku = { column = "a", const = "b" }', "needs exactly one of column, columns, const, equal"),
        ('"UTC"', '"Berlin"', "'Berlin' is not a time zone"),
        ("[order]", 'date_format = "dd.mm.yy"\n[order]', "'dd.mm.yy' is not a format"),
        ("[order]", 'encoding = "latin-0"\n[order]', "'latin-0' is not an encoding"),
        ("[line]", 'known_at = { lag = "two days" }\n[line]', "'two days' is not a span of time"),
        ("[line]", '[line]\namount = "a"', "needs `currency` beside an amount"),
        ("[line]", '[line]\nunit_price = "a"\ncurrency = "c"', "needs `quantity` beside unit_price"),
        ("[line]", '[attributes]\nport = "p"\npassport = "p"\n[line]', "'passport' points at persons"),
        ("[line]", '[units]\nStk = "piece"\n[line]', r"\[units\]: 'Stk' Input should be 'each'"),
        ("[line]", '[meaning]\ndivert = "x"\n[line]', "did you mean 'diverted'"),
        ("[line]", '[line]\nx = 1\n[[source]]\nfiles = "*"', r"'order' stands beside \[\[source\]\]; move it"),
        ("[order]", "order]", "is not TOML"),
    ],
)
def test_a_mapping_is_refused_with_the_mend(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Table, key, and the nearest known key."""
    with pytest.raises(Refused, match=said):
        written(tmp_path, ORDERS.replace(old, new, 1))


def test_of_several_sources_the_faulty_one_is_named(tmp_path: Path) -> None:
    """By its number."""
    with pytest.raises(Refused, match=r"\[\[source\]\] 2, \[source.rate\]: 'valid_form' .* 'valid_from'"):
        written(tmp_path, TWO.replace("valid_from", "valid_form"))


def test_what_the_outcomes_stand_for_is_kept_for_reports(tmp_path: Path) -> None:
    """With the names of the columns of one's own."""
    mapping = written(tmp_path, ORDERS + '[attributes]\nport = "p"\nage = "a"\n[meaning]\ndiverted = "fraud"\n')
    assert mapping.meaning == {"diverted": "fraud"}
    assert mapping.attributes == ("age", "port")


def test_files_find_their_sources(tmp_path: Path) -> None:
    """One by one or in a folder, where what is no data is passed over."""
    mapping = written(tmp_path, TWO, orders1="", orders2="", rates="")
    (tmp_path / "README.md").write_text("not data")
    matched = [(path.name, source.files) for path, source in mapping.files([tmp_path, tmp_path / "orders1.csv"])]
    assert matched == [("orders1.csv", "orders*.csv"), ("orders2.csv", "orders*.csv"), ("rates.csv", "rates*")]


def test_files_and_sources_must_match(tmp_path: Path) -> None:
    """A file without a source, a source without a file, a file that is not there."""
    mapping = written(tmp_path, TWO, orders="", bills="")
    for names, said in (
        (["orders", "bills"], r"'bills.csv' matches no source: orders\*.csv, rates\*"),
        (["orders"], r"files: 'rates\*' of \[\[source\]\] 2 matches none of orders.csv"),
        (["gone"], "is not there"),
    ):
        with pytest.raises(Refused, match=said):
            mapping.files([tmp_path / f"{name}.csv" for name in names])
    relaxed = written(tmp_path, TWO.replace('"rates*"', '"rates*"\noptional = true'))
    assert len(relaxed.files([tmp_path / "orders.csv"])) == 1
    greedy = written(tmp_path, TWO.replace('"rates*"', '"*"'))
    with pytest.raises(Refused, match=r"'orders.csv' matches several sources"):
        greedy.files([tmp_path / "orders.csv"])


def test_sources_share_what_the_top_says(tmp_path: Path) -> None:
    """Unless they say otherwise."""
    mapping = written(tmp_path, 'delimiter = ";"\nzone = "UTC"\n' + TWO.replace('"rates*"', '"rates*"\nzone = "CET"'))
    assert [(source.delimiter, source.zone) for source in mapping.sources] == [(";", "UTC"), (";", "CET")]


def test_progress_is_told_by_file(tmp_path: Path) -> None:
    """With the rows read so far."""
    told: list[tuple[str, int]] = []
    rows = "order,reseller,at,sku\n" + "".join(f"o{i},r,2024-01-01T10:00Z,s\n" for i in range(10_002))
    mapping: Mapping = written(tmp_path, ORDERS, orders=rows)
    data = [tmp_path / "orders.csv"]
    for _ in mapping.read(data, exchange=Exchange(), now=NOW, progress=lambda file, count: told.append((file, count))):
        pass
    assert told == [("orders.csv", 10_000), ("orders.csv", 10_002)]


def test_the_same_file_gives_the_same_again(tmp_path: Path) -> None:
    """So that a second import changes nothing."""
    rows = "order,reseller,at,sku\no1,r,2024-01-01T10:00Z,s\no1,r,2024-01-01T10:00Z,s\n"
    assert read(tmp_path, ORDERS, orders=rows) == read(tmp_path, ORDERS, orders=rows)
