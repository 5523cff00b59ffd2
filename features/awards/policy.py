"""Which buyers goods must not reach: dated policy, which tells whether a confirmed link is a finding of diversion."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.evidence import BUYER_CLASSES, Notice
from features.location.policy import RegionRule, Sensitivity, load_regions
from features.location.resolver import Resolver
from features.policy import Dated, Table, load
from features.windows.codes import Codes
from features.windows.columns import NULL


@dataclass(frozen=True, slots=True)
class ForbiddenBuyer:
    """Buyers of one class in regions of `region_level` or above, while the rule holds."""

    buyer_class: str
    region_level: int
    dated: Dated


def load_forbidden(path: Path | None = None) -> tuple[ForbiddenBuyer, ...]:
    """The rules of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    return load(path, ("features.awards", "data/forbidden_buyers.toml"), "buyer", _rule)


def _rule(table: Table) -> ForbiddenBuyer:
    table.only(("class", "region_level", "valid_from", "valid_to", "source"))
    kind = table.text("class", "|".join(BUYER_CLASSES), "is no class", f"use one of {', '.join(BUYER_CLASSES)}")
    level = table.row.get("region_level")
    if not isinstance(level, int) or isinstance(level, bool) or not 0 <= level <= 3:
        raise table.refuse("region_level", "is not in 0..3", "give the level as a whole number")
    return ForbiddenBuyer(kind, level, Dated(*table.dated()))


class BuyerPolicy:
    """Judges the buyers of notices as of the day of the award."""

    def __init__(
        self, rules: Sequence[ForbiddenBuyer] | None = None, regions: tuple[RegionRule, ...] | None = None
    ) -> None:
        self._rules = load_forbidden() if rules is None else tuple(rules)
        self._codes, self._resolver = Codes(), Resolver()
        self._regions = Sensitivity(load_regions() if regions is None else regions, self._codes)

    def forbids(self, notice: Notice) -> ForbiddenBuyer | None:
        """The rule that forbids the buyer of a notice; None where none does, or its region is not known."""
        level = self.region_level(notice)
        for rule in self._rules:
            if rule.buyer_class == notice.buyer_class and level >= rule.region_level and rule.dated.holds(notice.dated):
                return rule
        return None

    def region_level(self, notice: Notice) -> int:
        """Level 0 to 3 of the buyer's region on the day of the award; below 0 where it is not known."""
        if notice.buyer_place is None:
            return NULL
        there = self._resolver.resolve(notice.buyer_place)
        codes = (self._codes.code("country", there.country), self._codes.code("region", there.region))
        return self._regions.level(*codes, notice.dated)
