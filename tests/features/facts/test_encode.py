"""What an order line says itself, as integers."""

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts.encode import encode
from features.facts.few import encode_order
from features.facts.lines import SCHEMA, tabulate
from features.facts.reference import Policies, Reference
from features.goods.policy import GoodsRule
from features.location.policy import RegionRule
from features.measures import Money, Quantity
from features.record.ledger import Entry
from features.trade import Order, Place, Product, Reseller, Site, attributes
from features.windows.codes import Codes
from features.windows.columns import CODED, FILTERS, NULL, columns
from tests.factory import T0, line, order, product, reseller

RULES = (RegionRule("CN-XJ", 3, 0, "a notice"),)
PORT = ("port",)
GOODS = ("category_2", "hs_chapter", "hs4", "hs6", "eccn", "eccn_group")


def reference(*learned: Reseller | Product) -> Reference:
    """What is known before T0."""
    known = Reference(Codes(), RULES, "USD")
    for event in learned:
        known.learn(event)
    return known


def rows(placed: Order, *learned: Reseller | Product, names: tuple[str, ...] = ()) -> list[dict[str, int | None]]:
    """The encoded lines of an order by column, None where missing."""
    made = encode(tabulate([Entry(1, T0, placed)]), reference(*learned), names)
    return [dict(zip(columns(names), (None if v == NULL else int(v) for v in row), strict=True)) for row in made]


def one(*learned: Reseller | Product, **fields: Any) -> dict[str, int | None]:
    """The encoded line of an order of one line."""
    return rows(order(**fields), *learned)[0]


def sited(place: Place) -> Reseller:
    """A reseller, known before T0, at a place."""
    return reseller(at=T0 - 1, sites=(Site(place),))


def passed(row: dict[str, int | None]) -> set[str]:
    """The filters that a line passes."""
    flags = row["flags"] or 0
    return {name for name, bit in FILTERS.items() if flags & bit}


def test_a_quantity_goes_to_the_column_of_its_unit() -> None:
    """Pieces, grams and millilitres never add up to each other."""
    amounts = {"each": "units", "g": "grams", "ml": "millilitres"}
    for unit, column in amounts.items():
        row = one(quantity=Quantity.of(2, unit))
        assert {name: row[name] for name in amounts.values()} == {**dict.fromkeys(amounts.values()), column: 2000}


def test_a_unit_price_is_rounded_half_up_to_minor_units() -> None:
    """In integers: 5 cents over 2 pieces are 3 cents."""
    assert one(value=5, quantity=Quantity.of(2))["unit_value"] == 3
    assert one(value=100, quantity=Quantity.of(3))["unit_value"] == 33
    assert one(value=10**11, quantity=Quantity(1, "each"))["unit_value"] == 10**14


def test_a_unit_price_needs_a_value_and_pieces() -> None:
    """No price without an amount, of nothing, or by weight."""
    assert one(value=None, quantity=Quantity.of(2))["unit_value"] is None
    assert one(value=5, quantity=Quantity.of(0))["unit_value"] is None
    assert one(value=5, quantity=Quantity.of(2, "kg"))["unit_value"] is None


def test_an_order_tells_its_lines_value_and_products_on_each_line() -> None:
    """The whole order as submitted; a line without a value adds nothing."""
    parts = (line("1", sku="a", value=300), line("2", sku="b", value=None), line("3", sku="a", value=50))
    for row in rows(order(lines=parts)):
        assert (row["order_lines"], row["order_value"], row["order_skus"]) == (3, 350, 2)


def test_an_order_without_any_value_has_none() -> None:
    """Missing is not zero."""
    assert one(value=None)["order_value"] is None


def test_only_the_first_line_counts_as_an_order() -> None:
    """So that counting orders counts each once."""
    first, second = rows(order(lines=(line("1"), line("2"))))
    assert "orders" in passed(first)
    assert "orders" not in passed(second)


def test_sensitive_goods_begin_at_level_two() -> None:
    """What is graded 1, or not at all, is not sensitive."""
    graded = [passed(one(product(at=T0 - 1, sensitivity=level))) for level in (None, 0, 1, 2, 3)]
    assert ["sensitive" in flags for flags in graded] == [False, False, False, True, True]


def test_restricted_is_a_region_of_level_two_or_more() -> None:
    """A vague place is not called restricted."""
    assert "restricted" in passed(one(ship_to=Place("CN", "CN-XJ")))
    assert "restricted" not in passed(one(ship_to=Place("CN", "CN-GD")))
    assert "restricted" not in passed(one(ship_to=Place("CN")))


