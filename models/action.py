"""What an order is told to do, from the mildest to the strictest."""

from collections.abc import Iterable
from enum import StrEnum


class Action(StrEnum):
    """Advice to the order system. No action refuses a customer: `REVIEW` and `HOLD` both wait for a person."""

    PROCEED = "proceed"
    REVIEW = "review"
    HOLD = "hold"


_STRICTNESS = {action: rank for rank, action in enumerate(Action)}


def strictest(actions: Iterable[Action]) -> Action:
    """The strictest of the actions; `PROCEED` where there are none."""
    return max(actions, key=_STRICTNESS.__getitem__, default=Action.PROCEED)
