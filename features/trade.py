"""The things of the trade, frozen and checked at birth. Whatever breaks a rule raises `Refused`."""

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from features.canonical import canonical
from features.measures import MAX_VALUE, SECOND, Money, Quantity, Refused, currency_code

T = TypeVar("T")

MAX_LINES = 2_000
"""Lines in one order."""


MAX_KM = 20_000.0
"""Bound on plane coordinates: half the Earth's circumference."""

_AREA = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")

_EARLIEST = -(10**15)
_LATEST = 4_102_444_800 * SECOND  # 2100-01-01


class Outcome(StrEnum):
    """What an investigation said. No finding at all is unknown, which is not `CLEARED`."""

    DIVERTED = "diverted"
    CLEARED = "cleared"
    INCONCLUSIVE = "inconclusive"
    WITHDRAWN = "withdrawn"


class Status(StrEnum):
    """What became of an order after it was placed."""

    HELD = "held"
    PROCEEDED = "proceeded"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is. Country is ISO 3166-1 alpha-2, region ISO 3166-2; degrees are WGS 84.

    Data on a plane has kilometres from an origin of its own instead of degrees.
    """

    country: str | None = None
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    x_km: float | None = None
    y_km: float | None = None

    def __post_init__(self) -> None:
        if self.country is not None and not re.fullmatch(r"[A-Z]{2}", self.country):
            raise Refused("country", self.country, "is not an ISO 3166-1 code", "write two capitals, such as CN")
        if (self.latitude is None) != (self.longitude is None):
            raise Refused("latitude", self.latitude, "stands alone", "give latitude and longitude together")
        if (self.x_km is None) != (self.y_km is None):
            raise Refused("x_km", self.x_km, "stands alone", "give x_km and y_km together")
        if self.x_km is not None and self.latitude is not None:
            raise Refused("x_km", self.x_km, "stands beside degrees", "give either degrees or a spot on a plane")
        _within("latitude", self.latitude, 90.0)
        _within("longitude", self.longitude, 180.0)
        _within("x_km", self.x_km, MAX_KM, "km")
        _within("y_km", self.y_km, MAX_KM, "km")


def _within(column: str, number: float | None, bound: float, unit: str = "degrees") -> None:
    if number is not None and not (math.isfinite(number) and abs(number) <= bound):
        mend = "give decimal degrees, WGS 84" if unit == "degrees" else "give kilometres from the plane's origin"
        raise Refused(column, number, f"is not within {bound:g} {unit}", mend)


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a reseller, from `valid_from` up to, not including, `valid_to`."""

    place: Place
    kind: str = "registered"
    valid_from: int | None = None
    valid_to: int | None = None

    def __post_init__(self) -> None:
        trade_time("valid_from", self.valid_from)
        trade_time("valid_to", self.valid_to)


