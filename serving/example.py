"""An order to show: like the riskiest that the record holds, as an order system would send it; and its answer."""

from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table

from features.facts.book import Book
from features.measures import DAY, SECOND
from features.record import Record
from features.vector import feature_table
from features.windows.steps import Progress
from models.model import Model
from serving.translation import request_of

DAYS = 90


def riskiest(record: Record, model: Model, order_id: str, progress: Progress | None = None) -> str:
    """The body of a request for an order like the one that the model finds riskiest among those of the last 90 days.

    It is dated a minute after the newest order: a made-up world ends some day, and its histories fade after that.
    """
    book = Book.of(record)
    t = book.lines["t"].to_numpy()
    table = feature_table(book, model.features, wanted=t >= t.max() - DAYS * DAY, progress=progress)
    worst = int(np.argmax(model.classifier.predict(table.values)))
    entry = record.order(table.lines["order_id"][worst].as_py(), table.lines["revision"][worst].as_py())
    if entry is None:
        raise LookupError("the record holds no orders")
    asked = replace(entry.event, order_id=order_id, revision=1, ordered_at=int(t.max()) + 60 * SECOND)
    return request_of(asked).model_dump_json(indent=2, exclude_none=True)


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
    waits = "" if line["reasons"] else " (it does not wait; reasons are told on demand)"
    title = f"line {line['line_id']}: {line['probability']:.1%}{waits}"
    table = Table("why", "log-odds", "red flag", title=title, title_justify="left", expand=False)
    for reason in line["reasons"] or ():
        table.add_row(reason["sentence"], f"{reason['contribution']:+.2f}", reason["red_flag"] or "")
    return table
