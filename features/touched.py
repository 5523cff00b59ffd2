"""Which order lines a new notice can touch at all: those that share an entity with what it adds or takes away.

A vector is made of the entities that a line names: its reseller, its category in a region, and so on. An award is an
event of such entities too, for the views that count what it is. A line that shares none of those with it has the same
vector with the notice and without it, to the last bit, and need not be asked about.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.evidence import Linking, Notice
from features.facts.awards import Awards
from features.facts.book import in_time
from features.facts.encode import encode
from features.facts.reference import Reference
from features.location.policy import load_regions
from features.record import Record
from features.record.columns import LINE_COLUMNS
from features.trade import Product, Reseller
from features.windows.codes import Codes
from features.windows.columns import NULL, columns
from features.windows.feature_set import FeatureSet
from features.windows.plan import KEY_WIDTH, LISTENS_TO, compile_plan

Ints = NDArray[np.int64]


def touched(
    record: Record, features: FeatureSet, lines: pa.Table, notices: Collection[str], after: int
) -> NDArray[np.bool_]:
    """Which lines, (n_lines,), can see what came of these notices after a position of the record.

    `lines` have the columns of `Record.lines`, `t` being the moment at which they are asked about.
    """
    reference = Reference(Codes(), load_regions(), record.currency)
    for entry in record.entries((Reseller, Product)):
        reference.learn(entry.event)
    rows = encode({name: lines[name] for name in LINE_COLUMNS}, reference, features.attributes)
    awards, flags = _awards(record, reference, columns(features.attributes), notices, after)
    found = np.zeros(len(lines), bool)
    for view in compile_plan(features).views:
        key = view[:KEY_WIDTH][view[:KEY_WIDTH] >= 0]
        heard = awards[(flags & view[LISTENS_TO]) != 0][:, key]
        found |= _among(rows[:, key], heard[(heard != NULL).all(axis=1)])
    return found


def _awards(
    record: Record, reference: Reference, names: tuple[str, ...], notices: Collection[str], after: int
) -> tuple[Ints, Ints]:
    """Rows, (n, columns), and filters, (n,), of the awards that came or went after the position.

    Neither confirmed links nor sell-through reports are looked up. Without them there are more of these events than the
    engine has, of the same entities.
    """
    awards, rows = Awards(reference, names), list[Ints]()
    numbers, flags = list[int](), list[int]()

    def kept(row: Ints) -> int:
        rows.append(row)
        return len(rows) - 1

    for entry in in_time(record.about((Notice, Linking), notices)):
        for _, _, _, number, *_, passes in awards.steps(entry, kept, lambda _: None):
            if entry.position > after:
                numbers.append(number)
                flags.append(passes)
    return np.array(rows, np.int64).reshape(-1, len(names))[numbers], np.array(flags, np.int64)


def _among(rows: Ints, wanted: Ints) -> NDArray[np.bool_]:
    """Which rows, (n_rows, k), stand among those wanted, (n_wanted, k)."""
    whole = np.dtype([("", np.int64)] * rows.shape[1])
    first, second = (np.ascontiguousarray(each).view(whole).ravel() for each in (rows, wanted))
    return np.isin(first, second)