def test_abroad_needs_both_countries() -> None:
    """Where either is unknown, nothing is said."""
    home, nowhere = reseller(at=T0 - 1, country="US"), reseller(at=T0 - 1, country=None)
    assert "abroad" in passed(one(home, ship_to=Place("KZ")))
    assert "abroad" not in passed(one(home, ship_to=Place("US")))
    assert "abroad" not in passed(one(home))
    assert "abroad" not in passed(one(nowhere, ship_to=Place("KZ")))


def test_stock_and_undeclared_are_what_the_line_says() -> None:
    """For stock only where it says so; undeclared where no end user is named."""
    assert passed(one(for_stock=True, end_user_id="u")) == {"lines", "orders", "stock", "declared", "use_undeclared"}
    assert passed(one(declared_use="resale", end_user_id="u")) == {"lines", "orders", "declared"}
    assert passed(one()) == {"lines", "orders", "undeclared", "use_undeclared"}


def test_own_site_needs_coordinates_of_the_ship_to() -> None:
    """Within a hundredth of a degree both ways; a city that is named is not the reseller's door."""
    here = sited(Place("CH", city="Bern", latitude=46.9, longitude=7.4))
    for latitude, longitude, near in ((46.9, 7.4, True), (46.91, 7.39, True), (46.910001, 7.4, False)):
        goes = passed(one(here, ship_to=Place("CH", latitude=latitude, longitude=longitude)))
        assert ("to_own_site" in goes) is near
    assert "to_own_site" not in passed(one(sited(Place("CH", city="Bern")), ship_to=Place("CH", city="Bern")))
    assert "to_own_site" not in passed(one(sited(Place()), ship_to=Place("CH", latitude=0.0, longitude=0.0)))


def test_own_site_on_a_plane_is_within_a_kilometre() -> None:
    """In whole metres."""
    here = sited(Place(x_km=3.0, y_km=4.0))
    assert "to_own_site" in passed(one(here, ship_to=Place(x_km=3.0, y_km=5.1)))
    assert "to_own_site" not in passed(one(here, ship_to=Place(x_km=3.0, y_km=5.101)))


def test_a_price_over_the_list_is_in_thousandths_and_capped() -> None:
    """Rounded half up; missing where either price is; a thousand times the list price is an error of units."""
    listed = product(at=T0 - 1, list_price=Money(300, "USD"))
    ratios = [one(listed, value=value, quantity=Quantity.of(1))["price_to_list"] for value in (450, 10**9, None)]
    assert ratios == [1_500, 1_000_000, None]
    assert one(value=450, quantity=Quantity.of(1))["price_to_list"] is None
    free = product(at=T0 - 1, list_price=Money(0, "USD"))
    assert one(free, value=450, quantity=Quantity.of(1))["price_to_list"] is None


def test_a_category_on_the_line_goes_before_that_of_the_product() -> None:
    """Each line for itself; where it names none, the product's holds."""
    parts = (line("1", category="kits/dna"), line("2"))
    known = reference(product(at=T0 - 1, category="sequencing/kit"))
    made = encode(tabulate([Entry(1, T0, order(lines=parts))]), known, ())
    texts = known.codes.texts()["category"]
    names = [[texts[row[columns().index(name)]] for name in ("category", "category_top")] for row in made]
    assert names == [["kits/dna", "kits"], ["sequencing/kit", "sequencing"]]


def test_reference_facts_are_as_of_the_moment_of_the_line() -> None:
    """What became known at T0 is not known at it."""
    late = product(at=T0, sensitivity=3), reseller(at=T0)
    early = product(at=T0 - 1, sensitivity=3), reseller(at=T0 - 1)
    assert [one(*late)[name] for name in ("sensitivity", "site_country")] == [None, None]
    assert None not in [one(*early)[name] for name in ("sensitivity", "site_country")]


def test_attributes_are_columns_of_their_own() -> None:
    """A name that the line lacks is missing; names that nobody asked for are left out."""
    parts = (
        line("1", attributes=attributes({"port": "Basel", "purpose": "T"})),
        line("2", attributes=attributes({"port": "Bern"})),
        line("3"),
    )
    encoded = rows(order(lines=parts), names=PORT)
    assert [row["attribute.port"] for row in encoded] == [0, 1, None]
    assert "attribute.purpose" not in encoded[0]


