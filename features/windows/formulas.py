"""From exact integers to features: one fixed formula each, in float64, the same in every driver."""

import math

import numpy as np

from features.measures import DAY
from features.windows import wide
from features.windows.columns import NULL
from features.windows.compiled import inlined
from features.windows.plan import (
    CAPACITY,
    FIRST_TIME,
    LINES,
    LOG,
    OUTPUTS,
    OUTPUTS_FROM,
    OUTPUTS_TO,
    STRIDE,
)  # fmt: skip

_DIRECT, _OVER, _SAME, _AGE, _ACTIVE, _DISTANCE, _PLANE, _FLAG = (LINES[kind] for kind in LINES)
(
    _COUNT, _SUM, _MEAN, _STD, _MIN, _MAX, _RATIO, _ZSCORE, _DISTINCT, _SHARE, _SINCE_FIRST, _SINCE_LAST, _BURST, _GAP,
    _RATE, _VARIETY,
) = (OUTPUTS[kind] for kind in OUTPUTS)  # fmt: skip
EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG, R1 of GRS 80)."""

_DAY = float(DAY)
_RADIANS = math.pi / 180.0 / 1e6


@inlined
def line_feature(plan, index, row, t):  # type: ignore[no-untyped-def]
    """One feature of the order line alone; see `LineFeature` for the formulas."""
    kind = plan.line_kind[index]
    first, second = plan.line_column[index, 0], plan.line_column[index, 1]
    if kind == _FLAG:
        return 1.0 if row[plan.flags_column] & first else 0.0
    a = row[first]
    if a == NULL:
        return math.nan
    if kind == _DIRECT:
        return a * plan.line_scale[index]
    if kind == _AGE:
        return (t - a) / _DAY
    b = row[second]
    if kind == _ACTIVE:
        return 1.0 if a <= t and (b == NULL or t < b) else 0.0
    if b == NULL:
        return math.nan
    if kind == _SAME:
        return 1.0 if a == b else 0.0
    if kind == _OVER:
        return a / b * plan.line_scale[index] if b != 0 else math.nan
    c, d = row[plan.line_column[index, 2]], row[plan.line_column[index, 3]]
    if c == NULL or d == NULL:
        return math.nan
    if kind == _PLANE:
        return math.sqrt(float(a - c) ** 2 + float(b - d) ** 2) * plan.line_scale[index]
    return _great_circle(a * _RADIANS, b * _RADIANS, c * _RADIANS, d * _RADIANS)


@inlined
def _great_circle(latitude, longitude, other_latitude, other_longitude):  # type: ignore[no-untyped-def]
    """Kilometres on the sphere by the haversine formula."""
    north = math.sin((other_latitude - latitude) / 2.0)
    east = math.sin((other_longitude - longitude) / 2.0)
    chord = north * north + math.cos(latitude) * math.cos(other_latitude) * east * east
    return 2.0 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


@inlined
def view_features(plan, view, memory, block, arena, row, t, out):  # type: ignore[no-untyped-def]
    """Write the features of one view, from the words at `block` of `memory` and its log in the arena, into `out`."""
    first = len(plan.line_kind)
    for index in range(plan.views[view, OUTPUTS_FROM], plan.views[view, OUTPUTS_TO]):
        out[first + index] = _view_feature(plan, view, index, memory, block, arena, row, t)


@inlined
def quotients(plan, out):  # type: ignore[no-untyped-def]
    """Write the quotients of a vector, (n_features,), of which all else stands."""
    first = len(plan.line_kind) + len(plan.output)
    for index in range(len(plan.quotient)):
        a, b = out[plan.quotient[index, 0]], out[plan.quotient[index, 1]]
        out[first + index] = a / b if b != 0.0 else math.nan


@inlined
def _view_feature(plan, view, index, memory, block, arena, row, t):  # type: ignore[no-untyped-def]
    kind = plan.output[index, 0]
    at, more = block + plan.output[index, 1], block + plan.output[index, 2]
    number, weight = plan.output_number[index, 0], plan.output_number[index, 1]
    if kind == _COUNT or kind == _DISTINCT:
        return float(memory[at])
    if kind == _SHARE or kind == _VARIETY:
        return memory[at] / memory[more] if memory[more] > 0 else math.nan
    if kind == _RATE:
        return (memory[at] + number * weight) / (memory[more] + weight)
    if kind == _BURST:
        return memory[at] * number / (memory[more] * weight) if memory[more] > 0 else math.nan
    if kind == _SINCE_FIRST:
        first = memory[block + FIRST_TIME]
        return math.nan if first == NULL else (t - first) / _DAY
    if kind == _SINCE_LAST or kind == _GAP:
        return _of_last(plan, index, memory, at, more, t)
    if kind == _SUM:
        return memory[at + 1] / number
    if kind == _MIN or kind == _MAX:
        if memory[at] < 0:
            return math.nan
        log, mask = memory[block + LOG], memory[block + CAPACITY] - 1
        return arena[log + (memory[at] & mask) * plan.views[view, STRIDE] + plan.output[index, 2]] / number
    if memory[at] == 0:
        return math.nan
    return _of_mean(plan, index, memory, at, more, row)


@inlined
def _of_last(plan, index, memory, at, more, t):  # type: ignore[no-untyped-def]
    last, width = memory[at], plan.output[index, 4]
    if last == NULL or (width >= 0 and last < t - width):
        return math.nan
    if plan.output[index, 0] == _GAP:
        return (t - last) * memory[more] / float(width) if memory[more] > 0 else math.nan
    return (t - last) / _DAY


@inlined
def _of_mean(plan, index, memory, at, more, row):  # type: ignore[no-untyped-def]
    kind, scale = plan.output[index, 0], plan.output_number[index, 0]
    count, total = memory[at], memory[at + 1]
    mean = total / count
    if kind == _MEAN:
        return mean / scale
    value = row[plan.output[index, 3]]
    if kind == _RATIO:
        return value / mean if total > 0 and value != NULL else math.nan
    if count < 2:
        return math.nan
    between = wide.spread(count, total, np.uint64(memory[more]), np.uint64(memory[more + 1]))
    deviation = math.sqrt(between / (float(count) * float(count - 1)))
    if kind == _STD:
        return deviation / scale
    return (value - mean) / deviation if deviation > 0.0 and value != NULL else math.nan
