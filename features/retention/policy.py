"""Retention as policy: which regime says of an order how many years it is kept, and where that is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from features.goods.eccn import eccn_prefix, read_eccn
from features.goods.hs import read_hs
from features.measures import SECOND, Refused, micros
from features.policy import Table, load
from features.trade import Order, OrderLine, Product

_KEYS = ("regime", "years", "source", "verify", "category", "hs", "eccn", "country", "region")
_MOST_YEARS = 100


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Orders with a line that meets everything named here are kept so many years. `verify` marks law to be verified."""

    regime: str
    years: int
    source: str
    category: str | None = None
    hs: str | None = None
    eccn: str | None = None
    country: str | None = None
    region: str | None = None
    verify: bool = False

    def speaks_of(self, line: OrderLine, product: Product | None) -> bool:
        """Whether a line, of a product as the register knows it last, meets everything that is named."""
        place, category = line.ship_to, line.category or (product.category if product else None)
        number = read_eccn(product.eccn if product else None)
        return (
            (self.category is None or f"{category or ''}/".startswith(f"{self.category}/"))
            and (self.hs is None or (read_hs(product.hs_code if product else None) or "").startswith(self.hs))
            and (self.eccn is None or (number is not None and number.under(self.eccn)))
            and (self.country is None or (place is not None and place.country == self.country))
            and (self.region is None or (place is not None and place.region == self.region))
        )


def load_retention(path: Path | None = None) -> tuple[RetentionRule, ...]:
    """The rules of a policy file, or of the one that ships. Raises `Refused` naming the rule and the key."""
    return load(path, ("features.retention", "data/retention.toml"), "retention", _rule)


def longest(
    rules: Iterable[RetentionRule], revisions: Iterable[Order], products: Mapping[str, Product]
) -> RetentionRule | None:
    """The rule of most years that speaks of any line of any revision of an order; None where none speaks."""
    lines = [(line, products.get(line.sku)) for order in revisions for line in order.lines]
    speaking = [rule for rule in rules if any(rule.speaks_of(*line) for line in lines)]
    return max(speaking, key=lambda rule: rule.years, default=None)


def years_after(moment: int, years: int) -> int:
    """The same day and time so many years later, microseconds UTC; 29 February becomes 1 March.

    >>> from features.measures import instant, iso
    >>> iso(years_after(instant("2024-02-29T00:00:00Z"), 5))
    '2029-03-01T00:00:00Z'
    """
    then = datetime.fromtimestamp(moment // SECOND, UTC)
    try:
        later = then.replace(year=then.year + years)
    except ValueError:
        later = then.replace(year=then.year + years, month=3, day=1)
    return micros(later) + moment % SECOND


def _rule(table: Table) -> RetentionRule:
    table.only(_KEYS)
    years, verify = table.row.get("years"), table.row.get("verify", False)
    if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= _MOST_YEARS:
        raise table.refuse("years", f"is not in 1..{_MOST_YEARS}", "give whole years")
    if not isinstance(verify, bool):
        raise table.refuse("verify", "is not true or false", "write it without quotes")
    named = {key: _text(table, key) for key in ("category", "hs", "eccn", "country", "region") if key in table.row}
    if "eccn" in named and not eccn_prefix(named["eccn"]):
        raise table.refuse("eccn", "is not the beginning of an ECCN", "write it as 3A, 3A981, 1A004.c or EAR99")
    if "hs" in named and not named["hs"].isdigit():
        raise table.refuse("hs", "is not made of digits", "write the first digits of the code, without dots")
    return RetentionRule(_text(table, "regime"), years, _text(table, "source"), **named, verify=verify)


def _text(table: Table, key: str) -> str:
    return table.text(key, r"\S(.*\S)?", "is not a text", f"write the {key} in quotes")


def years_of(rules: tuple[RetentionRule, ...]) -> int:
    """The fewest years of any rule: nothing younger need be looked at. Raises `Refused` where there is no rule."""
    if not rules:
        raise Refused("retention", None, "holds no rule", "write [[retention]] tables: what no rule names is kept")
    return min(rule.years for rule in rules)
