"""What the record knows of resellers, products and places, as of any moment."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features.facts.places import Places
from features.goods.category import level
from features.goods.eccn import read_eccn
from features.goods.hs import hs_level
from features.goods.policy import GoodsRule, GoodsSensitivity, load_goods
from features.location.gazetteer import Gazetteer, shipped
from features.location.policy import HubRule, Hubs, RegionRule, Sensitivity, load_hubs
from features.location.territory import Territories
from features.trade import Place, Product, Reseller, Site
from features.windows.codes import Codes
from features.windows.columns import NULL
from features.windows.versions import Versions

Ints = NDArray[np.int64]

RESELLER_FACTS = (
    "site_country", "site_region", "site_prefecture", "site_latitude", "site_longitude", "site_x", "site_y",
    "address", "phone", "owner", "territory", "founded_at", "authorised_from", "authorised_to",
)  # fmt: skip
CATEGORY_FACTS = ("category", "category_top", "category_2")
PRODUCT_FACTS = (
    *CATEGORY_FACTS, "sensitivity", "list_price", "hs_chapter", "hs4", "hs6", "eccn", "eccn_group", "goods",
)  # fmt: skip
"""Columns of a line, and `goods`, by which the policy knows a product."""


@dataclass(frozen=True)
class Policies:
    """Dated policy and gazetteer that a user may bring; None stands for what ships."""

    hubs: tuple[HubRule, ...] | None = None
    goods: tuple[GoodsRule, ...] | None = None
    gazetteer: Gazetteer | None = None


SHIPPED = Policies()


class Reference:
    """Versions of resellers and products, and the policies.

    `currency` is the record's: a list price in another one is not comparable and counts as missing.
    """

    def __init__(
        self, codes: Codes, regions: tuple[RegionRule, ...], currency: str, policies: Policies = SHIPPED
    ) -> None:
        self.codes = codes
        self.resellers = Versions(len(RESELLER_FACTS))
        self.products = Versions(len(PRODUCT_FACTS))
        self.regions = Sensitivity(regions, codes)
        hubs = load_hubs() if policies.hubs is None else policies.hubs
        goods = load_goods() if policies.goods is None else policies.goods
        gazetteer = shipped() if policies.gazetteer is None else policies.gazetteer
        self.hubs, self.goods = Hubs(hubs, codes), GoodsSensitivity(goods, codes)
        self.places = Places(codes, gazetteer)
        self._policies = regions, hubs, goods, gazetteer
        self.territories = Territories(codes)
        self._categories: dict[str | None, tuple[int, int, int]] = {}
        self._currency = currency

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the policies and the gazetteer: two references with one fingerprint say the same of a place."""
        *rules, gazetteer = self._policies
        return hashlib.sha256(repr((rules, gazetteer.spots)).encode()).hexdigest()

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
        price, number = product.list_price, read_eccn(product.eccn)
        comparable = price is not None and price.currency == self._currency
        return [
            *self.category(product.category),
            NULL if product.sensitivity is None else product.sensitivity,
            price.minor if price is not None and comparable else NULL,
            *(self.codes.code("hs", hs_level(product.hs_code, digits)) for digits in (2, 4, 6)),
            self.codes.code("eccn", number.code if number else None),
            self.codes.code("eccn", number.group if number else None),
            self.goods.goods(product.hs_code, product.eccn),
        ]

    def category(self, path: str | None) -> tuple[int, int, int]:
        """Codes of a category path, of its top, and of its first two levels."""
        known = self._categories.get(path)
        if known is None:
            parts = (path, *(None if path is None else level(path, depth) for depth in (1, 2)))
            own, top, second = (self.codes.code("category", part) for part in parts)
            self.goods.category(path)
            known = self._categories[path] = own, top, second
        return known

    def _reseller(self, reseller: Reseller, site: Place) -> list[int]:
        spot = self.places.one(site.country, site.region, site.city, site.latitude, site.longitude)
        dates = (reseller.founded_at, reseller.authorised_from, reseller.authorised_to)
        return [
            *(spot.country, spot.region, spot.prefecture, spot.latitude, spot.longitude),
            *(metres(km) for km in (site.x_km, site.y_km)),
            self.codes.code("address", reseller.address_id),
            self.codes.code("phone", reseller.phone_id),
            self.codes.code("owner", reseller.owner_id),
            self.territories.code(reseller.territory),
            *(NULL if moment is None else moment for moment in dates),
        ]


def metres(km: float | None) -> int:
    """A coordinate on a plane in whole metres, `NULL` where missing."""
    return NULL if km is None else round(km * 1e3)


def _registered(reseller: Reseller) -> Iterator[tuple[int, Place]]:
    """From when on which registered site holds; moves that were known ahead take effect on their day."""
    sites = [site for site in reseller.sites if site.kind == "registered"]
    moves = {edge for site in sites for edge in (site.valid_from, site.valid_to) if edge is not None}
    for since in sorted({reseller.known_at, *(edge - 1 for edge in moves if edge > reseller.known_at)}):
        yield since, next((site.place for site in reversed(sites) if _holds(site, since + 1)), Place())


def _holds(site: Site, t: int) -> bool:
    return (site.valid_from is None or site.valid_from <= t) and (site.valid_to is None or t < site.valid_to)
