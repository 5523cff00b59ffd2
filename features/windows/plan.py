"""From definitions to the integer arrays that the kernel walks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY
from features.windows.columns import FILTERS, JUDGEMENTS, SCALES, columns
from features.windows.feature_set import FeatureSet
from features.windows.view import ALL, Days, LineFeature, Statistic, View

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

KEY_WIDTH = 4
"""Entity keys: the view, and codes of at most three columns."""

LEAST_HORIZON = 365 * DAY
"""Events are kept this long even where no window needs them: a later revision of an order must find its lines."""

MAX_VIEWS = 62
"""Views of one plan: each has a bit in the mask of an event."""

PENDING, NEWEST, FIRST_TIME, FIRST, HEADER = range(5)
"""Words at the head of an entity's block: the first event not yet visible, the newest event, time and number of the
first line; then, from `HEADER` on, the oldest event of each window, then the accumulators."""

COUNT, SUM, SQUARE, DISTINCT, LAST, ORDERS_ONCE = range(6)
ACCUMULATORS = {
    "count": (COUNT, 1),
    "sum": (SUM, 2),
    "square": (SQUARE, 2),
    "distinct": (DISTINCT, 1),
    "last": (LAST, 1),
    "orders": (ORDERS_ONCE, 1),
}
"""Kinds of accumulators: code and words. A sum is (how many had the column, total), a square (high, low)."""

OUTPUTS = {
    kind: code
    for code, kind in enumerate(
        (
            "count",
            "sum",
            "mean",
            "std",
            "ratio",
            "zscore",
            "distinct",
            "share",
            "since_first",
            "since_last",
            "finding_rate",
        )
    )
}
LINES = {kind: code for code, kind in enumerate(("direct", "over", "same", "age", "active", "distance", "flag"))}


class DefinitionError(ValueError):
    """A definition that the engine cannot compute; the text says which and why."""


class Plan(NamedTuple):
    """Everything that the kernel needs to know of a feature set.

    Arrays of views have a row a view, of accumulators a row an accumulator, of outputs a row a feature.
    """

    line_kind: Ints  # (lines,)
    line_column: Ints  # (lines, 4)
    line_scale: Floats  # (lines,)
    view_key: Ints  # (views, 3): columns of the key, -1 where unused
    view_block: Ints  # (views,): words of an entity's block
    view_window: Ints  # (views, most windows): microseconds, -1 where unused
    view_accumulator: Ints  # (views + 1,): first accumulator of each view
    view_output: Ints  # (views + 1,): first output of each view
    orders_once: int  # accumulators that remember orders
    accumulator: Ints  # (accumulators, 5): kind, window or -1, filter, value column or channel, offset in the block
    channel_view: Ints  # (channels,)
    channel_column: Ints  # (channels,)
    channel_widest: Ints  # (channels,): index of its widest window
    value_column: Ints  # (values,): columns of the line that events keep
    output_kind: Ints  # (outputs,)
    output_offset: Ints  # (outputs, 3): offsets of its accumulators in the block
    output_column: Ints  # (outputs,): column of the line, or -1
    output_number: Floats  # (outputs, 2): scale or prior, weight
    flags_column: int
    horizon: int  # how long events are held, microseconds


class _View:
    """Accumulators of one view, each made once however many features read it."""

    def __init__(self, view: View, compiler: "_Compiler") -> None:
        self.compiler = compiler
        self.index = len(compiler.views)
        spans = {days for statistic in view.features for days in statistic.windows if days is not None}
        self.windows = sorted(spans)
        self.words = HEADER + len(self.windows)
        self.rows: dict[tuple[int, ...], int] = {}

    def accumulator(self, kind: str, days: Days, filter_: int, column: int = -1) -> int:
        code, words = ACCUMULATORS[kind]
        window = -1 if days is None else self.windows.index(days)
        row = (code, window, filter_, column)
        if row not in self.rows:
            self.rows[row] = self.words
            self.words += words
        return self.rows[row]


class _Compiler:
    def __init__(self, features: FeatureSet) -> None:
        self.columns = {name: index for index, name in enumerate(columns(features.attributes))}
        self.views: list[_View] = []
        self.keys: list[list[int]] = []
        self.values: list[int] = []
        self.channels: list[tuple[int, int]] = []
        self.outputs: list[tuple[int, list[int], int, tuple[float, float]]] = []
        self.starts: list[int] = [0]
        for view in features.views:
            self._view(view)

    def column(self, name: str, owner: str) -> int:
        if name not in self.columns:
            raise DefinitionError(f"{owner}: no column {name!r}; the columns are {', '.join(self.columns)}")
        return self.columns[name]

    def value(self, name: str, owner: str) -> int:
        column = self.column(name, owner)
        if column not in self.values:
            self.values.append(column)
        return self.values.index(column)

    def channel(self, view: int, name: str, owner: str) -> int:
        row = (view, self.column(name, owner))
        if row not in self.channels:
            self.channels.append(row)
        return self.channels.index(row)

    def _view(self, view: View) -> None:
        if not 1 <= len(view.key) <= KEY_WIDTH - 1:
            raise DefinitionError(f"view {view.entity!r}: a key has 1 to {KEY_WIDTH - 1} columns, not {len(view.key)}")
        compiled = _View(view, self)
        key = [self.column(name, f"view {view.entity!r}") for name in view.key]
        self.keys.append(key + [-1] * (KEY_WIDTH - 1 - len(key)))
        for statistic in view.features:
            for days in statistic.windows:
                self.outputs.append(self._output(compiled, statistic, days, f"view {view.entity!r}"))
        self.views.append(compiled)
        self.starts.append(len(self.outputs))

    def _output(
        self, view: _View, statistic: Statistic, days: Days, owner: str
    ) -> tuple[int, list[int], int, tuple[float, float]]:
        kind = statistic.kind
        offsets, column, numbers = [-1, -1, -1], -1, (1.0, 0.0)
        if kind in {"count", "share", "since_last"}:
            bit = _filter(statistic.where, owner)  # type: ignore[attr-defined]
            once = days is None and bit & JUDGEMENTS
            if kind == "since_last" and bit & JUDGEMENTS:
                raise DefinitionError(f"{owner}: times of findings are not kept; use a count or a finding rate")
            offsets[0] = view.accumulator("last" if kind == "since_last" else "orders" if once else "count", days, bit)
            if kind == "share":
                offsets[1] = view.accumulator("count", days, _filter(statistic.among, owner))  # type: ignore[attr-defined]
        elif kind in {"sum", "mean", "std", "ratio", "zscore"}:
            name = statistic.column  # type: ignore[attr-defined]
            stored = self.value(name, owner)
            column, numbers = self.columns[name], (SCALES.get(name, 1.0), 0.0)
            offsets[0] = view.accumulator("sum", days, FILTERS["lines"], stored)
            if kind in {"std", "zscore"}:
                offsets[1] = view.accumulator("square", days, FILTERS["lines"], stored)
        elif kind == "distinct":
            if days is ALL:
                raise DefinitionError(f"{owner}: distinct values need a window in days; all time is not kept")
            channel = self.channel(view.index, statistic.column, owner)  # type: ignore[attr-defined]
            offsets[0] = view.accumulator("distinct", days, FILTERS["lines"], channel)
        elif kind == "finding_rate":
            if days is not None:
                raise DefinitionError(f"{owner}: a finding rate speaks of all time; leave its windows out")
            offsets[0] = view.accumulator("orders", days, FILTERS["diverted"])
            offsets[1] = view.accumulator("orders", days, FILTERS["diverted"] | FILTERS["cleared"])
            numbers = (statistic.prior, statistic.weight)  # type: ignore[attr-defined]
        return OUTPUTS[kind], offsets, column, numbers


def _filter(name: str, owner: str) -> int:
    if name not in FILTERS:
        raise DefinitionError(f"{owner}: no filter {name!r}; the filters are {', '.join(FILTERS)}")
    return FILTERS[name]


def _line(line: LineFeature, known: dict[str, int]) -> list[int]:
    if line.kind == "flag":
        return [_filter(line.columns[0], f"feature {line.name!r}"), -1, -1, -1]
    for name in line.columns:
        if name not in known:
            raise DefinitionError(f"feature {line.name!r}: no column {name!r}; the columns are {', '.join(known)}")
    return ([known[name] for name in line.columns] + [-1] * 4)[:4]


def compile_plan(features: FeatureSet) -> Plan:
    """The plan of a feature set. Raises `DefinitionError` naming the definition that cannot be computed."""
    if len(features.views) > MAX_VIEWS:
        raise DefinitionError(f"{len(features.views)} views are more than {MAX_VIEWS}; merge or drop some")
    compiler = _Compiler(features)
    views = compiler.views
    most = max([len(view.windows) for view in views] + [1])
    windows = np.full((len(views), most), -1, np.int64)
    for index, view in enumerate(views):
        windows[index, : len(view.windows)] = [days * DAY for days in view.windows]
    accumulators = [(*row, offset) for view in views for row, offset in view.rows.items()]
    widest = [
        max(row[1] for row in views[view].rows if row[0] == DISTINCT and row[3] == channel)
        for channel, (view, _) in enumerate(compiler.channels)
    ]
    lines = [_line(line, compiler.columns) for line in features.lines]
    return Plan(
        line_kind=_ints([LINES[line.kind] for line in features.lines]),
        line_column=_ints(lines).reshape(-1, 4),
        line_scale=np.array([line.scale for line in features.lines], np.float64),
        view_key=_ints(compiler.keys).reshape(-1, KEY_WIDTH - 1),
        view_block=_ints([view.words for view in views]),
        view_window=windows,
        view_accumulator=np.cumsum(_ints([0] + [len(view.rows) for view in views])),
        view_output=_ints(compiler.starts),
        orders_once=sum(row[0] == ORDERS_ONCE for row in accumulators),
        accumulator=_ints(accumulators).reshape(-1, 5),
        channel_view=_ints([view for view, _ in compiler.channels]),
        channel_column=_ints([column for _, column in compiler.channels]),
        channel_widest=_ints(widest),
        value_column=_ints(compiler.values),
        output_kind=_ints([kind for kind, _, _, _ in compiler.outputs]),
        output_offset=_ints([offsets for _, offsets, _, _ in compiler.outputs]).reshape(-1, 3),
        output_column=_ints([column for _, _, column, _ in compiler.outputs]),
        output_number=np.array([numbers for *_, numbers in compiler.outputs], np.float64).reshape(-1, 2),
        flags_column=compiler.columns["flags"],
        horizon=max(int(windows.max(initial=0)), LEAST_HORIZON),
    )


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)
