"""What each class of end user buys, and what it says the goods are for. All weights are our choice.

Every pair of goods and declared use occurs among honest orders; none of the tables knows of diversion.
"""

from training.simulator.dice import Odds
from training.simulator.products import FAMILIES

CATEGORIES = tuple(family.category for family in FAMILIES)

# One column a category, in the order of the catalogue.
_BUYS: dict[str, tuple[int, ...]] = {
    "hospital": (50, 14, 30, 100, 60, 180, 300, 130, 70, 60),
    "university": (75, 20, 60, 220, 80, 160, 30, 220, 75, 65),
    "research_institute": (80, 20, 65, 240, 80, 160, 20, 220, 60, 55),
    "company": (75, 20, 50, 160, 80, 180, 80, 215, 80, 70),
    "public_health": (65, 14, 40, 140, 90, 260, 200, 115, 40, 40),
    "security": (420, 80, 35, 90, 80, 110, 10, 95, 45, 35),
    "unknown": (110, 22, 40, 140, 80, 160, 80, 190, 95, 85),
}
# How far a reseller's trade leans: a factor in percent on the categories whose path begins so.
_LEANS: dict[str, dict[str, int]] = {
    "general": {},
    "forensic": {"forensics": 320},
    "clinical": {"ivd": 260, "pcr": 140, "forensics": 70},
    "research": {"sequencing": 200, "reagents": 140, "forensics": 80},
    "supplies": {"plastics": 320, "reagents": 200, "sequencing": 60},
}
SEGMENTS: Odds[str] = Odds({"general": 34, "forensic": 13, "clinical": 21, "research": 21, "supplies": 11})

USES = (
    "patient_care",
    "research",
    "casework",
    "kinship_testing",
    "teaching",
    "quality_control",
    "outbreak_monitoring",
    "",
)
_SAYS: dict[str, tuple[int, ...]] = {
    "hospital": (520, 210, 30, 60, 30, 70, 40, 40),
    "university": (60, 640, 40, 30, 120, 40, 20, 50),
    "research_institute": (30, 690, 40, 30, 40, 80, 40, 50),
    "company": (60, 380, 40, 90, 10, 330, 20, 70),
    "public_health": (140, 200, 20, 30, 10, 110, 440, 50),
    "security": (10, 90, 680, 80, 30, 60, 10, 40),
    "unknown": (80, 320, 60, 70, 30, 120, 30, 290),
}
# Forensic goods are declared for casework and kinship more often, by everybody.
_FORENSIC_PERCENT = (60, 80, 350, 400, 80, 80, 30, 100)


def _goods(kind: str, segment: str) -> Odds[str]:
    lean = _LEANS[segment]
    return Odds(
        {
            category: weight * lean.get(category.split("/")[0], 100)
            for category, weight in zip(CATEGORIES, _BUYS[kind], strict=True)
        }
    )


def _uses(kind: str, forensic: bool) -> Odds[str]:
    factors = _FORENSIC_PERCENT if forensic else (100,) * len(USES)
    return Odds({use: weight * factor for use, weight, factor in zip(USES, _SAYS[kind], factors, strict=True)})


GOODS = {(kind, segment): _goods(kind, segment) for kind in _BUYS for segment in _LEANS}
"""Odds of a category for a class of end user at a reseller's segment."""

DECLARED_USE = {(kind, forensic): _uses(kind, forensic) for kind in _SAYS for forensic in (False, True)}
"""Odds of a declared use for a class of end user, for other and for forensic goods; empty is left blank."""


def affinity(kind: str, category: str) -> int:
    """How often a class buys a category, in thousandths of its purchases, 10..420."""
    return _BUYS[kind][CATEGORIES.index(category)]
