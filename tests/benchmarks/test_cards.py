"""The protocol of the Handbook's card transactions, and the mapping that brings them in."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cards import FEATURES, FIRST, WEEK, card_precision, inputs_of, judged, prepare
from features.exchange import Exchange
from features.mapping import Mapping
from features.measures import DAY, instant
from features.trade import Finding, Order, Place, Reseller
from features.windows.plan import compile_plan

ROOT = Path(__file__).parents[2]


def transactions(rows: int = 200) -> pd.DataFrame:
    """A few transactions over the three weeks of the protocol."""
    dice = np.random.default_rng(1)
    return pd.DataFrame({
        "TRANSACTION_ID": np.arange(rows),
        "TX_DATETIME": FIRST + pd.to_timedelta(np.sort(dice.integers(0, 21 * 86_400, rows)), unit="s"),
        "CUSTOMER_ID": dice.integers(0, 20, rows),
        "TERMINAL_ID": dice.integers(0, 10, rows),
        "TX_AMOUNT": np.round(dice.gamma(2, 30, rows), 2),
        "TX_FRAUD": (dice.random(rows) < 0.1).astype(int),
    })  # fmt: skip


def test_the_mapping_reads_what_is_prepared(tmp_path: Path) -> None:
    """Each transaction an order with the place of its customer, and a finding that is known a week later."""
    table = transactions(20)
    table.to_parquet(tmp_path / "transactions.parquet")
    for name, count in (("CUSTOMER_ID", 20), ("TERMINAL_ID", 10)):
        spots = pd.DataFrame({name: np.arange(count), "x": np.arange(count) + 0.5, "y": 1.25})
        spots.to_parquet(tmp_path / f"{'customers' if name == 'CUSTOMER_ID' else 'terminals'}.parquet")
    prepare(tmp_path, tmp_path / "made")
    mapping = Mapping.load(ROOT / "examples" / "handbook.toml")
    said = list(mapping.read([tmp_path / "made"], exchange=Exchange("USD"), now=instant("2026-01-01T00:00Z")))
    orders = [each for each in said if isinstance(each, Order)]
    findings = [each for each in said if isinstance(each, Finding)]
    assert (len(orders), len(findings), sum(isinstance(each, Reseller) for each in said)) == (20, 20, 10)
    assert orders[0].lines[0].ship_to == Place(x_km=table["CUSTOMER_ID"][0] + 0.5, y_km=1.25)
    assert [each.known_at for each in findings] == [each.happened_at + 7 * DAY for each in findings]


def test_features_stand_in_the_published_order() -> None:
    """The transaction's own, the customer's, the terminal's; the shortest window first."""
    names = [*inputs_of(transactions())]
    assert names[:5] == [
        "TX_AMOUNT",
        "TX_DURING_WEEKEND",
        "TX_DURING_NIGHT",
        "CUSTOMER_NB_TX_1DAY",
        "CUSTOMER_AVG_AMOUNT_1DAY",
    ]
    assert names[-2:] == ["TERMINAL_NB_TX_30DAY", "TERMINAL_RISK_30DAY"]
    assert len(names) == 15


def test_customers_whose_fraud_is_known_judge_no_more() -> None:
    """Those of the week that taught, and of the days that have become known since."""
    table = transactions(2_000)
    rows = judged(table, FIRST)
    week = table[table["TX_DATETIME"] < FIRST + WEEK]
    assert set(rows["CUSTOMER_ID"]).isdisjoint(week.loc[week["TX_FRAUD"] == 1, "CUSTOMER_ID"])
    assert (rows["TX_DATETIME"] >= FIRST + 2 * WEEK).all()


def test_a_defrauded_customer_counts_on_the_first_day_it_is_found() -> None:
    """Of the two highest on each of two days, one on the first day is found, and nobody new on the second."""
    day = [FIRST, FIRST, FIRST + WEEK, FIRST + WEEK]
    rows = pd.DataFrame({"TX_DATETIME": day, "CUSTOMER_ID": [1, 2, 1, 3], "TX_FRAUD": [1, 0, 1, 0]})
    assert card_precision(rows, np.array([0.9, 0.1, 0.9, 0.2]), most=2) == 0.25


def test_the_definitions_can_be_computed() -> None:
    """Every one of them has a plan, and a name of its own."""
    compile_plan(FEATURES)
    assert len(set(FEATURES.names)) == len(FEATURES.names)
