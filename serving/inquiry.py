"""Answers to people who look into what was decided; nothing here decides. What people look into is kept."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.catalog.all import catalogue
from features.measures import SECOND, iso
from features.record import Access, Decision, Entry, Record
from features.record import keys as keyed
from features.trade import Order, digest
from features.windows.feature_set import FeatureSet
from models.decision import EXPLAINED, OrderDecision, decide
from models.fallback import Fallback
from models.model import Model
from models.reasons import Reason, explain, strongest_rows
from models.rules import declared
from serving.access import Caller
from serving.answer import reason_to_json
from serving.contract import OrderRequest
from serving.desk import ATTEMPTS, Desk
from serving.problems import Problem, shown
from serving.removed import missing
from serving.settings import Settings
from serving.shelf import Shelf
from serving.standing import changes
from serving.state import Outdated
from serving.translation import order_of, priced, request_of

HOUR = 3_600 * SECOND
WHAT_IF = "what-if"


class Inquiry:
    """Looks into decisions, on the desk that took them. `now` tells microseconds UTC."""

    def __init__(self, desk: Desk, settings: Settings, now: Callable[[], int]) -> None:
        self._desk, self._most, self._now = desk, settings.what_ifs, now
        self.shelf = Shelf(settings.home)

    @property
    def record(self) -> Record:
        """The record; raises `Problem` before it was opened."""
        return self._desk.state.record

    def explanation(self, decision_id: str, caller: Caller) -> dict[str, Any]:
        """The reasons of all lines and what would change the action, see `serving.inquiry_contract.Explanation`."""
        decision, order, values = self._seen(decision_id)
        model = self._scored_by(decision)
        rows = _told(model, values)
        reasons = dict(zip(rows, explain(model, values[rows]), strict=True))
        answer = json.loads(decision.response)
        self.note(caller, "explanation", decision_id)
        return {
            "decision_id": decision_id,
            "order_id": decision.order_id,
            "revision": decision.revision,
            "action": decision.action,
            "probability": answer["probability"],
            "lines": _lines(order, model, values, reasons),
            "standing": {
                "threshold": model.policy.threshold,
                "waits_for_its_score": model.policy.waits(answer["probability"]),
                "waits_for_rules": [rule["id"] for rule in answer["rules"]],
                "changes": _changes(order, model, values[rows], rows, [reasons[row] for row in rows]),
            },
        }

    def inputs(self, decision_id: str, caller: Caller) -> dict[str, Any]:
        """The vectors that a decision kept, named, see `serving.inquiry_contract.Inputs`."""
        decision, order, values = self._seen(decision_id)
        features = self._definitions(decision)
        self.note(caller, "inputs", decision_id)
        return {
            "decision_id": decision_id,
            "t": iso(decision.t),
            "t_us": decision.t,
            "position": decision.position_seen,
            "model": decision.model,
            "features_fingerprint": decision.features,
            "features": [
                {"name": each.name, "unit": each.unit, "family": each.family, "red_flag": each.red_flag}
                for each in features.features
            ],
            "lines": [
                {"line_id": line.line_id, "values": [None if np.isnan(value) else value for value in row]}
                for line, row in zip(order.lines, values.tolist(), strict=True)
            ],
            "order": request_of(order).model_dump(mode="json", exclude_none=True),
        }

    def what_if(self, request: OrderRequest, caller: Caller) -> dict[str, Any]:
        """What would be answered to an order as the record stands; on the desk's thread, see `WhatIf`.

        Its moment is that of the newest event, whatever time it names. It is kept as a question, with its outcome,
        before it is answered, and a key may ask so many an hour: the threshold is not to be felt out.
        """
        self._allowed(caller)
        order = order_of(request, self.record.currency)
        for _ in range(ATTEMPTS):
            try:
                t, position, verdict = self._imagined(order)
            except Outdated:
                self._desk.state.keep_up()
            else:
                return self._imagining(order, t, position, verdict, caller)
        raise Problem("busy", "the record grows faster than it can be followed; try again")

    def note(self, caller: Caller, deed: str, subject: str, detail: str | None = None) -> None:
        """Keep who looked into what."""
        with self.record.writing() as connection:
            keyed.note(connection, Access(self._now(), caller.key_id, deed, subject, detail))

    def _seen(self, decision_id: str) -> tuple[Decision, Order, NDArray[np.float64]]:
        """A decision, its order, and the vectors that it kept, (n_lines, n_features)."""
        decision = self.record.decision_by_id(decision_id)
        if decision is None:
            raise missing(self.record, "decision", decision_id)
        entry: Entry[Order] | None = self.record.order(decision.order_id, decision.revision)
        if entry is None:
            raise Problem("no-order", f"the record holds no order {shown(decision.order_id)!r}")
        values = np.frombuffer(decision.vectors, "<f8").reshape(len(entry.event.lines), -1)
        return decision, entry.event, values

    def _scored_by(self, decision: Decision) -> Model:
        """The model of a decision; raises `Problem` where rules alone decided, or it cannot be had."""
        if decision.probability is None:
            detail = "no model was at hand: rules alone decided, they stand in the answer, and there is no score"
            raise Problem("not-scored", detail)
        return self.shelf.model(self.record, decision.model)

    def _definitions(self, decision: Decision) -> FeatureSet:
        """What the columns of a decision's vectors mean; raises `Problem` where that cannot be had."""
        if decision.probability is not None:
            return self.shelf.model(self.record, decision.model).features
        shipped = catalogue()
        if shipped.fingerprint != decision.features:
            raise Problem("definitions-away", "rules alone decided, on features of another version of this software")
        return shipped

    def _imagined(self, order: Order) -> tuple[int, int, OrderDecision]:
        state = self._desk.state
        with state.record.writer() as writer:
            champion, earlier = state.champion(writer), writer.revisions(order.order_id)
            model = champion.model
            if isinstance(model, Fallback):
                raise Problem("no-model", "rules alone decide until a model is promoted; there is no score to ask for")
            # Not a moment later than what was seen: the next order may be dated so, and windows never go back.
            t = max(champion.engine.clock, champion.read_up_to)
            asked = priced(order, state.exchange, order.ordered_at or t, t)
            values = state.vectors(champion, asked, t, earlier)
            fields = [declared(asked, line) for line in asked.lines]
            return t, writer.position(), decide(model, values, fields, t)

    def _imagining(self, order: Order, t: int, position: int, verdict: OrderDecision, caller: Caller) -> dict[str, Any]:
        kept = {"digest": digest(order), "action": verdict.action.value, "probability": verdict.probability}
        self._allowed(caller)
        self.note(caller, WHAT_IF, order.order_id, json.dumps(kept | {"position": position, "t": t}))
        return {
            "t": iso(t),
            "position": position,
            "action": verdict.action.value,
            "probability": verdict.probability,
            "rank": verdict.rank,
            "rules": [rule.rule_id for rule in verdict.rules],
            "lines": [
                {
                    "line_id": line.line_id,
                    "probability": line.probability,
                    "reasons": [reason_to_json(reason) for reason in line.reasons or ()],
                }
                for line in verdict.lines
            ],
            "meaning": verdict.meaning,
            "remaining": self._most - self._asked(caller),
        }

    def _allowed(self, caller: Caller) -> None:
        if self._asked(caller) >= self._most:
            detail = f"a key may ask {self._most} what-ifs an hour"
            raise Problem("too-many", detail, headers={"Retry-After": "60"})

    def _asked(self, caller: Caller) -> int:
        with self.record.reading() as connection:
            return keyed.accesses(connection, caller.key_id, WHAT_IF, self._now() - HOUR)


def _told(model: Model, values: NDArray[np.float64]) -> list[int]:
    """Rows to explain at once: all of a usual order, the riskiest of a very long one."""
    return strongest_rows(model.classifier.predict(values).tolist(), range(len(values)), 5 * EXPLAINED)


def _lines(
    order: Order, model: Model, values: NDArray[np.float64], reasons: dict[int, tuple[Reason, ...]]
) -> list[dict[str, Any]]:
    probabilities = model.classifier.predict(values).tolist()
    return [
        {
            "line_id": order.lines[row].line_id,
            "probability": probabilities[row],
            "reasons": [reason_to_json(reason) for reason in told],
        }
        for row, told in reasons.items()
    ]


def _changes(
    order: Order,
    model: Model,
    values: NDArray[np.float64],
    rows: Sequence[int],
    reasons: Sequence[Sequence[Reason]],
) -> list[dict[str, Any]]:
    return [
        {
            "line_id": order.lines[rows[change.row]].line_id,
            "feature": change.feature,
            "value": change.value,
            "instead": change.instead,
            "probability": change.probability,
            "waits": change.waits,
        }
        for change in changes(model, values, reasons)
    ]
