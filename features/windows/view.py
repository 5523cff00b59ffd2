"""Definitions as data: what is counted, of whom, over how long. Everything else follows from these rows.

A `View` names an entity, the columns of its key, and statistics with their windows. A `LineFeature` speaks of the
order line alone. Both expand into `Feature` rows; a view's names, units, families, signs and sentences are
derived from its definition, typed by nobody.

>>> view = View("reseller", ("reseller_id",), "reseller", "this reseller", (Count("orders", windows=(30,)),))
>>> [feature.name for feature in view.expand()]
['reseller_orders_count_30d']
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from features.windows.columns import UNITS
from features.windows.statistics import (
    ALL,
    STATISTICS,
    Burst,
    Count,
    Days,
    Distinct,
    FindingRate,
    Gap,
    Max,
    Mean,
    Min,
    Ratio,
    Share,
    Sign,
    SinceFirst,
    SinceLast,
    Statistic,
    Std,
    Sum,
    Variety,
    ZScore,
)  # fmt: skip

__all__ = [
    "ALL", "STATISTICS", "WORDS", "Burst", "Count", "Days", "Distinct", "Feature", "FindingRate", "Gap", "LineFeature",
    "Max", "Mean", "Min", "Quotient", "Ratio", "Share", "Sign", "SinceFirst", "SinceLast", "Statistic", "Std", "Sum",
    "Variety", "View", "ZScore", "window_name",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature vector.

    `because` is the sentence that an analyst reads; ``{value}`` and ``{norm}`` stand for the numbers. `norm` names
    another feature that says what is usual, if there is one. `sign` is the monotone sign: +1 where more can only
    raise the risk.
    """

    name: str
    unit: str
    family: str
    because: str
    sign: Sign = 0
    red_flag: str | None = None
    norm: str | None = None


def window_name(days: Days) -> str:
    """``30d``, or ``all``."""
    return "all" if days is ALL else f"{days}d"


def _span(days: Days) -> str:
    return "so far" if days is ALL else f"in the last {days} days"


WORDS = {
    "lines": "order lines",
    "sensitive": "lines of sensitive goods",
    "restricted": "lines to sensitive regions",
    "abroad": "lines shipped to another country than the reseller's",
    "stock": "lines ordered for stock",
    "undeclared": "lines without an end user",
    "declared": "lines that name an end user",
    "use_undeclared": "lines that declare no use",
    "to_own_site": "lines delivered to the reseller itself",
    "diverted": "orders found diverted",
    "cleared": "orders that findings cleared",
    "inconclusive": "orders with inconclusive findings",
    "awards": "public awards",
    "security_awards": "awards by security bodies",
    "restricted_awards": "awards by security bodies of sensitive regions",
    "linked_awards": "awards that a sale of ours explains",
    "unexplained_awards": "awards that no sale of ours explains",
    "exceeding_awards": "awards of more than we sold it",
    "direct_awards": "awards without an open tender",
    "bundled_awards": "awards of several kinds of goods at one price",
    "unnamed_awards": "awards that name no supplier",
    "unreported_awards": "awards without a matching sell-through report",
}
"""Filters in the words of an analyst."""


@dataclass(frozen=True, slots=True)
class View:
    """The history of one entity: `key` names the columns that tell one entity from another.

    Null in any column of the key means that there is no entity: all its features are NaN. `windows` holds for the
    statistics that name none of their own.
    """

    entity: str
    key: tuple[str, ...]
    family: str
    phrase: str
    features: tuple[Statistic, ...]
    windows: tuple[Days, ...] = (ALL,)

    def rows(self) -> Iterator[tuple[Statistic, Days]]:
        """Each statistic with each of its windows, in the order of the columns."""
        for statistic in self.features:
            for days in self.windows if statistic.windows is None else statistic.windows:
                yield statistic, days

    def expand(self) -> Iterator[Feature]:
        """The features in the order of their columns."""
        for statistic, days in self.rows():
            yield self._feature(statistic, days)

    def _feature(self, statistic: Statistic, days: Days) -> Feature:
        own = {each.name: getattr(statistic, each.name) for each in fields(statistic)}
        words = {name: WORDS.get(value, str(value).replace("_", " ")) for name, value in own.items()}
        all_lines = own.get("where", "lines") == "lines"
        stem = statistic.what.format(**own | {"only": "" if all_lines else f"{own['where']}_"})
        words |= {
            "only": "" if all_lines else f" ({words['where']})",
            "within": "" if days is ALL else f" {_span(days)}",
        }
        endless = days is ALL and (statistic.unit == "d" or statistic.kind == "finding_rate")
        return Feature(
            name="_".join([self.entity, stem, *([] if endless else [window_name(days)])]),
            unit=UNITS.get(own.get("column", ""), "1") if statistic.kind in _IN_UNITS else statistic.unit,
            family="findings" if statistic.kind == "finding_rate" else self.family,
            because=statistic.says.format(**words, phrase=self.phrase, span=_span(days)),
            sign=statistic.sign,
            red_flag=statistic.red_flag,
            norm=self._norm(statistic, days),
        )

    def _norm(self, statistic: Statistic, days: Days) -> str | None:
        """The mean that a ratio or z-score is measured against, where the view shows it."""
        if not isinstance(statistic, Ratio | ZScore):
            return None
        means = ((each, window) for each, window in self.rows() if isinstance(each, Mean) and window == days)
        same = (each for each, _ in means if (each.column, each.where) == (statistic.column, statistic.where))
        return next((self._feature(mean, days).name for mean in same), None)


_IN_UNITS = frozenset({"sum", "mean", "std", "min", "max"})
"""Statistics that read in the unit of their column."""

LineKind = Literal["direct", "over", "same", "age", "active", "distance", "plane", "flag"]


@dataclass(frozen=True, slots=True)
class LineFeature:
    """A feature of the order line alone, from its own columns.

    ====================  =====================================================================
    ``direct``            ``a * scale``
    ``over``              ``a / b`` (NaN where b is 0)
    ``same``              1 where a equals b, else 0
    ``age``               days from a to the line's moment
    ``active``            1 where ``a <= t < b``; a null b never ends
    ``distance``          great-circle kilometres between (a, b) and (c, d), in microdegrees
    ``plane``             straight-line distance between (a, b) and (c, d), times `scale`
    ``flag``              1 where the filter named a is set, else 0
    ====================  =====================================================================

    A null in any column gives NaN.
    """

    name: str
    kind: LineKind
    columns: tuple[str, ...]
    unit: str
    family: str
    because: str
    scale: float = 1.0
    sign: Sign = 0
    red_flag: str | None = None
    norm: str | None = None

    def expand(self) -> Iterator[Feature]:
        """The one feature that this is."""
        yield Feature(self.name, self.unit, self.family, self.because, self.sign, self.red_flag, self.norm)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A feature that sets two others against each other: ``of / to``, both names of features before it.

    What one view alone cannot say: how much of a reseller's trade is of this category, or how much more of a product it
    buys than others do. NaN where either is missing or `to` is 0.
    """

    name: str
    of: str
    to: str
    unit: str
    family: str
    because: str
    sign: Sign = 0
    red_flag: str | None = None

    def expand(self) -> Iterator[Feature]:
        """The one feature that this is. What it is set against is no norm of it: that reads in another unit."""
        yield Feature(self.name, self.unit, self.family, self.because, self.sign, self.red_flag)
