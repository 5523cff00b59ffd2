"""Labels: who looked, what they said, how late they knew, and how often they were wrong.

Looked at are the checklist's top 3 % of a month's orders and a random 1.2 %; a part of the diversions surfaces in
public procurement documents. Inconclusive checks (22.5 %; BIS end-use checks FY2023: 24 % less than favourable) say
nothing. About 70 % of the diversions are never labelled. So that 20,000 lines give at least 60 `diverted` findings,
55 % of the diversions are published and linked after some 80 days; 20 to 45 % and 200 days would be likelier. All
shares are our choice.
A finding judges an order or a line, never all orders of a reseller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from features.measures import DAY, SECOND
from training.simulator.checklist import points
from training.simulator.dates import END, MONTHS
from training.simulator.dice import Dice
from training.simulator.trade import Order

CHECKLIST_PER_MILLE = 30
RANDOM_PER_MILLE = 12
SENSITIVITY_PER_MILLE = 600
FALSE_ALARM_PER_MILLE = 5
INCONCLUSIVE_PER_MILLE = 225
PUBLISHED_PER_MILLE = 550
LINKED_PER_MILLE = 600
WRONG_LINK_PER_MILLE = 60
APPEAL_PER_MILLE = 50
REOPENED_PER_MILLE = 4
CHECK_DELAY_DAYS = 90
LINK_DELAY_DAYS = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody said of an order (`line` None) or one of its lines, counted from 1; `order` is its position."""

    order: int
    line: int | None
    outcome: str
    happened_at: int
    known_at: int
    source: str
    confidence: int
    propensity: int | None = None


def findings(orders: Sequence[Order], dice: Dice) -> list[Finding]:
    """All findings that are known before the end, in the order in which they became known."""
    drawn = {position for position in range(len(orders)) if dice.chance(RANDOM_PER_MILLE)}
    listed = _checklist_top(orders) - drawn
    found = [_check(orders, position, "random", dice) for position in sorted(drawn)]
    found += [_check(orders, position, "checklist", dice) for position in sorted(listed)]
    found += _tips(orders, dice)
    found += [_appeal(finding, dice) for finding in found if _is_appealed(finding, dice)]
    return sorted(
        (finding for finding in found if finding.known_at < END),
        key=lambda finding: (finding.known_at, finding.order, finding.source),
    )


def _checklist_top(orders: Sequence[Order]) -> set[int]:
    """The positions of each month's highest points; of equals the more valuable order is looked at."""
    top: set[int] = set()
    for first, last in zip(MONTHS, (*MONTHS[1:], END), strict=True):
        month = [position for position, order in enumerate(orders) if first <= order.at < last]
        month.sort(key=lambda position: (-points(orders[position]), -orders[position].value, position))
        top.update(month[: len(month) * CHECKLIST_PER_MILLE // 1000])
    return top


def _check(orders: Sequence[Order], position: int, source: str, dice: Dice) -> Finding:
    order = orders[position]
    delay = (5 + dice.delay(CHECK_DELAY_DAYS)) * DAY + dice.below(86_400) * SECOND
    return Finding(
        order=position,
        line=_line(order, dice) if dice.chance(300) else None,
        outcome=_outcome(order, dice),
        happened_at=order.at + delay // SECOND * 6 // 10 * SECOND,
        known_at=order.at + delay,
        source=source,
        confidence=dice.between(60, 90),
        propensity=RANDOM_PER_MILLE if source == "random" else None,
    )


def _outcome(order: Order, dice: Dice) -> str:
    if dice.chance(INCONCLUSIVE_PER_MILLE):
        return "inconclusive"
    found = dice.chance(SENSITIVITY_PER_MILLE if order.diverted else FALSE_ALARM_PER_MILLE)
    return "diverted" if found else "cleared"


def _line(order: Order, dice: Dice) -> int:
    """A line that a check looked at: one that was diverted, if there is one."""
    diverted = [number for number, line in enumerate(order.lines, 1) if line.diverted]
    return dice.pick(diverted or range(1, len(order.lines) + 1))


def _tips(orders: Sequence[Order], dice: Dice) -> list[Finding]:
    """Public procurement documents, found and linked by somebody long after; some are linked to a wrong order."""
    tips = []
    for position, order in enumerate(orders):
        if order.diverted and dice.chance(PUBLISHED_PER_MILLE) and dice.chance(LINKED_PER_MILLE):
            linked = _neighbour(orders, position, dice) if dice.chance(WRONG_LINK_PER_MILLE) else position
            tips.append(_tip(orders[linked], linked, dice))
    return tips


def _tip(order: Order, position: int, dice: Dice) -> Finding:
    published = order.at + (10 + dice.delay(60)) * DAY + dice.below(86_400) * SECOND
    return Finding(
        order=position,
        line=_line(order, dice),
        outcome="diverted",
        happened_at=published,
        known_at=published + dice.delay(LINK_DELAY_DAYS) * DAY + dice.below(86_400) * SECOND,
        source="procurement",
        confidence=dice.between(75, 95),
    )


def _neighbour(orders: Sequence[Order], position: int, dice: Dice) -> int:
    """Another order of the same goods from about the same weeks."""
    category = orders[position].lines[0].product.category
    around = range(max(0, position - 200), min(len(orders), position + 200))
    alike = [i for i in around if i != position and orders[i].lines[0].product.category == category]
    return dice.pick(alike or [position])


def _is_appealed(finding: Finding, dice: Dice) -> bool:
    """One in twenty `diverted` findings is appealed with success; few cleared orders are ever looked at again."""
    overturned = {"diverted": APPEAL_PER_MILLE, "cleared": REOPENED_PER_MILLE, "inconclusive": 0}
    return dice.chance(overturned[finding.outcome])


def _appeal(finding: Finding, dice: Dice) -> Finding:
    """A later finding that turns an earlier one round, rightly or wrongly; whoever reads takes the latest."""
    later = finding.known_at + (20 + dice.delay(70)) * DAY
    return Finding(
        order=finding.order,
        line=finding.line,
        outcome="cleared" if finding.outcome == "diverted" else "diverted",
        happened_at=later - 5 * DAY,
        known_at=later,
        source=finding.source,
        confidence=dice.between(50, 80),
        propensity=finding.propensity,
    )
