"""What the orders drawn at random say of a model: estimates for all orders, beside the naive ones of judged lines.

Each audited order weighs 1 / propensity. Below `audits.POSITIVES_NEEDED` audited diversions nothing is estimated:
the sentence on the power says so, and it comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.vector import FeatureTable
from training.audits import Audits
from training.intervals import DRAWS, Sample, bootstrap
from training.metrics import Ranking, at_capacity, average_precision

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AuditReport:
    """The power of the audits in a sentence, and the measures of each candidate; none where nothing is estimable."""

    power: str
    prevalence: float
    samples: Mapping[str, Sample]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types."""
        found = {name: {each: sample.value[each] for each in sample.value} for name, sample in self.samples.items()}
        share = None if np.isnan(self.prevalence) else self.prevalence
        return {"power": self.power, "prevalence": share, "measures": found}


def audited(
    table: FeatureTable,
    audits: Audits,
    scores: Mapping[str, Floats],
    review_share: float,
    draws: int = DRAWS,
    seed: int = 7,
) -> AuditReport:
    """The measures of `scores` (n_lines,) of all lines of a period, judged or not, on its audited orders.

    ``ap``, ``precision`` and ``recall`` are of orders, each by its highest line.
    """
    power = audits.power(0.5)
    if not audits.estimable:
        return AuditReport(power, float("nan"), {})
    lines = pd.DataFrame({
        "order": np.asarray(table.lines.column("order_id").to_pandas(), object),
        "reseller": np.asarray(table.lines.column("reseller_id").to_pandas(), object),
        **scores,
    })  # fmt: skip
    found = pd.DataFrame({"order": audits.order_ids, "label": audits.diverted, "weight": audits.weight})
    highest = lines.groupby("order").agg({"reseller": "first", **dict.fromkeys(scores, "max")})
    orders = found.merge(highest, on="order")
    group = np.asarray(pd.factorize(orders["reseller"])[0], np.intp)
    label, weight = orders["label"].to_numpy(np.float64), orders["weight"].to_numpy(np.float64)

    def statistic(name: str) -> Any:
        ranking = Ranking.of(orders[name].to_numpy(np.float64), label, group, weight)

        def measure(multiplicity: Floats) -> dict[str, Floats]:
            counts = ranking.counts(multiplicity)
            precision, recall = at_capacity(*counts, review_share)
            return {"ap": average_precision(*counts), "precision": precision, "recall": recall}

        return measure

    samples = bootstrap({name: statistic(name) for name in scores}, int(group.max()) + 1, 2 * len(label), draws, seed)
    return AuditReport(power, audits.prevalence(), samples)
