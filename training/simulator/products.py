"""The catalogue: about 160 invented products in a tree of categories.

HS and ECCN codes only look like codes of such goods (CBP HQ 965900, 2002, put a genetic analyser into 9027.20.50;
N272643, DNA and PCR kits into 3822.00.5090). They are made up for the simulation and classify nothing.
"""

from dataclasses import dataclass

import numpy as np

from features.measures import DAY
from training.simulator.draws import Bools, Draws, Ints
from training.simulator.scenario import Scenario


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
    Family("service/spare-part", "spare part", 14, 90, 4200, 2, 1, "9027.90", "EAR99"),
)
CATEGORIES = tuple(family.category for family in FAMILIES)
TOPS = tuple(category.split("/")[0] for category in CATEGORIES)
FIRST: Ints = np.cumsum([0, *(family.count for family in FAMILIES[:-1])])
"""Position of each family's first product in the catalogue."""

COUNT: Ints = np.array([family.count for family in FAMILIES])
QUANTITY: Ints = np.array([family.usual_quantity for family in FAMILIES])
SENSITIVITY: Ints = np.array([family.sensitivity for family in FAMILIES])
INSTRUMENT: Bools = np.array([category.endswith("instrument") for category in CATEGORIES])
FORENSIC: Bools = np.array([top == "forensics" for top in TOPS])
HID_KIT, HID_INSTRUMENT, SEQUENCER, SEQ_REAGENT, CYCLER, PCR_KIT, IVD, REAGENT, TUBE, PLATE, SPARE = range(
    len(FAMILIES)
)

_NAMES = ("Vel", "Ostr", "Quin", "Bram", "Tess", "Ulv", "Zor", "Nyl", "Ferr", "Ixo", "Dovr", "Kest")
_ENDINGS = ("andra", "ique", "omere", "alis", "extra", "inova", "uma", "ardo", "ethys", "olis")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products by position, each an array (n_products,): family, list price in US cents, first moment known."""

    sku: tuple[str, ...]
    name: tuple[str, ...]
    family: Ints
    list_price: Ints
    known_at: Ints


def catalogue(scenario: Scenario, seed: int) -> Catalogue:
    """All products, known from the beginning but for one in eight, which is launched later."""
    family = np.repeat(np.arange(len(FAMILIES)), COUNT)
    number = np.arange(len(family)) - FIRST[family]
    rolls = Draws(seed, "products").upto(len(family))
    # The first of a family always exists, so that every order can be filled.
    late = rolls.chance(125) & (number > 0)
    days = np.where(late, rolls.between(60, (scenario.end - scenario.start) // DAY - 120), -30)
    lowest = np.array([each.lowest_price for each in FAMILIES])[family]
    highest = np.array([each.highest_price for each in FAMILIES])[family]
    words = zip(rolls.below(len(_NAMES)), rolls.below(len(_ENDINGS)), family, rolls.between(11, 99), strict=True)
    return Catalogue(
        sku=tuple(
            f"{CATEGORIES[f].replace('/', '-').upper()}-{n + 1:02d}" for f, n in zip(family, number, strict=True)
        ),
        name=tuple(f"{_NAMES[a]}{_ENDINGS[b]} {FAMILIES[f].noun} {c * 10}" for a, b, f, c in words),
        family=family,
        list_price=rolls.between(lowest, highest) * 100,
        known_at=scenario.start + days * DAY,
    )
