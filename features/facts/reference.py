"""What the record knows of resellers, products and regions, as of any moment."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from features.location.policy import RegionRule, Sensitivity
from features.trade import Place, Product, Reseller, Site
from features.windows.codes import Codes
from features.windows.columns import NULL
from features.windows.versions import Versions

Ints = NDArray[np.int64]

RESELLER_FACTS = (
    "site_country", "site_region", "site_latitude", "site_longitude",
    "address", "founded_at", "authorised_from", "authorised_to",
)  # fmt: skip
PRODUCT_FACTS = ("category", "category_top", "sensitivity", "list_price")


class Reference:
    """Versions of resellers and products, and the policy on regions.

    `currency` is the record's: a list price in another one is not comparable and counts as missing.
    """

    def __init__(self, codes: Codes, regions: tuple[RegionRule, ...], currency: str) -> None:
        self.codes = codes
        self.resellers = Versions(len(RESELLER_FACTS))
        self.products = Versions(len(PRODUCT_FACTS))
        self.regions = Sensitivity(regions, codes)
        self._currency = currency

    def learn(self, event: Reseller | Product) -> None:
        """Take in a new version."""
        if isinstance(event, Product):
            self.products.add(self.codes.code("sku", event.sku), event.known_at, self._product(event))
            return
        code = self.codes.code("reseller", event.reseller_id)
        (_, first), *moves = [(since, self._reseller(event, site)) for since, site in _registered(event)]
        self.resellers.add(code, event.known_at, first, moves)

    def reseller_facts(self, codes: Ints, t: Ints) -> dict[str, Ints]:
        """`RESELLER_FACTS` as of each time, each of shape (n,)."""
        return dict(zip(RESELLER_FACTS, self.resellers.as_of(codes, t).T, strict=True))

    def product_facts(self, codes: Ints, t: Ints) -> dict[str, Ints]:
        """`PRODUCT_FACTS` as of each time, each of shape (n,)."""
        return dict(zip(PRODUCT_FACTS, self.products.as_of(codes, t).T, strict=True))

    def _product(self, product: Product) -> list[int]:
        price = product.list_price
        comparable = price is not None and price.currency == self._currency
        return [
            *self.category(product.category),
            NULL if product.sensitivity is None else product.sensitivity,
            price.minor if price is not None and comparable else NULL,
        ]

    def category(self, path: str | None) -> tuple[int, int]:
        """Codes of a category path and of its top."""
        top = None if path is None else path.split("/", 1)[0]
        return self.codes.code("category", path), self.codes.code("category", top)

    def _reseller(self, reseller: Reseller, site: Place) -> list[int]:
        known = (site.latitude, site.longitude)
        dates = (reseller.founded_at, reseller.authorised_from, reseller.authorised_to)
        return [
            self.codes.code("country", site.country),
            self.codes.code("region", site.region),
            *(NULL if degree is None else round(degree * 1e6) for degree in known),
            self.codes.code("address", reseller.address_id),
            *(NULL if moment is None else moment for moment in dates),
        ]


def _registered(reseller: Reseller) -> Iterator[tuple[int, Place]]:
    """From when on which registered site holds; moves that were known ahead take effect on their day."""
    sites = [site for site in reseller.sites if site.kind == "registered"]
    moves = {edge for site in sites for edge in (site.valid_from, site.valid_to) if edge is not None}
    for since in sorted({reseller.known_at, *(edge - 1 for edge in moves if edge > reseller.known_at)}):
        yield since, next((site.place for site in reversed(sites) if _holds(site, since + 1)), Place())


def _holds(site: Site, t: int) -> bool:
    return (site.valid_from is None or site.valid_from <= t) and (site.valid_to is None or t < site.valid_to)
