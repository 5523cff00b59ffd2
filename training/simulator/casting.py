"""Who plays which part: few resellers divert, and some three times as many honest ones look like them.

Diverters and twins of a story are drawn alike among the resellers that suit it, so that neither size nor age nor place
tells them apart; and a reseller plays one part at most.
"""

import numpy as np
from numpy.typing import NDArray

from training.simulator import signals
from training.simulator.draws import Draws, Rolls, sample
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers
from training.simulator.scenario import Scenario
from training.simulator.typologies import TYPOLOGIES, Typology

ALONG_PER_MILLE = 900
"""Of a diverted order's other lines this share goes along with the first."""

_SMALLEST = 350_000
"""Rate below which a reseller is too small to hide anything in."""


def cast(firms: Resellers, scenario: Scenario, seed: int) -> None:
    """Give parts to resellers."""
    for number, typology in enumerate(TYPOLOGIES):
        rolls = Draws(seed, f"casting {typology.code}").upto(firms.count)
        open_to_it = (firms.part < 0) & typology.suits(firms, scenario) & (firms.rate >= _SMALLEST)
        drawn = sample(rolls, firms.count)
        suiting = drawn[open_to_it[drawn]]
        diverters = max(typology.together[0], firms.count * typology.diverters * scenario.diverters // 1_000_000)
        twins = max(typology.together[0], firms.count * typology.twins // 1_000)
        chosen = np.sort(suiting[:diverters]), np.sort(suiting[diverters : diverters + twins])
        for honest, rows in zip((False, True), chosen, strict=True):
            _play(firms, rows, typology, number, honest, scenario, rolls[rows])


def _play(
    firms: Resellers,
    rows: NDArray[np.intp],
    typology: Typology,
    number: int,
    honest: bool,
    scenario: Scenario,
    rolls: Rolls,
) -> None:
    firms.part[rows], firms.honest[rows] = number, honest
    firms.wants[rows] = np.stack([rolls.choose(signals.WANTED) for _ in range(2)], axis=1)
    _rings(firms, rows, typology, rolls)
    typology.recast(firms, rows, scenario, rolls)
    begins, ends = typology.season(firms, rows, scenario, rolls)
    firms.begins[rows], firms.ends[rows] = begins, ends
    firms.share[rows] = rolls.between(*(typology.twin_per_mille if honest else typology.share_per_mille))
    firms.adapts[rows] = typology.adapts | (rolls.chance(scenario.adapting) & (not honest))


def _rings(firms: Resellers, rows: NDArray[np.intp], typology: Typology, rolls: Rolls) -> None:
    """Those who act together have one buyer and one taste."""
    if typology.together[1] == 1 or not len(rows):
        return
    sizes = rolls.between(*typology.together)
    ends = np.cumsum(sizes)
    ring = np.minimum(np.searchsorted(ends, np.arange(len(rows)), side="right"), len(rows) - 1)
    leader = np.searchsorted(ring, ring)
    firms.ring[rows] = rows[leader]
    firms.buyer[rows] = rows[leader]
    firms.wants[rows] = firms.wants[rows[leader]]


def play(market: Market, orders: Orders, draws: Draws) -> list[Orders]:
    """The orders as their resellers' parts will have them, in batches, with the truth written on them.

    Of the first batch, which are the orders given, those that were replaced are left without a line.
    """
    firms = market.resellers
    part, rolls = firms.part[orders.reseller], draws.of(orders.key)
    carrying = (
        (part >= 0)
        & (firms.begins[orders.reseller] <= orders.at)
        & (orders.at < firms.ends[orders.reseller])
        & rolls.chance(firms.share[orders.reseller])
    )
    played = [orders]
    for number, typology in enumerate(TYPOLOGIES):
        for honest in (False, True):
            rows = np.flatnonzero(carrying & (part == number) & (firms.honest[orders.reseller] == honest))
            rows = rows[typology.may_carry(market, orders.take(rows))]
            if len(rows):
                carrying[rows] = False
                orders_of_part, own = orders.take(rows), rolls[rows]
                played.append(_played(market, orders_of_part, typology, number + 1, honest, own))
                orders.lines[rows] = 0  # replaced
    return played


def _played(market: Market, orders: Orders, typology: Typology, number: int, honest: bool, rolls: Rolls) -> Orders:
    if honest:
        twins = typology.imitate(market, orders, rolls)
        twins.twin[:] = number
        return twins
    diverted = typology.divert(market, orders, rolls)
    diverted.typology[:] = number
    along = Draws(market.seed, "lines that go along").of(diverted.key)
    for line in range(diverted.line_diverted.shape[1]):
        diverted.line_diverted[:, line] = (line == 0) | along.chance(ALONG_PER_MILLE)
    diverted.line_diverted &= diverted.filled()
    return diverted
