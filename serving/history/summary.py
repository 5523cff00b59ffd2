"""What became of a past: counts by action, reseller and category, and which resellers to look at first.

Of an order with several revisions, the last one counts. Money is of lines whose value is known, in the currency of the
record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from features.measures import minor_digits
from serving.history.kept import columns_of
from serving.history.question import Question
from serving.history.scored import PART, Asked

SHORTLIST = 20
CATEGORIES = 20
_BINS = 40


@dataclass(frozen=True, slots=True)
class Reseller:
    """A reseller of the shortlist: `at_risk` is the sum over its lines of probability times value."""

    reseller_id: str
    orders: int
    stopped: int
    highest: float
    value: float
    at_risk: float


@dataclass(frozen=True)
class Summary:
    """Counts of a run. `actions` and `shipped` count orders by action, `by_category` lines by category and action.

    `by_month` counts orders by month (``2024-05``) and action; `scores` lines by score, in bins of equal width over
    [0, 1]. `shipped` counts only orders of which the record knows that they were shipped. `value_at_risk` is the sum
    of probability times value over all lines; as known today the score ranks and is no probability, and neither is it.
    """

    question: Question
    model: str
    currency: str
    orders: int
    lines: int
    actions: dict[str, int]
    shipped: dict[str, int]
    by_category: list[tuple[str, dict[str, int]]]
    by_month: list[tuple[str, dict[str, int]]]
    scores: list[int]
    resellers: list[Reseller]
    value: float
    value_at_risk: float
    without_value: int
    threshold: float
    rejected_orders: int

    def __str__(self) -> str:
        actions = ", ".join(f"{self.actions.get(name, 0):,} {name}" for name in ("proceed", "review", "hold"))
        return f"{self.orders:,} orders ({self.lines:,} lines), {self.question}: {actions}"


def summarised(
    parts: Sequence[Path],
    asked: Asked,
    *,
    shipped: Sequence[str] = (),
    currency: str,
    rejected_orders: int = 0,
    memory_mb: int = 400,
    spill: Path | None = None,
) -> Summary:
    """Count the scored parts, files of `serving.history.kept`.

    `shipped` are ids of orders that the record knows to have been shipped.
    """
    config = {"memory_limit": f"{max(256, memory_mb)}MB"} | ({"temp_directory": str(spill)} if spill else {})
    with duckdb.connect(config=config) as connection:
        connection.register("shipped", pa.table({"order_id": pa.array(list(shipped), pa.string())}))
        connection.register("part", PART.empty_table().select(_COUNTED))
        connection.execute("CREATE TEMP TABLE counted AS SELECT * FROM part")
        for path in parts:
            connection.register("part", columns_of(path, _COUNTED))
            connection.execute("INSERT INTO counted SELECT * FROM part")
        connection.execute(_ONLY_LAST)
        return _summary(connection, asked, currency, rejected_orders)


_COUNTED = [
    "order_id", "revision", "action", "line_action", "first", "t_us", "reseller_id", "category", "value", "score",
]  # fmt: skip
_ONLY_LAST = """
    DELETE FROM counted USING (
        SELECT order_id, max(revision) AS last FROM counted
        WHERE order_id IN (SELECT order_id FROM counted WHERE revision > 1) GROUP BY order_id
    ) AS again WHERE counted.order_id = again.order_id AND revision < last"""
"""Only the lines of the last revision of each order count; few orders have a second."""

_CATEGORIES = """
    SELECT coalesce(category, ''), line_action, count(*) FROM counted GROUP BY 1, 2"""
_DAYS = """
    SELECT t_us // 86400000000, action, count(*) FILTER (first) FROM counted GROUP BY 1, 2"""
_RESELLERS = f"""
    SELECT reseller_id, count(*) FILTER (first), count(*) FILTER (first AND action <> 'proceed'), max(score),
    coalesce(sum(value), 0), coalesce(fsum(score * value), 0) AS at_risk
    FROM counted GROUP BY 1 ORDER BY at_risk DESC, 4 DESC, 1 LIMIT {SHORTLIST}"""  # noqa: S608 - a number of ours
_BINNED = f"SELECT least({_BINS - 1}, floor(score * {_BINS})::INT), count(*) FROM counted GROUP BY 1"  # noqa: S608
_WHOLE = """
    SELECT count(*) FILTER (first), count(*), coalesce(sum(value), 0), coalesce(fsum(score * value), 0),
    count(*) FILTER (value IS NULL) FROM counted"""


def _summary(connection: duckdb.DuckDBPyConnection, asked: Asked, currency: str, rejected_orders: int) -> Summary:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(query).fetchall()]

    (orders, lines, value, at_risk, without_value) = rows(_WHOLE)[0]
    unit = 10 ** minor_digits(currency)
    actions = "SELECT action, count(*) FILTER (first) FROM counted {} GROUP BY 1"
    scores = [0] * _BINS
    for number, count in rows(_BINNED):
        scores[number] = count
    return Summary(
        question=asked.question,
        model=asked.model.fingerprint,
        currency=currency,
        orders=orders,
        lines=lines,
        actions=dict(rows(actions.format(""))),
        shipped=dict(rows(actions.format("SEMI JOIN shipped USING (order_id)"))),
        by_category=_by(rows(_CATEGORIES))[:CATEGORIES],
        by_month=sorted(_by([(_month(day), action, count) for day, action, count in rows(_DAYS)])),
        scores=scores,
        resellers=[
            Reseller(name, many, stopped, highest, total / unit, risk / unit)
            for name, many, stopped, highest, total, risk in rows(_RESELLERS)
        ],
        value=float(value) / unit,
        value_at_risk=float(at_risk) / unit,
        without_value=without_value,
        threshold=asked.model.policy.threshold,
        rejected_orders=rejected_orders,
    )


def _by(rows: Sequence[tuple[str, str, int]]) -> list[tuple[str, dict[str, int]]]:
    """Counts by name and action, the names with most to stop first."""
    found: dict[str, dict[str, int]] = {}
    for name, action, count in rows:
        counts = found.setdefault(name, {})
        counts[action] = counts.get(action, 0) + count
    return sorted(found.items(), key=lambda each: (each[1].get("proceed", 0) - sum(each[1].values()), each[0]))


def _month(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).strftime("%Y-%m")


_EPOCH = date(1970, 1, 1)
