"""A small embedded world of sales with planted diversion, honest twins and late, partial, faulty labels.

>>> from training.simulator import simulate  # simulate(Path("var/world"), seed=1) writes its files
"""

from training.simulator.simulation import Summary, simulate

__all__ = ["Summary", "simulate"]
