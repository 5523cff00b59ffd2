"""The simulated world `tier-two`: planted diversion one tier below the resellers, honest twins, late and faulty labels.

>>> from training.simulator import simulate  # simulate(Path("var/world"), seed=1) writes its files
"""

from training.simulator.scenario import SCENARIOS, Scenario, scenario
from training.simulator.simulation import Summary, simulate

__all__ = ["SCENARIOS", "Scenario", "Summary", "scenario", "simulate"]
