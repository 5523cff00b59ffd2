"""The stories of diversion that the simulated world plays, one file each."""

from training.simulator.typologies.t01_regional_reseller import RegionalReseller
from training.simulator.typologies.t02_dealer_leak import DealerLeak
from training.simulator.typologies.t03_dilution import Dilution
from training.simulator.typologies.t04_new_shell import NewShell
from training.simulator.typologies.t05_stock_orders import StockOrders
from training.simulator.typologies.t06_splitting import Splitting
from training.simulator.typologies.t07_false_end_use import FalseEndUse
from training.simulator.typologies.t08_procurement_front import ProcurementFront
from training.simulator.typologies.t09_consumables_tail import ConsumablesTail
from training.simulator.typologies.t10_hub_routing import HubRouting
from training.simulator.typologies.t11_dormant_dealer import DormantDealer
from training.simulator.typologies.t12_hidden_owner import HiddenOwner
from training.simulator.typologies.t13_service_drift import ServiceDrift
from training.simulator.typologies.t14_substitution import Substitution
from training.simulator.typologies.t15_grey_resale import GreyResale
from training.simulator.typologies.t16_bundles import Bundles
from training.simulator.typologies.t17_adaptation import Adaptation
from training.simulator.typologies.typology import Typology

TYPOLOGIES: tuple[Typology, ...] = (
    RegionalReseller(),
    DealerLeak(),
    Dilution(),
    NewShell(),
    StockOrders(),
    Splitting(),
    FalseEndUse(),
    ProcurementFront(),
    ConsumablesTail(),
    HubRouting(),
    DormantDealer(),
    HiddenOwner(),
    ServiceDrift(),
    Substitution(),
    GreyResale(),
    Bundles(),
    Adaptation(),
)
"""All stories; a story's number in the world's columns is its place here, counted from 1."""

__all__ = ["TYPOLOGIES", "Typology"]
