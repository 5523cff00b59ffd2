"""An order to show: like the riskiest that the record holds, as an order system would send it; and its answer."""

import json
from dataclasses import fields
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table

from features.facts.book import Book
from features.measures import DAY, minor_digits
from features.record import Record
from features.trade import Order, OrderLine
from features.vector import feature_table
from features.windows.steps import Progress
from models.model import Model

DAYS = 90


def riskiest(record: Record, model: Model, order_id: str, progress: Progress | None = None) -> str:
    """The body of a request for an order like the one that the model finds riskiest among those of the last 90 days."""
    book = Book.of(record)
    t = book.lines["t"].to_numpy()
    table = feature_table(book, model.features, wanted=t >= t.max() - DAYS * DAY, progress=progress)
    worst = int(np.argmax(model.classifier.predict(table.values)))
    entry = record.order(table.lines["order_id"][worst].as_py(), table.lines["revision"][worst].as_py())
    if entry is None:
        raise LookupError("the record holds no orders")
    return request_of(entry.event, order_id)


def request_of(order: Order, order_id: str) -> str:
    """The order as the body of a request, under another id and without its time."""
    lines = [_line(line) for line in order.lines]
    return json.dumps(
        {"order_id": order_id, "reseller_id": order.reseller_id, "lines": lines}, indent=2, ensure_ascii=False
    )


def _line(line: OrderLine) -> dict[str, Any]:
    same = ("line_id", "sku", "category", "end_user_id", "end_user_class", "declared_use", "for_stock")
    body: dict[str, Any] = {name: getattr(line, name) for name in same}
    if line.quantity is not None:
        body |= {"quantity": _decimal(line.quantity.milli, 3), "unit": line.quantity.unit}
    if line.amount is not None:
        body |= {
            "amount": _decimal(line.amount.minor, minor_digits(line.amount.currency)),
            "currency": line.amount.currency,
        }
    if line.ship_to is not None:
        body["ship_to"] = {each.name: getattr(line.ship_to, each.name) for each in fields(line.ship_to)}
    if line.attributes:
        body["attributes"] = dict(line.attributes)
    return {name: value for name, value in body.items() if value is not None}


def _decimal(count: int, digits: int) -> str:
    """An integer count of 10**-digits as decimal text, exactly."""
    text = f"{count:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def rendered(answer: dict[str, Any]) -> Group:
    """The answer to an order, for a terminal."""
    above = f"riskier than {answer['rank']:.1%} of the orders that the model was measured on"
    parts: list[RenderableType] = [
        f"order {answer['order_id']}: [bold]{answer['action'].upper()}[/bold], {answer['probability']:.1%}, {above}",
        f"[dim]The percentage is {answer['meaning']}.[/dim]",
        *(f"rule [bold]{rule['id']}[/bold] says {rule['effect']}: {rule['because']}" for rule in answer["rules"]),
        *(_reasons(line) for line in answer["lines"]),
        f"decision {answer['decision_id']}, model {answer['versions']['model'][:12]}, kept in the record",
    ]
    return Group(*parts)


def _reasons(line: dict[str, Any]) -> Table:
    title = f"line {line['line_id']}: {line['probability']:.1%}"
    table = Table("why", "log-odds", "red flag", title=title, title_justify="left", expand=False)
    for reason in line["reasons"] or ():
        table.add_row(reason["sentence"], f"{reason['contribution']:+.2f}", reason["red_flag"] or "")
    return table
