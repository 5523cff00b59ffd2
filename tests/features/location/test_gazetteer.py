"""What the gazetteer that ships holds."""

import doctest

import pytest

from features.location import gazetteer
from features.location.gazetteer import Gazetteer, Spot, country_code, shipped


def found(kind: str, name: str, country: str | None = None) -> list[str]:
    """Codes of what bears a name."""
    return [spot.code for spot in shipped().by_name(kind, name, country)]


def test_the_examples_hold() -> None:
    """As the docstrings say."""
    assert doctest.testmod(gazetteer) == (0, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Türkiye", "TR"), ("turkey", "TR"), ("HK SAR", "HK"), ("中国", "CN"), ("United States of America", "US")],
)
def test_countries_go_by_many_names(text: str, code: str) -> None:
    """In English, in Chinese, and as people write them."""
    assert country_code(text) == code


def test_two_letters_are_a_code_whatever_else_they_may_mean() -> None:
    """NA is Namibia; a code that ISO does not know stays for the resolver to read."""
    assert [country_code(text) for text in ("NA", "na", "UK")] == ["NA", "NA", "UK"]
    assert shipped().by_code("country", "NA").name == "Namibia"  # type: ignore[union-attr]


def test_a_name_of_several_countries_is_none_of_them() -> None:
    """Congo is two; the text comes back in capitals, for the record to refuse."""
    assert country_code("Congo") == "CONGO"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("CN-XJ/Korla", ("Korla", "Kuerle", "库尔勒", "库尔勒市")),
        ("CN-XJ/Hotan", ("Hotan", "Khotan", "Hetian", "和田", "Gujangbagh")),
        ("CN-XJ/Yining", ("Yining", "Ghulja", "伊宁")),
        ("CN-XJ/Kashgar", ("Kashgar", "Kashi", "喀什", "喀什市")),
        ("CN-XJ/Urumqi", ("Urumqi", "Ürümqi", "Wulumuqi", "乌鲁木齐", "烏魯木齊")),
    ],
)
def test_one_city_has_one_code_in_every_spelling(code: str, names: tuple[str, ...]) -> None:
    """Latin, pinyin, Uyghur in Latin letters, Chinese."""
    assert {tuple(found("city", name, "CN")) for name in names} == {(code,)}


@pytest.mark.parametrize("name", ["Aksu", "Altay", "Aral", "Hami"])
def test_names_that_other_countries_bear_need_their_country(name: str) -> None:
    """Places in Kazakhstan, Türkiye, Mongolia and elsewhere are written alike."""
    assert found("city", name) == []
    assert found("city", name, "CN") == [f"CN-XJ/{name}"]
    assert found("city", name, "TR") == []


def test_all_regions_of_china_are_there_with_their_iso_codes() -> None:
    """34 of them, each under its Chinese name; GeoNames' own numbers play no part."""
    codes = {spot.code for spot in shipped().spots if spot.kind == "region" and spot.country == "CN"}
    assert len(codes) == 34
    assert found("region", "新疆维吾尔自治区") == ["CN-XJ"]
    assert found("region", "西藏") == found("region", "Xizang") == ["CN-XZ"]


def test_every_city_lies_where_its_region_is() -> None:
    """Xinjiang and Tibet are west of 97 and 99.5 degrees east; codes are unique and begin with their country."""
    spots = shipped().spots
    east = {"CN-XJ": 97.0, "CN-XZ": 99.5}
    assert all(s.longitude < east[s.region] for s in spots if s.region in east and s.longitude is not None)
    assert len({(spot.kind, spot.code) for spot in spots}) == len(spots)
    assert all(spot.code.startswith(spot.country) for spot in spots)
    assert all(spot.prefecture for spot in spots if spot.kind == "city" and spot.country == "CN")


def test_a_lookup_never_chooses() -> None:
    """Two that bear a name are both given, and without a country none."""
    twins = [Spot("city", code, code[:2], None, None, "Twin", None, None) for code in ("AA/Twin", "BB/Twin")]
    both = Gazetteer(twins)
    assert both.by_name("city", "twin") == []
    assert both.by_name("city", "twin", "AA") == twins[:1]
