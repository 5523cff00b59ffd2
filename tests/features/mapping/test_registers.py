"""Resellers with their sites, products and rates."""

from decimal import Decimal
from pathlib import Path

from features.exchange import Exchange
from features.mapping import Mapping, Rejected
from features.measures import Money, instant
from features.trade import Order, Place, Product, Rate, Site
from tests.features.mapping.written import NOW, ORDERS, read, written

RESELLERS = """
zone = "UTC"
[reseller]
reseller_id = "id"
known_at = { const = "2020-01-01" }
name = "name"
site = { country = "country", city = "city", kind = "kind" }
"""


def test_rows_of_one_reseller_are_its_sites(tmp_path: Path) -> None:
    """A site stands once; a row without a place adds none."""
    rows = "r1,Acme,CN,Urumqi,branch\nr1,Acme,CN,Urumqi,branch\nr1,Acme,HK,,\nr2,Other,,,\n"
    one, two = read(tmp_path, RESELLERS, resellers="id,name,country,city,kind\n" + rows)
    assert one.sites == (Site(Place("CN", city="Urumqi"), "branch"), Site(Place("HK")))
    assert (two.reseller_id, two.sites, two.known_at) == ("r2", (), instant("2020-01-01T23:59:59.999999Z"))


def test_a_reseller_says_one_thing_at_a_time(tmp_path: Path) -> None:
    """Two names known at the same moment are refused."""
    said = read(tmp_path, RESELLERS, resellers="id,name,country,city,kind\nr1,Acme,CN,,\nr1,Acne,CN,,\n")
    assert [row.row for row in said] == [2, 3]
    assert said[0].why == "its reseller was refused because of row 3"
    assert said[1].why == "says something else of the reseller than row 2, known at the same time"


def test_products_in_the_rows_of_orders_are_taken_once(tmp_path: Path) -> None:
    """And before the orders."""
    mapping = ORDERS + '[product]\nsku = "sku"\nknown_at = { const = "2020-01-01" }\nsensitivity = "level"\n'
    rows = "o1,r,2024-01-01T10:00Z,a,3\no2,r,2024-01-01T10:00Z,a,3\no3,r,2024-01-01T10:00Z,b,4\n"
    said = read(tmp_path, mapping, orders="order,reseller,at,sku,level\n" + rows)
    assert [type(thing) for thing in said] == [Product, Rejected, Order, Order, Order]
    assert (said[1].column, said[1].value, said[1].why) == ("level", "4", "is not in 0..3")


def test_a_list_price_keeps_its_currency(tmp_path: Path) -> None:
    """It is not converted."""
    mapping = '[product]\nsku = "s"\nknown_at = "t"\nlist_price = "p"\ncurrency = { const = "JPY" }\n'
    [product] = read(tmp_path, mapping, products="s,t,p\na,2024-01-01,1200\n")
    assert product.list_price == Money(1200, "JPY")


def test_rates_come_first_whatever_the_files_are_called(tmp_path: Path) -> None:
    """They enter the exchange, and orders are converted with them."""
    mapping = (
        'zone = "UTC"\n[[source]]\nfiles = "a*"\n'
        'order = { order_id = "o", reseller_id = "r", ordered_at = "t" }\n'
        'line = { sku = "s", amount = "a", currency = "c" }\n[[source]]\nfiles = "z*"\n'
        'rate = { currency = "c", rate = "x", valid_from = "t" }\n'
    )
    said = read(tmp_path, mapping, a="o,r,t,s,a,c\no1,r,2024-01-05,s,10,EUR\n", z="c,x,t\nEUR,1.1,2024-01-01\n")
    assert [type(thing) for thing in said] == [Rate, Order]
    assert said[1].lines[0].value == 1100


def test_a_rate_of_nothing_is_refused(tmp_path: Path) -> None:
    """And does not enter the exchange."""
    mapping = '[rate]\ncurrency = "c"\nrate = "x"\nvalid_from = "t"\n'
    exchange = Exchange("USD")
    loaded: Mapping = written(tmp_path, mapping, rates="c,x,t\neur,0,2024-01-01\neur,1.25,2024-01-02\n")
    refused, rate = loaded.read([tmp_path / "rates.csv"], exchange=exchange, now=NOW)
    assert isinstance(refused, Rejected)
    assert (refused.column, refused.why) == ("x", "is not positive")
    assert rate == Rate("EUR", instant("2024-01-02"), Decimal("1.25"), instant("2024-01-02"))
    assert exchange.convert(Money(100, "EUR"), instant("2024-02-01")) == 125


def test_a_currency_is_three_letters(tmp_path: Path) -> None:
    """A name is refused in the column's own name."""
    mapping = '[rate]\ncurrency = "c"\nrate = "x"\nvalid_from = "t"\n'
    [refused] = read(tmp_path, mapping, rates="c,x,t\nEuro,1.1,2024-01-01\n")
    assert (refused.column, refused.value, refused.why) == ("c", "Euro", "is not an ISO 4217 code")


TIES = """
zone = "UTC"
[reseller]
reseller_id = "id"
known_at = { const = "2020-01-01" }
phone_id = "phone"
owner_id = "owner"
territory = "area"
site = { x_km = "x", y_km = "y" }
"""


def test_what_resellers_share_and_where_they_may_sell(tmp_path: Path) -> None:
    """Names of countries become codes, in order; a spot on a plane is a site."""
    said = read(tmp_path, TIES, resellers='id,phone,owner,area,x,y\nr1,p,o,"KZ, China;CN-GD",1.5,-2\nr2,,,,,\n')
    assert [(one.phone_id, one.owner_id, one.territory) for one in said] == [
        ("p", "o", ("CN", "CN-GD", "KZ")),
        (None, None, ()),
    ]
    assert said[0].sites == (Site(Place(x_km=1.5, y_km=-2.0)),)


def test_a_territory_of_no_known_country_is_refused(tmp_path: Path) -> None:
    """In the column's own name, as it stands there."""
    [refused] = read(tmp_path, TIES, resellers="id,phone,owner,area,x,y\nr1,,,KZ;the south,,\n")
    assert (refused.column, refused.value, refused.why) == ("area", "KZ;the south", "is not an ISO 3166 code")
