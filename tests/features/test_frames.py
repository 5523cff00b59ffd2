"""Tables of a notebook: the same values as a record, in the user's order; faults told by table, row and column."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.catalog.all import catalogue
from features.frames import feature_frame
from features.mapping import Mapping
from features.mapping.importing import import_data
from features.mapping.trade_names import KNOWN
from features.measures import Refused, instant
from features.record import Record
from features.vector import feature_table

ROOT = Path(__file__).parents[2]
START = pd.Timestamp("2026-01-05T09:00:00Z")

MAPPING = """
[[source]]
files = "orders.csv"
order = { order_id = "order_id", reseller_id = "reseller_id", ordered_at = "ordered_at" }
attributes = { port = "port" }
[source.line]
line_id = "line_id"
sku = "sku"
quantity = "quantity"
amount = "amount"
currency = "currency"
end_user_id = "end_user_id"
ship_to = { country = "ship_country", city = "ship_city" }
[[source]]
files = "resellers.csv"
reseller = { reseller_id = "reseller_id", known_at = "known_at", site = { country = "site_country" } }
[[source]]
files = "products.csv"
product = { sku = "sku", known_at = "known_at", category = "category", sensitivity = "sensitivity" }
[[source]]
files = "findings.csv"
[source.finding]
finding_id = "finding_id"
order_id = "order_id"
outcome = "outcome"
happened_at = "known_at"
known_at = "known_at"
"""


def tables(orders: int = 150) -> dict[str, pd.DataFrame]:
    """A market with many ties, several lines an order, and gaps."""
    dice = np.random.default_rng(3)
    number = np.repeat(np.arange(orders), dice.integers(1, 4, orders))
    at = START + pd.to_timedelta(dice.integers(0, 60, orders) * 12, unit="h")
    n = number.size
    lines = pd.DataFrame({
        "order_id": [f"o{each}" for each in number],
        "line_id": (pd.Series(number).groupby(number).cumcount() + 1).to_numpy(),
        "reseller_id": [f"r{each % 4}" for each in number],
        "ordered_at": at[number],
        "sku": [f"kit-{each}" for each in dice.integers(0, 3, n)],
        "quantity": dice.integers(1, 9, n),
        "amount": np.round(dice.gamma(2, 900, n), 2),
        "currency": "EUR",
        "end_user_id": dice.choice(np.array(["u1", "u2", None], object), n),
        "ship_country": dice.choice(np.array(["CN", "DE"]), n),
        "ship_city": dice.choice(np.array(["Bern", None], object), n),
        "port": dice.choice(np.array(["NY", "LA", None], object), n),
    })  # fmt: skip
    judged = dice.choice(orders, 30, replace=False)
    early = START - pd.Timedelta("90D")
    return {
        "orders": lines,
        "resellers": pd.DataFrame({"reseller_id": ["r0", "r1", "r2"], "known_at": early, "site_country": "DE"}),
        "products": pd.DataFrame({"sku": ["kit-0", "kit-1"], "known_at": early, "category": "a/b", "sensitivity": 2}),
        "findings": pd.DataFrame({
            "finding_id": [f"f{each}" for each in judged],
            "order_id": [f"o{each}" for each in judged],
            "outcome": dice.choice(np.array(["diverted", "cleared"]), 30),
            "known_at": at[judged] + pd.Timedelta("3D"),
        }),
    }  # fmt: skip


def small(**columns: Any) -> pd.DataFrame:
    """Two orders of one line, with what else is named."""
    given = {"order_id": ["a", "b"], "reseller_id": "r", "sku": "kit", "ordered_at": ["2026-01-05T09:00Z"] * 2}
    return pd.DataFrame(given | columns, index=["x", "y"])


def table_of(**given: Any) -> pd.DataFrame:
    """The features of tables with a port."""
    return feature_frame(**given, attributes=["port"])


def fault(orders: pd.DataFrame, **more: Any) -> Refused:
    """What a call refuses."""
    with pytest.raises(Refused) as caught:
        feature_frame(orders, **more)
    return caught.value


def test_a_notebook_gets_the_values_of_a_record(tmp_path: Path) -> None:
    """Bit for bit those of the same tables imported from files, for the whole catalogue and an attribute."""
    made = tables()
    for name, table in made.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    (tmp_path / "mapping.toml").write_text(MAPPING)
    files = [tmp_path / f"{name}.csv" for name in made]
    with Record.open(f"sqlite:///{tmp_path}/record.db", currency="EUR") as record:
        mapping, now = Mapping.load(tmp_path / "mapping.toml"), instant("2027-01-01T00:00Z")
        assert import_data(record, mapping, files, rejects=tmp_path / "no.csv", now=now).complete
        expected = feature_table(record, catalogue(("port",)))
    lines = expected.lines.select(["order_id", "line_id"]).to_pandas()
    key = made["orders"][["order_id", "line_id"]].astype(str)
    place = pd.Index(pd.MultiIndex.from_frame(lines)).get_indexer(pd.MultiIndex.from_frame(key))
    frame = feature_frame(**made, attributes=["port"])
    assert list(frame.columns) == ["t", "position", *expected.features.names]
    assert frame.iloc[:, 2:].to_numpy().tobytes() == expected.values[place].tobytes()  # noqa: PD011 - no pandas


def test_rows_keep_their_order_and_their_index() -> None:
    """Though they are computed in order of time."""
    made = tables()
    shuffled = made["orders"].sample(frac=1, random_state=1)
    frame, again = table_of(**made), table_of(**made | {"orders": shuffled})
    pd.testing.assert_frame_equal(frame.loc[shuffled.index].drop(columns="position"), again.drop(columns="position"))
    assert (again["t"] == shuffled["ordered_at"]).all()


def test_arrow_tables_are_as_good_as_pandas() -> None:
    """The result is pandas, numbered from 0."""
    made = tables()
    arrow = {
        name: pa.table(
            {key: column.astype(object).where(column.notna(), None).tolist() for key, column in table.items()}
        )
        for name, table in made.items()
    }
    pd.testing.assert_frame_equal(table_of(**made), table_of(**arrow))


def test_lines_without_an_id_are_numbered_as_they_come() -> None:
    """Rows of one order need not stand together."""
    made = tables()
    named = table_of(orders=made["orders"])
    orders = made["orders"].sort_values("line_id", kind="stable").drop(columns="line_id")
    again = table_of(orders=orders).loc[named.index]
    pd.testing.assert_frame_equal(again.drop(columns="position"), named.drop(columns="position"))


def test_times_may_be_text_or_aware_but_never_naive() -> None:
    """The same instant however it is written; without a zone it is told where."""
    texts = feature_frame(small())
    aware = feature_frame(small(ordered_at=pd.Timestamp("2026-01-05 10:00", tz="Europe/Berlin")))
    named = feature_frame(small(ordered_at=pd.Timestamp("2026-01-05 10:00")), zone="Europe/Berlin")
    assert list(texts["t"]) == list(aware["t"]) == list(named["t"]) == [START] * 2
    naive = fault(small(ordered_at=["2026-01-05T09:00Z", "2026-01-05T09:00:00"]))
    assert naive.column == "orders, row y, ordered_at"
    assert (naive.value, naive.why) == ("2026-01-05T09:00:00", "names no zone")
    assert "tz_localize" in naive.mend


def test_a_column_that_is_not_known_is_refused_with_those_that_are() -> None:
    """And the nearest; a column of one's own is named."""
    typo = fault(small(quantty=1))
    assert (typo.column, typo.value) == ("orders", "quantty")
    assert "did you mean 'quantity'?" in typo.mend
    assert all(name in typo.mend for name in KNOWN["orders"])
    assert "`attributes`" in fault(small(port="NY")).mend
    assert "orders_count_30d" in str(list(feature_frame(small(port="NY"), attributes=["port"]).columns))
    assert fault(small().drop(columns="sku")).value == "sku"
    assert fault(small(), attributes=["port"]).value == "port"
    assert fault(small(), attributes=["sku"]).column == "attributes"


