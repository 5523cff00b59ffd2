"""What was known of each order line by a date: diverted, cleared, inconclusive, or nothing.

A label belongs to a date. `labels_as_of` sees a finding only when its `known_at` is before that date, in the
newest revision known by then; a finding withdrawn by then counts as none. No finding is unknown, not cleared.

Which finding decides for a line:

1. a finding on the line itself beats one on its whole order; of several, the one learned last decides, and a claim
   that nobody has confirmed yet (see `features.record.reports`) gives way to any that stands;
2. a finding on an order of one line is a finding on that line;
3. a finding on an order of several lines speaks for the lines that have none of their own, each with the
   weight 1 / (number of those lines), so that one finding never weighs more than one. Such lines are marked
   `spread`: they may teach a model, but never calibrate or judge one: nobody said which line it was;
4. a finding on a reseller labels no line, unless `spread_resellers` asks for it: then it speaks for the reseller's
   lines of the year before it was known that no other finding speaks for, marked `spread` and weighing one together.
   It is off by default: spread findings made a model look three times as good on observed labels and half as good on
   the truth in a prototype (average precision .19 to .61, and .47 to .21).
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.measures import DAY
from features.trade import Outcome

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Kind(IntEnum):
    """What is known of a line. Only `CLEARED` and `DIVERTED` are labels."""

    UNKNOWN = 0
    CLEARED = 1
    DIVERTED = 2
    INCONCLUSIVE = 3


_KINDS = {
    Outcome.CLEARED.value: Kind.CLEARED,
    Outcome.DIVERTED.value: Kind.DIVERTED,
    Outcome.INCONCLUSIVE.value: Kind.INCONCLUSIVE,
}


@dataclass(frozen=True)
class Labels:
    """Labels of order lines, row by row.

    `kind` (n_lines,) int8 codes of `Kind`; `label` (n_lines,) 1 diverted, 0 cleared, NaN otherwise; `weight`
    (n_lines,) in (0, 1], 1 unless `spread`; `spread` (n_lines,) True where a finding on an order of several
    lines decided; `known_at` (n_lines,) microseconds UTC when the deciding finding was learned, 0 where there
    is none.
    """

    as_of: int
    kind: NDArray[np.int8]
    weight: Floats
    spread: Bools
    known_at: NDArray[np.int64]

    @property
    def label(self) -> Floats:
        """1 for diverted, 0 for cleared, NaN for what is unknown or inconclusive."""
        label = np.full(len(self.kind), np.nan)
        label[self.kind == Kind.DIVERTED] = 1.0
        label[self.kind == Kind.CLEARED] = 0.0
        return label

    @property
    def decided(self) -> Bools:
        """True where the line is diverted or cleared."""
        return np.isin(self.kind, (Kind.CLEARED, Kind.DIVERTED))

    def without_inconclusive(self) -> "Labels":
        """The labels with what is inconclusive as unknown."""
        return replace(self, kind=np.where(self.kind == Kind.INCONCLUSIVE, Kind.UNKNOWN, self.kind).astype(np.int8))

    def take(self, rows: NDArray[np.intp]) -> "Labels":
        """The labels of some rows, in the order asked for."""
        return Labels(self.as_of, self.kind[rows], self.weight[rows], self.spread[rows], self.known_at[rows])


def labels_as_of(lines: pa.Table, findings: pa.Table, as_of: int) -> Labels:
    """Labels of `lines` (see `Record.lines`) from the findings with ``known_at < as_of`` (microseconds UTC).

    All lines of an order should be present, in one revision: an order's finding is shared among those here.
    """
    orders = lines.select(["order_id", "line_id"]).to_pandas()
    known = _as_known(findings, as_of)
    own = _newest_of(known[known["line_id"].notna()], ["order_id", "line_id"])
    whole = _newest_of(known[known["line_id"].isna()], ["order_id"])
    on_line = orders.merge(own, how="left", on=["order_id", "line_id"])
    on_order = orders[["order_id"]].merge(whole, how="left", on="order_id")

    from_order = on_line["kind"].isna().to_numpy() & on_order["kind"].notna().to_numpy()
    kind = on_line["kind"].where(~from_order, on_order["kind"])
    known_at = on_line["known_at"].where(~from_order, on_order["known_at"])
    lines_in_order = orders.groupby("order_id")["line_id"].transform("size").to_numpy()
    sharing = pd.Series(from_order).groupby(orders["order_id"]).transform("sum").to_numpy()
    spread = from_order & (lines_in_order > 1)
    return Labels(
        as_of=as_of,
        kind=kind.fillna(Kind.UNKNOWN).to_numpy(np.int8),
        weight=np.where(spread, 1.0 / np.maximum(sharing, 1), 1.0),
        spread=spread,
        known_at=known_at.fillna(0).to_numpy(np.int64),
    )


SPREAD_DAYS = 365
"""How far back a finding on a reseller speaks for its lines."""


def spread_resellers(labels: Labels, lines: pa.Table, findings: pa.Table) -> Labels:
    """The labels with each standing finding on a reseller spread over its unlabelled lines: to teach, never to judge.

    `lines` are those of the labels, with their `t` and `reseller_id`.
    """
    columns = ["position", "finding_id", "revision", "outcome", "known_at", "reseller_id"]
    known = _standing(findings, columns, labels.as_of)
    known = known[known["reseller_id"].notna() & known["outcome"].isin([Outcome.DIVERTED, Outcome.CLEARED])]
    kind, weight = labels.kind.copy(), labels.weight.copy()
    spread, known_at = labels.spread.copy(), labels.known_at.copy()
    t = np.asarray(lines.column("t").to_numpy(), np.int64)
    reseller = np.asarray(lines.column("reseller_id").to_pandas(), object)
    for _, finding in known.sort_values(["known_at", "position"], ascending=False).iterrows():
        learned = int(finding["known_at"])
        its = (reseller == finding["reseller_id"]) & (t < learned) & (t >= learned - SPREAD_DAYS * DAY)
        rows = np.flatnonzero(its & (kind == Kind.UNKNOWN))
        if len(rows):
            kind[rows], weight[rows] = _KINDS[finding["outcome"]], 1.0 / len(rows)
            spread[rows], known_at[rows] = True, learned
    return Labels(labels.as_of, kind, weight, spread, known_at)


def _standing(findings: pa.Table, columns: list[str], as_of: int) -> pd.DataFrame:
    """The newest revision known before `as_of` of each finding."""
    known = findings.select(columns).to_pandas()
    known = known[known["known_at"] < as_of].sort_values(["finding_id", "revision", "position"], kind="stable")
    return known.drop_duplicates("finding_id", keep="last")


def _as_known(findings: pa.Table, as_of: int) -> pd.DataFrame:
    """The newest revision known before `as_of` of each finding on an order or line, if it still stands."""
    columns = ["position", "finding_id", "revision", "outcome", "known_at", "order_id", "line_id"]
    claims = ["claimed"] if "claimed" in findings.column_names else []
    known = _standing(findings, [*columns, *claims], as_of)
    # Beside what stands as diverted only its withdrawal is ever claimed: until another agrees, it stands.
    known["stands"] = (known["claimed"].isna() | (known["outcome"] == Outcome.DIVERTED.value)) if claims else True
    known = known[known["order_id"].notna() & (known["outcome"] != Outcome.WITHDRAWN.value)]
    return known.assign(kind=known["outcome"].map(_KINDS))


def _newest_of(known: pd.DataFrame, subject: list[str]) -> pd.DataFrame:
    """Of the findings about one subject, the one learned last (in the record's order where the moment is one)."""
    newest = known.sort_values(["stands", "known_at", "position"], kind="stable").drop_duplicates(subject, keep="last")
    # Nullable integers: a line without a finding must not turn microseconds into floats, which are too coarse.
    return newest[[*subject, "kind", "known_at"]].astype({"kind": "Int8", "known_at": "Int64"})


def newest_revisions(lines: pa.Table) -> NDArray[np.intp]:
    """Rows of the newest revision of each order among `lines`, in their order: one order teaches once."""
    orders = lines.select(["order_id", "revision"]).to_pandas()
    newest = orders.groupby("order_id")["revision"].transform("max")
    return np.flatnonzero((orders["revision"] == newest).to_numpy())
