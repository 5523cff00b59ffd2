"""How much people can look at, and the probability from which an order waits.

>>> policy = Policy.from_capacity([0.1, 0.2, 0.2, 0.9], review_share=0.5)
>>> policy.threshold, policy.waits(0.9), policy.waits(0.2), round(policy.rank(0.9), 2)
(0.9, True, False, 0.75)
"""

import hashlib
import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = 1001
"""Points of the frozen distribution: ranks are exact to a thousandth."""


@dataclass(frozen=True)
class Policy:
    """A threshold on the probability of an order's most risky line, and the distribution that ranks refer to.

    `review_share` is the share of orders that people can look at, in (0, 1]. `draw_rate` is the probability with
    which any order is drawn for a random audit whatever its score, part of that share. `reference` holds ascending
    quantiles of order probabilities, frozen with the model. The costs, in one currency of choice, inform and do
    not decide: see `break_even`.
    """

    review_share: float
    threshold: float
    reference: tuple[float, ...]
    draw_rate: float = 0.0
    missed_cost: float | None = None
    review_cost: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.review_share <= 1.0:
            raise ValueError(f"review_share: {self.review_share!r} is not in (0, 1]; give a share of orders")
        if not 0.0 <= self.draw_rate <= self.review_share:
            raise ValueError(f"draw_rate: {self.draw_rate!r} is not in 0..review_share; audits are reviews too")
        if not self.threshold >= 0.0:
            raise ValueError(f"threshold: {self.threshold!r} is not a probability; give one of at least 0")
        if not self.reference or list(self.reference) != sorted(self.reference):
            raise ValueError("reference: is empty or not ascending; give quantiles of order probabilities")
        for name in ("missed_cost", "review_cost"):
            cost = getattr(self, name)
            if cost is not None and not (math.isfinite(cost) and cost > 0):
                raise ValueError(f"{name}: {cost!r} is not a positive amount; leave it out where unknown")

    @classmethod
    def from_capacity(
        cls,
        order_probabilities: "Sequence[float] | NDArray[np.float64]",
        review_share: float,
        *,
        draw_rate: float = 0.0,
        missed_cost: float | None = None,
        review_cost: float | None = None,
    ) -> "Policy":
        """The policy whose threshold makes the most of the capacity on the reference distribution.

        `order_probabilities`, shape (n,), holds the highest line probability of each reference order. The threshold
        is the lowest of them such that the share of orders at or above it, ties counted, stays within
        ``review_share - draw_rate``. Where not even the highest fits (its ties alone exceed the capacity), the
        threshold lies just above it and no reference order waits for its score. Rules come on top: a red flag is
        a duty to inquire whatever the capacity.
        """
        ordered = np.sort(np.asarray(order_probabilities, dtype=np.float64))
        if ordered.ndim != 1 or not len(ordered) or not ((ordered >= 0.0) & (ordered <= 1.0)).all():
            raise ValueError("order_probabilities: empty or not all in [0, 1]; give one probability an order")
        chosen = np.linspace(0.0, 1.0, QUANTILES)
        reference = np.quantile(ordered, chosen, method="inverted_cdf")
        return cls(
            review_share=float(review_share),
            threshold=_threshold(ordered, review_share - draw_rate),
            reference=tuple(float(quantile) for quantile in reference),
            draw_rate=float(draw_rate),
            missed_cost=missed_cost,
            review_cost=review_cost,
        )

    @cached_property
    def version(self) -> str:
        """SHA-256 of the content: two policies with one version decide alike."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def break_even(self) -> float | None:
        """The true probability from which a review is worth its cost, ``review_cost / missed_cost``; None if unset.

        A probability calibrated on findings is not that of a diversion, so it is not comparable as it stands.
        """
        if self.missed_cost is None or self.review_cost is None:
            return None
        return self.review_cost / self.missed_cost

    def waits(self, probability: float) -> bool:
        """Whether an order waits for its score alone."""
        return probability >= self.threshold

    def rank(self, probability: float) -> float:
        """Share of the reference orders below this probability, in [0, 1]."""
        return bisect_left(self.reference, probability) / len(self.reference)

    def to_json(self) -> dict[str, Any]:
        """The policy as JSON types."""
        return {**asdict(self), "reference": list(self.reference)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Policy":
        """The policy that `to_json` wrote."""
        return cls(**{**content, "reference": tuple(content["reference"])})


def _threshold(ordered: NDArray[np.float64], share: float) -> float:
    values, first = np.unique(ordered, return_index=True)
    fits = (len(ordered) - first) / len(ordered) <= share + 1e-12  # 0.3 - 0.1 is a little less than 0.2
    return float(values[fits][0]) if fits.any() else math.nextafter(float(values[-1]), math.inf)
