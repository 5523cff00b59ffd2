"""What an order does not say that would help to judge it, and what to ask for."""

from collections.abc import Callable
from typing import NamedTuple

from features.trade import Order, OrderLine

_ASKED: tuple[tuple[str, Callable[[OrderLine], bool], str], ...] = (
    (
        "end_user_id",
        lambda line: line.end_user_id is None and not line.for_stock,
        "an end-user statement that names the end user, or that the goods are for stock",
    ),
    (
        "end_user_class",
        lambda line: line.end_user_class is None and line.end_user_id is not None,
        "what kind of body the end user is",
    ),
    ("declared_use", lambda line: line.declared_use is None, "what the goods are to be used for"),
    ("ship_to", lambda line: line.ship_to is None, "the full delivery address"),
    ("quantity", lambda line: line.quantity is None, "how much is ordered"),
    ("amount", lambda line: line.amount is None, "the price of the line"),
)


class Gap(NamedTuple):
    """A field that some lines leave open, see `serving.contract.MissingEvidence`."""

    field: str
    lines: list[str]
    ask_for: str


def missing(order: Order) -> list[Gap]:
    """One gap a field that some line leaves open."""
    found: list[Gap] = []
    for field, is_open, ask_for in _ASKED:
        lines = [line.line_id for line in order.lines if is_open(line)]
        if lines:
            found.append(Gap(field, lines, ask_for))
    return found
