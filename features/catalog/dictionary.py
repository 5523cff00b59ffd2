"""The data dictionary, written from the definitions: ``python -m features.catalog.dictionary > docs/data-dictionary.md``."""

import sys
from collections.abc import Iterable, Iterator

from features.catalog.all import catalogue
from features.windows.columns import CODED, FILTERS, NUMBERS
from features.windows.feature_set import FeatureSet
from features.windows.view import ALL, STATISTICS, WORDS, Feature, window_name

PLACEHOLDER = "NAME"
"""Stands for the name of a column of one's own."""

FAMILIES = {
    "transaction": "The order line itself, and how it stands in its order.",
    "reseller": "The reseller: how long we know it, what it usually buys, and what changed.",
    "location": "Where the goods go, seen from where the reseller sits.",
    "category": "The goods: how sensitive, of which category, how usual for this reseller and this use.",
    "findings": "What investigations found before, smoothed by a prior.",
    "end_user": "The declared end user.",
    "network": "Whoever shares an attribute with the reseller.",
    "awards": "Public awards, as of the moment when we knew of them: to the reseller, and of such goods nearby.",
    "attributes": f"Columns of one's own: each of them brings these features, with its own name in place of `{PLACEHOLDER}`.",
}

COLUMNS = {
    "value": "what the line is worth, in minor units of the record's currency",
    "units": "pieces, in thousandths",
    "grams": "weight, in thousandths of a gram",
    "millilitres": "volume, in thousandths of a millilitre",
    "unit_value": "value of a piece, in minor units, rounded half up",
    "list_price": "the product's list price in minor units; missing where it is in another currency",
    "price_to_list": "price of a piece over the list price, in thousandths, at most a thousand times",
    "order_lines": "lines of the order",
    "order_value": "sum of the values of the order's lines, in minor units",
    "order_skus": "different products in the order",
    "sensitivity": "the product's own sensitivity, 0 to 3, else that of dated policy",
    "region_sensitivity": "level of the ship-to region by dated policy, 0 to 3; missing where the place is too vague",
    "site_sensitivity": "level of the region of the reseller's registered site, as for the ship-to",
    "ship_confidence": "how the ship-to was found, 0 to 4 (see features/location); missing where there is none",
    "ship_hub": "1 where the ship-to is a hub of transshipment by dated policy",
    "in_territory": "1 where the ship-to lies in the reseller's territory, 0 where outside; missing where nothing is agreed or the place is too vague",
    "for_stock": "1 where the line is ordered for stock, 0 where it says that it is not",
    "founded_at": "when the reseller was founded, in microseconds UTC",
    "authorised_from": "when its authorisation began, in microseconds UTC",
    "authorised_to": "when its authorisation ended or will end, in microseconds UTC; missing where it has no end",
    "ship_latitude": "ship-to, in millionths of a degree, declared or of the city by the gazetteer",
    "ship_longitude": "ship-to, in millionths of a degree",
    "site_latitude": "the reseller's registered site, in millionths of a degree",
    "site_longitude": "the reseller's registered site, in millionths of a degree",
    "ship_x": "ship-to on a plane, in metres",
    "ship_y": "ship-to on a plane, in metres",
    "site_x": "the reseller's registered site on a plane, in metres",
    "site_y": "the reseller's registered site on a plane, in metres",
    "plane_distance": "from the site to the ship-to on a plane, in metres, rounded down",
    "flags": "the filters that the line passes, one bit each",
    "order": "the order",
    "reseller": "the reseller",
    "sku": "the product",
    "category": "the category named on the line, else the product's",
    "category_top": "the first part of the category's path",
    "category_2": "the first two parts of the category's path",
    "hs_chapter": "chapter of the product's HS code",
    "hs4": "its heading",
    "hs6": "its subheading; missing where the code is not that deep",
    "eccn": "the product's ECCN without its paragraphs, or EAR99",
    "eccn_group": "category and product group of the ECCN, such as 3A",
    "end_user": "the declared end user",
    "end_user_class": "its class",
    "declared_use": "the declared use",
    "ship_country": "country of the ship-to, ISO 3166-1",
    "ship_region": "region of the ship-to, ISO 3166-2, declared or by the gazetteer",
    "ship_prefecture": "prefecture of the ship-to; known in China only",
    "ship_city": "city of the ship-to: the gazetteer's, else its text",
    "site_country": "country of the reseller's registered site",
    "site_region": "region of the reseller's registered site",
    "site_prefecture": "prefecture of the reseller's registered site; known in China only",
    "address": "the reseller's address, as an identifier that others may share",
    "phone": "the reseller's phone, as an identifier that others may share",
    "owner": "the reseller's owner, as an identifier that others may share",
    "territory": "the countries and regions that the reseller may sell to",
}

PASSES = WORDS | {
    "via_hubs": "lines to a hub of transshipment that is not the reseller's country",
    "outside_territory": "lines to a place where the reseller may not sell",
    "vaguely_addressed": "lines of whose ship-to only the country is told",
    "to_bordering_regions": "lines to regions of level 1, which border sensitive ones",
}

SIGNS = {1: "+1", 0: "none", -1: "-1"}

