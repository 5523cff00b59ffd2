"""Statistics as data, one class each: what is counted over a window, and how its name and sentence come out of it.

A statistic of a view speaks of the events of one entity. `where` names a filter (`features.windows.columns.FILTERS`),
`column` a column of the order line; `windows` are in days, `ALL` for everything since the record began.

>>> Mean("value", windows=(30, 365)).what
'{only}{column}_mean'
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Sign = Literal[-1, 0, 1]
Days = int | None
ALL: Days = None
"""A window without an edge: everything since the record began."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """What every statistic declares: its windows (those of its view where it names none), sign and red flag.

    The class says the rest as data: `what` is the middle of the feature's name, `says` its sentence. Both may name the
    fields of the definition, ``{only}`` (the filter, where it is not all lines), the view's ``{phrase}`` and the
    ``{span}`` of the window.
    """

    windows: tuple[Days, ...] | None = field(default=None, kw_only=True)
    sign: Sign = field(default=0, kw_only=True)
    red_flag: str | None = field(default=None, kw_only=True)

    kind: ClassVar[str]
    what: ClassVar[str]
    says: ClassVar[str]
    unit: ClassVar[str] = "1"

    def days(self) -> tuple[Days, ...]:
        """Every window that the statistic looks at, for one that looks at more than those in its name."""
        return self.windows or ()


@dataclass(frozen=True, slots=True)
class Count(Statistic):
    """How many events pass the filter. Findings count the orders that they judge, each once."""

    where: str = "lines"
    kind: ClassVar[str] = "count"
    what: ClassVar[str] = "{where}_count"
    says: ClassVar[str] = "{phrase} had {{value}} {where} {span}"


@dataclass(frozen=True, slots=True)
class OfColumn(Statistic):
    """What is made of a column of the order lines that pass."""

    column: str = "value"
    where: str = "lines"


@dataclass(frozen=True, slots=True)
class Sum(OfColumn):
    """The exact sum of a column over the order lines that pass."""

    kind: ClassVar[str] = "sum"
    what: ClassVar[str] = "{only}{column}_total"
    says: ClassVar[str] = "the {column} of {phrase}{only} {span} adds up to {{value}}"


@dataclass(frozen=True, slots=True)
class Mean(OfColumn):
    """The mean of a column over the order lines that pass and have it; NaN when nothing was seen."""

    kind: ClassVar[str] = "mean"
    what: ClassVar[str] = "{only}{column}_mean"
    says: ClassVar[str] = "the mean {column} of {phrase}{only} {span} is {{value}}"


@dataclass(frozen=True, slots=True)
class Std(OfColumn):
    """The sample standard deviation of a column; NaN below two values."""

    kind: ClassVar[str] = "std"
    what: ClassVar[str] = "{only}{column}_std"
    says: ClassVar[str] = "the {column} of {phrase}{only} {span} varies by {{value}}"


@dataclass(frozen=True, slots=True)
class Min(OfColumn):
    """The smallest value of a column; NaN when nothing was seen."""

    kind: ClassVar[str] = "min"
    what: ClassVar[str] = "{only}{column}_min"
    says: ClassVar[str] = "the smallest {column} of {phrase}{only} {span} is {{value}}"


@dataclass(frozen=True, slots=True)
class Max(OfColumn):
    """The largest value of a column; NaN when nothing was seen."""

    kind: ClassVar[str] = "max"
    what: ClassVar[str] = "{only}{column}_max"
    says: ClassVar[str] = "the largest {column} of {phrase}{only} {span} is {{value}}"


@dataclass(frozen=True, slots=True)
class Ratio(OfColumn):
    """The line's column over the mean of the view: 3 means three times the usual."""

    kind: ClassVar[str] = "ratio"
    what: ClassVar[str] = "{only}{column}_to_mean"
    says: ClassVar[str] = "the {column} is {{value}} times the mean of {phrase}{only} {span}"


@dataclass(frozen=True, slots=True)
class ZScore(OfColumn):
    """The line's column in standard deviations from the mean of the view; NaN where nothing varied."""

    kind: ClassVar[str] = "zscore"
    what: ClassVar[str] = "{only}{column}_zscore"
    says: ClassVar[str] = "the {column} is {{value}} standard deviations from the mean of {phrase}{only} {span}"


