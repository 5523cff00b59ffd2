"""The training set as of a date: the lines' vectors at their moments, and what was known of them by then.

Unknown is not clean. What is done with the lines that nobody judged is a choice, `unknown`, and it is written
into the model's card: ``drop`` leaves them out; ``weak`` counts them as not diverted with a small weight, since
most trade is honest and a set of judged lines alone says little of the rest; ``pu`` does the same, and lets each teach
as diverted too, with the chance that `training.unlabelled` gives it. Inconclusive lines are left out, since "could not
be verified" proves neither, unless `inconclusive` is ``weak``: then they count as lines without a finding do.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.measures import DAY, Refused, iso
from features.trade import Status
from features.vector import FeatureTable
from training.audits import NO_AUDITS, Audits, audits_as_of, labelled_share
from training.evidence import Groups, evidence_groups
from training.labels import Kind, Labels, labels_as_of, newest_revisions, spread_resellers
from training.sample import marked

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Unknown = Literal["drop", "weak", "pu"]
Inconclusive = Literal["drop", "weak"]

WEAK_WEIGHT = 0.05
"""Weight of a line without a finding under ``weak``: twenty of them count as much as one cleared line."""

MATURITY_DAYS = 90.0
"""A line younger than this without a finding is left out: its finding may be on the way."""


@dataclass(frozen=True)
class TrainingSet:
    """Lines that teach, in order of time.

    `past` holds all lines before `until` (of each order its newest revision), `rows` those of them that teach;
    `target` (n_lines,) 1 diverted, 0 not; `weight` (n_lines,) above 0. `lines_left_out` counts by reason. `audits`
    are the random ones known by then, `labelled_share` what share of the diverted orders has a finding that says so
    (NaN where the audits cannot tell). `chance` (n_lines,) is that of a line without a finding to be diverted, empty
    where it counts as not diverted. `evidence` (n_lines,) numbers those that notices tie together, see
    `training.evidence`. Of a large past a sample teaches (see `training.sample`): `share` is the part of its orders
    that was drawn, `fair` (n_past_lines,) marks these, and `stands_for` (n_lines,) is how many lines each speaks for.
    """

    past: FeatureTable
    rows: NDArray[np.intp]
    labels: Labels
    target: Floats
    weight: Floats
    until: int
    evidence: Groups
    unknown: Unknown
    weak_weight: float
    maturity_days: float
    lines_left_out: dict[str, int]
    inconclusive: Inconclusive = "drop"
    audits: Audits = NO_AUDITS
    labelled_share: float = float("nan")
    chance: Floats = field(default_factory=lambda: np.empty(0))
    share: float = 1.0
    fair: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    stands_for: Floats = field(default_factory=lambda: np.empty(0))

    @cached_property
    def table(self) -> FeatureTable:
        """The vectors of the lines that teach."""
        return take(self.past, self.rows)

    @property
    def t(self) -> NDArray[np.int64]:
        """The moments (n_lines,) of the lines that teach, microseconds UTC."""
        return moments(self.past)[self.rows]

    @property
    def judged(self) -> Bools:
        """Lines (n_lines,) that a finding on the very line decided: the only ones that may calibrate."""
        return self.labels.decided & ~self.labels.spread

    def counts(self) -> dict[str, int]:
        """How many lines of each kind teach."""
        kinds = self.labels.kind
        return {
            "lines": len(self.target),
            "diverted": int((kinds == Kind.DIVERTED).sum()),
            "cleared": int((kinds == Kind.CLEARED).sum()),
            "unknown": int((kinds == Kind.UNKNOWN).sum()),
            "inconclusive": int((kinds == Kind.INCONCLUSIVE).sum()),
            "spread": int(self.labels.spread.sum()),
        }

    def statement(self) -> str:
        """One paragraph for the output and the card: who teaches, and what was done with the unknown."""
        counts = self.counts()
        unknown = (
            f"lines without a finding count as not diverted with weight {self.weak_weight:g} "
            f"(left out when younger than {self.maturity_days:g} days)"
            if self.unknown != "drop"
            else "lines without a finding are left out"
        )
        if self.unknown == "pu" and np.isfinite(self.labelled_share):
            unknown += (
                f", and as diverted with a chance that adds up to what the audits say was not found (they put the "
                f"share of diverted orders that have a finding at {self.labelled_share:.0%})"
            )
        if self.share < 1.0:
            unknown += (
                f"; of the orders that no finding names {self.share:.1%} were drawn, and each line of them stands for "
                f"{1.0 / self.share:.1f}"
            )
        vague = "are left out" if self.inconclusive == "drop" else "count as lines without a finding"
        return (
            f"{counts['lines']:,} lines before {iso(self.until)}: {counts['diverted']:,} diverted, "
            f"{counts['cleared']:,} cleared, {counts['unknown']:,} unknown; {unknown}; inconclusive lines "
            f"({counts['inconclusive'] + self.lines_left_out['inconclusive']:,}) {vague}; only findings known by then "
            f"count."
        )

    def fingerprint(self) -> str:
        """SHA-256 over the definitions, the lines, their vectors, targets and weights."""
        digest = hashlib.sha256(self.table.features.fingerprint.encode())
        for column in ("order_id", "line_id"):
            digest.update("\x00".join(self.table.lines.column(column).to_pylist()).encode())
        for array in (self.t, self.table.values, self.target, self.weight):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def training_set(
    table: FeatureTable,
    findings: pa.Table,
    until: int,
    *,
    statuses: pa.Table | None = None,
    unknown: Unknown = "weak",
    inconclusive: Inconclusive = "drop",
    by_reseller: bool = False,
    weak_weight: float = WEAK_WEIGHT,
    maturity_days: float = MATURITY_DAYS,
    share: float = 1.0,
) -> TrainingSet:
    """The lines with ``t < until`` (microseconds UTC), labelled by the findings known before `until`.

    Of an order's revisions only the newest before `until` teaches. An order withheld or cancelled by then (see
    `Record.statuses`) had no chance to be diverted, so its lines without a finding never count as clean.

    With `by_reseller` findings on resellers teach too, see `training.labels`. `share` is that of the sample which the
    table holds (see `training.sample`); what is neither named by a finding nor drawn stays out.

    Raises `Refused` when diverted or other lines are missing altogether: one class teaches nothing.
    """
    if unknown not in {"drop", "weak", "pu"}:
        raise Refused("unknown", unknown, "is not a choice", "use drop, weak or pu")
    past, named, fair = _sampled(_past(table, until), findings, until, share)
    labels = labels_as_of(past.lines, findings, until)
    if inconclusive == "weak":
        labels = labels.without_inconclusive()
    if by_reseller:
        labels = spread_resellers(labels, past.lines, findings)
    left_out = _left_out(past, labels, unknown, maturity_days, never_shipped(past.lines, statuses, until))
    rows = np.flatnonzero(~np.logical_or.reduce(list(left_out.values())))
    kept = labels.take(rows)
    stands_for = np.where(named, 1.0, 1.0 / share)
    audits = audits_as_of(findings, until, np.asarray(past.lines.column("order_id").to_pandas(), object))
    chosen = TrainingSet(
        past=past,
        rows=rows,
        labels=kept,
        target=(kept.kind == Kind.DIVERTED).astype(np.float64),
        weight=np.where(kept.kind == Kind.UNKNOWN, weak_weight * stands_for[rows], kept.weight),
        until=until,
        evidence=evidence_groups(past.lines, findings, until)[rows],
        unknown=unknown,
        weak_weight=weak_weight,
        maturity_days=maturity_days,
        lines_left_out={reason: int(lines.sum()) for reason, lines in left_out.items()},
        inconclusive=inconclusive,
        audits=audits,
        labelled_share=_labelled_share(past, labels, audits, stands_for),
        share=share,
        fair=fair,
        stands_for=stands_for[rows],
    )
    _require_both(chosen)
    return chosen


def _left_out(
    past: FeatureTable, labels: Labels, unknown: Unknown, maturity_days: float, never_shipped: Bools
) -> dict[str, Bools]:
    """Lines (n_lines,) that do not teach, by reason; no line has two."""
    nothing_known = labels.kind == Kind.UNKNOWN
    if unknown == "drop":
        without = {"unknown": nothing_known}
    else:
        young = nothing_known & (moments(past) >= labels.as_of - int(maturity_days * DAY))
        without = {"too young": young, "never shipped": nothing_known & never_shipped & ~young}
    return {"inconclusive": labels.kind == Kind.INCONCLUSIVE, **without}


def _labelled_share(past: FeatureTable, labels: Labels, audits: Audits, stands_for: Floats) -> float:
    orders = past.lines.column("order_id").to_pandas()
    all_orders = stands_for[~orders.duplicated().to_numpy()].sum()
    return labelled_share(audits, orders[labels.kind == Kind.DIVERTED].nunique(), float(all_orders))


def never_shipped(lines: pa.Table, statuses: pa.Table | None, until: int) -> Bools:
    """Lines (n_lines,) of orders whose newest status before `until` is withheld or cancelled."""
    if statuses is None:
        return np.zeros(lines.num_rows, np.bool_)
    known = statuses.select(["position", "known_at", "order_id", "status"]).to_pandas()
    known = known[known["known_at"] < until].sort_values(["known_at", "position"])
    newest = known.drop_duplicates("order_id", keep="last")
    stopped = newest[newest["status"].isin([Status.WITHHELD.value, Status.CANCELLED.value])]
    return np.asarray(lines.column("order_id").to_pandas().isin(stopped["order_id"]), np.bool_)


def moments(table: FeatureTable) -> NDArray[np.int64]:
    """The moment t (n_lines,) of each line, microseconds UTC."""
    return np.asarray(table.lines.column("t").to_numpy(), np.int64)


def take(table: FeatureTable, rows: NDArray[np.intp]) -> FeatureTable:
    """Some rows of a feature table, in the order asked for; the table itself where that is all of them."""
    if len(rows) == table.lines.num_rows and np.array_equal(rows, np.arange(len(rows))):
        return table
    return FeatureTable(table.features, table.values[rows], table.lines.take(pa.array(rows)))


def feature(table: FeatureTable, name: str) -> Floats:
    """One column (n_lines,) of a feature table. Raises `ValueError` for a name that it does not hold."""
    return table.values[:, table.features.names.index(name)]


def _past(table: FeatureTable, until: int) -> FeatureTable:
    """The newest revisions of the orders before `until`, in order of time."""
    t = moments(table)
    before = np.flatnonzero(t < until)
    before = before[np.argsort(t[before], kind="stable")]
    newest = newest_revisions(table.lines.select(["order_id", "revision"]).take(pa.array(before)))
    return take(table, before[newest])


def _sampled(past: FeatureTable, findings: pa.Table, until: int, share: float) -> tuple[FeatureTable, Bools, Bools]:
    """The past as far as it teaches; its lines (n_lines,) that a finding names, and those that were drawn."""
    named, fair = marked(past.lines, findings, until, share)
    some = np.flatnonzero(named | fair)
    return take(past, some), named[some], fair[some]


def _require_both(chosen: TrainingSet) -> None:
    diverted = int(chosen.target.sum())
    if diverted == 0 or diverted == len(chosen.target):
        found = f"{diverted} diverted among {len(chosen.target)} lines"
        mend = "record findings, choose a later date, or use unknown=weak where no line was cleared"
        raise Refused("until", iso(chosen.until), f"leaves {found}", mend)
