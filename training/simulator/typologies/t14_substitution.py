"""T14: after a rule closes one way, other goods go to the province next door."""

import numpy as np

from training.simulator import places, products, signals
from training.simulator.demand import deliver
from training.simulator.draws import Bools, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.parties import Resellers, spot
from training.simulator.scenario import Scenario
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_SUBSTITUTES = np.array([products.SEQ_REAGENT, products.PCR_KIT, products.CYCLER, products.SEQUENCER])


class Substitution(Typology):
    """Mechanism: what is not on the list does the same work. Signal: a break at the rule's date.

    It appears only after the training period.
    """

    code = "T14"
    story = "Once identification kits need a licence, sequencing reagents go to a dealer in the next province instead."
    twin_story = "A growing dealer doubles its trade in amplification kits because a season of testing began."
    signs = Signs(new_name=770, larger=150, dearer=200, own_site=690, blank_use=350)
    diverters = 3
    appears = "after training"

    def suits(self, firms: Resellers, scenario: Scenario) -> Bools:
        """Chinese resellers outside the region."""
        chinese: Bools = super().suits(firms, scenario) & places.IN_CHINA[firms.place] & ~places.SENSITIVE[firms.place]
        return chinese

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Substitutes; three in ten to the province next door."""
        family = _SUBSTITUTES[rolls.below(len(_SUBSTITUTES))]
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders), family)
        signals.show(market, orders, rolls, self.signs)
        next_door = places.NEXT_DOOR[rolls.below(len(places.NEXT_DOOR))]
        deliver(orders, rolls.chance(300), next_door, *spot(next_door, rolls))
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """More of the same goods for customers who test more."""
        family = _SUBSTITUTES[rolls.below(len(_SUBSTITUTES))]
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders), family)
        signals.larger(orders, rolls.chance(350), rolls)
        return orders
