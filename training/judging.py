"""Which lines can judge a model, and the measures of a candidate on them.

Features are as of each line's moment; labels are what is known as of a later date (all that the record knows, unless
a date is given). Only lines judged by a finding of their own count: a finding on an order of several lines says not
which line it was, and unknown is not clean unless the caller says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.measures import Refused, iso
from features.trade import Outcome
from features.vector import FeatureTable
from training.columns import matching
from training.dataset import moments, never_shipped, take
from training.intervals import DRAWS, Sample, Statistic, bootstrap
from training.labels import Kind, labels_as_of, newest_revisions
from training.metrics import Ranking, at_capacity, auc, average_precision, calibration_bins

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
By = Literal["reseller", "order"]
AsKnown = Literal["drop", "clean"]

ALL_KNOWN = 2**62
"""As of a date after everything: what the record knows."""


@dataclass(frozen=True)
class Rows:
    """Order lines that can judge: `label` (n_lines,) 1 diverted, 0 not; `group` and `order` (n_lines,) codes from 0.

    `index` (n_lines,) tells where they stood in the table that they were chosen from. `left_out` counts the lines
    of the period that do not judge, by reason; `meaning` says what a positive is.
    """

    table: FeatureTable
    index: Codes
    label: Floats
    group: Codes
    order: Codes
    by: By
    left_out: Mapping[str, int]
    meaning: str

    @property
    def groups(self) -> int:
        """How many resellers (or orders) there are to draw from."""
        return int(self.group.max()) + 1 if len(self.group) else 0


@dataclass(frozen=True)
class Candidate:
    """Something that scored the rows: `score` (n_lines,); a probability unless `calibrated` is False.

    `threshold` is the probability from which an order waits, where the candidate has one. `costs` are those of a
    missed diversion and of a review, in one currency.
    """

    name: str
    score: Floats
    calibrated: bool = True
    threshold: float | None = None
    costs: tuple[float, float] | None = None


def judging_rows(
    table: FeatureTable,
    findings: pa.Table,
    *,
    start: int,
    end: int,
    by: By = "reseller",
    exclude: Sequence[str] = (),
    as_of: int = ALL_KNOWN,
    unknown: AsKnown = "drop",
    statuses: pa.Table | None = None,
) -> Rows:
    """The lines with ``start <= t < end`` that can judge a model.

    `exclude` holds ``name=value`` conditions on columns or attributes; lines that meet one are left out. Under
    ``unknown="clean"`` lines without a finding count as not diverted, and the meaning says so; but never those of
    orders that `statuses` tell were withheld or cancelled. Raises `Refused` when nothing is left, or only one of the
    two kinds.
    """
    t = moments(table)
    inside = np.flatnonzero((t >= start) & (t < end))
    inside = inside[newest_revisions(table.lines.select(["order_id", "revision"]).take(pa.array(inside)))]
    labels = labels_as_of(table.lines.take(pa.array(inside)), findings, as_of)
    excluded = matching(table.lines.take(pa.array(inside)), exclude)
    stopped = never_shipped(table.lines.take(pa.array(inside)), statuses if unknown == "clean" else None, as_of)
    reasons = {
        "excluded": excluded,
        "inconclusive": labels.kind == Kind.INCONCLUSIVE,
        "known of the order only": labels.spread & labels.decided,
        "never shipped": (labels.kind == Kind.UNKNOWN) & stopped,
        "without a finding": (labels.kind == Kind.UNKNOWN) & (unknown == "drop"),
    }
    left, left_out = np.ones(len(inside), np.bool_), {}
    for reason, lines in reasons.items():
        left_out[reason] = int((lines & left).sum())
        left &= ~lines
    chosen = take(table, inside[left])
    label = (labels.kind[left] == Kind.DIVERTED).astype(np.float64)
    if label.all() or not label.any():
        period = f"{iso(start)}..{iso(end)}"
        raise Refused("from", period, f"holds {len(label)} judged lines, {int(label.sum())} of them diverted", _MEND)
    column = {"reseller": "reseller_id", "order": "order_id"}[by]
    meaning = _meaning(findings, as_of, unknown)
    group, order = codes(chosen, column), codes(chosen, "order_id")
    return Rows(chosen, inside[left], label, group, order, by, left_out, meaning)


_MEND = "choose a period with findings of both kinds, or exclude less"


def codes(table: FeatureTable, column: str) -> Codes:
    """A column of text of the lines as codes (n_lines,) from 0."""
    names = table.lines.column(column).to_pandas().to_numpy(str)
    return np.asarray(np.unique(names, return_inverse=True)[1], np.intp)


def line_values(table: FeatureTable) -> Floats:
    """What each line (n_lines,) is worth, in major units; 0 where it is not known."""
    values: Floats = table.lines.column("value").to_pandas().astype("float64").fillna(0.0).to_numpy() / 100.0
    return values


def _meaning(findings: pa.Table, as_of: int, unknown: AsKnown) -> str:
    """What a positive is: whose findings, known by when."""
    known = findings.select(["known_at", "outcome", "source"]).to_pandas()
    diverted = known[(known["known_at"] < as_of) & (known["outcome"] == Outcome.DIVERTED.value)]
    sources = ", ".join(sorted(diverted["source"].dropna().unique())[:5]) or "not named"
    known_by = "recorded so far" if as_of == ALL_KNOWN else f"known before {iso(as_of)}"
    others = "all other lines, judged or not," if unknown == "clean" else "lines whose finding is `cleared`"
    return (
        f"A positive is an order line whose finding {known_by} is `diverted` (sources: {sources}); {others} are "
        f"negatives. It is what was found, not all that happened."
    )


def statistic(rows: Rows, candidate: Candidate, review_share: float) -> Statistic:
    """The measures of a candidate as a function of how often each group was drawn.

    ``auc`` and ``ap`` are per line; ``precision`` and ``recall`` are of orders, each by its highest line, when
    `review_share` of them is reviewed, and ``value_recall`` the share of the diverted orders' value; ``brier`` and
    ``ece`` of the probability, where there is one; and, where there is a threshold, what share of the orders waits for
    it, with what precision and recall, and with costs the ``loss`` of a thousand orders: the missed and the reviewed.
    """
    lines = Ranking.of(candidate.score, rows.label, rows.group)
    orders = Orders.of(rows, candidate.score)
    by_order = Ranking.of(orders.score, orders.label, orders.group)
    by_value = Ranking.of(orders.score, orders.label * orders.value, orders.group)
    calibration = _calibration(rows, candidate.score) if candidate.calibrated else None

    def measure(multiplicity: Floats) -> dict[str, Floats]:
        counts = lines.counts(multiplicity)
        precision, recall = at_capacity(*by_order.counts(multiplicity), review_share)
        measures = {"auc": auc(*counts), "ap": average_precision(*counts), "precision": precision, "recall": recall}
        measures["value_recall"] = at_capacity(*by_value.counts(multiplicity), review_share)[1]
        if calibration is not None:
            measures |= calibration(multiplicity)
        if candidate.threshold is not None:
            measures |= orders.at_threshold(multiplicity, candidate, rows.groups)
        return measures

    return measure


@dataclass(frozen=True)
class Orders:
    """Orders by their highest line: all arrays (n_orders,); `value` in major units, 0 where none is known."""

    score: Floats
    label: Floats
    group: Codes
    value: Floats

    @classmethod
    def of(cls, rows: Rows, score: Floats) -> "Orders":
        """The orders of `rows`, by the `score` (n_lines,) of their lines."""
        orders = int(rows.order.max()) + 1
        highest, label = np.full(orders, -np.inf), np.zeros(orders)
        np.maximum.at(highest, rows.order, score)
        np.maximum.at(label, rows.order, rows.label)
        group = np.zeros(orders, np.intp)
        group[rows.order] = rows.group  # an order has one reseller, so its lines agree
        value = np.bincount(rows.order, line_values(rows.table), minlength=orders).astype(np.float64)
        return cls(highest, label, group, value)

    def at_threshold(self, multiplicity: Floats, candidate: Candidate, groups: int) -> dict[str, Floats]:
        """What the candidate's threshold does, for weights of the groups (n_draws, n_groups)."""
        waits = (self.score >= (candidate.threshold or 0.0)).astype(np.float64)

        def total(amount: Floats) -> Floats:
            drawn: Floats = multiplicity @ np.bincount(self.group, amount, minlength=groups)
            return drawn

        orders, reviewed, found, diverted = (
            total(each) for each in (np.ones(len(waits)), waits, waits * self.label, self.label)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            measures = {
                "waiting": reviewed / orders,
                "waiting_precision": found / reviewed,
                "waiting_recall": found / diverted,
            }
            if candidate.costs is not None:
                missed, review = candidate.costs
                measures["loss"] = 1_000.0 * (missed * (diverted - found) + review * reviewed) / orders
        return measures


def _calibration(rows: Rows, probability: Floats) -> Callable[[Floats], dict[str, Floats]]:
    """Brier score, and expected calibration error over ten bins of about equal size, per group and then summed."""
    bins = calibration_bins(probability)
    cells = rows.group * (int(bins.max()) + 1) + bins
    shape = (rows.groups, int(bins.max()) + 1)
    squares = np.bincount(rows.group, (probability - rows.label) ** 2, minlength=rows.groups)
    lines = np.bincount(rows.group, minlength=rows.groups).astype(np.float64)
    gaps = np.bincount(cells, rows.label - probability, minlength=shape[0] * shape[1]).reshape(shape)

    def measure(multiplicity: Floats) -> dict[str, Floats]:
        drawn = multiplicity @ lines
        return {"brier": multiplicity @ squares / drawn, "ece": np.abs(multiplicity @ gaps).sum(axis=1) / drawn}

    return measure


def judge(
    rows: Rows, candidates: Sequence[Candidate], review_share: float, draws: int = DRAWS, seed: int = 7
) -> dict[str, Sample]:
    """The measures of each candidate by name, on the rows and on bootstrap draws of whole groups."""
    measures = {each.name: statistic(rows, each, review_share) for each in candidates}
    widest = 2 * int(rows.label.sum()) + 1  # cells of a ranking, at most
    return bootstrap(measures, rows.groups, widest, draws, seed)
