"""What a rule may speak of: the declared fields of an order line, by name."""

from features.trade import Order, OrderLine

FIELDS = (
    "line_id",
    "reseller_id",
    "sku",
    "category",
    "value",
    "quantity",
    "end_user_id",
    "end_user_class",
    "declared_use",
    "ship_country",
    "ship_region",
    "ship_city",
    "for_stock",
)
"""Beside these, ``attribute.NAME`` is any column of one's own."""


def declared(order: Order, line: OrderLine) -> dict[str, object]:
    """The fields of one line of the order, None where the order says nothing.

    `value` is in minor units of the record's currency, `quantity` in units (not thousandths). An attribute that the
    line does not carry has no key: a rule on it then counts as not evaluated.
    """
    place = line.ship_to
    fields: dict[str, object] = {
        "line_id": line.line_id,
        "reseller_id": order.reseller_id,
        "sku": line.sku,
        "category": line.category,
        "value": line.value,
        "quantity": None if line.quantity is None else line.quantity.milli / 1000,
        "end_user_id": line.end_user_id,
        "end_user_class": line.end_user_class,
        "declared_use": line.declared_use,
        "ship_country": place.country if place else None,
        "ship_region": place.region if place else None,
        "ship_city": place.city if place else None,
        "for_stock": line.for_stock,
    }
    return fields | {f"attribute.{name}": value for name, value in line.attributes}


def known_field(name: str) -> bool:
    """Whether a rule may name this field."""
    return name in FIELDS or (name.startswith("attribute.") and len(name) > len("attribute."))
