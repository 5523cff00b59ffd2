"""The stories of diversion that the simulated world plays, one file each."""

from training.simulator.typologies.t01_regional_reseller import RegionalReseller
from training.simulator.typologies.t02_dealer_leak import DealerLeak
from training.simulator.typologies.t04_new_shell import NewShell
from training.simulator.typologies.t05_stock_orders import StockOrders
from training.simulator.typologies.t06_splitting import Splitting
from training.simulator.typologies.t07_false_end_use import FalseEndUse
from training.simulator.typologies.t10_hub_routing import HubRouting
from training.simulator.typologies.t11_dormant_dealer import DormantDealer
from training.simulator.typologies.typology import Typology

TYPOLOGIES: tuple[Typology, ...] = (
    RegionalReseller(),
    DealerLeak(),
    NewShell(),
    StockOrders(),
    Splitting(),
    FalseEndUse(),
    HubRouting(),
    DormantDealer(),
)

__all__ = ["TYPOLOGIES", "Typology"]
