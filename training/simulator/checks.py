"""Labels: who looked, what they said, how late they knew, and how often they were wrong.

Looked at are the old checklist's top 3 % of a week's orders and a random 0.8 %; a part of the diversions surfaces in
public procurement papers (see `awards`). Inconclusive checks (22.5 %; BIS end-use checks FY2023: 24 % less than
favourable) say nothing. About 70 % of the diversions are never labelled. All shares are our choice.
A finding judges an order or a line, never all orders of a reseller.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from features.measures import DAY, SECOND
from training.simulator import habits, places
from training.simulator.draws import Bools, Draws, Ints, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import NEVER, YEAR
from training.simulator.products import SENSITIVITY
from training.simulator.signals import REVIEW_THRESHOLD

CHECKLIST_PER_MILLE = 30
RANDOM_PER_MILLE = 8
DONE_PER_MILLE = 900
"""Of the orders drawn at random so many were in fact looked at."""

WITHHELD_PER_MILLE = 100
"""Of the orders that the checklist picks so many are held and never shipped: nobody learns their outcome."""

SENSITIVITY_PER_MILLE = 600
FALSE_ALARM_PER_MILLE = 5
INCONCLUSIVE_PER_MILLE = 225
APPEAL_PER_MILLE = 50
REOPENED_PER_MILLE = 4
CHECK_DELAY_DAYS = 90

OUTCOMES = ("diverted", "cleared", "inconclusive")
DIVERTED, CLEARED, INCONCLUSIVE = range(len(OUTCOMES))
SOURCES = ("random", "checklist", "procurement")
RANDOM, CHECKLIST, PROCUREMENT = range(len(SOURCES))


@dataclass(slots=True)
class Findings:
    """Findings by row, all arrays (n_findings,).

    `order` counts orders from 0, `line` is its line from 1 or 0 for the whole order, `confidence` is in hundredths.
    """

    order: Ints
    line: Ints
    outcome: Ints
    happened_at: Ints
    known_at: Ints
    source: Ints
    confidence: Ints

    def __len__(self) -> int:
        return len(self.order)

    def take(self, rows: "Bools | NDArray[np.intp]") -> "Findings":
        """Some of the findings."""
        return Findings(*(getattr(self, field.name)[rows] for field in fields(self)))


def together(batches: "list[Findings]") -> Findings:
    """Several batches as one."""
    return Findings(*(np.concatenate([getattr(b, field.name) for b in batches]) for field in fields(Findings)))


@dataclass(slots=True)
class Looks:
    """Who was looked at among a week's orders: arrays (n_orders,)."""

    drawn: Bools
    done: Bools
    listed: Bools
    withheld: Bools


def points(market: Market, orders: Orders) -> Ints:
    """The old checklist: points of an order from itself and the reseller's master data. The weights are our choice.

    It decides who is looked at, not who is guilty.
    """
    firms, who = market.resellers, orders.reseller
    sensitive = (SENSITIVITY[market.category(orders.product)] >= 2) & orders.filled()
    signs = (
        (4, places.SENSITIVE[orders.place]),
        (3, sensitive.any(axis=1)),
        (2, orders.values(market.catalogue).sum(axis=1) >= REVIEW_THRESHOLD),
        (2, orders.stock),
        (2, orders.end_user < 0),
        (2, orders.at - firms.founded_on[who] < YEAR),
        (1, places.IS_HUB[orders.place]),
        (1, orders.kind == habits.SECURITY),
        (1, firms.authorised_from[who] == NEVER),
    )
    total = np.zeros(len(orders), np.int64)
    for weight, shown in signs:
        total += weight * shown
    return total


def looks(market: Market, orders: Orders, draws: Draws) -> Looks:
    """Who is looked at in a week: a random draw, and the highest points; of equals the more valuable order."""
    rolls = draws.of(orders.key)
    drawn, done, withheld = (
        rolls.chance(RANDOM_PER_MILLE),
        rolls.chance(DONE_PER_MILLE),
        rolls.chance(WITHHELD_PER_MILLE),
    )
    value = orders.values(market.catalogue).sum(axis=1)
    ranked = np.lexsort((orders.key, -value, -points(market, orders)))
    share = len(orders) * CHECKLIST_PER_MILLE
    count = share // 1000 + int(rolls.below(1000)[0] < share % 1000 if len(orders) else 0)
    listed = np.zeros(len(orders), np.bool_)
    listed[ranked[:count]] = True
    return Looks(drawn, done, listed & ~drawn, listed & ~drawn & withheld)


def checks(orders: Orders, number: Ints, seen: Looks, draws: Draws) -> Findings:
    """What the checks of a week's orders will say, appeals included. A withheld order is never checked."""
    rows = np.flatnonzero((seen.drawn & seen.done) | (seen.listed & ~seen.withheld))
    of, rolls = orders.take(rows), draws.of(orders.key[rows])
    delay = (5 + rolls.delay(CHECK_DELAY_DAYS)) * DAY + rolls.below(86_400) * SECOND
    found = Findings(
        order=number[rows],
        line=np.where(rolls.chance(300), line_of(of, rolls), 0),
        outcome=_outcome(of.diverted, rolls),
        happened_at=of.at + delay // SECOND * 6 // 10 * SECOND,
        known_at=of.at + delay,
        source=np.where(seen.drawn[rows], RANDOM, CHECKLIST),
        confidence=rolls.between(60, 90),
    )
    return together([found, appeals(found, rolls)])


def _outcome(diverted: Bools, rolls: Rolls) -> Ints:
    found = rolls.chance(np.where(diverted, SENSITIVITY_PER_MILLE, FALSE_ALARM_PER_MILLE))
    said = np.where(found, DIVERTED, CLEARED)
    return np.where(rolls.chance(INCONCLUSIVE_PER_MILLE), INCONCLUSIVE, said)


def line_of(orders: Orders, rolls: Rolls) -> Ints:
    """A line, from 1, that somebody looked at: one that was diverted, if there is one."""
    eligible = np.where(orders.diverted[:, None], orders.line_diverted, orders.filled())
    nth = rolls.below(eligible.sum(axis=1))
    reached = eligible & (np.cumsum(eligible, axis=1) == nth[:, None] + 1)
    line: Ints = np.argmax(reached, axis=1) + 1
    return line


def appeals(found: Findings, rolls: Rolls) -> Findings:
    """Later findings that turn earlier ones round, rightly or wrongly; whoever reads takes the latest.

    One in twenty `diverted` findings is appealed with success; few cleared orders are ever looked at again.
    """
    turned = rolls.chance(np.array([APPEAL_PER_MILLE, REOPENED_PER_MILLE, 0])[found.outcome])
    later, own = found.take(turned), rolls[turned]
    later.outcome = np.where(later.outcome == DIVERTED, CLEARED, DIVERTED)
    later.known_at = later.known_at + (20 + own.delay(70)) * DAY
    later.happened_at = later.known_at - 5 * DAY
    later.confidence = own.between(50, 80)
    return later
