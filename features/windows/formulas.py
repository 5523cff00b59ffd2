"""From exact integers to features: one fixed formula each, in float64, the same in every driver."""

import math

import numpy as np
from numba import njit

from features.measures import DAY
from features.windows import wide
from features.windows.columns import NULL
from features.windows.plan import FIRST_TIME, LINES, OUTPUTS

_DIRECT, _OVER, _SAME, _AGE, _ACTIVE, _DISTANCE, _FLAG = (LINES[kind] for kind in LINES)
(_COUNT, _SUM, _MEAN, _STD, _RATIO, _ZSCORE, _DISTINCT, _SHARE, _SINCE_FIRST, _SINCE_LAST, _RATE) = (
    OUTPUTS[kind] for kind in OUTPUTS
)
EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG, R1 of GRS 80)."""

_DAY = float(DAY)
_RADIANS = math.pi / 180.0 / 1e6


@njit(cache=True, inline="always")
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
    return _great_circle(a * _RADIANS, b * _RADIANS, c * _RADIANS, d * _RADIANS)


@njit(cache=True, inline="always")
def _great_circle(latitude, longitude, other_latitude, other_longitude):  # type: ignore[no-untyped-def]
    """Kilometres on the sphere by the haversine formula."""
    north = math.sin((other_latitude - latitude) / 2.0)
    east = math.sin((other_longitude - longitude) / 2.0)
    chord = north * north + math.cos(latitude) * math.cos(other_latitude) * east * east
    return 2.0 * EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


@njit(cache=True, inline="always")
def view_features(plan, view, block, row, t, out):  # type: ignore[no-untyped-def]
    """Write the features of one view, from the accumulators in `block`, into `out`."""
    first = plan.line_kind.size
    for index in range(plan.view_output[view], plan.view_output[view + 1]):
        out[first + index] = _view_feature(plan, index, block, row, t)


@njit(cache=True, inline="always")
def _view_feature(plan, index, block, row, t):  # type: ignore[no-untyped-def]
    kind = plan.output_kind[index]
    at, more = plan.output_offset[index, 0], plan.output_offset[index, 1]
    number, weight = plan.output_number[index, 0], plan.output_number[index, 1]
    if kind == _COUNT or kind == _DISTINCT:
        return float(block[at])
    if kind == _SHARE:
        return block[at] / block[more] if block[more] > 0 else math.nan
    if kind == _RATE:
        return (block[at] + number * weight) / (block[more] + weight)
    if kind == _SINCE_FIRST:
        return math.nan if block[FIRST_TIME] == NULL else (t - block[FIRST_TIME]) / _DAY
    if kind == _SINCE_LAST:
        return math.nan if block[at] == NULL else (t - block[at]) / _DAY
    if kind == _SUM:
        return block[at + 1] / number
    if block[at] == 0:
        return math.nan
    return _of_mean(plan, index, block, row)


@njit(cache=True, inline="always")
def _of_mean(plan, index, block, row):  # type: ignore[no-untyped-def]
    kind = plan.output_kind[index]
    at, more, scale = plan.output_offset[index, 0], plan.output_offset[index, 1], plan.output_number[index, 0]
    count, total = block[at], block[at + 1]
    mean = total / count
    if kind == _MEAN:
        return mean / scale
    value = row[plan.output_column[index]]
    if kind == _RATIO:
        return value / mean if total > 0 and value != NULL else math.nan
    if count < 2:
        return math.nan
    between = wide.spread(count, total, np.uint64(block[more]), np.uint64(block[more + 1]))
    deviation = math.sqrt(between / (float(count) * float(count - 1)))
    if kind == _STD:
        return deviation / scale
    return (value - mean) / deviation if deviation > 0.0 and value != NULL else math.nan
