"""What to do with an order, also where the service cannot say."""

from collections.abc import Callable
from dataclasses import dataclass

from serving.client.errors import ServiceError
from serving.contract import Answer, LineRequest, OrderRequest

HOLD, PROCEED = "hold", "proceed"

Sensitive = Callable[[LineRequest], bool]
"""Tells, without the service, whether a line is of sensitive goods."""


def is_sensitive_unless_told(line: LineRequest) -> bool:  # noqa: ARG001 - answers for any line
    """Every line: whoever knows which goods are harmless gives a function of their own."""
    return True


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do: the service's action, or without an answer ``hold`` for sensitive goods and ``proceed`` for others.

    For an order that was recalled after it was answered it is what the recall says, not the answer's own action.

    `why` is None where the service answered. Send an order that was not answered again: it is decided once.
    """

    action: str
    answer: Answer | None
    why: str | None = None


def without_answer(order: OrderRequest, error: ServiceError, sensitive: Sensitive) -> Advice:
    """The advice where the service could not say."""
    return Advice(HOLD if any(map(sensitive, order.lines)) else PROCEED, None, str(error))
