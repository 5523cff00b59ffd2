"""The client that lets others work while it waits; `serving.client.synchronous` asks the same and waits."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel

from serving.client import questions as ask
from serving.client.advice import Advice, Sensitive, is_sensitive_unless_told, without_answer
from serving.client.errors import ServiceError, ServiceProblem
from serving.client.exchange import Attempts, batches, content_of, headers_of, read
from serving.client.questions import Question
from serving.contract import Answer, OrderRequest
from serving.inquiry_contract import (
    Explanation,
    FindingAnswer,
    Inputs,
    OrderAnswer,
    Profile,
    RecallsAnswer,
    RowAnswer,
    StatusAnswer,
    VersionsAnswer,
    WhatIf,
)
from serving.intake_contract import ConfirmationRequest, FindingRequest, StatusRequest

T = TypeVar("T", bound=BaseModel)


class AsyncClient:
    """Asks a service at `url` with a key. Requests that got no answer are sent again, at most `attempts` times in all.

    Each is safe to send again: the service knows an order by id and revision, a finding by id and revision, a status
    by order and time. Raises `ServiceProblem` and `CannotAnswer`; `advise` raises nothing of them.
    """

    def __init__(
        self, url: str, key: str | None = None, *, timeout_s: float = 10.0, attempts: int = 4, batch: int = 100
    ) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers=headers_of(key), timeout=timeout_s)
        self._attempts, self._batch = attempts, batch

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def score(self, order: OrderRequest) -> Answer:
        """The answer to an order, which the service has kept."""
        return await self._ask(ask.score(order))

    async def advise(self, order: OrderRequest, sensitive: Sensitive = is_sensitive_unless_told) -> Advice:
        """What to do with an order. Where the service cannot say, sensitive goods are held; all are, unless told."""
        try:
            sent = await self._send(ask.score(order))
            answer = read(sent, Answer)
        except ServiceError as error:
            return without_answer(order, error, sensitive)
        return Advice(sent.headers.get("recalled", answer.action), answer)

    async def score_many(self, orders: Sequence[OrderRequest]) -> list[RowAnswer]:
        """An answer or a problem for each order, in their order, so many in a request; indices count from 0."""
        rows: list[RowAnswer] = []
        for some in batches(orders, self._batch):
            told = await self._ask(ask.score_many(some))
            rows += [row.model_copy(update={"index": len(rows) + number}) for number, row in enumerate(told.results)]
        return rows

    async def what_if(self, order: OrderRequest) -> WhatIf:
        """What would be answered to an order that nobody placed; for analysts."""
        return await self._ask(ask.what_if(order))

    async def decision(self, decision_id: str) -> Answer:
        """A stored answer."""
        return await self._ask(ask.decision(decision_id))

    async def explanation(self, decision_id: str) -> Explanation:
        """Why a decision fell as it did; for analysts."""
        return await self._ask(ask.explanation(decision_id))

    async def inputs(self, decision_id: str) -> Inputs:
        """The vectors that a decision saw."""
        return await self._ask(ask.inputs(decision_id))

    async def order(self, order_id: str) -> OrderAnswer | None:
        """An order with all that is known of it, None where the record holds none of this id."""
        try:
            return await self._ask(ask.order(order_id))
        except ServiceProblem as problem:
            if problem.kind != "no-order":
                raise
            return None

    async def recalls(self, after: int = 0) -> RecallsAnswer:
        """Orders to hold or to release since a position; ask again after the position that is told."""
        return await self._ask(ask.recalls(after))

    async def tell_status(self, order_id: str, told: StatusRequest) -> StatusAnswer:
        """Tell what became of an order."""
        return await self._ask(ask.status(order_id, told))

    async def tell_finding(self, told: FindingRequest) -> FindingAnswer:
        """Tell what an investigation said."""
        return await self._ask(ask.finding(told))

    async def confirm_finding(self, told: ConfirmationRequest) -> FindingAnswer:
        """Agree with a finding as another person."""
        return await self._ask(ask.confirmation(told))

    async def reseller(self, reseller_id: str) -> Profile:
        """A reseller's register, history, norms and findings."""
        return await self._ask(ask.reseller(reseller_id))

    async def versions(self) -> VersionsAnswer:
        """What answers now."""
        return await self._ask(ask.versions())

    async def _ask(self, question: Question[T]) -> T:
        return read(await self._send(question), question.answer)

    async def _send(self, question: Question[T]) -> httpx.Response:
        attempts = Attempts(self._attempts)
        while True:
            try:
                answer = await self._http.request(question.method, question.path, **content_of(question.body))
            except httpx.TransportError as error:
                wait = attempts.failed(error)
            else:
                again = attempts.answered(answer)
                if again is None:
                    return answer
                wait = again
            await asyncio.sleep(wait)
