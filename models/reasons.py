"""Why a line scored as it did: the strongest families, told by their strongest features, in sentences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.windows.view import Feature
from models.clearing import clears
from models.model import Model
from models.strongest import Strongest, strongest


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's part in a line's score.

    `value` and `norm` are in the feature's unit, None where unknown. `contribution` is in log-odds, positive where
    it raises the risk (`direction` ``raises`` or ``lowers``); `family_contribution` is the sum over its family.
    `clears` says what would help to settle the red flag.
    """

    feature: str
    family: str
    value: float | None
    norm: float | None
    sentence: str
    red_flag: str | None
    clears: str | None
    direction: str
    contribution: float
    family_contribution: float


def explain(model: Model, values: NDArray[np.float64]) -> tuple[tuple[Reason, ...], ...]:
    """The reasons of each row of `values`, shape (n, k): those that raise the risk first.

    The same whenever it is asked: at once for an order that waits, or later from the stored vector.
    """
    columns, numbers = chosen(model, values)
    features = model.features.features
    return tuple(
        tuple(worded(features[index], *told) for index, told in zip(some, row, strict=True) if index >= 0)
        for some, row in zip(columns.tolist(), numbers.tolist(), strict=True)
    )


def chosen(model: Model, values: NDArray[np.float64]) -> Strongest:
    """The features that are told of each row of `values`, shape (n, k), and their numbers, not yet in words."""
    contributions = model.classifier.contributions(values)[:, :-1]
    return strongest(model.features, np.asarray(values, np.float64), contributions)


def worded(feature: Feature, value: float, norm: float, contribution: float, family: float) -> Reason:
    """The reason that a feature's numbers make, as `Strongest` holds them."""
    return Reason(
        feature=feature.name,
        family=feature.family,
        value=None if math.isnan(value) else value,
        norm=None if math.isnan(norm) else norm,
        sentence=sentence(feature, value, norm),
        red_flag=feature.red_flag,
        clears=clears(feature.red_flag) if contribution > 0 else None,
        direction="raises" if contribution > 0 else "lowers",
        contribution=contribution,
        family_contribution=family,
    )


def sentence(feature: Feature, value: float, norm: float = math.nan) -> str:
    """The feature's sentence with its numbers filled in; NaN reads as not known.

    >>> sentence(Feature("a", "1", "f", "it had {value} lines"), 1234.0)
    'it had 1,234 lines'
    """
    usual = "unknown" if math.isnan(norm) else number(norm, feature.unit)
    if math.isnan(value):
        return "not known: " + feature.because.replace("{value}", "…").replace("{norm}", usual)
    text = feature.because.replace("{value}", number(value, feature.unit)).replace("{norm}", usual)
    if value == 0.0 and "{value}" not in feature.because:
        return f"not so: {text}"
    if "{norm}" not in feature.because and not math.isnan(norm):
        return f"{text} (usually {usual})"
    return text


def number(value: float, unit: str = "1") -> str:
    """A number for people: whole numbers whole, others to three digits, thousands apart, shares as percentages."""
    if not math.isfinite(value):
        return str(value)
    if unit == "share":
        return f"{number(100 * value)} %"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):g}"


def strongest_rows(probabilities: Sequence[float], rows: Sequence[int], count: int) -> list[int]:
    """At most `count` of the `rows`, those of highest probability, in their own order."""
    return sorted(sorted(rows, key=lambda row: (-probabilities[row], row))[:count])
