"""From definitions to the integer arrays that the kernel walks."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from features.windows.columns import FILTERS, JUDGEMENTS, NULL, SCALES, columns
from features.windows.feature_set import FeatureSet
from features.windows.statistics import (
    ALL,
    STATISTICS,
    Burst,
    Count,
    Days,
    Distinct,
    FindingRate,
    Gap,
    OfColumn,
    Share,
    SinceLast,
    Statistic,
    Variety,
)
from features.windows.view import LineFeature, Quotient, View

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

KEY_WIDTH = 3
"""Columns of an entity's key, at most."""

LEAST_HORIZON = 365 * DAY
"""Events are kept this long even where no window needs them: a later revision of an order must find its lines."""

VIEW_OF, KEY, LOG, CAPACITY, HEAD, END, FIRST_TIME, FIRST, HEADER = 0, 1, 4, 5, 6, 7, 8, 9, 10
"""Words at the head of an entity's block: its view and key; where its log stands, how many records that has room for,
the oldest record held and the next one to come; time and record of the first line; then, from `HEADER` on, the oldest
record of each window and its event, then the accumulators."""

NOBODY = int(np.iinfo(np.int64).max)
"""The oldest event of a window in which there is none."""

COUNT, SUM, SQUARE, DISTINCT, LAST, ORDERS_ONCE, LEAST, MOST = range(8)
_WORDS = {COUNT: 1, SUM: 2, SQUARE: 2, DISTINCT: 1, LAST: 1, ORDERS_ONCE: 1, LEAST: 1, MOST: 1}
"""Accumulators and their words: a sum is (how many had the column, total), a square (high, low), the least and the most
are the record that holds them, the last is a time."""

_AT_FIRST = {LAST: NULL, LEAST: -1, MOST: -1}

OUTPUTS = {kind: code for code, kind in enumerate(STATISTICS)}
LINES = {
    kind: code for code, kind in enumerate(("direct", "over", "same", "age", "active", "distance", "plane", "flag"))
}

WORDS_OF, STRIDE, VALUES_OF, FIRST_VALUE, WINDOWS_OF, TEMPLATE = range(3, 9)
CHANNELS_FROM, CHANNELS_TO, ACCUMULATORS_FROM, ACCUMULATORS_TO, OUTPUTS_FROM, OUTPUTS_TO = range(9, 15)
KEEPS_FIRST, LISTENS_TO = 15, 16
"""Columns of `Plan.views`, after the columns of the key. A view listens to the events that pass any of its filters."""


class DefinitionError(ValueError):
    """A definition that the engine cannot compute; the text says which and why."""


class Plan(NamedTuple):
    """Everything that the kernel needs to know of a feature set: a row a view, an accumulator or a feature."""

    line_kind: Ints  # (lines,)
    line_column: Ints  # (lines, 4)
    line_scale: Floats  # (lines,)
    views: Ints  # (views, 17): key columns, then the columns named above
    window: Ints  # (views, most windows): index of its width, -1 where unused
    accumulators_of: Ints  # (views, most windows + 2): where those of all time, then those of each window begin
    accumulator: (
        Ints  # (accumulators, 5): kind, window or -1, filter, word of the record or channel, offset in the block
    )
    channel: Ints  # (channels, 4): column, filter, word of the record, its widest window
    value_column: Ints  # (values of all views,)
    kept: Ints  # columns of the line that an event needs, keys, values and codes
    output: Ints  # (outputs, 5): kind, two offsets in the block (of a least or most: one, and the word of the record),
    # column of the line or -1, width of the window or -1
    output_number: Floats  # (outputs, 2): scale; prior and weight; or days
    quotient: Ints  # (quotients, 2): the columns of the vector that are set against each other
    template: Ints  # blocks of entities that have seen nothing, one a view
    width: Ints  # (widths,) all different windows, microseconds
    flags_column: int
    order_column: int
    orders_once: int  # accumulators that remember orders
    horizon: int  # how long events are held, microseconds


