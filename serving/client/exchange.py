"""One request and its attempts, the same for both clients: what to send, whether to try again, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from serving.client.errors import CannotAnswer, ServiceProblem
from serving.contract import ProblemAnswer

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same request is sent again: each is safe to send twice."""

FIRST_S, MOST_S = 0.1, 5.0
"""The first wait, doubled each time, and the longest."""

T = TypeVar("T", bound=BaseModel)
Item = TypeVar("Item")


@dataclass
class Attempts:
    """Counts attempts at one request. `waits` lasts between half and the whole of what is named, at random."""

    most: int
    dice: Random = field(default_factory=Random)
    made: int = 0
    cause: str = "it was never tried"

    def failed(self, error: httpx.TransportError) -> float:
        """How long to wait after an attempt that got no answer; raises `CannotAnswer` after the last."""
        return self._next(type(error).__name__, 0.0)

    def answered(self, answer: httpx.Response) -> float | None:
        """How long to wait where the service asks to come again, else None; raises as `failed` does."""
        if answer.status_code not in AGAIN:
            return None
        asked = answer.headers.get("retry-after", "")
        return self._next(f"status {answer.status_code}", float(asked) if asked.isdigit() else 0.0)

    def _next(self, cause: str, asked_s: float) -> float:
        self.made, self.cause = self.made + 1, cause
        if self.made >= self.most:
            raise CannotAnswer(cause)
        wait = min(MOST_S, FIRST_S * 2 ** (self.made - 1)) * self.dice.uniform(0.5, 1.0)
        return float(max(wait, min(asked_s, MOST_S)))


def headers_of(key: str | None) -> dict[str, str]:
    """What every request carries."""
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def content_of(body: BaseModel | None) -> dict[str, Any]:
    """How a body is sent: its JSON, without what was not told."""
    if body is None:
        return {}
    text = body.model_dump_json(exclude_none=True)
    return {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


def read(answer: httpx.Response, model: type[T]) -> T:
    """What was answered; raises `ServiceProblem` for a problem and `CannotAnswer` for what is no answer at all."""
    try:
        if answer.is_success:
            return model.model_validate_json(answer.content)
        problem = ProblemAnswer.model_validate_json(answer.content)
    except ValidationError:
        raise CannotAnswer(f"status {answer.status_code}, and no answer of this service") from None
    raise ServiceProblem(problem)


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items, so many at a time."""
    for first in range(0, len(items), size):
        yield items[first : first + size]
