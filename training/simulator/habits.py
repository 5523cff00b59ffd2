"""What each class of end user buys, and what it says the goods are for. All weights are our choice.

Every pair of goods and declared use occurs among honest orders; none of the tables knows of diversion.
"""

import numpy as np

from training.simulator.draws import Ints, Odds
from training.simulator.products import CATEGORIES, FORENSIC, TOPS

CLASSES = (
    *("hospital", "university", "research_institute", "company", "public_health", "security"),
    *("purchasing_body", "unknown"),
)
"""What an end user may be declared as; a purchasing body buys for others."""

HOSPITAL, UNIVERSITY, INSTITUTE, COMPANY, PUBLIC_HEALTH, SECURITY, PURCHASING, UNKNOWN = range(len(CLASSES))
CLASS_ODDS = Odds([255, 230, 125, 150, 75, 90, 45, 30])

# One column a category, in the order of the catalogue.
_BUYS = np.array(
    [
        (60, 14, 30, 100, 60, 180, 300, 130, 70, 60, 40),
        (85, 20, 60, 220, 80, 160, 30, 220, 75, 65, 45),
        (90, 20, 65, 240, 80, 160, 20, 220, 60, 55, 45),
        (80, 20, 50, 160, 80, 180, 80, 215, 80, 70, 45),
        (75, 14, 40, 140, 90, 260, 200, 115, 40, 40, 40),
        (380, 70, 35, 90, 80, 110, 10, 95, 45, 35, 55),
        (130, 30, 45, 130, 80, 170, 150, 140, 60, 50, 40),
        (115, 22, 40, 140, 80, 160, 80, 190, 95, 85, 45),
    ]
)
SEGMENTS = ("general", "forensic", "clinical", "research", "supplies")
SEGMENT_ODDS = Odds([34, 13, 21, 21, 11])
# How far a reseller's trade leans: a factor in percent on the categories whose path begins so.
_LEANS: tuple[dict[str, int], ...] = (
    {},
    {"forensics": 300, "service": 130},
    {"ivd": 260, "pcr": 140, "forensics": 70},
    {"sequencing": 200, "reagents": 140, "forensics": 80},
    {"plastics": 320, "reagents": 200, "sequencing": 60},
)

USES = (
    *("", "patient_care", "research", "casework", "kinship_testing", "teaching", "quality_control"),
    "outbreak_monitoring",
)
"""Declared uses; the first is left blank."""

_SAYS = np.array(
    [
        (40, 520, 210, 30, 60, 30, 70, 40),
        (50, 60, 640, 40, 30, 120, 40, 20),
        (50, 30, 690, 40, 30, 40, 80, 40),
        (70, 60, 380, 40, 90, 10, 330, 20),
        (50, 140, 200, 20, 30, 10, 110, 440),
        (40, 10, 90, 680, 80, 30, 60, 10),
        (120, 200, 220, 60, 40, 40, 120, 120),
        (290, 80, 320, 60, 70, 30, 120, 30),
    ]
)
# Forensic goods are declared for casework and kinship more often, by everybody.
_FORENSIC_PERCENT = np.array([100, 60, 80, 350, 400, 80, 80, 30])

_lean = np.array([[lean.get(top, 100) for top in TOPS] for lean in _LEANS])
_GOODS = Odds((_BUYS[:, None, :] * _lean[None, :, :]).reshape(-1, len(CATEGORIES)))
_DECLARED = Odds(np.stack([_SAYS * 100, _SAYS * _FORENSIC_PERCENT], axis=1).reshape(-1, len(USES)))
AFFINITY: Ints = _BUYS
"""How often a class buys a category, in thousandths of its purchases, (n_classes, n_categories)."""


def goods_of(point: Ints, kind: Ints, segment: Ints) -> Ints:
    """A category that a reseller of a segment would sell to a class of end user."""
    return _GOODS.at(point, kind * len(SEGMENTS) + segment)


def use_of(point: Ints, kind: Ints, category: Ints) -> Ints:
    """What a class of end user says that such goods are for."""
    return _DECLARED.at(point, kind * 2 + FORENSIC[category])
