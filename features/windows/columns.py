"""The columns of an encoded order line, all int64, and the filters that an event may pass.

Identifiers and names are codes (see `codes`), money is minor units of the record's currency, quantities are
thousandths, degrees are millionths, spots on a plane are metres, times are microseconds UTC. `NULL` marks what is
missing.
"""

import numpy as np

NULL = int(np.iinfo(np.int64).min)
"""Missing, in an int64 column."""

FILTERS = {
    "lines": 1 << 0,
    "orders": 1 << 1,
    "sensitive": 1 << 2,
    "restricted": 1 << 3,
    "abroad": 1 << 4,
    "stock": 1 << 5,
    "undeclared": 1 << 6,
    "via_hubs": 1 << 7,
    "outside_territory": 1 << 8,
    "vaguely_addressed": 1 << 9,
    "to_bordering_regions": 1 << 10,
    "awards": 1 << 11,
    "security_awards": 1 << 12,
    "restricted_awards": 1 << 13,
    "linked_awards": 1 << 14,
    "unexplained_awards": 1 << 15,
    "diverted": 1 << 16,
    "cleared": 1 << 17,
    "inconclusive": 1 << 18,
    "exceeding_awards": 1 << 19,
    "direct_awards": 1 << 20,
    "bundled_awards": 1 << 21,
    "unnamed_awards": 1 << 22,
    "unreported_awards": 1 << 23,
    "declared": 1 << 24,
    "use_undeclared": 1 << 25,
    "to_own_site": 1 << 26,
}
"""Bits of an event. ``orders`` is set on the first line of an order. Those of findings and of awards are no lines."""

JUDGEMENTS = FILTERS["diverted"] | FILTERS["cleared"] | FILTERS["inconclusive"]
"""The bits of findings. Over all time an order counts once for each of them, however many of its lines were judged."""

CODED = {
    "order": "order",
    "reseller": "reseller",
    "sku": "sku",
    "category": "category",
    "category_top": "category",
    "category_2": "category",
    "hs_chapter": "hs",
    "hs4": "hs",
    "hs6": "hs",
    "eccn": "eccn",
    "eccn_group": "eccn",
    "end_user": "end_user",
    "end_user_class": "end_user_class",
    "declared_use": "declared_use",
    "ship_country": "country",
    "ship_region": "region",
    "ship_prefecture": "prefecture",
    "ship_city": "city",
    "site_country": "country",
    "site_region": "region",
    "site_prefecture": "prefecture",
    "address": "address",
    "phone": "phone",
    "owner": "owner",
    "territory": "territory",
}
"""Columns that hold codes, and the vocabulary of each; columns that share one can be compared."""

NUMBERS = (
    "value",
    "units",
    "grams",
    "millilitres",
    "unit_value",
    "list_price",
    "price_to_list",
    "order_lines",
    "order_value",
    "order_skus",
    "sensitivity",
    "region_sensitivity",
    "site_sensitivity",
    "ship_confidence",
    "ship_hub",
    "in_territory",
    "for_stock",
    "founded_at",
    "authorised_from",
    "authorised_to",
    "ship_latitude",
    "ship_longitude",
    "site_latitude",
    "site_longitude",
    "ship_x",
    "ship_y",
    "site_x",
    "site_y",
    "plane_distance",
    "flags",
)
"""Columns that hold numbers, in the units of this module."""

SCALES = {
    "value": 100.0,
    "unit_value": 100.0,
    "list_price": 100.0,
    "order_value": 100.0,
    "units": 1000.0,
    "grams": 1000.0,
    "millilitres": 1000.0,
    "price_to_list": 1000.0,
    "plane_distance": 1000.0,
}
"""What a column is divided by to read in currency, pieces, grams and millilitres."""

UNITS = {
    "value": "currency",
    "unit_value": "currency",
    "list_price": "currency",
    "order_value": "currency",
    "units": "each",
    "grams": "g",
    "millilitres": "ml",
    "plane_distance": "km",
}
"""What a column reads in after its scale."""

ATTRIBUTE = "attribute."
"""Prefix of a column of one's own: ``attribute.port``."""


def columns(attributes: tuple[str, ...] = ()) -> tuple[str, ...]:
    """All columns in their order, one's own attributes last."""
    return (*NUMBERS, *CODED, *(ATTRIBUTE + name for name in attributes))
