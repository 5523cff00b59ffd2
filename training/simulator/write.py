"""Files: CSV in UTF-8, one row a thing, times in ISO 8601 with Z. The truth lies apart, under `sealed`."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from features.measures import iso
from training.simulator.checks import Finding
from training.simulator.rates import Exchange, Rate
from training.simulator.trade import Line, Order, Product, Reseller, Site

RESELLERS = (
    *("reseller_id", "name", "country", "region", "city", "latitude", "longitude", "address_id"),
    *("founded_on", "authorised_from", "authorised_to", "known_at"),
)
PRODUCTS = (*("sku", "name", "category", "hs_code", "eccn", "sensitivity", "list_price", "currency", "known_at"),)
ORDERS = (
    *("order_id", "line", "ordered_at", "reseller_id", "sku", "quantity", "unit", "amount", "currency"),
    *("end_user_id", "end_user_class", "declared_use", "ship_to_country", "ship_to_region", "ship_to_city"),
    *("ship_to_latitude", "ship_to_longitude", "for_stock"),
)
RATES = ("currency", "valid_from", "usd_per_unit")
FINDINGS = (
    *(
        "finding_id",
        "order_id",
        "line",
        "outcome",
        "happened_at",
        "known_at",
        "source",
        "confidence",
        "propensity",
    ),
)
TRUTH = ("order_id", "line", "diverted", "typology", "twin_of")


def write_resellers(out: Path, resellers: Sequence[Reseller]) -> None:
    """`resellers.csv`, by reseller id."""
    _write(out / "resellers.csv", RESELLERS, (_reseller(reseller) for reseller in resellers))


def write_products(out: Path, products: Sequence[Product]) -> None:
    """`products.csv`, in the order of the catalogue."""
    _write(out / "products.csv", PRODUCTS, (_product(product) for product in products))


def write_rates(out: Path, rates: Sequence[Rate]) -> None:
    """`rates.csv`, by currency and time."""
    rows = ((rate.currency, iso(rate.valid_from), _decimal(rate.micro_usd, 6)) for rate in rates)
    _write(out / "rates.csv", RATES, rows)


def write_orders(out: Path, orders: Sequence[Order], exchange: Exchange) -> None:
    """`orders.csv`, one row a line, in time order."""
    rows = (
        (order_id(position), number, *_line(order, line, exchange))
        for position, order in enumerate(orders)
        for number, line in enumerate(order.lines, 1)
    )
    _write(out / "orders.csv", ORDERS, rows)


def write_findings(out: Path, findings: Sequence[Finding]) -> None:
    """`findings.csv`, in the order in which they became known."""
    rows = (_finding(number, finding) for number, finding in enumerate(findings, 1))
    _write(out / "findings.csv", FINDINGS, rows)


def write_truth(out: Path, orders: Sequence[Order]) -> None:
    """`sealed/truth.csv`, one row a line. Only whoever grades a finished model may open it."""
    rows = (
        (order_id(position), number, _flag(line.diverted), order.typology, order.twin_of)
        for position, order in enumerate(orders)
        for number, line in enumerate(order.lines, 1)
    )
    _write(out / "sealed" / "truth.csv", TRUTH, rows)


def order_id(position: int) -> str:
    """The id of the order at a position in time, counted from 0."""
    return f"O{position + 1:07d}"


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _reseller(reseller: Reseller) -> Sequence[object]:
    return (
        reseller.reseller_id,
        reseller.name,
        *_site(reseller.site),
        reseller.address_id,
        _day(reseller.founded_on),
        _day(reseller.authorised_from),
        _day(reseller.authorised_to),
        iso(reseller.known_at),
    )


def _product(product: Product) -> Sequence[object]:
    return (
        product.sku,
        product.name,
        product.category,
        product.hs_code,
        product.eccn,
        product.sensitivity,
        _decimal(product.list_price, 2),
        "USD",
        iso(product.known_at),
    )


def _line(order: Order, line: Line, exchange: Exchange) -> Sequence[object]:
    reseller = order.reseller
    return (
        iso(order.at),
        reseller.reseller_id,
        line.product.sku,
        line.quantity,
        "each",
        _decimal(exchange.convert(line.value, reseller.currency, order.at), 2),
        reseller.currency,
        order.end_user.end_user_id if order.end_user else "",
        order.kind,
        order.declared_use,
        *_site(order.ship_to),
        _flag(order.for_stock),
    )


def _finding(number: int, finding: Finding) -> Sequence[object]:
    return (
        f"F{number:06d}",
        order_id(finding.order),
        finding.line or "",
        finding.outcome,
        iso(finding.happened_at),
        iso(finding.known_at),
        finding.source,
        _decimal(finding.confidence, 2),
        _decimal(finding.propensity, 3) if finding.propensity else "",
    )


def _site(site: Site) -> tuple[str, str, str, str, str]:
    """Country, region, city, latitude and longitude."""
    place = site.place
    return (place.country, place.region, place.name, _decimal(site.latitude, 4), _decimal(site.longitude, 4))


def _day(moment: int | None) -> str:
    return "" if moment is None else f"{iso(moment)[:10]}T00:00:00Z"


def _decimal(units: int, places: int) -> str:
    """A whole number of 10^-places as an exact decimal."""
    sign, units = ("-" if units < 0 else ""), abs(units)
    return f"{sign}{units // 10**places}.{units % 10**places:0{places}d}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
