"""Whatever stands in a file, reading it ends with events and refused rows, never with another error."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from features.exchange import Exchange
from features.mapping import Rejected
from features.measures import Refused
from features.trade import Finding, Order
from tests.features.mapping.written import NOW, ORDERS, only, read, written

MAPPING = (
    ORDERS.replace("[line]", 'revision = "sku"\n[line]').replace(
        "zone =", 'date_format = "epoch_ms"\ndelimiter = ";"\nzone ='
    )
    + """
line_id = "q"
quantity = "q"
unit_price = { column = "p", thousands = "." , decimal = ","}
currency = "c"
for_stock = "f"
ship_to = { country = "f", latitude = "q", longitude = { column = "p", decimal = "," } }
[finding]
outcome = { column = "f", map = { no = "cleared", yes = "diverted" }, default = "unknown" }
happened_at = { column = "reseller", date_format = "iso", map = { r = "2024-02-01" } }
known_at = { lag = "1 day" }
"""
)
HEAD = b"order;reseller;at;sku;q;p;c;f\n"
GOOD = ("o1", "r", "1704103200000", "1", "2", "3,50", "USD", "no")
ODD = (
    *("o1", "o2", "1e99", "1e-99", "-1", "0", "1", "2.5", "9.999.999,99", "99999999999999", "0001-01-01T00:00+09:00"),
    *("9999-12-31", "24:00", "EUR", "us", '"', "\n", ";", "\x00", "\ud800", "diverted", "yes", "", " ", "é", "unknown"),
)
CELLS = st.dictionaries(st.integers(0, 7), st.sampled_from(ODD) | st.text(max_size=5), max_size=2)
ROW = CELLS.map(lambda odd: ";".join(odd.get(place, cell) for place, cell in enumerate(GOOD)))
FILE = st.lists(ROW, max_size=5).map("\n".join).map(lambda text: text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(FILE | st.binary(max_size=80))
def test_reading_never_falls_over(body: bytes) -> None:
    """Every line is in an order or refused; a file that is no table at all is refused as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        mapping = written(Path(folder), MAPPING)
        (Path(folder) / "orders.csv").write_bytes(HEAD + body)
        try:
            said = list(mapping.read([Path(folder) / "orders.csv"], exchange=Exchange(), now=NOW))
        except Refused:
            return
    assert len({row.row for row in only(Rejected, said)}) == len(only(Rejected, said))
    assert all(order.lines for order in only(Order, said))


def test_the_row_that_is_varied_is_an_order(tmp_path: Path) -> None:
    """Or the test above would see nothing but refusals."""
    said = read(tmp_path, MAPPING, orders=HEAD.decode() + ";".join(GOOD) + "\n")
    assert [type(thing) for thing in said] == [Order, Finding]