@dataclass(frozen=True, slots=True)
class Reseller:
    """The party that buys from us, as known from `known_at` on. A later version replaces an earlier one.

    Address, phone and owner are opaque ids, equal where two resellers share one. `territory` names the countries
    (ISO 3166-1) or regions (ISO 3166-2) that it may sell to, sorted; empty where nothing is agreed.
    """

    reseller_id: str
    known_at: int
    name: str | None = None
    sites: tuple[Site, ...] = ()
    address_id: str | None = None
    founded_at: int | None = None
    authorised_from: int | None = None
    authorised_to: int | None = None
    phone_id: str | None = None
    owner_id: str | None = None
    territory: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        identifier("reseller_id", self.reseller_id)
        optional_identifier("phone_id", self.phone_id)
        optional_identifier("owner_id", self.owner_id)
        for code in self.territory:
            if not _AREA.fullmatch(code):
                raise Refused("territory", code, "is not an ISO 3166 code", "write countries as KZ, regions as CN-GD")
        if list(self.territory) != sorted(set(self.territory)):
            raise Refused("territory", self.territory, "is not sorted and unique", "use `territory([...])`")
        trade_time("known_at", self.known_at)


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold, as known from `known_at` on. Category is a path such as ``sequencing/instrument``."""

    sku: str
    known_at: int
    category: str | None = None
    name: str | None = None
    hs_code: str | None = None
    eccn: str | None = None
    sensitivity: int | None = None
    list_price: Money | None = None

    def __post_init__(self) -> None:
        identifier("sku", self.sku)
        trade_time("known_at", self.known_at)
        if self.sensitivity is not None and not 0 <= self.sensitivity <= 3:
            raise Refused("sensitivity", self.sensitivity, "is not in 0..3", "0 is harmless, 3 most sensitive")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is worth in the record's currency, from `valid_from` on."""

    currency: str
    valid_from: int
    rate: Decimal
    known_at: int

    def __post_init__(self) -> None:
        currency_code(self.currency)
        trade_time("valid_from", self.valid_from)
        trade_time("known_at", self.known_at)
        if not (self.rate.is_finite() and self.rate > 0):
            raise Refused("rate", self.rate, "is not positive", "give record currency per unit of this currency")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """The unit that is scored. `value` is the amount in the record's currency, set when it was converted."""

    line_id: str
    sku: str
    quantity: Quantity | None = None
    amount: Money | None = None
    value: int | None = None
    category: str | None = None
    end_user_id: str | None = None
    end_user_class: str | None = None
    declared_use: str | None = None
    ship_to: Place | None = None
    for_stock: bool | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        identifier("line_id", self.line_id)
        identifier("sku", self.sku)
        optional_identifier("end_user_id", self.end_user_id)
        if self.value is not None and not 0 <= self.value <= MAX_VALUE:
            raise Refused("value", self.value, f"is not in 0..{MAX_VALUE} minor units", "check the rate and the unit")
        names = [name for name, _ in self.attributes]
        if names != sorted(set(names)):
            raise Refused("attributes", names, "are not sorted and unique", "use `attributes({...})`")
        for name, _ in self.attributes:
            allowed_attribute(name)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as submitted. `known_at` is its moment t, given by an import or set when the order is taken."""

    order_id: str
    reseller_id: str
    lines: tuple[OrderLine, ...]
    ordered_at: int | None = None
    revision: int = 1
    known_at: int | None = None

    def __post_init__(self) -> None:
        identifier("order_id", self.order_id)
        identifier("reseller_id", self.reseller_id)
        if self.revision < 1:
            raise Refused("revision", self.revision, "is not positive", "count revisions from 1")
        if not 1 <= len(self.lines) <= MAX_LINES:
            raise Refused("lines", len(self.lines), f"is not in 1..{MAX_LINES}", "split the order")
        ids = [line.line_id for line in self.lines]
        if len(set(ids)) != len(ids):
            raise Refused("line_id", sorted(i for i in ids if ids.count(i) > 1)[0], "stands twice", "number the lines")
        trade_time("ordered_at", self.ordered_at)
        trade_time("known_at", self.known_at)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What happened to an order: held, proceeded, shipped, cancelled or withheld."""

    order_id: str
    status: Status
    happened_at: int
    known_at: int

    def __post_init__(self) -> None:
        identifier("order_id", self.order_id)
        if not isinstance(self.status, Status):
            raise Refused("status", self.status, "is not a status", f"use one of {', '.join(Status)}")
        trade_time("happened_at", self.happened_at)
        trade_time("known_at", self.known_at)


