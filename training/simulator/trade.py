"""The things of the simulated trade. Money is in cents, times are microseconds UTC, degrees are times 10,000."""

from dataclasses import dataclass

CLASSES = ("hospital", "university", "research_institute", "company", "public_health", "security", "unknown")
"""What an end user may be declared as."""


@dataclass(frozen=True, slots=True)
class Place:
    """A city; `region` is an ISO 3166-2 code, empty where a country has none; `utc_hours` is its offset."""

    name: str
    country: str
    region: str
    latitude: int
    longitude: int
    utc_hours: int


@dataclass(frozen=True, slots=True)
class Site:
    """A spot in a city."""

    place: Place
    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold; sensitivity 0 (harmless) to 3."""

    sku: str
    name: str
    category: str
    hs_code: str
    eccn: str
    sensitivity: int
    list_price: int
    known_at: int


@dataclass(frozen=True, slots=True)
class EndUser:
    """The party that is declared as final."""

    end_user_id: str
    kind: str
    site: Site


@dataclass(frozen=True, slots=True)
class Rush:
    """A pause followed by a burst of orders."""

    pause_from: int
    pause_to: int
    ends: int
    orders: int


@dataclass(frozen=True, slots=True)
class Reseller:
    """A party that buys from us, its master data and its habits.

    `wants` are the categories that its one large buyer, hidden or not, asks for most.
    `orders` is how many it places in `active_from`..`active_to`; shares are in thousandths of its orders.
    """

    reseller_id: str
    name: str
    site: Site
    address_id: str
    founded_on: int
    authorised_from: int | None
    authorised_to: int | None
    known_at: int
    segment: str
    currency: str
    customers: tuple[EndUser, ...]
    orders: int
    active_from: int
    active_to: int
    stock_per_mille: int
    own_site_per_mille: int
    hub_per_mille: int
    hub: Place | None
    price_per_mille: int
    rush: Rush | None = None
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order; `price_per_mille` is relative to the list price."""

    product: Product
    quantity: int
    price_per_mille: int
    diverted: bool = False

    @property
    def value(self) -> int:
        """US cents."""
        return self.product.list_price * self.quantity * self.price_per_mille // 1000


@dataclass(frozen=True, slots=True)
class Order:
    """An order as submitted, with the sealed truth beside it: `typology` if diverted, `twin_of` if a look-alike."""

    at: int
    reseller: Reseller
    end_user: EndUser | None
    kind: str
    declared_use: str
    ship_to: Site
    for_stock: bool
    lines: tuple[Line, ...]
    typology: str = ""
    twin_of: str = ""

    @property
    def diverted(self) -> bool:
        """Whether any of it went to another buyer than the declared one."""
        return bool(self.typology)

    @property
    def value(self) -> int:
        """US cents over all lines."""
        return sum(line.value for line in self.lines)
