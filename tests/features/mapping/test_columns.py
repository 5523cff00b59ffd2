"""Where a text stands in a row."""

from pathlib import Path

import pytest

from features.measures import Refused
from features.trade import Order
from tests.features.mapping.written import ORDERS, only, read

HEAD = "order,reseller,at,sku,a,b\n"
ROW = "o1,r,2024-01-01T10:00Z,s,{},{}\n"


def attribute(folder: Path, field: str, one: str, other: str, null: str = "") -> str | None:
    """What becomes of one field of one row with the columns a and b."""
    mapping = f"null = [{null}]\n{ORDERS}[attributes]\nx = {field}\n"
    [order] = only(Order, read(folder, mapping, orders=HEAD + ROW.format(one, other)))
    return dict(order.lines[0].attributes).get("x")


@pytest.mark.parametrize(
    ("field", "one", "other", "text"),
    [
        ('"a"', " LIV ", "", "LIV"),
        ('{ columns = ["a", "b"] }', "CN", "LA", "CN/LA"),
        ('{ columns = ["a", "b"], join = " " }', "CN", "LA", "CN LA"),
        ('{ columns = ["a", "b"] }', "CN", "", None),
        ('{ const = "web" }', "", "", "web"),
        ("{ const = 7 }", "", "", "7"),
        ('{ equal = ["a", "b"] }', "CN", "CN", "same"),
        ('{ equal = ["a", "b"] }', "CN", "HK", "differs"),
        ('{ equal = ["a", "b"] }', "CN", "", None),
        ('{ equal = ["a", "b"], map = { same = "no" }, default = "?" }', "CN", "CN", "no"),
        ('{ equal = ["a", "b"], map = { same = "no" }, default = "?" }', "CN", "", "?"),
        ('{ column = "a", map = { L = "living" } }', "L", "", "living"),
        ('{ column = "a", map = { L = "living" } }', "", "", None),
        ('{ column = "a", map = { "" = "none" } }', "", "", "none"),
        ('{ column = "a", default = "none" }', "", "", "none"),
    ],
)
def test_the_ways_of_a_field(tmp_path: Path, field: str, one: str, other: str, text: str | None) -> None:
    """Columns, constants, comparisons; then map, null and default."""
    assert attribute(tmp_path, field, one, other) == text


def test_na_is_missing_in_most_columns_and_namibia_in_one(tmp_path: Path) -> None:
    """A field's own `null` stands instead of the file's."""
    assert attribute(tmp_path, '"a"', "NA", "", '"NA"') is None
    assert attribute(tmp_path, '{ column = "a", null = [] }', "NA", "", '"NA"') == "NA"


def test_a_text_beside_the_map_is_refused(tmp_path: Path) -> None:
    """With the texts that the map names."""
    mapping = ORDERS + '[attributes]\nx = { column = "a", map = { L = "living" } }\n'
    [refused] = read(tmp_path, mapping, orders=HEAD + ROW.format("D", ""))
    assert (refused.column, refused.value, refused.mend) == ("a", "D", "add it to `map`, which names L")


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    """Before any row is read."""
    with pytest.raises(Refused, match=r"orders\.csv: 'reseller' is not a column .* did you mean 'resellers'"):
        read(tmp_path, ORDERS, orders="order,resellers,at,sku\n")


def test_a_column_that_stands_twice_is_told(tmp_path: Path) -> None:
    """Only where the mapping reads it."""
    with pytest.raises(Refused, match="'sku' stands twice in the heading"):
        read(tmp_path, ORDERS, orders="order,reseller,at,sku,sku\n")
    assert read(tmp_path, ORDERS, orders="order,reseller,at,sku,x,x\n") == []


def test_float_noise_is_told_with_its_mend(tmp_path: Path) -> None:
    """What the record would have to round, the mapping has to round."""
    mapping = ORDERS + 'currency = { const = "USD" }\namount = '
    rows = HEAD + ROW.format("266.90000000000003", "")
    [refused] = read(tmp_path, mapping + '"a"\n', orders=rows)
    assert (refused.column, refused.value) == ("a", "266.90000000000003")
    assert refused.mend == "round it at the source, or declare `round`"
    [order] = read(tmp_path, mapping + '{ column = "a", round = 2 }\n', orders=rows)
    assert order.lines[0].value == 26690