def test_other_currencies_need_a_rate() -> None:
    """Several currencies need a name for the one that counts."""
    mixed = small(amount=[10, 20], currency=["USD", "EUR"])
    assert "currency='USD'" in fault(mixed).mend
    unrated = fault(mixed, currency="USD")
    assert (unrated.column, unrated.value) == ("orders, row y, currency", "EUR")
    rates = pd.DataFrame({"currency": ["EUR"], "rate": ["1.25"], "valid_from": ["2025-01-01T00:00Z"]})
    assert list(feature_frame(mixed, rates=rates, currency="USD")["line_value"]) == [10.0, 25.0]
    assert fault(small(amount=1)).why == "has no currency"
    assert list(feature_frame(small(amount=1), currency="USD")["line_value"]) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("columns", "where", "why"),
    [
        ({"amount": [1, 10**12], "currency": "USD"}, "orders, row y, amount", "beyond"),
        ({"quantity": [1, -1]}, "orders, row y, quantity", "is not in"),
        ({"quantity": ["1", "many"]}, "orders, row y, quantity", "is not a number"),
        ({"order_id": ["a", None]}, "orders, row y, order_id", "is missing"),
        ({"reseller_id": [None, "r"]}, "orders, row x, reseller_id", "is missing"),
        ({"ship_country": ["DE", "Atlantis"]}, "orders, row y, ship_country", "is not an ISO"),
        ({"ordered_at": ["2026-01-05T09:00Z", "2126-01-05T09:00Z"]}, "orders, row y, ordered_at", "outside"),
        ({"for_stock": ["yes", "perhaps"]}, "orders, row y, for_stock", "neither"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_with_its_row(columns: dict[str, Any], where: str, why: str) -> None:
    """Table, row by its label, column, value, why and a mend that needs no mapping file."""
    refused = fault(small(**columns))
    assert refused.column == where
    assert why in refused.why
    assert not {"mapping", "map`", "declare"} & set(refused.mend.replace(",", " ").split())


def test_a_column_of_mixed_kinds_is_refused() -> None:
    """Arrow cannot hold it, so no row can be named."""
    mixed = fault(small(quantity=pd.Series([1, "two"], ["x", "y"], object)))
    assert (mixed.column, mixed.value) == ("orders", "quantity")


def test_findings_are_about_orders_that_are_there_and_once_each() -> None:
    """An order unknown, and two findings of one name."""
    found = pd.DataFrame({"order_id": ["a", "a"], "outcome": ["diverted", "cleared"], "known_at": START})
    twice = fault(small(), findings=found)
    assert (twice.column, twice.value) == ("findings, row 1, finding", "a/finding")
    assert fault(small(), findings=found.assign(order_id="c")).why == "is not a known order"
    both = found.assign(order_id=["a", None], reseller_id=[None, "r"], finding_id=["f", "g"], outcome="diverted")
    orders = small(ordered_at=[START, START + pd.Timedelta("2D")])
    frame = feature_frame(orders, findings=both.assign(known_at=START + pd.Timedelta("1D")))
    assert list(frame["reseller_diverted_count_all"]) == [0.0, 2.0]


def test_every_column_of_the_registers_may_be_there() -> None:
    """A phone that two resellers share, and a spot on a plane, reach their features."""
    orders = pd.DataFrame(
        {
            "order_id": ["a", "b"], "reseller_id": ["r", "s"], "sku": "kit", "ship_x_km": [3.0, 0.0], "ship_y_km": 4.0,
            "ordered_at": ["2026-01-05T09:00Z", "2026-01-06T09:00Z"],
        }
    )  # fmt: skip
    resellers = pd.DataFrame(
        {"reseller_id": ["r", "s"], "phone_id": "p", "owner_id": "o", "territory": "DE", "site_x_km": 0, "site_y_km": 0}
    )
    table = feature_frame(orders, resellers=resellers)
    assert table["phone_reseller_distinct_365d"].tolist() == [0.0, 1.0]
    assert table["ship_to_plane_distance_km"].tolist() == [5.0, 4.0]


def test_a_null_key_is_nobody() -> None:
    """All its features are missing, never those of a shared "null"."""
    frame = feature_frame(small(end_user_id=[None, None], ordered_at=["2026-01-05T09:00Z", "2026-01-06T09:00Z"]))
    assert frame.filter(like="end_user_orders").isna().all().all()
    assert list(frame["reseller_orders_count_30d"]) == [0.0, 1.0]


def test_a_cancelled_order_is_no_history() -> None:
    """From the moment at which that became known."""
    orders = small(ordered_at=["2026-01-05T09:00Z", "2026-01-07T09:00Z"])
    gone = pd.DataFrame({"order_id": ["a"], "status": ["cancelled"], "happened_at": ["2026-01-06T09:00Z"]})
    assert list(feature_frame(orders, statuses=gone)["reseller_orders_count_30d"]) == [0.0, 0.0]


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands in the README."""
    runpy.run_path(str(ROOT / "examples" / "notebook.py"), run_name="__main__")
    assert "reseller_orders_count_30d" in capsys.readouterr().out
