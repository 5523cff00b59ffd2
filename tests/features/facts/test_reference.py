"""What was known of resellers and products strictly before a moment."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts.reference import Reference
from features.measures import Money
from features.trade import Place, Product, Reseller, Site
from features.windows.codes import Codes
from features.windows.columns import NULL
from features.windows.versions import Versions
from tests.factory import T0, product, reseller


def known(fact: str, t: int, *events: Reseller | Product) -> int | str | None:
    """A fact of the reseller r1 or the product kit at t; codes as the texts that they stand for."""
    reference = Reference(Codes(), (), "USD")
    for event in events:
        reference.learn(event)
    when = np.array([t])
    facts = reference.reseller_facts(np.array([reference.codes.code("reseller", "r1")]), when)
    facts |= reference.product_facts(np.array([reference.codes.code("sku", "kit")]), when)
    number = int(facts[fact][0])
    vocabulary = {"site_country": "country", "category": "category", "category_top": "category"}.get(fact)
    if number == NULL:
        return None
    return number if vocabulary is None else reference.codes.texts()[vocabulary][number]


def sites(*places: tuple[str, int | None, int | None], kind: str = "registered") -> tuple[Site, ...]:
    """Sites from (country, valid_from, valid_to)."""
    return tuple(Site(Place(country), kind, since, until) for country, since, until in places)


def test_what_becomes_known_at_a_moment_is_not_known_at_it() -> None:
    """Strictly before t, a microsecond is enough."""
    assert known("site_country", T0, reseller(at=T0)) is None
    assert known("site_country", T0 + 1, reseller(at=T0)) == "US"


def test_a_stranger_is_missing() -> None:
    """A reseller that the record does not know has no facts, also where others are known."""
    assert known("site_country", T0 + 1, reseller("r0", at=T0), reseller("r2", at=T0)) is None


def test_a_later_version_replaces_an_earlier_one_whole() -> None:
    """A field that the later version leaves out is missing again."""
    versions = reseller(at=T0, founded_at=5), reseller(at=T0 + 10, country="DE")
    assert [known("founded_at", T0 + after, *versions) for after in (10, 11)] == [5, None]
    assert [known("site_country", T0 + after, *versions) for after in (10, 11)] == ["US", "DE"]


@pytest.mark.parametrize(("first", "second"), [("US", "DE"), ("DE", "US")])
def test_of_two_versions_known_at_one_instant_the_last_one_holds(first: str, second: str) -> None:
    """As it stands in the record, not as it sorts."""
    assert known("site_country", T0 + 1, reseller(country=first), reseller(country=second)) == second


def test_a_move_known_ahead_takes_effect_on_its_day() -> None:
    """`valid_from` is the first moment of the new site, `valid_to` the first without the old one."""
    moving = reseller(at=T0, sites=sites(("US", None, T0 + 50), ("DE", T0 + 50, T0 + 80)))
    seen = [known("site_country", T0 + after, moving) for after in (1, 49, 50, 79, 80)]
    assert seen == ["US", "US", "DE", "DE", None]


def test_a_later_version_replaces_a_move_that_was_foreseen() -> None:
    """The move was called off before its day: it never takes effect."""
    moving = reseller(at=T0, sites=sites(("US", None, T0 + 50), ("DE", T0 + 50, None)))
    staying = reseller(at=T0 + 20, country="US")
    assert [known("site_country", T0 + after, moving, staying) for after in (20, 50, 51, 999)] == ["US"] * 4


def test_only_registered_sites_tell_where_a_reseller_sits() -> None:
    """A warehouse abroad is not its home; of two registered sites the one named last is."""
    assert known("site_country", T0 + 1, reseller(sites=sites(("KZ", None, None), kind="warehouse"))) is None
    assert known("site_country", T0 + 1, reseller(sites=sites(("US", None, None), ("DE", None, None)))) == "DE"


def test_degrees_are_kept_as_millionths() -> None:
    """Exact integers, and missing where there are none."""
    here = reseller(sites=(Site(Place("CH", latitude=46.94809, longitude=-7.4474412)),))
    assert [known(name, T0 + 1, here) for name in ("site_latitude", "site_longitude")] == [46_948_090, -7_447_441]
    assert known("site_latitude", T0 + 1, reseller()) is None


def test_authorised_periods_are_facts_of_a_version() -> None:
    """An end that nobody named is missing: the authorisation goes on."""
    authorised = reseller(authorised_from=T0 - 9)
    assert known("authorised_from", T0 + 1, authorised) == T0 - 9
    assert known("authorised_to", T0 + 1, authorised) is None


def test_products_are_known_as_of_the_moment() -> None:
    """Category with its top, sensitivity and list price, each by version."""
    kits = (
        product(at=T0, sensitivity=1, list_price=Money(500, "USD")),
        product(at=T0 + 9, category="kit", sensitivity=3),
    )
    names = ("category", "category_top", "sensitivity", "list_price")
    assert [known(name, T0 + 9, *kits) for name in names] == ["sequencing/kit", "sequencing", 1, 500]
    assert [known(name, T0 + 10, *kits) for name in names] == ["kit", "kit", 3, None]


def test_a_list_price_in_another_currency_is_missing() -> None:
    """It does not compare, and is not converted in silence."""
    assert known("list_price", T0 + 1, product(list_price=Money(500, "EUR"))) is None


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 99)), max_size=20), st.integers(0, 10))
def test_versions_equal_a_plain_search(added: list[tuple[int, int, int]], t: int) -> None:
    """The newest of what was known before t, of two at one instant the last; in whatever order they came."""
    versions = Versions(1)
    for code, known_at, fact in added:
        versions.add(code, known_at, [fact])
    for code in range(3):
        before = sorted((k, number, f) for number, (c, k, f) in enumerate(added) if c == code and k < t)
        expected = before[-1][2] if before else NULL
        assert versions.as_of(np.array([code]), np.array([t]))[0, 0] == expected
