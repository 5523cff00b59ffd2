"""Made tables for tests: order lines, findings and vectors, without a record or an engine behind them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from features.measures import DAY
from features.record.columns import LINE_COLUMNS
from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from features.windows.view import FindingRate, LineFeature, View
from training.dataset import TrainingSet, training_set

LATER = 40_000 * DAY
"""A date after everything that these tables hold."""
FEATURES = FeatureSet(
    lines=(
        LineFeature("quantity", "direct", ("quantity",), "1", "transaction", "{value} units", sign=1),
        LineFeature("noise", "direct", ("quantity",), "1", "transaction", "{value} of nothing"),
        LineFeature("product_sensitivity", "direct", ("quantity",), "1", "goods", "level {value}", sign=1),
    ),
    views=(View("reseller", ("reseller_id",), "reseller", "this reseller", (FindingRate(),)),),
    attributes=("port",),
)


def lines(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Order lines; what is not named has a plain value. Line i is ordered on day i."""
    usual = {"revision": 1, "line_id": "1", "line_no": 0, "sku": "kit", "reseller_id": "r1", "late": False}
    made: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        own = {"position": number, "t": number * DAY, "order_id": f"o{number}", **usual, **row}
        made.append({name: own.get(name) for name in LINE_COLUMNS})
    text = ("category", "end_user_class", "declared_use", "ship_country", "ship_region", "attributes", "end_user_id")
    table = pa.Table.from_pylist(made)
    for name in (*text, "quantity_milli", "value"):
        kind = pa.string() if name in text else pa.int64()
        table = table.set_column(table.column_names.index(name), name, table.column(name).cast(kind))
    return table


def finding(order_id: str | None = "o0", line_id: str | None = "1", **more: Any) -> dict[str, Any]:
    """A row of the findings table: diverted, known on day 100."""
    usual = {"position": 0, "finding_id": f"f-{order_id}-{line_id}", "revision": 1, "outcome": "diverted"}
    own = {"happened_at": 100 * DAY, "known_at": 100 * DAY, "reseller_id": None, "source": "audit"}
    return {**usual, **own, "order_id": order_id, "line_id": line_id, **more}


def findings(*rows: dict[str, Any]) -> pa.Table:
    """A findings table."""
    text = ("finding_id", "outcome", "order_id", "line_id", "reseller_id", "source")
    whole = ("position", "revision", "happened_at", "known_at")
    schema = pa.schema([(name, pa.int64()) for name in whole] + [(name, pa.string()) for name in text])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def world(n: int = 600, seed: int = 1, share: float = 0.1, judged: float = 1.0) -> tuple[FeatureTable, pa.Table]:
    """Lines of two-line orders, one order a day, and a finding a day later on the share `judged` of them.

    The risk rises with the quantity and at the port XX.
    """
    dice = np.random.default_rng(seed)
    values = np.column_stack([dice.gamma(2.0, size=n), dice.normal(size=n), dice.integers(0, 3, n), np.full(n, 0.02)])
    port = dice.choice(["LA", "NY", "XX"], n, p=[0.5, 0.4, 0.1])
    risk = values[:, 0] + 2.0 * (port == "XX") + dice.normal(scale=0.7, size=n)
    diverted = risk > np.quantile(risk, 1.0 - share)
    rows = [
        {
            "t": (i // 2) * DAY, "order_id": f"o{i // 2}", "line_id": str(i % 2), "reseller_id": f"r{i // 2 % 40}",
            "quantity_milli": int(1000 * values[i, 0]), "attributes": json.dumps({"port": str(port[i])}),
        }
        for i in range(n)
    ]  # fmt: skip
    said = [
        finding(f"o{i // 2}", str(i % 2), known_at=(i // 2 + 1) * DAY, position=i, outcome=_outcome(diverted[i]))
        for i in range(n)
        if dice.random() < judged
    ]
    return FeatureTable(FEATURES, values, lines(rows)), findings(*said)


def _outcome(diverted: bool) -> str:
    return "diverted" if diverted else "cleared"


def chosen(n: int = 600, until_day: int | None = None, **of_world: Any) -> TrainingSet:
    """A training set from a made world."""
    table, said = world(n, **of_world)
    return training_set(table, said, LATER if until_day is None else until_day * DAY)
