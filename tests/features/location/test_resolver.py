"""From what is said of a place to where it is, and how sure that is."""

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.location import resolver
from features.location.gazetteer import shipped
from features.location.resolver import ALONE, CODE, NEAR, NOTHING, WITHIN, Resolved, Resolver, great_circle_km
from features.trade import Place

RESOLVER = Resolver()


def at(country: str | None = None, region: str | None = None, city: str | None = None, **more: Any) -> Resolved:
    """Where a place is."""
    return RESOLVER.resolve(Place(country, region, city, **more))


def test_the_example_holds() -> None:
    """As the docstring says."""
    assert doctest.testmod(resolver) == (0, 2)


@pytest.mark.parametrize(
    ("place", "confidence"),
    [
        (("CN", "CN-XJ", None), CODE),
        (("CN", "CN-XJ", "Korla"), CODE),
        (("CN", None, "Korla"), WITHIN),
        (("CN", "Xinjiang", None), WITHIN),
        ((None, None, "库尔勒市"), ALONE),
        (("CN", None, None), NOTHING),
        ((None, None, None), NOTHING),
    ],
)
def test_confidence_says_how_the_region_was_found(place: tuple[str | None, ...], confidence: int) -> None:
    """By code, by name within what was declared, by a name alone, or not at all."""
    resolved = at(*place)
    assert resolved.confidence == confidence
    assert resolved.region == ("CN-XJ" if confidence else None)


def test_coordinates_alone_resolve_to_the_nearest_place_within_reach() -> None:
    """Near Korla; far out in the desert there is nothing within 50 km."""
    near = at(latitude=41.7, longitude=86.2)
    assert (near.city, near.region, near.confidence) == ("CN-XJ/Korla", "CN-XJ", NEAR)
    assert at(latitude=39.0, longitude=84.0) == Resolved(latitude=39.0, longitude=84.0)


def test_coordinates_of_a_declared_country_stay_within_it() -> None:
    """A border town is not put across the border; what contradicts the country lowers the confidence."""
    assert at("KZ", latitude=41.7, longitude=86.2).region is None
    assert at("CN", "CN-GD", latitude=41.7, longitude=86.2).confidence == CODE - resolver.CONTRADICTION


def test_what_contradicts_itself_keeps_what_was_declared() -> None:
    """A city of another region or country, coordinates far from the city."""
    for place in (at("CN", "CN-GD", "Korla"), at("DE", "DE-BE", "库尔勒"), at("FR", "CN-XJ")):
        assert place.confidence == CODE - resolver.CONTRADICTION
    assert at("CN", "CN-GD", "Korla").region == "CN-GD"
    assert at("CN", "CN-GD", "Korla").city is None
    far = at("CN", None, "Korla", latitude=23.0, longitude=113.0)
    assert (far.city, far.latitude, far.confidence) == ("CN-XJ/Korla", 23.0, WITHIN - resolver.CONTRADICTION)


def test_a_name_that_two_cities_bear_needs_its_region_or_coordinates() -> None:
    """Suzhou of Jiangsu and Suzhou of Anhui."""
    assert at("CN", None, "Suzhou") == Resolved(country="CN")
    assert at("CN", "CN-AH", "Suzhou").city == "CN-AH/Suzhou"
    assert at("CN", None, "Suzhou", latitude=31.3, longitude=120.6).city == "CN-JS/Suzhou"


def test_chinese_addresses_may_begin_with_their_region() -> None:
    """新疆库尔勒市 is Korla; a prefecture alone is a prefecture."""
    assert at("CN", None, "新疆库尔勒市").city == "CN-XJ/Korla"
    assert at("CN", None, "巴音郭楞蒙古自治州").prefecture == "CN-XJ/Bayingolin"


def test_codes_that_were_given_up_are_read_as_the_present_ones() -> None:
    """CN-65 was Xinjiang until 2017, UK is nobody's ISO code; Hong Kong may be written either way."""
    assert at("CN", "CN-65").region == at("CN", "XJ").region == "CN-XJ"
    assert at("UK").country == "GB"
    assert at("HK", "CN-HK").confidence == at("CN", "CN-HK").confidence == CODE


def test_a_region_that_no_gazetteer_knows_stands_as_written() -> None:
    """Codes are believed, other texts are kept."""
    assert at("BR", "BR-SP") == Resolved("BR", "BR-SP", confidence=CODE)
    assert at("BR", "the south").region == "the south"


text = st.none() | st.sampled_from(["CN-XJ", "Xinjiang", "Korla", "Aksu", "Suzhou", "x", "新疆库尔勒", "", "US-CA"])
degrees = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(st.sampled_from([None, "CN", "US", "UK", "ZZ"]), text, text, degrees)
def test_any_place_resolves_and_keeps_what_was_declared(
    country: str | None, region: str | None, city: str | None, where: tuple[float, float] | None
) -> None:
    """No place fails; codes and coordinates that were given come back; asking twice changes nothing."""
    latitude, longitude = where or (None, None)
    place = Place(country, region, city, latitude, longitude)
    resolved = RESOLVER.resolve(place)
    assert resolved == RESOLVER.resolve(place) == Resolver().resolve(place)
    assert NOTHING <= resolved.confidence <= CODE
    if country in {"CN", "US"}:
        assert resolved.country == country
    if region in {"CN-XJ", "US-CA"}:
        assert resolved.region == region
    if where:
        assert (resolved.latitude, resolved.longitude) == where


@given(st.floats(-89, 89), st.floats(-180, 180))
def test_the_nearest_place_is_the_nearest_of_all(latitude: float, longitude: float) -> None:
    """The cells that are searched leave none out that is within reach, at the poles and at 180 degrees too."""
    cities = [s for s in shipped().spots if s.kind == "city" and s.latitude is not None]
    km = [great_circle_km(latitude, longitude, s.latitude or 0.0, s.longitude or 0.0) for s in cities]
    found = RESOLVER.nearest(latitude, longitude)
    if min(km) > resolver.NEAR_KM:
        assert found is None
    else:
        assert found is not None
        assert great_circle_km(latitude, longitude, found.latitude or 0.0, found.longitude or 0.0) == min(km)
