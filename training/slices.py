"""A model on parts of the trade: where it finds what, and whom it burdens with reviews for nothing.

Slices are read both ways: diversion found in them, and false alarms of their honest orders, as a multiple of all.
Health and education buyers in sensitive regions are one by name: they need care, and some took part in collecting DNA.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from training.dataset import take
from training.intervals import PART_DRAWS, Interval, bootstrap
from training.judging import Candidate, Rows
from training.metrics import Ranking, average_precision

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POSITIVES_NEEDED = 10
"""Diverted lines of a slice below which its measures are not estimable."""

LINES_NEEDED = 20
MOST_VALUES = 6
CARE = ("hospital", "clinic", "health", "university", "school", "education", "institute", "cdc", "laboratory")
"""Words in the class of an end user that mean health or education."""

IN_SENSITIVE = "ship_to_region_sensitivity"


@dataclass(frozen=True)
class Slice:
    """A part of the judged lines: its average precision, and what the threshold does in it.

    `recall` is the share of its diverted lines at or above the threshold, `false_alarms` the share of its others,
    `overall` that share of all lines.
    """

    name: str
    lines: int
    positives: int
    ap: Interval
    recall: Interval
    false_alarms: Interval
    overall: float

    @property
    def ratio(self) -> str:
        """False alarms as a multiple of all lines' ones."""
        if np.isnan(self.false_alarms.value) or not self.overall:
            return "not estimable"
        return f"{self.false_alarms.value / self.overall:.1f}x"

    def to_json(self) -> dict[str, Any]:
        """The slice as JSON types; null where not estimable."""
        parts = {"ap": self.ap, "recall": self.recall, "false_alarms": self.false_alarms}
        numbers = {name: each.to_json() for name, each in parts.items()}
        return {"name": self.name, "lines": self.lines, "positives": self.positives, **numbers}


def members(rows: Rows, known_resellers: frozenset[str]) -> Iterator[tuple[str, Bools]]:
    """Named parts of the judged lines, each a mask (n_lines,); those of fewer than `LINES_NEEDED` are left out."""
    lines = rows.table.lines
    parts: list[tuple[str, Bools]] = []
    for title, column in (("category", "category"), ("region", "ship_region"), ("country", "ship_country")):
        values = lines.column(column).to_pandas().astype(object)
        values = values.str.partition("/")[0] if column == "category" else values
        most = values.value_counts().index[:MOST_VALUES]
        parts += [(f"{title} {value}", (values == value).to_numpy(np.bool_)) for value in most]
    reseller = lines.column("reseller_id").to_pandas().astype(object)
    size = reseller.map(reseller.value_counts()).to_numpy(np.float64)
    low, high = np.quantile(size, (1 / 3, 2 / 3))
    parts += [("small resellers", size <= low), ("large resellers", size > high)]
    parts.append(("unseen resellers", ~reseller.isin(known_resellers).to_numpy(np.bool_)))
    parts.append(("health and education in sensitive regions", _cared_for(rows)))
    yield from ((name, mask) for name, mask in parts if LINES_NEEDED <= mask.sum() < len(mask))


def _cared_for(rows: Rows) -> Bools:
    names = rows.table.features.names
    if IN_SENSITIVE not in names:
        return np.zeros(len(rows.label), np.bool_)
    classes = rows.table.lines.column("end_user_class").to_pandas().astype(object).fillna("").str.lower()
    care = classes.str.contains("|".join(CARE)).to_numpy(np.bool_)
    sensitive = np.nan_to_num(rows.table.values[:, names.index(IN_SENSITIVE)]) > 0
    return np.asarray(care & sensitive, np.bool_)


def slices(
    rows: Rows, candidate: Candidate, known_resellers: frozenset[str], draws: int = PART_DRAWS, seed: int = 7
) -> tuple[Slice, ...]:
    """The candidate on each part of the rows."""
    flagged = candidate.score >= (candidate.threshold or np.inf)
    clean = rows.label == 0
    overall = float(flagged[clean].mean()) if clean.any() else float("nan")
    return tuple(
        _slice(name, mask, rows, candidate.score, flagged, overall, draws, seed)
        for name, mask in members(rows, known_resellers)
    )


def _slice(
    name: str, mask: Bools, rows: Rows, score: Floats, flagged: Bools, overall: float, draws: int, seed: int
) -> Slice:
    label, waits = rows.label[mask], flagged[mask].astype(np.float64)
    group = np.asarray(pd.factorize(rows.group[mask])[0], np.intp)
    groups, positives = int(group.max()) + 1, int(label.sum())
    ranking = Ranking.of(score[mask], label, group)

    def total(multiplicity: Floats, amount: Floats) -> Floats:
        drawn: Floats = multiplicity @ np.bincount(group, amount, minlength=groups)
        return drawn

    def measure(multiplicity: Floats) -> dict[str, Floats]:
        with np.errstate(invalid="ignore", divide="ignore"):
            found = total(multiplicity, waits * label) / total(multiplicity, label)
            alarms = total(multiplicity, waits * (1.0 - label)) / total(multiplicity, 1.0 - label)
        return {"ap": average_precision(*ranking.counts(multiplicity)), "recall": found, "false_alarms": alarms}

    sample = bootstrap({name: measure}, groups, 2 * len(label), draws, seed)[name]
    untold = Interval(float("nan"), float("nan"), float("nan"))
    enough = positives >= POSITIVES_NEEDED
    return Slice(
        name,
        len(label),
        positives,
        sample.interval("ap") if enough else untold,
        sample.interval("recall") if enough else untold,
        sample.interval("false_alarms"),
        overall,
    )


def part(rows: Rows, mask: Bools) -> Rows:
    """Some of the judged lines, with groups and orders numbered anew."""
    index = np.flatnonzero(mask)
    group, order = (np.asarray(pd.factorize(codes[mask])[0], np.intp) for codes in (rows.group, rows.order))
    table = take(rows.table, index)
    return Rows(table, rows.index[mask], rows.label[mask], group, order, rows.by, rows.left_out, rows.meaning)


def resellers_before(lines: pa.Table, moment: int) -> frozenset[str]:
    """The resellers with an order line before a moment (microseconds UTC)."""
    earlier = np.asarray(lines.column("t").to_numpy(), np.int64) < moment
    return frozenset(lines.column("reseller_id").filter(pa.array(earlier)).unique().to_pylist())
