"""Between what is asked and the trade: one place that knows both, and where in the body each fault stands."""

from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any

from features.exchange import Exchange
from features.location.gazetteer import country_code
from features.measures import Money, Quantity, Refused, instant, iso, minor_digits
from features.trade import Order, OrderLine, Place, attributes, changed
from serving.contract import LineRequest, OrderRequest, ShipTo
from serving.problems import Fault, Problem, pointer, shown

_INHERITED = ("ship_to", "end_user_id", "end_user_class")
_PLACE = tuple(ShipTo.model_fields)
_after_country = attrgetter(*_PLACE[1:])
_parts = attrgetter(*_PLACE)
_NOTHING = _parts(ShipTo())
_PATHS: dict[str, tuple[str, ...]] = {
    **{name: ("ship_to", name) for name in _PLACE},
    "value": ("amount",),
}


def order_of(request: OrderRequest, currency: str) -> Order:
    """The order that is asked about; its lines' values are not set yet. Amounts without a currency are in `currency`.

    Raises `Problem` with a pointer to each line's first fault.
    """
    lines: list[OrderLine] = []
    faults: list[Fault] = []
    for number, line in enumerate(request.lines):
        try:
            lines.append(_line(request, line, currency))
        except Refused as refused:
            faults.append(Fault.of(_pointer(number, line, refused.column), refused))
    if faults:
        raise Problem.invalid(faults)
    try:
        ordered_at = None if request.ordered_at is None else _instant(request.ordered_at)
        return Order(request.order_id, request.reseller_id, tuple(lines), ordered_at, request.revision)
    except Refused as refused:
        where = "lines" if refused.column == "line_id" else refused.column
        raise Problem.invalid([Fault.of(pointer([where]), refused)]) from None


def request_of(order: Order) -> OrderRequest:
    """The request that asks about this order, with everything on its lines."""
    return OrderRequest(
        order_id=order.order_id,
        revision=order.revision,
        reseller_id=order.reseller_id,
        ordered_at=None if order.ordered_at is None else iso(order.ordered_at),
        lines=[_line_request(line) for line in order.lines],
    )


def priced(order: Order, exchange: Exchange, at: int, known_at: int) -> Order:
    """The order at its moment `known_at`, its lines' values in the record's currency at the rates of `at`.

    Raises `Problem` where no rate holds then.
    """
    lines: list[OrderLine] = []
    for number, line in enumerate(order.lines):
        try:
            lines.append(line if line.amount is None else changed(line, value=exchange.convert(line.amount, at)))
        except Refused as refused:
            raise Problem.invalid([Fault.of(pointer(["lines", number, refused.column]), refused)]) from None
    return changed(order, lines=tuple(lines), known_at=known_at)


def same_order(before: Order, now: Order) -> None:
    """Raise `Problem` with the fields in which an order differs from the one that was answered."""
    old, new = (request_of(order).model_dump(mode="json") for order in (before, now))
    faults = list(_differences((), old, new))
    if faults:
        detail = f"order {now.order_id!r}, revision {now.revision}, was answered before; send a change as a revision"
        raise Problem("order-differs", detail, faults)


def _line(request: OrderRequest, line: LineRequest, currency: str) -> OrderLine:
    own = {name: _given(line, name) or getattr(request, name) for name in _INHERITED}
    place: ShipTo | None = own.pop("ship_to")
    return OrderLine(
        line_id=line.line_id,
        sku=line.sku,
        quantity=None if line.quantity is None else Quantity.of(line.quantity, line.unit),
        amount=None if line.amount is None else Money.of(line.amount, line.currency or currency),
        category=line.category,
        declared_use=line.declared_use,
        ship_to=None if place is None else _place(place),
        for_stock=line.for_stock,
        attributes=attributes(line.attributes),
        **own,
    )


def _given(line: LineRequest, name: str) -> Any:
    """What the line itself says; a ship-to that says nothing is none."""
    value = getattr(line, name)
    return None if isinstance(value, ShipTo) and _says_nothing(value) else value


def _says_nothing(place: ShipTo) -> bool:
    return _parts(place) == _NOTHING


def _place(asked: ShipTo) -> Place | None:
    if _says_nothing(asked):
        return None
    country = None if asked.country is None else country_code(asked.country)
    return Place(country, *_after_country(asked))


def _pointer(number: int, line: LineRequest, column: str) -> str:
    """A field that the line took from the order is at fault there."""
    path = _PATHS.get(column, (column,))
    if path[0] in _INHERITED and _given(line, path[0]) is None:
        return pointer(path)
    return pointer(("lines", number, *path))


def _instant(text: str) -> int:
    try:
        return instant(text, column="ordered_at")
    except OverflowError:
        raise Refused("ordered_at", text, "is outside 1938..2100", "check the year") from None


def _line_request(line: OrderLine) -> LineRequest:
    quantity, amount, place = line.quantity, line.amount, line.ship_to
    return LineRequest(
        line_id=line.line_id,
        sku=line.sku,
        quantity=None if quantity is None else _unscaled(quantity.milli, 3),
        unit=quantity.unit if quantity else "each",
        amount=None if amount is None else _unscaled(amount.minor, minor_digits(amount.currency)),
        currency=amount.currency if amount else None,
        category=line.category,
        end_user_id=line.end_user_id,
        end_user_class=line.end_user_class,
        declared_use=line.declared_use,
        ship_to=None if place in {None, Place()} else ShipTo(**{name: getattr(place, name) for name in _PLACE}),
        for_stock=line.for_stock,
        attributes=dict(line.attributes),
    )


def _unscaled(number: int, digits: int) -> Decimal:
    return Decimal(number).scaleb(-digits)


def _differences(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Fault]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _differences((*path, name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, now) in enumerate(zip(old, new, strict=True)):
            yield from _differences((*path, number), before, now)
    elif old != new:
        was = f"{len(old)} lines" if isinstance(old, list) else shown(old)
        yield Fault(pointer(path), "differs", f"was {was} when it was answered", _shown(new))


def _shown(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else shown(value)
