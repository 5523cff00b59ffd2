"""The things of the trade are checked at birth; equal things have equal digests."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.measures import MAX_VALUE, Money, Quantity, Refused
from features.trade import (
    MAX_LINES,
    Order,
    OrderLine,
    Place,
    Reseller,
    Site,
    StatusChange,
    allowed_attribute,
    attributes,
    changed,
    digest,
    identifier,
    territory,
)
from tests.factory import T0, finding, line, order, product, rate, reseller, status

FAR = 10**17
REFUSED = [
    (lambda: Place("cn"), "country: 'cn' is not an ISO 3166-1 code; write two capitals, such as CN"),
    (lambda: Place(latitude=1.0), "latitude: 1.0 stands alone; give latitude and longitude together"),
    (lambda: Place(latitude=91.0, longitude=0.0), "latitude: 91.0 is not within 90 degrees; give decimal degrees"),
    (lambda: Place(latitude=0.0, longitude=float("nan")), "longitude: nan is not within 180 degrees"),
    (lambda: Site(Place("US"), valid_from=FAR), "valid_from: 100000000000000000 is outside 1938..2100; give micro"),
    (lambda: Site(Place("US"), valid_to=-FAR), "valid_to: -100000000000000000 is outside 1938..2100"),
    (lambda: reseller(""), "reseller_id: '' is not an identifier; give 1 to 200 printable characters"),
    (lambda: reseller(at=FAR), "known_at: 100000000000000000 is outside 1938..2100"),
    (lambda: product(" kit"), "sku: ' kit' is not an identifier; give 1 to 200 printable characters"),
    (lambda: product(sensitivity=4), "sensitivity: 4 is not in 0..3; 0 is harmless, 3 most sensitive"),
    (lambda: rate("euro"), "currency: 'euro' is not an ISO 4217 code; write three capitals"),
    (lambda: rate(value="0"), "rate: Decimal('0') is not positive; give record currency per unit of this currency"),
    (lambda: rate(value="NaN"), "rate: Decimal('NaN') is not positive"),
    (lambda: line(value=-1), f"value: -1 is not in 0..{MAX_VALUE} minor units; check the rate and the unit"),
    (lambda: line(end_user_id="a\n"), "end_user_id: 'a\\n' is not an identifier"),
    (lambda: line(attributes=(("b", ""), ("a", ""))), "attributes: ['b', 'a'] are not sorted and unique; use `attrib"),
    (lambda: order(revision=0), "revision: 0 is not positive; count revisions from 1"),
    (lambda: Order("o", "r", ()), f"lines: 0 is not in 1..{MAX_LINES}; split the order"),
    (lambda: order(lines=(line("1"), line("1"))), "line_id: '1' stands twice; number the lines"),
    (lambda: order(at=FAR), "ordered_at: 100000000000000000 is outside 1938..2100"),
    (lambda: StatusChange("o", "lost", T0, T0), "status: 'lost' is not a status; use one of held, proceeded, shipped"),  # type: ignore[arg-type]
    (lambda: replace(status(), happened_at=FAR), "happened_at: 100000000000000000 is outside 1938..2100"),
    (lambda: replace(finding(), outcome="bad"), "outcome: 'bad' is not an outcome; use one of diverted, cleared"),  # type: ignore[arg-type]
    (lambda: finding(order_id=None), "order_id: None and reseller_id: exactly one is needed; name what was judged"),
    (lambda: replace(finding(), reseller_id="r"), "order_id: 'o1' and reseller_id: exactly one is needed"),
    (lambda: finding(confidence=0.0), "confidence: 0.0 is not in (0, 1]; leave it empty where it is unknown"),
    (lambda: finding(propensity=1.5), "propensity: 1.5 is not in (0, 1]; leave it empty where it is unknown"),
]


@pytest.mark.parametrize(("make", "why"), REFUSED, ids=[why.split(";")[0] for _, why in REFUSED])
def test_what_breaks_a_rule_is_refused(make: Callable[[], object], why: str) -> None:
    """The message names the column, the value and the mend."""
    with pytest.raises(Refused, match=re.escape(why)):
        make()


@pytest.mark.parametrize("text", ["a", "ä-17/b", "x" * 200, "新疆"])
def test_identifiers_are_printable_texts(text: str) -> None:
    """In any script, up to 200 characters."""
    identifier("order_id", text)


@pytest.mark.parametrize("text", ["", " ", "a ", "a\tb", "x" * 201, "\ud800"])
def test_other_texts_are_no_identifiers(text: str) -> None:
    """Nothing that two systems would write differently."""
    with pytest.raises(Refused, match="is not an identifier; give 1 to 200"):
        identifier("order_id", text)


PERSONAL = [
    *("ethnicity", "religion", "nationality", "language", "race", "passport_no", "birth_date", "gender"),
    *("native_language", "customer_race", "race_code", "languages", "name_origin", "family_name"),
    *("patient_id", "health_status", "biometrics", "person_name", "contact_name", "surname", "first_name"),
]


@pytest.mark.parametrize("name", PERSONAL)
def test_attributes_that_point_at_persons_are_refused(name: str) -> None:
    """Trade is screened here, not people."""
    with pytest.raises(Refused, match=f"attributes: '{name}' points at persons, not at trade; leave the column out"):
        line(attributes=attributes({name: "x"}))


@pytest.mark.parametrize("name", ["port", "purpose", "species", "incoterm", "trace_no", "healthcare"])
def test_attributes_of_trade_are_allowed(name: str) -> None:
    """Also where a forbidden word hides inside a harmless one."""
    allowed_attribute(name)


@pytest.mark.parametrize("name", ["Port", "1st", "a b", "", "x" * 41, "port-of-entry"])
def test_attributes_have_plain_names(name: str) -> None:
    """They become part of feature names."""
    with pytest.raises(Refused, match="is not a name; use small letters, digits and _, at most 40"):
        allowed_attribute(name)


def test_equal_content_has_an_equal_digest() -> None:
    """Two objects, and the order in which attributes were named, make no difference."""
    first, second = ({"port": "x", "carrier": "y"}, {"carrier": "y", "port": "x"})
    assert digest(order(attributes=attributes(first))) == digest(order(attributes=attributes(second)))


CHANGES: list[dict[str, Any]] = [
    {"reseller": "r2"},
    {"revision": 2},
    {"units": 2},
    {"value": 7},
    {"amount": None},
    {"quantity": Quantity(1000, "g")},
    {"amount": 5, "value": 1000},
    {"ship_to": Place("CN")},
    {"for_stock": False},
    {"attributes": (("port", ""),)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_another_content_has_another_digest(change: dict[str, Any]) -> None:
    """Every field counts; false is not missing."""
    assert digest(order(**change)) != digest(order())


def test_when_an_order_was_known_is_not_its_content() -> None:
    """The record may have set it; for a finding it is what was said."""
    assert digest(replace(order(), known_at=None)) == digest(replace(order(), known_at=T0 + 5))
    assert digest(replace(order(), ordered_at=None)) != digest(order())
    assert digest(finding()) != digest(replace(finding(), known_at=T0 + 5))


texts = st.none() | st.text(max_size=5)


@given(texts, texts, st.none() | st.booleans(), st.integers(0, MAX_VALUE))
def test_a_digest_depends_on_content_alone(use: str | None, kind: str | None, stock: bool | None, minor: int) -> None:
    """Made twice from the same parts, it is the same; texts that swap places are another content."""

    def made(first: str | None, second: str | None) -> str:
        money = Money(minor, "EUR")
        return digest(OrderLine("1", "s", amount=money, declared_use=first, end_user_class=second, for_stock=stock))

    assert made(use, kind) == made(use, kind)
    assert (made(use, kind) == made(kind, use)) == (use == kind)


@given(st.none() | st.integers(0, MAX_VALUE), st.none() | st.text("abc", min_size=1))
def test_a_changed_thing_is_the_one_that_is_made_anew(value: int | None, category: str | None) -> None:
    """Whatever is not named stays; nothing happens to the thing itself."""
    before = line()
    assert changed(before, value=value, category=category) == replace(before, value=value, category=category)
    assert before == line()


def test_a_plane_and_the_globe_do_not_mix() -> None:
    """Degrees or kilometres, each with its partner and within bounds."""
    assert Place(x_km=-12.5, y_km=0.0).x_km == -12.5
    spots: tuple[tuple[dict[str, Any], str], ...] = (
        ({"x_km": 1.0}, "x_km: 1.0 stands alone"),
        ({"x_km": 1.0, "y_km": 2.0, "latitude": 1.0, "longitude": 2.0}, "x_km: 1.0 stands beside degrees"),
        ({"x_km": 1.0, "y_km": 30_000.0}, "y_km: 30000.0 is not within 20000 km"),
    )
    for spot, why in spots:
        with pytest.raises(Refused, match=why):
            Place(**spot)


def test_a_territory_is_codes_in_order() -> None:
    """Of countries and regions; names of countries are for the mapping to read."""
    assert territory(["KZ", "CN-GD", "KZ"]) == ("CN-GD", "KZ")
    with pytest.raises(Refused, match="territory: 'China' is not an ISO 3166 code"):
        Reseller("r1", 0, territory=("China",))
    with pytest.raises(Refused, match="is not sorted and unique"):
        Reseller("r1", 0, territory=("KZ", "CN"))


def test_a_digest_stays_what_it_was_before_there_were_more_fields() -> None:
    """As the first records hold it: fields that came later are left out while they are empty, and counted when not."""
    place = Place("CN", "CN-XJ", "Korla", 41.7, 86.1)
    known = Reseller("r1", 1_700_000_000_000_000, "Harbour Labs", (Site(place),), "a1", 5, 6, 7)
    assert digest(known) == "b1db183ab0169ee21b1b961059e3616d06551c7baab5f4582a9a247d68e066ad"
    placed = Order("o1", "r1", (OrderLine("1", "kit", ship_to=Place("KZ")),), known_at=1)
    assert digest(placed) == "87a480083adde0f7948f928779e87ff2853c6aafcbdfda62b77efbf8b4e0d843"
    changed = [replace(known, phone_id="p"), replace(known, owner_id="o"), replace(known, territory=("KZ",))]
    assert len({digest(each) for each in (known, *changed)}) == 4
    assert digest(Place(x_km=0.0, y_km=0.0)) != digest(Place())
