"""What a challenger must show before it serves; "cannot tell" keeps the champion.

============  =============================================================================================
``overall``   its average precision is not worse, beyond the margin, than the champion's (paired interval)
``slices``    nor on any slice that can be judged
``better``    it is better: otherwise the champion stays
``calibrated``it was calibrated, and its calibration error on later lines is no worse than the champion's
``features``  the program computes the definitions that it was trained on
``reproduced``trained again from the record it has the same fingerprint
============  =============================================================================================
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.model import ForeignFeatures, Model
from training.compare import Comparison
from training.evaluate import is_calibrated
from training.intervals import Interval

MARGIN = 0.02
"""Average precision that may be lost overall, as the lower bound of the paired interval; our choice."""

SLICE_MARGIN = 0.10
"""The same on a slice, where intervals are wide."""

ECE_MARGIN = 0.02


@dataclass(frozen=True)
class Check:
    """One check: passed or not, and what was seen. One that is not `needed` informs only."""

    name: str
    passed: bool
    seen: str
    needed: bool = True


@dataclass(frozen=True)
class Gate:
    """All checks of a challenger."""

    verdict: str
    checks: tuple[Check, ...]

    @property
    def open(self) -> bool:
        """Whether every needed check passed."""
        return all(check.passed for check in self.checks if check.needed)

    def failed(self) -> list[str]:
        """What was seen by the checks that did not pass."""
        return [f"{check.name}: {check.seen}" for check in self.checks if check.needed and not check.passed]

    def to_json(self) -> dict[str, Any]:
        """The gate as JSON types, for the record."""
        return {"verdict": self.verdict, "checks": [asdict(check) for check in self.checks]}


def first(challenger: Model, features_known: ForeignFeatures | None, reproduced: bool | None) -> Gate:
    """The gate of a first model: there is no champion to beat."""
    return Gate("first", _own(challenger, features_known, reproduced, may_only_rank=True))


def untold(challenger: Model, reason: str, foreign: ForeignFeatures | None, reproduced: bool | None) -> Gate:
    """The gate where nothing can be compared: the champion stays."""
    better = Check("better", passed=False, seen=f"cannot tell: {reason}")
    return Gate("cannot tell", (better, *_own(challenger, foreign, reproduced)))


def gate(
    comparison: Comparison,
    challenger: Model,
    features_known: ForeignFeatures | None,
    reproduced: bool | None,
    margin: float = MARGIN,
) -> Gate:
    """The gate of a challenger against a champion."""
    gain, verdict = comparison.differences["ap"], comparison.verdict
    checks = [
        Check("better", verdict == "better", comparison.sentence()),
        Check("overall", not surely_below(gain, margin), f"average precision {_seen(gain)}, margin {margin:g}"),
        _slices(comparison),
    ]
    ece = comparison.differences.get("ece")
    if ece is not None:
        checks.append(
            Check("calibration error", not surely_below(_turned(ece), ECE_MARGIN), f"difference {_seen(ece)}")
        )
    return Gate(verdict, (*checks, *_own(challenger, features_known, reproduced)))


def surely_below(gain: Interval, margin: float) -> bool:
    """Whether all of a paired interval lies below -margin; what is not estimable is not sure."""
    return bool(not np.isnan(gain.value) and gain.high < -margin)


def _turned(interval: Interval) -> Interval:
    return Interval(-interval.value, -interval.high, -interval.low)


def _slices(comparison: Comparison) -> Check:
    judged = {name: gain for name, (_, gain) in comparison.slices.items() if not np.isnan(gain.value)}
    worse = [f"{name} {_seen(gain)}" for name, gain in judged.items() if surely_below(gain, SLICE_MARGIN)]
    told = "; ".join(worse) or f"none of {len(judged)} slices that can be judged is worse by {SLICE_MARGIN:g}"
    return Check("slices", not worse, told)


def _own(
    challenger: Model, foreign: ForeignFeatures | None, reproduced: bool | None, may_only_rank: bool = False
) -> tuple[Check, ...]:
    again = {None: "not tried", True: "trained again it is the same", False: "trained again it is another model"}
    calibrated = is_calibrated(challenger)
    told = "calibrated on judged lines" if calibrated else "its probabilities only rank: too few findings"
    return (
        Check("calibrated", calibrated, told, needed=not may_only_rank),
        Check("features", foreign is None, str(foreign) if foreign else "as this program computes them"),
        Check("reproduced", reproduced is not False, again[reproduced]),
    )


def _seen(interval: Interval) -> str:
    if np.isnan(interval.value):
        return "not estimable"
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"