class _View:
    """Values, channels and accumulators of one view, each made once however many features read it."""

    def __init__(self, view: View, columns_: dict[str, int]) -> None:
        self._columns, self._owner = columns_, f"view {view.entity!r}"
        if not 1 <= len(view.key) <= KEY_WIDTH:
            raise DefinitionError(f"{self._owner}: a key has 1 to {KEY_WIDTH} columns, not {len(view.key)}")
        if "order" in view.key:
            raise DefinitionError(f"{self._owner}: an order is no history to itself; use another key")
        self.key = [self.column(name) for name in view.key] + [-1] * (KEY_WIDTH - len(view.key))
        spans = {days for statistic, _ in view.rows() for days in statistic.days()} | {days for _, days in view.rows()}
        self.windows = sorted(days for days in spans if days is not None)
        self.values: list[int] = []
        self.channels: dict[tuple[int, int], list[int]] = {}
        self._rows: dict[tuple[int, int, int, int], int] = {}
        self.outputs = [self._output(statistic, days) for statistic, days in view.rows()]

    def column(self, name: str) -> int:
        if name not in self._columns:
            raise DefinitionError(f"{self._owner}: no column {name!r}; the columns are {', '.join(self._columns)}")
        return self._columns[name]

    def accumulators(self) -> list[tuple[int, int, int, int, int]]:
        """(kind, window, filter, source, offset), all time first, then by window."""
        ordered = sorted(self._rows, key=lambda row: row[1])
        offsets = np.cumsum([HEADER + 2 * len(self.windows), *(_WORDS[row[0]] for row in ordered)])
        return [(*row, int(offset)) for row, offset in zip(ordered, offsets, strict=False)]

    def listens_to(self) -> int:
        """The filters of all that it keeps; events that pass none of them leave no record in this view."""
        first = FILTERS["lines"] if any(output.kind == "since_first" for output in self.outputs) else 0
        return reduce(or_, (filter_ for _, _, filter_, _ in self._rows), first)

    def kept(self) -> Iterator[int]:
        """Columns of the line that events keep."""
        yield from (column for column in self.key if column >= 0)
        yield from self.values
        yield from (column for column, _ in self.channels)

    @property
    def words(self) -> int:
        return HEADER + 2 * len(self.windows) + sum(_WORDS[kind] for kind, *_ in self._rows)

    @property
    def stride(self) -> int:
        return 1 + len(self.values) + 3 * len(self.channels)

    def _accumulator(self, kind: int, days: Days, filter_: int, source: int = -1) -> tuple[int, int, int, int]:
        row = (kind, -1 if days is None else self.windows.index(days), filter_, source)
        self._rows.setdefault(row, len(self._rows))
        return row

    def _value(self, name: str) -> int:
        column = self.column(name)
        if column not in self.values:
            self.values.append(column)
        return 1 + self.values.index(column)

    def _distinct(self, name: str, days: Days, filter_: int) -> tuple[int, int, int, int]:
        if days is None:
            raise DefinitionError(f"{self._owner}: distinct values need a window in days; all time is not kept")
        channel = (self.column(name), filter_)
        widest = self.channels.setdefault(channel, [-1])
        row = self._accumulator(DISTINCT, days, filter_, list(self.channels).index(channel))
        widest[0] = max(widest[0], row[1])
        return row

    def _filter(self, name: str) -> int:
        if name not in FILTERS:
            raise DefinitionError(f"{self._owner}: no filter {name!r}; the filters are {', '.join(FILTERS)}")
        return FILTERS[name]

    def _lines(self, name: str) -> int:
        """A filter of order lines: findings have no amounts."""
        filter_ = self._filter(name)
        if filter_ & JUDGEMENTS:
            raise DefinitionError(f"{self._owner}: {name!r} are findings, which have no columns; count them instead")
        return filter_

    def _orders(self, days: Days, filter_: int) -> tuple[int, int, int, int]:
        """Orders that findings judged, each counted once."""
        return self._accumulator(ORDERS_ONCE, ALL, filter_) if days is None else self._distinct("order", days, filter_)

    def _output(self, statistic: Statistic, days: Days) -> "_Output":
        return getattr(self, f"_of_{statistic.kind}")(statistic, days)  # type: ignore[no-any-return]

    def _of_count(self, statistic: Count, days: Days) -> "_Output":
        filter_ = self._filter(statistic.where)
        return _Output("count", [self._orders(days, filter_) if filter_ & JUDGEMENTS else self._count(days, filter_)])

    def _count(self, days: Days, filter_: int) -> tuple[int, int, int, int]:
        return self._accumulator(COUNT, days, filter_)

    def _of_share(self, statistic: Share, days: Days) -> "_Output":
        filters = [self._filter(statistic.where), self._filter(statistic.among)]
        if any(filter_ & JUDGEMENTS for filter_ in filters):
            raise DefinitionError(f"{self._owner}: a share is of order lines; use a finding rate for findings")
        return _Output("share", [self._count(days, filter_) for filter_ in filters])

    def _of_sum(self, statistic: OfColumn, days: Days) -> "_Output":
        name, filter_ = statistic.column, self._lines(statistic.where)
        source = self._value(name)
        rows = [self._accumulator(SUM, days, filter_, source)]
        if statistic.kind in {"std", "zscore"}:
            rows.append(self._accumulator(SQUARE, days, filter_, source))
        return _Output(statistic.kind, rows, self._columns[name], numbers=(SCALES.get(name, 1.0), 0.0))

    _of_mean = _of_std = _of_ratio = _of_zscore = _of_sum

    def _of_min(self, statistic: OfColumn, days: Days) -> "_Output":
        name, filter_ = statistic.column, self._lines(statistic.where)
        if days is None:
            raise DefinitionError(f"{self._owner}: a {statistic.kind} needs a window in days; all time is not kept")
        source = self._value(name)
        rows = [self._accumulator(LEAST if statistic.kind == "min" else MOST, days, filter_, source)]
        return _Output(statistic.kind, rows, source=source, numbers=(SCALES.get(name, 1.0), 0.0))

    _of_max = _of_min

    def _of_distinct(self, statistic: Distinct, days: Days) -> "_Output":
        name, filter_ = statistic.column, self._filter(statistic.where)
        return _Output("distinct", [self._distinct(name, days, filter_)])

    def _of_variety(self, statistic: Variety, days: Days) -> "_Output":
        filter_ = self._lines(statistic.where)
        return _Output("variety", [self._distinct(statistic.column, days, filter_), self._count(days, filter_)])

    def _of_since_first(self, _: Statistic, days: Days) -> "_Output":
        if days is not None:
            raise DefinitionError(f"{self._owner}: the time since the first speaks of all time; leave its windows out")
        return _Output("since_first", [])

    def _of_since_last(self, statistic: SinceLast, days: Days) -> "_Output":
        filter_ = self._filter(statistic.where)
        if days is None and filter_ & JUDGEMENTS:
            raise DefinitionError(f"{self._owner}: times of findings need a window in days; all time is not kept")
        return _Output("since_last", [self._accumulator(LAST, ALL, filter_)], width=days)

    def _of_burst(self, statistic: Burst, days: Days) -> "_Output":
        filter_, usual = self._lines(statistic.where), statistic.usual
        if days is None or days >= usual:
            raise DefinitionError(f"{self._owner}: a burst needs a window shorter than the {usual} days of the usual")
        rows = [self._count(days, filter_), self._count(usual, filter_)]
        return _Output("burst", rows, numbers=(float(usual), float(days)))

    def _of_gap(self, statistic: Gap, days: Days) -> "_Output":
        filter_ = self._lines(statistic.where)
        if days is None:
            raise DefinitionError(f"{self._owner}: a gap needs a window in days")
        return _Output("gap", [self._accumulator(LAST, ALL, filter_), self._count(days, filter_)], width=days)

    def _of_finding_rate(self, statistic: FindingRate, days: Days) -> "_Output":
        if statistic.clock != "known_at":
            raise DefinitionError(f"{self._owner}: a finding counts from when it was known; the clock is 'known_at'")
        diverted, decided = FILTERS["diverted"], FILTERS["diverted"] | FILTERS["cleared"]
        numbers = (statistic.prior, statistic.weight)
        return _Output("finding_rate", [self._orders(days, diverted), self._orders(days, decided)], numbers=numbers)


