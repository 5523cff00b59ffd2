"""Snapshots: the engine's memory as one file, so that a restart replays what came after it and not the whole past.

Numbers and names only, no code: a numpy archive that is read without pickle. What is not in it is read from the record:
resellers and products at once, findings, cancellations, notices and sell-through reports where somebody speaks of them
again. A snapshot that another kernel, other definitions, another policy or another record wrote is refused by name;
build the state from the record then.
"""

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.record.store import Record
from features.vector import Kept, Vectorizer
from features.windows import kernel
from features.windows.entities import NUMBER_SHIFT
from features.windows.feature_set import FeatureSet
from features.windows.state import State, packed, unpacked


class Unusable(ValueError):
    """A snapshot that does not fit; the text says why. A state built by replay from the record always does."""


def take(vectorizer: Vectorizer, record: Record) -> dict[str, NDArray[Any]]:
    """The state as arrays of its own, which `write` may write while the vectorizer goes on."""
    kept = vectorizer.kept()
    meta = _meta(vectorizer, record, kept.position) | {"codes": kept.texts, "awards": kept.awards}
    content = {name: array.copy() for name, array in packed(kept.state).items()}
    return content | {"award_rows": kept.award_rows, "meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)}


def write(content: dict[str, NDArray[Any]], file: Path) -> None:
    """Write what was taken to a file, all of it or (whatever happens meanwhile) nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as out:
            np.savez(out, allow_pickle=False, **content)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def save(vectorizer: Vectorizer, record: Record, file: Path) -> None:
    """Write the state to a file at once."""
    write(take(vectorizer, record), file)


def restore(file: Path, features: FeatureSet, record: Record) -> Vectorizer:
    """The vectorizer that was saved; `follow` the record's tail from its position on.

    Raises `Unusable` for a snapshot that does not fit, OSError where there is none.
    """
    arrays = _read(file)
    held = json.loads(arrays["meta"].tobytes())
    vectorizer, position = Vectorizer(features, record.currency), int(held["position"])
    for name, expected in _meta(vectorizer, record, position).items():
        if held.get(name) != expected:
            raise Unusable(f"{file}: {name} is {held.get(name)!r}, not {expected!r}; replay the record instead")
    vectorizer.recall(record, Kept(position, held["codes"], unpacked(arrays), held["awards"], arrays["award_rows"]))
    return vectorizer


def _read(file: Path) -> dict[str, Any]:
    """All arrays, their checksums looked at."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
            arrays = dict(archive)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Unusable(f"{file}: {error}; replay the record instead") from None
    if {*State._fields, "arena_size", "award_rows", "meta"} != set(arrays):
        raise Unusable(f"{file}: another version wrote it; replay the record instead")
    return arrays


def _meta(vectorizer: Vectorizer, record: Record, position: int) -> dict[str, Any]:
    """What must be the same for a snapshot to be good."""
    return {
        "kernel": kernel.VERSION,
        "layout": NUMBER_SHIFT,
        "features": vectorizer.features.fingerprint,
        "policy": vectorizer.policy,
        "currency": record.currency,
        "position": position,
        "entry": _digest(record, position),
    }


def _digest(record: Record, position: int) -> str:
    """Of the record's entry at a position: another record has another one there."""
    entries = list(record.tail(position - 1, position)) if position else []
    return hashlib.sha256(repr(entries).encode()).hexdigest()
