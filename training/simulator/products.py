"""The catalogue: about 150 invented products in a tree of categories.

HS and ECCN codes only look like codes of such goods (CBP HQ 965900, 2002, put a genetic analyser into 9027.20.50;
N272643, DNA and PCR kits into 3822.00.5090). They are made up for the simulation and classify nothing.
"""

from dataclasses import dataclass

from features.measures import DAY
from training.simulator.dates import END, START
from training.simulator.dice import Dice
from training.simulator.trade import Product


@dataclass(frozen=True, slots=True)
class Family:
    """A category: prices in whole US dollars, `usual_quantity` the median units of an order line."""

    category: str
    noun: str
    count: int
    lowest_price: int
    highest_price: int
    usual_quantity: int
    sensitivity: int
    hs_code: str
    eccn: str


# Prices, counts and sensitivities are our choice; around $40 a sample is what a public tender of 2022 shows.
FAMILIES = (
    Family("forensics/hid-kit", "identification kit", 18, 2600, 9800, 4, 3, "3822.00.5090", "EAR99"),
    Family("forensics/hid-instrument", "identification analyser", 6, 62000, 175000, 1, 3, "9027.20.50", "3A999"),
    Family("sequencing/instrument", "sequencer", 10, 58000, 420000, 1, 2, "9027.20.50", "3A999"),
    Family("sequencing/reagent", "sequencing reagent set", 26, 700, 6200, 5, 1, "3822.00.5090", "EAR99"),
    Family("pcr/instrument", "thermal cycler", 12, 5200, 46000, 1, 2, "8419.89", "EAR99"),
    Family("pcr/kit", "amplification kit", 24, 240, 1900, 8, 1, "3822.00.5090", "EAR99"),
    Family("ivd/test-kit", "diagnostic test kit", 16, 180, 1200, 12, 0, "3822.00.5090", "EAR99"),
    Family("reagents/general", "general reagent", 20, 60, 700, 10, 0, "3822.00.5090", ""),
    Family("plastics/tube", "tube rack", 10, 30, 190, 20, 0, "3926.90", ""),
    Family("plastics/plate", "well plate", 8, 40, 260, 16, 0, "3926.90", ""),
)
QUANTITY = {family.category: family.usual_quantity for family in FAMILIES}

_FIRST = ("Vel", "Ostr", "Quin", "Bram", "Tess", "Ulv", "Zor", "Nyl", "Ferr", "Ixo", "Dovr", "Kest")
_LAST = ("andra", "ique", "omere", "alis", "extra", "inova", "uma", "ardo", "ethys", "olis")


def catalogue(dice: Dice) -> tuple[Product, ...]:
    """All products, known from the beginning but for one in eight, which is launched later."""
    return tuple(_product(family, number, dice) for family in FAMILIES for number in range(1, family.count + 1))


def _product(family: Family, number: int, dice: Dice) -> Product:
    # The first of a family always exists, so that every order can be filled.
    launched = dice.between(60, (END - START) // DAY - 120) if number > 1 and dice.chance(125) else -30
    stem = family.category.replace("/", "-").upper()
    return Product(
        sku=f"{stem}-{number:02d}",
        name=f"{dice.pick(_FIRST)}{dice.pick(_LAST)} {family.noun} {dice.between(11, 99) * 10}",
        category=family.category,
        hs_code=family.hs_code,
        eccn=family.eccn,
        sensitivity=family.sensitivity,
        list_price=dice.between(family.lowest_price, family.highest_price) * 100,
        known_at=START + launched * DAY,
    )