HEAD = """\
# Data dictionary

Written by `python -m features.catalog.dictionary > docs/data-dictionary.md` from the definitions in
`features/catalog`; a test keeps the two equal. {count} features, and {own} more for each column of one's own.

Each feature has a **name** derived from its definition, a **unit**, a **sign** (+1: more can only raise the risk; -1:
more can only lower it; none: the model decides), the **red flag** that it speaks of, and the **sentence** that an
analyst reads as the reason, with the value in place of `{{value}}`.
"""

MISSING = """\
## What missing means

Missing is a value (NaN), never zero and never a guess:

- Nothing seen: counts and sums are 0; means, ratios, shares and days since are missing; a standard deviation and a
  z-score are missing below two values, a z-score also where nothing varied. A finding rate is its prior.
- A key that is missing (no end user declared, no city) names nobody: all features of that view are missing. Two
  blanks are never the same entity.
- A feature of the line alone is missing where any of its columns is, except that an authorisation without an end goes
  on.
- A line without an amount counts as a line, and not in sums and means.
- A missing value escapes a sign: nothing is said of whether a blank is more or less risky than any value.
"""

WINDOWS = """\
## Windows

A line sees what was known strictly before its moment t. A window of W days is `[t - W, t)`, a day is 86,400 seconds;
`all` is everything since the record began. The windows in use are {windows}.

A line sees no event of its own order: not its other lines, not its earlier revisions (those of the last year, or of
the widest window where that is longer), not a finding that judges it, whatever its age. Over all time, an order counts
once among the diverted, cleared or inconclusive, however many of its lines were judged.
"""

NAMES = """\
## How a name is built

Entity, statistic, window: `reseller_orders_count_30d` counts the orders of this reseller in the last 30 days. Days
since something and finding rates of all time have no window in their names. `{only}` is the filter, where a statistic
is not of all lines: `reseller_stock_value_mean_90d`. The statistics are:
"""

HOW_TO = """\
## How to add a feature

Add one row to a table in `features/catalog`: a statistic to a view, such as `Sum("grams", windows=(90,))` to the
reseller's, a new `View` with a key of one to three columns, a `LineFeature` for the line alone, or a `Quotient` that sets
two features against each other. Its name, unit, sentence, reasons and this page follow from the row; batch, service and
training compute it with the same kernel.
A model goes on with the features that it was trained on: train a new one to use the row.
"""

ATTRIBUTES = f"""\
## Columns of one's own

A column that the mapping lists under `[attributes]` is an attribute of the line, `attribute.{PLACEHOLDER}`, and brings
the features of the family *attributes* and two finding rates: of whoever has the same value, and of this reseller with
that value. Names that point at persons are refused.
"""


def dictionary() -> str:
    """The whole page, in Markdown."""
    features = catalogue((PLACEHOLDER,))
    own = sum(PLACEHOLDER in feature.name for feature in features.features)
    parts = [
        HEAD.format(count=len(features.names) - own, own=own),
        *_families(features.features),
        MISSING,
        WINDOWS.format(windows=_windows(features)),
        NAMES + "\n" + _table(_statistics()),
        HOW_TO,
        ATTRIBUTES,
        "## Columns\n\nWhat a definition may read. Codes are compared, never added up.\n\n" + _table(_columns()),
        "## Filters\n\nWhat an event may pass; counts and shares name one.\n\n" + _table(_filters()),
    ]
    return "\n".join(parts)


def _families(features: Iterable[Feature]) -> Iterator[str]:
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        groups.setdefault(feature.family, []).append(feature)
    for family, members in groups.items():
        rows = [("feature", "unit", "sign", "red flag", "sentence"), *map(_row, members)]
        yield f"## {family.replace('_', ' ').capitalize()}\n\n{FAMILIES[family]}\n\n{_table(rows)}"


def _row(feature: Feature) -> tuple[str, ...]:
    return f"`{feature.name}`", feature.unit, SIGNS[feature.sign], feature.red_flag or "", feature.because


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    head, *rest = rows
    lines = [head, ("---",) * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _windows(features: FeatureSet) -> str:
    spans = {days for view in features.views for _, days in view.rows()}
    named = [f"`{window_name(days)}`" for days in sorted(days for days in spans if days is not None)]
    return ", ".join([*named, f"`{window_name(ALL)}`"])


def _statistics() -> Iterator[tuple[str, ...]]:
    yield "statistic", "name", "what it is"
    for kind, statistic in STATISTICS.items():
        says = (statistic.__doc__ or "").split("\n\n", 1)[0].replace("\n", " ")
        yield f"`{kind}`", f"`{statistic.what}`", says


def _columns() -> Iterator[tuple[str, ...]]:
    yield "column", "holds", "what it is"
    for name in (*NUMBERS, *CODED):
        yield f"`{name}`", "a code" if name in CODED else "a number", COLUMNS[name]
    yield f"`attribute.{PLACEHOLDER}`", "a code", "a column of one's own"


def _filters() -> Iterator[tuple[str, ...]]:
    yield "filter", "what passes"
    for name in FILTERS:
        yield f"`{name}`", "the first line of each order" if name == "orders" else PASSES[name]


if __name__ == "__main__":
    sys.stdout.write(dictionary())