def test_what_is_missing_stays_missing() -> None:
    """A line that says nothing but its product has no other facts, not even zeros."""
    row = one(quantity=None, amount=None, value=None)
    said = {name for name, number in row.items() if number is not None}
    assert said == {"reseller", "sku", "order_lines", "order_skus", "flags"}


def test_degrees_become_millionths() -> None:
    """South and west are negative."""
    row = one(ship_to=Place("CL", latitude=-33.45, longitude=-70.6666667))
    assert (row["ship_latitude"], row["ship_longitude"]) == (-33_450_000, -70_666_667)


def test_one_city_has_one_code_however_it_is_written() -> None:
    """In Latin letters or Chinese; what the gazetteer does not know goes by its text."""
    known = reference()
    cities = [
        Place("CN", city="Korla"),
        Place("CN", "CN-XJ", "库尔勒市"),
        Place("CN", city="Kuerle"),
        Place("CN", city="k"),
    ]
    parts = tuple(line(str(number), ship_to=place) for number, place in enumerate(cities))
    made = encode(tabulate([Entry(1, T0, order(lines=parts))]), known, ())
    texts = known.codes.texts()["city"]
    assert [texts[row[columns().index("ship_city")]] for row in made] == ["CN-XJ/Korla"] * 3 + ["k"]


def test_what_a_place_leaves_open_is_filled_in() -> None:
    """Region, prefecture and degrees of the city that is named, so that policy on regions reaches it."""
    row = one(ship_to=Place("CN", city="和田"))
    assert (row["ship_latitude"], row["ship_longitude"], row["ship_confidence"]) == (37_109_300, 79_934_300, 3)
    assert row["region_sensitivity"] == 3
    assert row["ship_prefecture"] is not None


def test_a_hub_is_not_home_and_holds_by_date() -> None:
    """Goods that a Singapore reseller sends to Singapore go through no hub."""
    away = reseller(at=T0 - 1, country="CN")
    assert "via_hubs" in passed(one(away, ship_to=Place("SG")))
    assert "via_hubs" in passed(one(ship_to=Place("SG")))
    assert "via_hubs" not in passed(one(reseller(at=T0 - 1, country="SG"), ship_to=Place("SG")))
    assert one(reseller(at=T0 - 1, country="SG"), ship_to=Place("SG"))["ship_hub"] == 1
    assert [one(ship_to=place)["ship_hub"] for place in (Place("CN"), None)] == [0, None]


def test_a_territory_is_breached_only_where_that_is_certain() -> None:
    """Nothing agreed, no ship-to, or a country whose regions are agreed one by one: nothing is said."""
    agreed = reseller(at=T0 - 1, territory=("CN-GD", "KZ"))
    places = [Place("KZ"), Place("CN", "CN-GD"), Place("CN", city="广州"), Place("CN", "CN-XJ"), Place("DE")]
    assert [one(agreed, ship_to=place)["in_territory"] for place in places] == [1, 1, 1, 0, 0]
    assert [one(agreed, ship_to=place)["in_territory"] for place in (Place("CN"), None)] == [None, None]
    assert one(reseller(at=T0 - 1), ship_to=Place("DE"))["in_territory"] is None
    assert "outside_territory" in passed(one(agreed, ship_to=Place("DE")))


def test_a_vague_place_is_a_country_alone() -> None:
    """A city that no gazetteer knows is a place; no ship-to at all is missing, not vague."""
    vague = [Place("CN"), Place("CN", city="x"), Place("CN", "CN-GD"), Place(latitude=1.0, longitude=2.0), None]
    assert ["vaguely_addressed" in passed(one(ship_to=place)) for place in vague] == [True, False, False, False, False]


def test_spots_on_a_plane_have_their_distance() -> None:
    """In whole metres; nothing where one of the two lies elsewhere."""
    here = reseller(at=T0 - 1, sites=(Site(Place(x_km=1.0, y_km=-2.0)),))
    assert one(here, ship_to=Place(x_km=4.0, y_km=2.0))["plane_distance"] == 5_000
    assert one(here, ship_to=Place(latitude=4.0, longitude=2.0))["plane_distance"] is None


