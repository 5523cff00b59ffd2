"""Fixtures of the serving tests: a made world on each database, and one server for the tests that only read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.settings import Settings
from tests.serving.made import Server, served, world


@pytest.fixture
def settings(record_url: str, tmp_path: Path) -> Settings:
    """A made world, on each database in turn."""
    return world(record_url, tmp_path / "home")


@pytest.fixture
def sqlite_settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """A made world in a SQLite file."""
    return world(sqlite_url, tmp_path / "home")


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with keys, one for each role, for all tests: each sends orders of its own."""
    home = tmp_path_factory.mktemp("home")
    with served(world(f"sqlite:///{home}/record.db", home), keys=True) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a whole file of tests: each sends orders of its own."""
    home = tmp_path_factory.mktemp("home")
    with served(world(f"sqlite:///{home}/record.db", home)) as running:
        yield running
