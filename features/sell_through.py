"""What resellers report of the goods that they sold on. Frozen, checked at birth.

>>> from features.measures import DAY, Quantity
>>> SellThrough("r-1", 0, 90 * DAY, Quantity.of(40), known_at=99 * DAY, category="kits/dna").report_id
'r-1 kits/dna dbba8c804621'
"""

import hashlib
from dataclasses import dataclass

from features.measures import Quantity, Refused
from features.trade import identifier, optional_identifier, trade_time

_SHOWN = 90
"""Letters of a reseller and of goods in the id of a report."""


@dataclass(frozen=True, slots=True)
class SellThrough:
    """How much of some goods a reseller says it sold on from `period_from` to `period_to`.

    The goods are a product of ours (`sku`), a category, or both; `end_user_id` is whom they went to, where it says so.
    `known_at` is when it was reported. A report on the same (see `report_id`) that is known later takes its place, and
    a quantity of 0 takes it back.
    """

    reseller_id: str
    period_from: int
    period_to: int
    quantity: Quantity
    known_at: int
    sku: str | None = None
    category: str | None = None
    end_user_id: str | None = None

    def __post_init__(self) -> None:
        identifier("reseller_id", self.reseller_id)
        for column in ("sku", "category", "end_user_id"):
            optional_identifier(column, getattr(self, column))
        if self.sku is None and self.category is None:
            raise Refused("sku", None, "is missing, and category too", "name the product or the category")
        for column in ("period_from", "period_to", "known_at"):
            trade_time(column, getattr(self, column))
        if self.period_from > self.period_to:
            raise Refused("period_to", self.period_to, "lies before period_from", "check both dates")

    @property
    def report_id(self) -> str:
        """What it is a report on: reseller, goods, period and end user, in letters that people read, and a digest."""
        said = (self.reseller_id, self.sku, self.category, self.period_from, self.period_to, self.end_user_id)
        digest = hashlib.sha256(repr(said).encode()).hexdigest()[:12]
        return f"{self.reseller_id[:_SHOWN]} {(self.sku or self.category or '')[:_SHOWN]} {digest}"
