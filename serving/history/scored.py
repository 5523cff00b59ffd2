"""A chunk of lines with their vectors becomes rows of scores: what stands in the file, and what the summary counts."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.decision_table import ACTIONS, Decisions, decide_lines
from models.model import Model
from serving.draw import drawn
from serving.history.question import Question
from serving.rows import SCHEMA
from serving.telling import Telling

Floats = NDArray[np.float64]
WithReasons = Literal["waiting", "all", "none"]

COUNTED = pa.schema(
    [
        ("first", pa.bool_()),
        ("t_us", pa.int64()),
        ("reseller_id", pa.string()),
        ("category", pa.string()),
        ("value", pa.int64()),
        ("score", pa.float64()),
    ]
)
"""Columns of a part beside those of `SCHEMA`: `first` marks an order's first line; `score` is the probability, or what
only ranks where there is none."""

PART = pa.schema([*SCHEMA, *COUNTED])


@dataclass(frozen=True)
class Asked:
    """How lines are scored: the model, the question with the moment of today, whose reasons, and for whom.

    `people` tells whether reasons are sentences or JSON. `categories` holds the product register's, by sku. With
    `draw_key` orders are drawn for random audits as the service draws them, see `serving.draw`.
    """

    model: Model
    question: Question
    now: int
    reasons: WithReasons
    people: bool
    categories: dict[str, str]
    draw_key: bytes | None = field(default=None, repr=False)


def scored(asked: Asked, lines: pa.Table, values: Floats) -> pa.Table:
    """The rows of whole orders, with the columns of `PART`; `values`, (n_lines, k), are the vectors of `lines`."""
    as_it_was = asked.question == "as-it-was"
    decided = decide_lines(asked.model, values, lines, None if as_it_was else asked.now, _drawn(asked, lines))
    count = lines.num_rows
    chances = pa.array(decided.probability), pa.array(decided.order_probability)
    if not as_it_was:
        chances = pa.nulls(count, pa.float64()), pa.nulls(count, pa.float64())
    columns = {
        "order_id": lines["order_id"],
        "revision": lines["revision"],
        "line_id": lines["line_id"],
        "t": _times(lines["t"].to_numpy()),
        "probability": chances[0],
        "order_probability": chances[1],
        "action": _actions(decided.action),
        "line_action": _actions(decided.line_action),
        "rank": pa.array(decided.rank),
        "rules": pa.array(decided.rules(), pa.string()),
        "reasons": pa.array(_reasons(asked, decided, values), pa.string()),
        "model": pa.repeat(asked.model.fingerprint, count),
        "policy": pa.repeat(asked.model.policy.version, count),
        "features": pa.repeat(asked.model.features.fingerprint, count),
        "first": pa.array(np.diff(decided.position, prepend=-1) != 0),
        "t_us": lines["t"],
        "reseller_id": lines["reseller_id"],
        "category": _categories(asked, lines),
        "value": lines["value"],
        "score": pa.array(decided.probability),
    }
    return pa.table([columns[name] for name in PART.names], schema=PART)


def _drawn(asked: Asked, lines: pa.Table) -> NDArray[np.bool_] | None:
    """Which lines are of drawn orders, as it was; what is known today was asked by no service."""
    rate = asked.model.policy.draw_rate
    if asked.draw_key is None or rate == 0 or asked.question != "as-it-was":
        return None
    orders = lines["order_id"].combine_chunks().dictionary_encode()
    each = np.array([drawn(asked.draw_key, order_id, rate) for order_id in orders.dictionary.to_pylist()], bool)
    mask: NDArray[np.bool_] = each[orders.indices.to_numpy()]
    return mask


def _times(t: NDArray[np.int64]) -> pa.Array:
    """`features.measures.iso` of each moment."""
    texts = pa.array(t.astype("datetime64[us]")).cast(pa.string())
    texts = pc.replace_substring(pc.replace_substring(texts, " ", "T"), ".000000", "")
    return pc.binary_join_element_wise(texts, "Z", "")


def _actions(numbers: NDArray[np.int8]) -> pa.Array:
    return pa.array([action.value for action in ACTIONS], pa.string()).take(pa.array(numbers))


def _categories(asked: Asked, lines: pa.Table) -> pa.Array:
    """The line's own, else its product's."""
    skus = lines["sku"].combine_chunks().dictionary_encode()
    known = pa.array([asked.categories.get(sku) for sku in skus.dictionary.to_pylist()], pa.string())
    return pc.coalesce(lines["category"].combine_chunks(), known.take(skus.indices))


def _reasons(asked: Asked, decided: Decisions, values: Floats) -> list[str | None]:
    texts: list[str | None] = [None] * len(values)
    if asked.reasons == "none":
        return texts
    rows = np.arange(len(values)) if asked.reasons == "all" else decided.waiting()
    told = Telling(asked.model, people=asked.people).texts(values, rows)
    for row, text in zip(rows.tolist(), told, strict=True):
        texts[row] = text
    return texts