def test_goods_are_graded_by_their_register_else_by_policy() -> None:
    """A grade of the product's own stands, be it lower; a category on the line has policies of its own."""
    listed = {"eccn": "3A981", "hs_code": "9027.20.50"}
    assert one(product(at=T0 - 1, **listed))["sensitivity"] == 3
    assert one(product(at=T0 - 1, sensitivity=0, **listed))["sensitivity"] == 0
    assert one(product(at=T0 - 1, hs_code="9027.20.50"))["sensitivity"] == 1
    assert one(product(at=T0 - 1))["sensitivity"] is None
    mine = Policies(goods=(GoodsRule("category", "kits", 2, 0, "ours"),))
    known = Reference(Codes(), RULES, "USD", mine)
    made = encode(tabulate([Entry(1, T0, order(category="kits/dna"))]), known, ())
    assert made[0][columns().index("sensitivity")] == 2


def test_codes_of_goods_are_read_at_every_depth() -> None:
    """Codes that cannot be read are missing; HS codes that are not deep enough as well."""
    known = reference(product(at=T0 - 1, category="a/b/c", hs_code="9027.20.50", eccn="3a981.b"))
    (row,) = encode(tabulate([Entry(1, T0, order())]), known, ())
    texts = known.codes.texts()
    said = {name: texts[CODED[name]][row[columns().index(name)]] for name in GOODS}
    assert [*said.values()] == ["a/b", "90", "9027", "902720", "3A981", "3A"]
    vague = one(product(at=T0 - 1, hs_code="9027", eccn="controlled"))
    assert [vague[name] for name in ("hs6", "eccn", "eccn_group")] == [None] * 3
    assert vague["hs4"] is not None


text = st.none() | st.sampled_from(["a", "b/c", "b/d", "ä"])
made_line = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["kit", "s1"]),
        "quantity": st.none() | st.builds(Quantity, st.integers(0, 5000), st.sampled_from(["each", "g", "ml"])),
        "value": st.none() | st.integers(0, 10**11),
        "category": text,
        "end_user_id": st.none() | st.sampled_from(["u1", "u2"]),
        "end_user_class": text,
        "declared_use": text,
        "ship_to": st.none()
        | st.builds(Place, st.sampled_from([None, "CN", "US"]), st.sampled_from([None, "CN-XJ"]), text)
        | st.builds(Place, st.sampled_from(["CN", "KZ", "UK"]), city=st.sampled_from(["Korla", "库尔勒市", "Aksu"]))
        | st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
        | st.builds(Place, latitude=st.floats(1.48, 1.52), longitude=st.floats(2.48, 2.52))
        | st.builds(Place, x_km=st.floats(-1.5, 1.5), y_km=st.floats(-8.5, -5.5))
        | st.builds(Place, st.sampled_from([None, "KZ"]), x_km=st.floats(-2e4, 2e4), y_km=st.floats(-2e4, 2e4)),
        "for_stock": st.none() | st.booleans(),
        "attributes": st.sampled_from([(), (("port", "Bern"),), (("port", "Basel"), ("purpose", "T"))]),
    }
)


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(st.lists(made_line, min_size=1, max_size=3), min_size=1, max_size=6),
    st.sampled_from([(), ("CN-XJ", "US"), ("KZ",)]),
    st.sampled_from([Place("US", latitude=1.5, longitude=2.5), Place("CN", city="Hotan"), Place(x_km=0.1, y_km=-7.0)]),
)
def test_one_order_alone_is_encoded_as_in_a_table(
    made: list[list[dict[str, Any]]], territory: tuple[str, ...], where: Place
) -> None:
    """Arrow columns of many orders, lists of one, and the order itself give the same rows."""
    placed = [
        Entry(n, T0 + n, order(f"o{n}", lines=tuple(line(str(k), **fields) for k, fields in enumerate(lines))))
        for n, lines in enumerate(made)
    ]
    ties: dict[str, Any] = {"territory": territory, "phone_id": "p", "owner_id": None}
    known = reference(
        product(at=T0 + 1, sensitivity=2, list_price=Money(7, "USD")),
        product("s1", at=T0 + 1, hs_code="9027.20.50", eccn="3a981.b"),
        reseller(at=T0 + 2, sites=(Site(where),), authorised_from=T0, **ties),
    )
    table = pa.Table.from_pydict(tabulate(placed), schema=SCHEMA)
    together = encode({name: table[name] for name in table.column_names}, known, PORT)
    alone = np.vstack([encode(tabulate([entry]), known, PORT) for entry in placed])
    asked = np.vstack([encode_order(entry.event, entry.known_at, known, PORT) for entry in placed])
    assert np.array_equal(together, alone)
    assert np.array_equal(together, asked)
