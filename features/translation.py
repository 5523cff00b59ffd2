"""What drivers other than batch and online share: lines, and all that speaks of earlier lines, as the engine's steps.

Lines can be encoded a block at a time. Only the orders that something speaks of (a finding, a cancellation, a later
revision) have to be known together; they are few.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.book import Book
from features.facts.encode import Ints
from features.record.columns import LINE_COLUMNS
from features.trade import MAX_LINES, Status
from features.vector import Vectorizer, confirmed_in
from features.windows.codes import numbers
from features.windows.feature_set import FeatureSet
from features.windows.kernel import APPEND, READ
from features.windows.steps import Steps


class Translation(Vectorizer):
    """Encodes blocks of lines and translates what speaks of them, with one vocabulary for all.

    `others` holds findings, statuses, resellers and products; its own lines are not looked at.
    """

    def __init__(self, features: FeatureSet, others: Book) -> None:
        super().__init__(features, others.currency)
        self._others = others
        self.flags_column = self._columns.index("flags")
        for reseller in others.resellers:
            self._reference.learn(reseller.event)
        for product in others.products:
            self._reference.learn(product.event)

    def encode(self, lines: pa.Table) -> Ints:
        """Rows of shape (n_lines, columns). Orders need no vocabulary: their number is a position."""
        columns = {name: lines[name] for name in LINE_COLUMNS}
        columns["order_id"] = pa.chunked_array([pa.nulls(lines.num_rows, pa.string())])
        return self._encode(columns)

    def rare(self, spoken_of: pa.Table) -> tuple[Steps, Ints]:
        """Steps of all that speaks of other lines, in the order of time, and a row for each.

        `spoken_of` holds all revisions of the orders of `ids_spoken_of`, in the order of position and line.
        """
        rows = self.encode(spoken_of)
        found, more = self._rare(replace(self._others, lines=spoken_of), rows)
        steps = Steps.of(found).in_time()
        every = np.vstack([rows, *more])
        return replace(steps, row=np.arange(steps.t.size)), every[steps.row]


def ids_spoken_of(others: Book) -> set[str]:
    """Orders that a finding or a cancellation speaks of; those with a second revision are spoken of too."""
    judged = {entry.event.order_id for entry in others.findings if entry.event.order_id}
    judged |= confirmed_in(others)
    return judged | {entry.event.order_id for entry in others.statuses if entry.event.status is Status.CANCELLED}


def first_positions(spoken_of: pa.Table) -> pa.Table:
    """The number of each revised order: `order_id` and `position`, that of its first revision."""
    first = spoken_of.group_by("order_id").aggregate([("position", "min")])
    return first.rename_columns({"order_id": "order_id", "position_min": "position"})


def order_numbers(lines: pa.Table, first: pa.Table) -> Ints:
    """The number of each line's order, of shape (n_lines,): the position of its first revision."""
    position = numbers(lines["position"])
    again = np.flatnonzero(numbers(lines["revision"]) > 1)
    if not again.size:
        return position
    at = pa.compute.index_in(lines["order_id"].take(pa.array(again)).combine_chunks(), first["order_id"])
    known = at.is_valid().to_numpy(zero_copy_only=False)
    position = position.copy()
    position[again[known]] = numbers(first["position"])[at.drop_null().to_numpy()]
    return position


def appended(lines: pa.Table, order: Ints, flags: Ints) -> Steps:
    """A step for each line: append it at its moment."""
    t, position = numbers(lines["t"]), numbers(lines["position"])
    item = position * MAX_LINES + numbers(lines["line_no"])
    return Steps(np.full_like(t, APPEND), t, position, np.arange(t.size), order, item, t, flags)


def asked(appends: Steps, wanted: NDArray[np.bool_]) -> Steps:
    """A step for each wanted line: read its vector into the next row, before it is appended."""
    reads = replace(appends, operation=np.full_like(appends.t, READ), item=np.cumsum(wanted) - 1)
    return reads.where(wanted)
