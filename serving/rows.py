"""The rows of a scored file: one a line, as CSV for people or as Parquet for programs."""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from pyarrow import csv, parquet

from features.measures import Refused, iso
from features.trade import Order
from models.decision import OrderDecision
from models.reasons import Reason
from serving.answer import reason_to_json

SCHEMA = pa.schema(
    [
        ("order_id", pa.string()),
        ("revision", pa.int64()),
        ("line_id", pa.string()),
        ("t", pa.string()),
        ("probability", pa.float64()),
        ("order_probability", pa.float64()),
        ("action", pa.string()),
        ("line_action", pa.string()),
        ("rank", pa.float64()),
        ("rules", pa.string()),
        ("reasons", pa.string()),
        ("model", pa.string()),
        ("policy", pa.string()),
        ("features", pa.string()),
    ]
)
"""`action`, `rank` and `order_probability` are the order's, the same on each of its lines."""

_AT_ONCE = 20_000


class Sheet:
    """A file of scored lines that appears when it is whole; raises `Refused` for a suffix it does not know."""

    def __init__(self, path: Path) -> None:
        if path.suffix not in {".csv", ".parquet"}:
            raise Refused("out", str(path), "is neither CSV nor Parquet", "end its name in .csv or .parquet")
        self._path, self._half = path, path.with_name(f".{path.name}.half")
        self._people = path.suffix == ".csv"
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        make = csv.CSVWriter if self._people else parquet.ParquetWriter
        self._writer = make(str(self._half), SCHEMA)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._writer.close()
        if kind is None:
            self._half.replace(self._path)
        else:
            self._half.unlink(missing_ok=True)

    def add(self, order: Order, t: int, verdict: OrderDecision, reasons: Sequence[Sequence[Reason] | None]) -> None:
        """Add the lines of an order; `reasons` are those of each line, None where there are none to tell."""
        whole = (verdict.probability, verdict.action.value)
        made_by = (verdict.model, verdict.policy, verdict.features)
        for line, why in zip(verdict.lines, reasons, strict=True):
            head = (order.order_id, order.revision, line.line_id, iso(t), line.probability, *whole, line.action.value)
            rules = "; ".join(rule.rule_id for rule in line.rules)
            self._rows.append((*head, verdict.rank, rules, told(why, people=self._people), *made_by))
        if len(self._rows) >= _AT_ONCE:
            self._flush()

    def write(self, table: pa.Table) -> None:
        """Add rows that are a table already, with the columns of `SCHEMA`."""
        self._writer.write_table(table)

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(SCHEMA)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))
        self._rows.clear()


def told(reasons: Sequence[Reason] | None, *, people: bool) -> str | None:
    """Reasons as sentences for people, or as JSON for programs; None where there are none to tell."""
    if reasons is None:
        return None
    if people:
        return "; ".join(reason.sentence for reason in reasons)
    return f"[{', '.join(map(_as_json, reasons))}]"


def _as_json(reason: Reason) -> str:
    before, after = around_contribution(reason)
    return f"{before}{number_text(reason.contribution)}{after}"


def around_contribution(reason: Reason) -> tuple[str, str]:
    """What `reason_to_json` is as `json.dumps` writes it, before its contribution and after it.

    Several times quicker: a past has millions of reasons, and many differ in their contribution only.
    """
    form = _form(reason.feature, reason.family, reason.red_flag, reason.clears, reason.direction)
    value, norm = number_text(reason.value), number_text(reason.norm)
    return f"{form[0]}{value}{form[1]}{norm}{form[2]}{_text(reason.sentence)}{form[3]}", form[4]


@lru_cache(maxsize=4_096)
def _form(feature: str, family: str, red_flag: str | None, clears: str | None, direction: str) -> list[str]:
    """The JSON of a reason, cut where value, norm, sentence and contribution stand."""
    sign = 1.0 if direction == "raises" else -1.0
    reason = Reason(feature, family, None, None, "", red_flag, clears, direction, sign, 0.0)
    content = reason_to_json(reason) | dict.fromkeys(("value", "norm", "sentence", "contribution"), _GAP)
    return _text(content).split(_text(_GAP))


def number_text(number: float | None) -> str:
    """A number as JSON; null for None."""
    return repr(number) if number is not None and math.isfinite(number) else _text(number)


_text = json.JSONEncoder(ensure_ascii=False).encode
_GAP = "\0"
