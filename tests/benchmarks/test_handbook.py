"""The Handbook's features by its method and by ours: equal but for what the conversion names."""

import os
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.handbook import CUSTOMER, TERMINAL, disagreements, made, ours, theirs


def test_both_methods_agree_but_for_rows_of_one_second() -> None:
    """Many of these here, so that they differ in some values; nothing else does."""
    transactions = made(20_000)
    found = disagreements(transactions, ours(transactions), theirs(transactions))
    assert found["differ"] == 0
    assert found["tied"] * len(CUSTOMER) >= found["differ_tied"] > 0


def test_a_wrong_window_is_seen() -> None:
    """One value of a terminal."""
    transactions = made(5_000)
    one = ours(transactions)
    other = theirs(transactions)
    other.loc[4_000, TERMINAL[0]] += 1
    assert disagreements(transactions, one, other)["differ"] == 1


def test_the_conversion_by_hand() -> None:
    """The edge of a window, the transaction itself, and a fraud known seven days later."""
    at = pd.to_datetime(["2018-04-01 10:00", "2018-04-02 10:00", "2018-04-09 10:00"])
    fields = {"CUSTOMER_ID": 1, "TERMINAL_ID": 2, "TX_AMOUNT": [10.0, 20.0, 60.0], "TX_FRAUD": [1, 0, 0]}
    found = ours(pd.DataFrame({"TX_DATETIME": at, **fields}))
    assert list(found["CUSTOMER_NB_TX_1DAY"]) == [1, 1, 1]  # exactly a day ago is out
    assert list(found["CUSTOMER_NB_TX_7DAY"]) == [1, 2, 1]
    assert list(found["CUSTOMER_AVG_AMOUNT_30DAY"]) == [10, 15, 30]
    assert list(found["TERMINAL_NB_TX_1DAY"]) == [0, 0, 1]  # exactly seven days ago is known, eight is out
    assert list(found["TERMINAL_RISK_7DAY"]) == [0, 0, 0.5]


def test_the_published_transactions_agree() -> None:
    """A tenth of them, by customer."""
    if "HANDBOOK" not in os.environ:
        pytest.skip("HANDBOOK does not name the folder of the Fraud Detection Handbook's transactions.parquet")
    transactions = pd.read_parquet(Path(os.environ["HANDBOOK"], "transactions.parquet"))
    part = transactions[transactions["CUSTOMER_ID"] % 10 == 0].reset_index(drop=True)
    assert disagreements(part, ours(part), theirs(part))["differ"] == 0
