"""T03: one hidden buyer's demand is spread over three to six dealers, a little to each."""

from training.simulator import signals
from training.simulator.draws import Bools, Draws, Rolls
from training.simulator.market import Market
from training.simulator.orders import Orders
from training.simulator.scenario import WEEK
from training.simulator.signals import Signs
from training.simulator.typologies.typology import Typology

_CAMPAIGN_PER_MILLE = 400


class Dilution(Typology):
    """Mechanism: a trader collects small lots from several dealers in the same weeks. Signal: the area's surplus."""

    code = "T03"
    story = "Four dealers each sell a few kits more than usual; together it is what one bureau's laboratory uses up."
    twin_story = "A consortium tenders together: several dealers order the same goods in the same weeks."
    signs = Signs(new_name=200, larger=690, dearer=730, own_site=580, blank_use=50)
    surfaces = 1_400
    diverters = 6
    twins = 20
    share_per_mille = (600, 800)
    twin_per_mille = (350, 600)
    together = (3, 6)

    def may_carry(self, market: Market, orders: Orders) -> Bools:
        """Only in the weeks of a campaign, which the members of a ring share."""
        ring, week = market.resellers.ring[orders.reseller], orders.at // WEEK
        return Draws(market.seed, "campaigns").of(ring, week).chance(_CAMPAIGN_PER_MILLE)

    def divert(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """Wanted goods of the common buyer, with fewer signs than others show."""
        signals.wanted_goods(market, orders, rolls, signals.all_of(orders))
        signals.show(market, orders, rolls, self.signs)
        return orders

    def imitate(self, market: Market, orders: Orders, rolls: Rolls) -> Orders:
        """The tender's goods."""
        signals.wanted_goods(market, orders, rolls, rolls.chance(800))
        signals.larger(orders, rolls.chance(150), rolls)
        return orders