class _Output(NamedTuple):
    """A feature: the accumulators that it reads, and what its formula needs besides."""

    kind: str
    reads: list[tuple[int, int, int, int]]
    column: int = -1
    source: int = -1
    width: Days = None
    numbers: tuple[float, float] = (1.0, 0.0)


def compile_plan(features: FeatureSet, names: tuple[str, ...] | None = None) -> Plan:
    """The plan of a feature set, for rows with all columns or with those of these names.

    Raises `DefinitionError` for what cannot be computed.
    """
    named = {name: index for index, name in enumerate(names or columns(features.attributes))}
    views = [_View(view, named) for view in features.views]
    widths = sorted({days for view in views for days in view.windows})
    accumulators = [view.accumulators() for view in views]
    most = max([len(view.windows) for view in views] + [1])
    width = _ints([days * DAY for days in widths])
    return Plan(
        line_kind=_ints([LINES[line.kind] for line in features.lines]),
        line_column=_ints([_line(line, named) for line in features.lines]).reshape(-1, 4),
        line_scale=np.array([line.scale for line in features.lines], np.float64),
        views=_views(views),
        window=_ints([_padded([widths.index(days) for days in view.windows], most) for view in views]).reshape(
            -1, most
        ),
        accumulators_of=_starts(views, accumulators, most),
        accumulator=_ints([row for rows in accumulators for row in rows]).reshape(-1, 5),
        channel=_ints([row for view in views for row in _channels(view)]).reshape(-1, 4),
        value_column=_ints([column for view in views for column in view.values]),
        kept=_ints(sorted({column for view in views for column in view.kept()} - {named["order"]})),
        output=_ints([row for view in views for row in _outputs(view)]).reshape(-1, 5),
        output_number=np.array([o.numbers for view in views for o in view.outputs], np.float64).reshape(-1, 2),
        quotient=_ints([_quotient(each, features) for each in features.quotients]).reshape(-1, 2),
        template=_ints([word for index, view in enumerate(views) for word in _template(index, view)]),
        width=width,
        flags_column=named["flags"],
        order_column=named["order"],
        orders_once=sum(row[0] == ORDERS_ONCE for rows in accumulators for row in rows),
        horizon=max(int(width.max(initial=0)), LEAST_HORIZON),
    )