GRADES = ("A", "B", "C", "D")
"""Of evidence, from the best: A names the very goods (serial, lot) or the supplier's number and the model; B name,
place, family and date agree; C family, value and date only; D the same supplier, other goods. The scale is ours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an investigation said of an order line, a whole order (`line_id` None) or a reseller.

    A correction is the next `revision` of the same `finding_id`; `Outcome.WITHDRAWN` takes it back. `who` names those
    who vouch for it, each as ``name`` or ``name:department``; a finding brought over from before has none. `grade` is
    that of the evidence. `claimed` is what was said where that may not stand yet (see `features.record.reports`).
    """

    finding_id: str
    outcome: Outcome
    happened_at: int
    known_at: int
    order_id: str | None = None
    line_id: str | None = None
    reseller_id: str | None = None
    source: str | None = None
    confidence: float | None = None
    propensity: float | None = None
    note: str | None = None
    revision: int = 1
    who: tuple[str, ...] = ()
    grade: str | None = None
    claimed: Outcome | None = None

    def __post_init__(self) -> None:
        identifier("finding_id", self.finding_id)
        for person in self.who:
            identifier("who", person)
        if self.grade is not None and self.grade not in GRADES:
            raise Refused("grade", self.grade, "is not a grade of evidence", f"use one of {', '.join(GRADES)}")
        for column in ("order_id", "line_id", "reseller_id"):
            optional_identifier(column, getattr(self, column))
        if not isinstance(self.outcome, Outcome):
            raise Refused("outcome", self.outcome, "is not an outcome", f"use one of {', '.join(Outcome)}")
        trade_time("happened_at", self.happened_at)
        trade_time("known_at", self.known_at)
        if (self.order_id is None) == (self.reseller_id is None):
            raise Refused("order_id", self.order_id, "and reseller_id: exactly one is needed", "name what was judged")
        for column in ("confidence", "propensity"):
            share = getattr(self, column)
            if share is not None and not 0.0 < share <= 1.0:
                raise Refused(column, share, "is not in (0, 1]", "leave it empty where it is unknown")


_IDENTIFIER = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


def identifier(column: str, text: str) -> None:
    """Refuse an identifier that is empty, longer than 200 characters or holds control characters."""
    if not isinstance(text, str) or not _IDENTIFIER.fullmatch(text) or text != text.strip():
        raise Refused(column, text, "is not an identifier", "give 1 to 200 printable characters")


def optional_identifier(column: str, text: str | None) -> None:
    """Like `identifier`, for a field that may be absent."""
    if text is not None:
        identifier(column, text)


def trade_time(column: str, moment: int | None) -> None:
    """Refuse a time that is no time of trade."""
    if moment is not None and not _EARLIEST <= moment <= _LATEST:
        raise Refused(column, moment, "is outside 1938..2100", "give microseconds since 1970, UTC")


_PERSONAL = re.compile(
    r"ethnic|religio|nationalit|mother_?tongue|language|(?<![a-z])races?(?![a-z])|(name|person)_?origin|passport|birth"
    r"|gender|biometric|fingerprint|health_|patient|detain|person(al)?_?name|contact_?name|officer_?name|surname"
    r"|first_?name|last_?name|given_?name|family_?name"
)


@cache
def allowed_attribute(name: str) -> None:
    """Refuse attribute names that point at persons or at who somebody is by birth or belief.

    Entity-level trade screening only: no ethnicity, religion, nationality, language or name-origin feature and no
    person-level data may reach a feature.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise Refused("attributes", name, "is not a name", "use small letters, digits and _, at most 40")
    if _PERSONAL.search(name):
        raise Refused("attributes", name, "points at persons, not at trade", "leave the column out")


def attributes(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Attributes of a line in their one canonical order."""
    return tuple(sorted(values.items()))


def territory(codes: Iterable[str]) -> tuple[str, ...]:
    """Countries and regions of a reseller in their one canonical order."""
    return tuple(sorted(set(codes)))


def digest(thing: Any) -> str:
    """SHA-256 of the canonical JSON of a trade object: equal content, equal digest.

    An order's `known_at` is not its content (the record may have set it), so it is left out there.
    """
    return _sum(canonical(thing, "known_at" if isinstance(thing, Order) else None))


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical JSON of JSON types, as 64 hexadecimal digits."""
    return _sum(canonical(content))


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def changed(thing: T, **values: Any) -> T:
    """A copy of a trade object with other values in some fields, which the caller has checked.

    `dataclasses.replace` checks all fields again, which takes as long as to read a whole line.
    """
    kind: Any = type(thing)
    made: T = object.__new__(kind)
    for name in _names(kind):
        object.__setattr__(made, name, values[name] if name in values else getattr(thing, name))
    return made


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
