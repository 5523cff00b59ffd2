"""A batch of orders as columns, with the sealed truth beside what was submitted."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from training.simulator.draws import Bools, Ints, Keys
from training.simulator.products import Catalogue

MOST_LINES = 6

NO_AMOUNT = -1
"""A line's price where the amount is left blank: it is in the price of the order's first line."""


@dataclass(slots=True)
class Orders:
    """Orders by row. Arrays (n_orders,), those of lines (n_orders, 6), of which the first `lines` count.

    `key` names the order for further draws; `end_user` is -1 where none is named; `kind` and `use` are positions in
    `CLASSES` and `USES`; `price` is relative to the list price, in thousandths. `typology` numbers the story of a
    diverted order and `twin` that of its honest look-alike, from 1; 0 is neither. `line_diverted` says which lines went
    to another buyer than the declared one.
    """

    key: Keys
    at: Ints
    reseller: Ints
    end_user: Ints
    kind: Ints
    use: Ints
    place: Ints
    latitude: Ints
    longitude: Ints
    stock: Bools
    lines: Ints
    product: Ints
    quantity: Ints
    price: Ints
    typology: Ints
    twin: Ints
    line_diverted: Bools

    def __len__(self) -> int:
        return len(self.key)

    @property
    def diverted(self) -> Bools:
        """Orders (n_orders,) of which any line was diverted."""
        return self.typology > 0

    def take(self, rows: "Bools | NDArray[np.intp]") -> "Orders":
        """Some of the orders, copied."""
        return Orders(*(getattr(self, name)[rows] for name in _NAMES))

    def filled(self) -> Bools:
        """Which lines exist, (n_orders, 6)."""
        exists: Bools = np.arange(MOST_LINES) < self.lines[:, None]
        return exists

    def values(self, catalogue: Catalogue) -> Ints:
        """US cents of each line, (n_orders, 6); 0 where there is none or no amount."""
        value = catalogue.list_price[self.product] * self.quantity * np.maximum(self.price, 0) // 1000
        return np.where(self.filled(), value, 0)


_NAMES = tuple(field.name for field in fields(Orders))


def joined(batches: "list[Orders]") -> Orders:
    """Several batches as one."""
    return Orders(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in _NAMES))


def in_time(orders: Orders, end: int) -> "NDArray[np.intp]":
    """The rows of the orders before `end` that have a line, by time; of one moment, by key."""
    rows = np.flatnonzero((orders.lines > 0) & (orders.at < end))
    return rows[np.lexsort((orders.key[rows], orders.at[rows]))]
