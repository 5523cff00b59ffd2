"""Why a line scored as it did: the strongest families, told by their strongest features, in sentences."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.windows.feature_set import FeatureSet
from features.windows.view import Feature
from models.clearing import clears
from models.model import Model

RAISING = 5
LOWERING = 2


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
    contributions = model.classifier.contributions(values)[:, :-1].tolist()
    pairs = zip(np.asarray(values, dtype=np.float64).tolist(), contributions, strict=True)
    return tuple(tuple(_reasons(model.features, row, parts)) for row, parts in pairs)


def _reasons(features: FeatureSet, row: list[float], parts: list[float]) -> Iterator[Reason]:
    families, column = features.families, features.column
    weights = {name: math.fsum(parts[index] for index in members) for name, members in families.items()}
    for direction, places in ((1.0, RAISING), (-1.0, LOWERING)):
        push = [part * direction for part in parts]
        for index in _strongest(families, weights, push, direction, places):
            feature = features.features[index]
            norm = row[column[feature.norm]] if feature.norm in column else math.nan
            yield _reason(feature, row[index], norm, parts[index], weights[feature.family])


def _strongest(
    families: Mapping[str, Sequence[int]],
    weights: Mapping[str, float],
    push: Sequence[float],
    direction: float,
    places: int,
) -> list[int]:
    """Indices of the features to tell: each family's strongest, heaviest family first, then the next strongest.

    A family speaks only on the side on which its sum falls: two of its features that cancel out are no reason.
    """
    heavy = sorted((name for name in families if weights[name] * direction > 0), key=lambda n: -weights[n] * direction)
    ranked = {name: sorted((i for i in families[name] if push[i] > 0), key=lambda i: -push[i]) for name in heavy}
    chosen = [ranked[name][0] for name in heavy][:places]
    rest = sorted((i for name in heavy for i in ranked[name] if i not in chosen), key=lambda i: -push[i])
    chosen += rest[: places - len(chosen)]
    return [i for name in heavy for i in ranked[name] if i in chosen]


def _reason(feature: Feature, value: float, norm: float, contribution: float, family: float) -> Reason:
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
