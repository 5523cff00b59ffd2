"""The orders that were drawn at random for a review: what they say of all orders, without the bias of the queue.

A random audit is a finding on an order (or one of its lines) that carries its `propensity`, the logged probability
with which the order was drawn whatever its score. Each audited order stands for 1 / propensity orders (Horvitz and
Thompson 1952; weights are normalised as Hajek 1971 does). Audits that ended inconclusive, or were drawn and never
carried out, count as missing at random.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.trade import Outcome

Floats = NDArray[np.float64]

POSITIVES_NEEDED = 10
"""Audited orders found diverted below which nothing is estimated from audits: `not estimable` is said instead."""


@dataclass(frozen=True)
class Audits:
    """Audited orders on which a finding decided: `order_ids`, `diverted` (1 or 0) and `propensity`, all (n_orders,)."""

    order_ids: NDArray[np.object_]
    diverted: Floats
    propensity: Floats
    undecided: int

    @property
    def positives(self) -> int:
        """How many were found diverted."""
        return int(self.diverted.sum())

    @property
    def estimable(self) -> bool:
        """Whether there are enough of them to say anything."""
        return self.positives >= POSITIVES_NEEDED

    @property
    def weight(self) -> Floats:
        """How many orders each stands for (n_orders,)."""
        return 1.0 / self.propensity

    def prevalence(self) -> float:
        """The share of all orders that a review would find diverted; NaN where it is not estimable."""
        if not self.estimable:
            return float("nan")
        return float(np.average(self.diverted, weights=self.weight))

    def power(self, share: float) -> str:
        """A sentence on what the audits can tell, before anything is told from them."""
        told = f"{len(self.diverted):,} orders audited at random, {self.positives} of them diverted"
        if self.estimable:
            return f"{told}; a recall of {share:.0%} would be known to about +-{self.half_width(share):.0%}"
        return f"{told}: below {POSITIVES_NEEDED} nothing is estimated from them"

    def half_width(self, share: float) -> float:
        """Half the width of a 95 % interval of a share of the audited positives, by the normal approximation."""
        return 1.96 * float(np.sqrt(share * (1.0 - share) / max(self.positives, 1)))


NO_AUDITS = Audits(np.empty(0, object), np.empty(0), np.empty(0), 0)
"""Nothing was drawn at random, or its propensity was not logged."""


def audits_as_of(findings: pa.Table, as_of: int, among: "NDArray[np.object_] | None" = None) -> Audits:
    """The audits known before a date (microseconds UTC), of all orders or of those `among`."""
    names = ["position", "finding_id", "revision", "outcome", "known_at", "order_id", "propensity"]
    held = [name for name in names if name in findings.column_names]
    if "propensity" not in held:
        return NO_AUDITS
    known = findings.select(held).to_pandas()
    known = known[(known["known_at"] < as_of) & known["order_id"].notna()]
    known = known.sort_values(["finding_id", "revision", "position"]).drop_duplicates("finding_id", keep="last")
    # A propensity of 1 is a review that had to be: it was not drawn.
    known = known[known["propensity"].notna() & (known["propensity"] < 1.0)]
    known = known[known["outcome"] != Outcome.WITHDRAWN.value]
    if among is not None:
        known = known[known["order_id"].isin(among)]
    decided = known[known["outcome"].isin([Outcome.DIVERTED.value, Outcome.CLEARED.value])]
    by_order = decided.assign(diverted=decided["outcome"] == Outcome.DIVERTED.value).groupby("order_id", sort=True)
    orders = by_order.agg(diverted=("diverted", "max"), propensity=("propensity", "min"))
    undecided = int(known["order_id"].nunique() - len(orders))
    return Audits(
        orders.index.to_numpy(object),
        orders["diverted"].to_numpy(np.float64),
        orders["propensity"].to_numpy(np.float64),
        undecided,
    )


def labelled_share(audits: Audits, diverted_orders: int, orders: float) -> float:
    """Of the orders that a review would find diverted, the share on which a finding says so; NaN where unknown."""
    expected = audits.prevalence() * orders
    if pd.isna(expected) or expected <= 0:
        return float("nan")
    return float(min(1.0, diverted_orders / expected))
