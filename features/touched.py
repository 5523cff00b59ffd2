"""Which orders a new notice can touch at all: those that share an entity with what it adds or takes away.

A vector is made of the entities that a line names: its reseller, its category in a region, and so on. An award is an
event of such entities too, for the views that count what it is. A line that shares none of those with it has the same
vector with the notice and without it, to the last bit, and need not be asked about.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.evidence import Linking, Notice
from features.facts.awards import Awards
from features.facts.book import Evidence, in_time
from features.facts.reference import Reference
from features.record import Record
from features.record.open_orders import of_parties_or_goods
from features.trade import Product
from features.windows.columns import NULL, columns
from features.windows.feature_set import FeatureSet
from features.windows.plan import KEY_WIDTH, LISTENS_TO, compile_plan

Ints = NDArray[np.int64]
_NARROWED_BY = {"reseller", "category"}


@dataclass(frozen=True)
class Entities:
    """The entities that some notices touch: key columns of a view, and the keys, each in the codes of a reference."""

    keys: Sequence[tuple[Ints, frozenset[tuple[int, ...]]]]

    def reaches(self, rows: Ints) -> bool:
        """Whether any of an order's lines, (n_lines, columns), names one of them."""
        return any(tuple(key) in wanted for names, wanted in self.keys for key in rows[:, names].tolist())


class Arrived:
    """What came of some notices after a position of the record: `entries`, in the order in which they were known."""

    def __init__(self, record: Record, features: FeatureSet, notices: Collection[str], after: int) -> None:
        self._record, self._features, self.after = record, features, after
        self._evidence: list[Evidence] = in_time(record.about((Notice, Linking), notices))
        self.entries = [entry for entry in self._evidence if entry.position > after]

    def entities(self, reference: Reference) -> Entities:
        """The entities that it touches, in the codes of a reference."""
        names = columns(self._features.attributes)
        events = list(self._awards(reference, names))
        found = []
        for view in compile_plan(self._features).views:
            key = view[:KEY_WIDTH][view[:KEY_WIDTH] >= 0]
            heard = frozenset(tuple(row[key].tolist()) for row, flags in events if flags & int(view[LISTENS_TO]))
            known = frozenset(each for each in heard if NULL not in each)
            if known:
                found.append((key, known))
        return Entities(found)

    def near(self, entities: Entities, orders: dict[str, int]) -> list[str]:
        """Ids of those orders, given with their positions, that it may touch, as far as the record tells by itself."""
        names = columns(self._features.attributes)
        if any(not _NARROWED_BY & {names[column] for column in key} for key, _ in entities.keys):
            return sorted(orders)
        events = [entry.event for entry in self._evidence]
        parties = {line.reseller_id for each in events if isinstance(each, Linking) for line in each.lines}
        goods = {line.category for each in events if isinstance(each, Notice) for line in each.lines}
        products = (entry.event for entry in self._record.entries((Product,)))
        skus = {product.sku for product in products if product.category in goods}
        with self._record.reading() as connection:
            return of_parties_or_goods(connection, orders, parties - {None}, goods - {None}, skus)

    def _awards(self, reference: Reference, names: tuple[str, ...]) -> Iterator[tuple[Ints, int]]:
        """Row and filters of each award that came or went.

        Neither confirmed links nor sell-through reports are looked up. Without them there are more of these events than
        the engine has, of the same entities.
        """
        awards, rows = Awards(reference, names), list[Ints]()

        def kept(row: Ints) -> int:
            rows.append(row)
            return len(rows) - 1

        for entry in self._evidence:
            for _, _, _, number, *_, flags in awards.steps(entry, kept, lambda _: None):
                if entry.position > self.after:
                    yield rows[number], flags
