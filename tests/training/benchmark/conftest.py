"""One small world, read as the benchmark reads it."""

import pytest

from training.benchmark.world import World, world


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A standard world of 12,000 orders: enough to run, too small to gate."""
    return world(tmp_path_factory.mktemp("benchmark") / "world", "standard", 5, 12_000)
