"""A simulated world as the benchmark reads it: frozen features and labels of the open files, the sealed truth apart.

This room grades finished models, so it may open `sealed`; nothing that makes features, trains or serves does (a test
makes sure of it).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.exchange import Exchange
from features.facts.book import Book
from features.mapping import Mapping, Rejected
from features.measures import Refused, instant
from features.record.ledger import Entry
from training.benchmark.frozen import features, read_findings, read_lines
from training.labels import Labels, labels_as_of
from training.simulator import simulate

Bools = NDArray[np.bool_]

_FAR = instant("2100-01-01T00:00:00Z")
ALL_KNOWN = 2**62
"""A date by which everything is known that will ever be."""


@dataclass
class World:
    """One world in memory; all columns and arrays (n_lines,) stand in the order of `orders.csv`.

    `lines` is what was declared, `features` the frozen features; `diverted`, `shipped`, `typology` and `twin_of` are
    the sealed truth, `parts` who plays which part.
    """

    folder: Path
    about: dict[str, Any]
    lines: pd.DataFrame
    features: pd.DataFrame
    findings: pd.DataFrame
    diverted: Bools
    shipped: Bools
    typology: NDArray[np.object_]
    twin_of: NDArray[np.object_]
    parts: pd.DataFrame

    @property
    def trained_until(self) -> int:
        """Until when a model may learn, microseconds UTC."""
        return instant(str(self.about["trained_until"]))

    @cached_property
    def t(self) -> NDArray[np.int64]:
        """The moment of each line, microseconds UTC."""
        seconds: NDArray[np.int64] = self.lines["seconds"].to_numpy(np.int64)
        return seconds * 1_000_000

    @cached_property
    def reseller(self) -> NDArray[np.object_]:
        """The reseller of each line."""
        ids: NDArray[np.object_] = self.lines["reseller_id"].to_numpy(object)
        return ids

    def labels(self, as_of: int = ALL_KNOWN) -> Labels:
        """What findings known before a date said of each line."""
        lines = pa.table({"order_id": self.lines["order_id"].astype(str), "line_id": self.lines["line"].astype(str)})
        found = self.findings
        columns = {
            "position": np.arange(len(found)),
            "finding_id": found["finding_id"].astype(str),
            "revision": np.ones(len(found), np.int64),
            "outcome": found["outcome"].astype(str),
            "known_at": found["known"].to_numpy(np.int64) * 1_000_000,
            "order_id": found["order_id"].astype(str),
            "line_id": found["line"].replace("", None),
        }
        return labels_as_of(lines, pa.table(columns), as_of)

    @cached_property
    def book(self) -> Book:
        """The open files through the mapping, for the feature engine. Raises `Refused` where a row is rejected."""
        mapping = Mapping.load(Path(str(files("training.simulator").joinpath("mapping.toml"))))
        entries = []
        for position, event in enumerate(mapping.read([self.folder], exchange=Exchange("USD"), now=_FAR), 1):
            if isinstance(event, Rejected):
                raise Refused(event.column, event.value, f"{event.file} line {event.row}: {event.why}", event.mend)
            entries.append(Entry(position, event.known_at or 0, event))
        return Book.empty("USD").extended(entries)


def world(folder: Path, scenario: str, seed: int, orders: int | None = None) -> World:
    """The world of a scenario and seed, made in `folder` unless it lies there already."""
    if not (folder / "world.json").exists():
        simulate(folder, seed=seed, scenario_name=scenario, orders=orders)
    return read(folder)


def read(folder: Path) -> World:
    """A world from its files in CSV. Raises `Refused` where there is no world."""
    if not (folder / "world.json").exists():
        raise Refused("world", str(folder), "holds no world", "make one with `diversion simulate`")
    lines, findings = read_lines(folder), read_findings(folder)
    truth = pd.read_csv(folder / "sealed" / "truth.csv", dtype=str, keep_default_na=False)
    return World(
        folder=folder,
        about=json.loads((folder / "world.json").read_text(encoding="utf-8")),
        lines=lines,
        features=features(lines, findings),
        findings=findings,
        diverted=(truth["diverted"] == "true").to_numpy(np.bool_),
        shipped=(truth["shipped"] == "true").to_numpy(np.bool_),
        typology=truth["typology"].to_numpy(object),
        twin_of=truth["twin_of"].to_numpy(object),
        parts=pd.read_csv(folder / "sealed" / "resellers.csv", dtype=str),
    )
