"""Writes a mapping and data files, and reads them: one line in a test."""

from collections.abc import Container
from pathlib import Path
from typing import Any, TypeVar

from features.exchange import Exchange
from features.mapping import Event, Mapping, Rejected
from features.measures import instant

NOW = instant("2025-01-01T00:00:00Z")

T = TypeVar("T")

ORDERS = """
zone = "UTC"
[order]
order_id = "order"
reseller_id = "reseller"
ordered_at = "at"
[line]
sku = "sku"
"""
"""The least that a mapping of orders says; a test adds to it."""


def written(folder: Path, mapping: str, **files: str) -> Mapping:
    """The mapping; each file's name ends in .csv."""
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return Mapping.load(folder / "mapping.toml")


def read(folder: Path, mapping: str, known_orders: Container[str] | None = None, **files: str) -> list[Any]:
    """All events and refused rows of these files."""
    said: list[Event | Rejected] = list(
        written(folder, mapping, **files).read(
            [folder / f"{name}.csv" for name in files], exchange=Exchange(), now=NOW, known_orders=known_orders
        )
    )
    return said


def only(kind: type[T], said: list[Any]) -> list[T]:
    """Those of one kind."""
    return [thing for thing in said if isinstance(thing, kind)]