def _quotient(quotient: Quotient, features: FeatureSet) -> tuple[int, int]:
    known = {name: index for name, index in features.column.items() if index < features.column[quotient.name]}
    for name in (quotient.of, quotient.to):
        if name not in known:
            raise DefinitionError(f"quotient {quotient.name!r}: no feature {name!r} stands before it")
    return known[quotient.of], known[quotient.to]


def _views(views: list[_View]) -> Ints:
    rows, at = [], [0] * 5
    for view in views:
        sizes = [len(view.values), view.words, len(view.channels), len(view.accumulators()), len(view.outputs)]
        value, template, channel, accumulator, output = at
        at = [start + size for start, size in zip(at, sizes, strict=True)]
        shape = [view.words, view.stride, len(view.values), value, len(view.windows), template]
        first = any(each.kind == "since_first" for each in view.outputs)
        rows.append([*view.key, *shape, channel, at[2], accumulator, at[3], output, at[4], first, view.listens_to()])
    return _ints(rows).reshape(-1, 17)


def _starts(views: list[_View], accumulators: list[list[tuple[int, int, int, int, int]]], most: int) -> Ints:
    starts = np.zeros((len(views), most + 2), np.int64)
    first = 0
    for index, rows in enumerate(accumulators):
        windows = [row[1] for row in rows]
        starts[index] = first + np.searchsorted(windows, np.arange(-1, most + 1))
        first += len(rows)
    return starts


def _channels(view: _View) -> Iterator[list[int]]:
    for number, ((column, filter_), (widest,)) in enumerate(view.channels.items()):
        yield [column, filter_, 1 + len(view.values) + 3 * number, widest]


def _outputs(view: _View) -> Iterator[list[int]]:
    offsets = {row[:4]: row[4] for row in view.accumulators()}
    for output in view.outputs:
        reads = [offsets[row] for row in output.reads] + ([output.source] if output.source >= 0 else [])
        yield [
            OUTPUTS[output.kind],
            *_padded(reads, 2),
            output.column,
            -1 if output.width is None else output.width * DAY,
        ]


def _template(index: int, view: _View) -> list[int]:
    block = [0] * view.words
    block[VIEW_OF], block[LOG], block[FIRST_TIME], block[FIRST] = index, -1, NULL, -1
    block[HEADER + 1 : HEADER + 2 * len(view.windows) : 2] = [NOBODY] * len(view.windows)
    for kind, _, _, _, offset in view.accumulators():
        block[offset] = _AT_FIRST.get(kind, 0)
    return block


def _line(line: LineFeature, named: dict[str, int]) -> list[int]:
    needed = {"direct": 1, "over": 2, "same": 2, "age": 1, "active": 2, "distance": 4, "plane": 4, "flag": 1}[line.kind]
    if len(line.columns) != needed:
        raise DefinitionError(f"feature {line.name!r}: {line.kind!r} needs {needed} columns, not {len(line.columns)}")
    known = FILTERS if line.kind == "flag" else named
    for name in line.columns:
        if name not in known:
            kind = "filter" if line.kind == "flag" else "column"
            raise DefinitionError(f"feature {line.name!r}: no {kind} {name!r}; the {kind}s are {', '.join(known)}")
    return _padded([known[name] for name in line.columns], 4)


def _padded(values: Iterable[int], length: int) -> list[int]:
    values = list(values)
    return values + [-1] * (length - len(values))


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)
