"""What an action hangs on: how the score would move with one feature at its norm. For analysts only."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.model import Model
from models.reasons import Reason


@dataclass(frozen=True, slots=True)
class Change:
    """One feature of row `row` at its norm, all others as they were: what the line's probability would be."""

    row: int
    feature: str
    value: float | None
    instead: float | None
    probability: float
    waits: bool


def changes(model: Model, values: NDArray[np.float64], reasons: Sequence[Sequence[Reason]]) -> list[Change]:
    """For each reason that raises a line's risk, the probability with that feature at its norm (NaN without one).

    `values` has shape (n, k), `reasons` one row a line. Features hang together, so that no order may exist with such a
    vector: the figures say what the score rests on, not what would have been answered.
    """
    asked = list(_asked(model, values, reasons))
    if not asked:
        return []
    vectors = np.array([values[row] for row, *_ in asked])
    for number, (_, column, _, instead) in enumerate(asked):
        vectors[number, column] = instead
    probabilities = model.classifier.predict(vectors).tolist()
    return [
        Change(row, reason.feature, reason.value, _known(instead), probability, model.policy.waits(probability))
        for (row, _, reason, instead), probability in zip(asked, probabilities, strict=True)
    ]


def _asked(
    model: Model, values: NDArray[np.float64], reasons: Sequence[Sequence[Reason]]
) -> Iterator[tuple[int, int, Reason, float]]:
    column = {name: index for index, name in enumerate(model.features.names)}
    for row in range(len(values)):
        for reason in reasons[row]:
            instead = math.nan if reason.norm is None else reason.norm
            if reason.contribution > 0 and not _same(float(values[row, column[reason.feature]]), instead):
                yield row, column[reason.feature], reason, instead


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