@dataclass(frozen=True, slots=True)
class Distinct(OfColumn):
    """How many different values of an identifier column were seen among the events that pass."""

    column: str = "end_user"
    kind: ClassVar[str] = "distinct"
    what: ClassVar[str] = "{only}{column}_distinct"
    says: ClassVar[str] = "{phrase}{only} had {{value}} different values of {column} {span}"


@dataclass(frozen=True, slots=True)
class Variety(OfColumn):
    """Different values of an identifier column for each event that passes: 1 where every event brings a new one.

    NaN where no event passed. Of a column that may be missing, give a filter that only events which have it pass.
    """

    column: str = "end_user"
    where: str = "declared"
    kind: ClassVar[str] = "variety"
    what: ClassVar[str] = "{only}{column}_variety"
    says: ClassVar[str] = "{phrase}{only} named {{value}} different values of {column} a line {span}"


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

    windows: tuple[Days, ...] | None = field(default=(ALL,), kw_only=True)
    kind: ClassVar[str] = "since_first"
    what: ClassVar[str] = "since_first"
    says: ClassVar[str] = "{phrase} first ordered {{value}} days ago"
    unit: ClassVar[str] = "d"


@dataclass(frozen=True, slots=True)
class SinceLast(Statistic):
    """Days since the newest event that passes the filter; NaN when none was seen, or none in the window."""

    windows: tuple[Days, ...] | None = field(default=(ALL,), kw_only=True)
    where: str = "lines"
    kind: ClassVar[str] = "since_last"
    what: ClassVar[str] = "since_last_{where}"
    says: ClassVar[str] = "the newest of the {where} of {phrase} is {{value}} days old"
    unit: ClassVar[str] = "d"


@dataclass(frozen=True, slots=True)
class Burst(Statistic):
    """How many times as many events as usual: the rate in the window over the rate in the last `usual` days.

    ``count(window) / window / (count(usual) / usual)``; 1 is an even pace. NaN where the longer window is empty.
    """

    where: str = "orders"
    usual: int = 90
    kind: ClassVar[str] = "burst"
    what: ClassVar[str] = "{where}_burst"
    says: ClassVar[str] = "{phrase} had {{value}} times as many {where} {span} as the last {usual} days would tell"

    def days(self) -> tuple[Days, ...]:
        """The windows and the longer one that they are measured against."""
        return (*(self.windows or ()), self.usual)


@dataclass(frozen=True, slots=True)
class Gap(Statistic):
    """How long the silence is that this order ends, in usual gaps: days since the newest event x count / window.

    1 is the usual rhythm of the window, 5 a silence five times as long. NaN where the window is empty.
    """

    where: str = "orders"
    kind: ClassVar[str] = "gap"
    what: ClassVar[str] = "{where}_gap"
    says: ClassVar[str] = "the silence of {phrase} was {{value}} times as long as its usual gap between {where} {span}"


@dataclass(frozen=True, slots=True)
class FindingRate(Statistic):
    """Share of orders found `diverted` among the orders on which findings decided, smoothed by a fixed prior.

    ``(diverted + prior * weight) / (decided + weight)``: the posterior mean under a Beta prior worth `weight` orders.
    An order counts once, however many of its lines were judged: as decided from its first finding that cleared or
    found diversion, as diverted from the first that found diversion. Inconclusive and unknown do not count either
    way. Nothing seen gives the prior. The clock is that of knowledge, `known_at`; no other one may be used.
    """

    windows: tuple[Days, ...] | None = field(default=(ALL,), kw_only=True)
    clock: str = "known_at"
    prior: float = 0.02
    weight: float = 5.0
    kind: ClassVar[str] = "finding_rate"
    unit: ClassVar[str] = "share"
    what: ClassVar[str] = "finding_rate"
    says: ClassVar[str] = "{{value}} of the orders of {phrase} that were looked into{within} were diverted (smoothed)"


STATISTICS: dict[str, type[Statistic]] = {
    statistic.kind: statistic
    for statistic in (
        Count, Sum, Mean, Std, Min, Max, Ratio, ZScore, Distinct, Share, SinceFirst, SinceLast, Burst, Gap, FindingRate,
        Variety,
    )
}  # fmt: skip
