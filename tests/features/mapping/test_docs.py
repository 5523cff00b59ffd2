"""The documentation says what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.exchange import Exchange
from features.mapping import Mapping, Rejected
from features.mapping.kinds import Table
from features.trade import Finding, Order
from tests.features.mapping.written import NOW, only

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")


def tables(of: type[Table] = Table) -> Iterator[type[Table]]:
    """Every table that a mapping file can have."""
    for table in of.__subclasses__():
        yield table
        yield from tables(table)


@pytest.mark.parametrize("key", sorted({key for table in tables() for key in table.model_fields}))
def test_each_key_stands_in_the_documentation(key: str) -> None:
    """As code; a new key comes with its line."""
    assert f"`{key}`" in PAGE or f"`[{key}]`" in PAGE


def test_the_example_of_the_documentation_does_what_it_says(tmp_path: Path) -> None:
    """Two orders, a finding each, and one refused row as printed."""
    orders, rates, mapping, told = re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL)
    for name, text in (("orders.csv", orders), ("rates.csv", rates), ("mapping.toml", mapping)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = list(Mapping.load(tmp_path / "mapping.toml").read([tmp_path], exchange=Exchange(), now=NOW))
    lines = {order.order_id: [line.line_id for line in order.lines] for order in only(Order, said)}
    assert lines == {"A-1001": ["10", "20"], "A-1002": ["10"]}
    assert [order.lines[0].value for order in only(Order, said)] == [10_687_250, 312_000]
    assert [str(found.outcome) for found in only(Finding, said)] == ["cleared", "diverted"]
    [row] = only(Rejected, said)
    assert told.strip() == f"{row.file} line {row.row}, {row.column}: {row.value!r} {row.why}; {row.mend}"
