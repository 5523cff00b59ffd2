"""Definitions as data: what is counted, of whom, over how long. Everything else follows from these rows.

A `View` names an entity, the columns of its key, and statistics with their windows. A `LineFeature` speaks of the
order line alone. Both expand into `Feature` rows; a view's names, units, families, signs and sentences are
derived from its definition, typed by nobody.

>>> view = View("reseller", ("reseller_id",), "reseller", "this reseller", (Count("orders", windows=(30,)),))
>>> [feature.name for feature in view.expand()]
['reseller_orders_count_30d']
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal

from features.windows.columns import UNITS

Sign = Literal[-1, 0, 1]
Days = int | None
ALL: Days = None
"""A window without an edge: everything since the record began."""


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


@dataclass(frozen=True, slots=True)
class Statistic:
    """What every statistic of a view declares: its windows (days), sign and red flag.

    The class says the rest as data: `what` is the middle of the feature's name, `says` its sentence; both may name
    the fields of the definition, the view's ``{phrase}`` and the ``{span}`` of the window.
    """

    windows: tuple[Days, ...] = field(default=(ALL,), kw_only=True)
    sign: Sign = field(default=0, kw_only=True)
    red_flag: str | None = field(default=None, kw_only=True)

    kind: ClassVar[str]
    what: ClassVar[str]
    says: ClassVar[str]
    unit: ClassVar[str] = "1"


@dataclass(frozen=True, slots=True)
class Count(Statistic):
    """How many events pass the filter `where` (one of `features.windows.columns.FILTERS`)."""

    where: str = "lines"
    kind: ClassVar[str] = "count"
    what: ClassVar[str] = "{where}_count"
    says: ClassVar[str] = "{phrase} had {{value}} {where} {span}"


@dataclass(frozen=True, slots=True)
class Sum(Statistic):
    """The exact sum of a column over the order lines."""

    column: str = "value"
    kind: ClassVar[str] = "sum"
    what: ClassVar[str] = "{column}_total"
    says: ClassVar[str] = "the {column} of {phrase} {span} adds up to {{value}}"


@dataclass(frozen=True, slots=True)
class Mean(Statistic):
    """The mean of a column over the order lines that have it; NaN when nothing was seen."""

    column: str = "value"
    kind: ClassVar[str] = "mean"
    what: ClassVar[str] = "{column}_mean"
    says: ClassVar[str] = "the mean {column} of {phrase} {span} is {{value}}"


@dataclass(frozen=True, slots=True)
class Std(Statistic):
    """The sample standard deviation of a column; NaN below two values."""

    column: str = "value"
    kind: ClassVar[str] = "std"
    what: ClassVar[str] = "{column}_std"
    says: ClassVar[str] = "the {column} of {phrase} {span} varies by {{value}}"


@dataclass(frozen=True, slots=True)
class Ratio(Statistic):
    """The line's column over the mean of the view: 3 means three times the usual."""

    column: str = "value"
    kind: ClassVar[str] = "ratio"
    what: ClassVar[str] = "{column}_to_mean"
    says: ClassVar[str] = "the {column} is {{value}} times the mean of {phrase} {span}"


@dataclass(frozen=True, slots=True)
class ZScore(Statistic):
    """The line's column in standard deviations from the mean of the view; NaN where nothing varied."""

    column: str = "value"
    kind: ClassVar[str] = "zscore"
    what: ClassVar[str] = "{column}_zscore"
    says: ClassVar[str] = "the {column} is {{value}} standard deviations from the mean of {phrase} {span}"


@dataclass(frozen=True, slots=True)
class Distinct(Statistic):
    """How many different values of an identifier column were seen among the order lines."""

    column: str = "end_user"
    kind: ClassVar[str] = "distinct"
    what: ClassVar[str] = "{column}_distinct"
    says: ClassVar[str] = "{phrase} had {{value}} different values of {column} {span}"


