"""Decisions on many orders at once, as columns: what `models.decision.decide` says of each, without its objects.

A test holds both equal. Orders are told apart by their position in the record, and their lines stand together.
"""

from dataclasses import dataclass
from itertools import compress

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.action import Action
from models.decision import EXPLAINED
from models.model import Model
from models.rules.table import fired_lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ACTIONS = tuple(Action)
"""From the mildest to the strictest; actions are told by their number here."""


@dataclass(frozen=True)
class Decisions:
    """One entry a line: `probability`, `line_action`; and of its order `order_probability`, `rank`, `action`.

    `fired`, of shape (n_rules, n_lines), tells which of the model's rules fired.
    """

    model: Model
    probability: Floats
    order_probability: Floats
    rank: Floats
    line_action: NDArray[np.int8]
    action: NDArray[np.int8]
    fired: NDArray[np.bool_]
    position: Ints

    def waiting(self) -> Ints:
        """Rows whose reasons the service would give: the most risky lines that wait, at most `EXPLAINED` an order.

        Of an order that only a draw stopped, the most risky line.
        """
        starts = np.flatnonzero(np.diff(self.position, prepend=-1))
        stopped = np.maximum.reduceat(self.line_action, starts) > 0 if starts.size else np.zeros(0, bool)
        only_drawn = (self.action > 0) & ~np.repeat(stopped, np.diff(np.append(starts, self.position.size)))
        first = np.zeros(self.position.size, bool)
        alike = np.flatnonzero(only_drawn & (self.probability == self.order_probability))
        first[alike[np.diff(self.position[alike], prepend=-1) != 0]] = True
        rows = np.flatnonzero((self.line_action > 0) | first)
        ranked = rows[np.lexsort((rows, -self.probability[rows], self.position[rows]))]
        starts = np.flatnonzero(np.diff(self.position[ranked], prepend=-1))
        place = np.arange(ranked.size) - np.repeat(starts, np.diff(np.append(starts, ranked.size)))
        return np.sort(ranked[place < EXPLAINED])

    def rules(self) -> list[str]:
        """The ids of the rules that fired on each line, as one text."""
        ids, texts = [rule.rule_id for rule in self.model.rules], [""] * self.position.size
        rows = np.flatnonzero(self.fired.any(axis=0))
        patterns, which = np.unique(np.packbits(self.fired[:, rows], axis=0), axis=1, return_inverse=True)
        fired = np.unpackbits(patterns, axis=0, count=len(ids)).astype(bool)
        told = ["; ".join(compress(ids, pattern)) for pattern in fired.T]
        for row, pattern in zip(rows.tolist(), which.tolist(), strict=True):
            texts[row] = told[pattern]
        return texts


def decide_lines(
    model: Model,
    values: Floats,
    lines: pa.Table,
    rules_at: int | None = None,
    drawn: NDArray[np.bool_] | None = None,
) -> Decisions:
    """Decide on the lines of whole orders, each as of its own moment.

    `values`, (n_lines, k), are the vectors of `lines`, which have the columns of `Record.lines` and stand in the order
    of position. With `rules_at` (microseconds UTC) the rules are those of that moment for all of them.
    `drawn`, (n_lines,), marks the lines of orders that wait for a random audit.
    """
    position, t = lines["position"].to_numpy(), lines["t"].to_numpy()
    probability = model.classifier.predict(values)
    moments = t if rules_at is None else np.full_like(t, rules_at)
    fired = fired_lines(model.rules, lines, values, model.rule_columns, moments)
    line_action = (probability >= model.policy.threshold).astype(np.int8)
    for rule, on in zip(model.rules, fired, strict=True):
        np.maximum(line_action, np.int8(ACTIONS.index(rule.effect)), out=line_action, where=on)
    starts = np.flatnonzero(np.diff(position, prepend=-1))
    sizes = np.diff(np.append(starts, position.size))
    highest = np.maximum.reduceat(probability, starts) if starts.size else probability
    strictest = np.maximum.reduceat(line_action, starts) if starts.size else line_action
    if drawn is not None and starts.size:
        strictest = np.maximum(strictest, np.where(drawn[starts], np.int8(ACTIONS.index(Action.REVIEW)), np.int8(0)))
    reference = np.array(model.policy.reference)
    return Decisions(
        model=model,
        probability=probability,
        order_probability=np.repeat(highest, sizes),
        rank=np.repeat(np.searchsorted(reference, highest, side="left") / len(reference), sizes),
        line_action=line_action,
        action=np.repeat(strictest, sizes),
        fired=fired,
        position=position,
    )