@dataclass(frozen=True, slots=True)
class Share(Statistic):
    """Events that pass `where`, as a share of those that pass `among`; NaN when there are none."""

    where: str = "sensitive"
    among: str = "lines"
    kind: ClassVar[str] = "share"
    unit: ClassVar[str] = "share"
    what: ClassVar[str] = "{where}_share"
    says: ClassVar[str] = "{{value}} of the {among} of {phrase} {span} were {where}"


@dataclass(frozen=True, slots=True)
class SinceFirst(Statistic):
    """Days since the first order line, cancelled or not: the acquaintance; NaN when none was seen."""

    kind: ClassVar[str] = "since_first"
    what: ClassVar[str] = "since_first"
    says: ClassVar[str] = "{phrase} first ordered {{value}} days ago"
    unit: ClassVar[str] = "d"


@dataclass(frozen=True, slots=True)
class SinceLast(Statistic):
    """Days since the newest order line that passes the filter; NaN when none was seen."""

    where: str = "lines"
    kind: ClassVar[str] = "since_last"
    what: ClassVar[str] = "since_last_{where}"
    says: ClassVar[str] = "the newest of the {where} of {phrase} is {{value}} days old"
    unit: ClassVar[str] = "d"


@dataclass(frozen=True, slots=True)
class FindingRate(Statistic):
    """Share of orders found `diverted` among the orders on which findings decided, smoothed by a fixed prior.

    ``(diverted + prior * weight) / (decided + weight)``: the posterior mean under a Beta prior worth `weight` orders.
    An order counts once, however many of its lines were judged: as decided from its first finding that cleared or
    found diversion, as diverted from the first that found diversion. Inconclusive and unknown do not count either
    way. Nothing seen gives the prior.
    """

    prior: float = 0.02
    weight: float = 5.0
    kind: ClassVar[str] = "finding_rate"
    unit: ClassVar[str] = "share"
    what: ClassVar[str] = "finding_rate"
    says: ClassVar[str] = "{{value}} of the orders of {phrase} that were looked into were diverted (smoothed)"


STATISTICS: dict[str, type[Statistic]] = {
    statistic.kind: statistic
    for statistic in (
        Count, Sum, Mean, Std, Ratio, ZScore, Distinct, Share, SinceFirst, SinceLast, FindingRate,
    )
}  # fmt: skip


WORDS = {
    "lines": "order lines",
    "sensitive": "lines of sensitive goods",
    "restricted": "lines to sensitive regions",
    "abroad": "lines shipped to another country than the reseller's",
    "stock": "lines ordered for stock",
    "undeclared": "lines without an end user",
    "diverted": "orders found diverted",
    "cleared": "orders that findings cleared",
    "inconclusive": "orders with inconclusive findings",
}
"""Filters in the words of an analyst."""


@dataclass(frozen=True, slots=True)
class View:
    """The history of one entity: `key` names the columns that tell one entity from another.

    Null in any column of the key means that there is no entity: all its features are NaN.
    """

    entity: str
    key: tuple[str, ...]
    family: str
    phrase: str
    features: tuple[Statistic, ...]

    def expand(self) -> Iterator[Feature]:
        """The features in the order of their columns."""
        for statistic in self.features:
            for days in statistic.windows:
                yield self._feature(statistic, days)

    def _feature(self, statistic: Statistic, days: Days) -> Feature:
        own = {each.name: getattr(statistic, each.name) for each in fields(statistic)}
        words = {name: WORDS.get(value, str(value).replace("_", " ")) for name, value in own.items()}
        parts = [self.entity, statistic.what.format(**own), window_name(days)]
        return Feature(
            name="_".join(parts[:2] if statistic.unit == "d" or statistic.kind == "finding_rate" else parts),
            unit=UNITS.get(own.get("column", ""), "1") if statistic.kind in {"sum", "mean", "std"} else statistic.unit,
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
        shown = (each for each in self.features if isinstance(each, Mean) and each.column == statistic.column)
        return next((self._feature(mean, days).name for mean in shown if days in mean.windows), None)


LineKind = Literal["direct", "over", "same", "age", "active", "distance", "flag"]


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
