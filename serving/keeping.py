"""Snapshots of a service's engine and checkpoints of its record, written beside the orders."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from features import snapshot
from features.record import Record, checkpoints
from features.vector import Vectorizer
from features.windows.feature_set import FeatureSet

EVERY = 20_000
"""Positions between two snapshots: what a restart follows at most, in a second or two."""

CHECKPOINTS = "checkpoints.jsonl"

_LOG = logging.getLogger(__name__)


class Keeper:
    """Keeps snapshots below the home folder, one a set of definitions. One thread uses it, another one writes."""

    def __init__(self, home: Path, now: Callable[[], int]) -> None:
        self._home, self._now = home, now
        self._writing: threading.Thread | None = None
        self._kept = 0

    def restored(self, features: FeatureSet, record: Record) -> Vectorizer | None:
        """The engine of the newest snapshot, None where none fits."""
        try:
            engine = snapshot.restore(self._file(features), features, record)
        except FileNotFoundError:
            return None
        except (snapshot.Unusable, OSError, ValueError, KeyError) as error:
            _LOG.info("no snapshot is used: %s", error)
            return None
        self._kept = engine.position
        _LOG.info("went on from a snapshot at position %d", engine.position)
        return engine

    def outdated(self) -> None:
        """What was kept cannot be gone on from: it is soon due again."""
        self._kept = 0

    def due(self, engine: Vectorizer, every: int) -> bool:
        """Whether so many positions came since the last one, and none is being written."""
        return abs(engine.position - self._kept) >= every and (self._writing is None or not self._writing.is_alive())

    def keep(self, engine: Vectorizer, record: Record) -> None:
        """Take a snapshot and a checkpoint now, and write the snapshot while orders go on."""
        content = snapshot.take(engine, record)
        self._kept = engine.position
        self._seal(record)
        self._writing = threading.Thread(
            target=_write, args=(content, self._file(engine.features)), name="snapshot", daemon=True
        )
        self._writing.start()

    def finish(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            self._writing.join()

    def _seal(self, record: Record) -> None:
        sealed = record.checkpoint(self._now())
        if sealed is not None:
            with suppress(OSError):
                checkpoints.write(sealed, self._home / CHECKPOINTS)

    def _file(self, features: FeatureSet) -> Path:
        return self._home / "snapshots" / f"{features.fingerprint[:16]}.npz"


def _write(content: dict[str, NDArray[Any]], file: Path) -> None:
    try:
        snapshot.write(content, file)
    except OSError as error:
        _LOG.warning("no snapshot could be written: %s", error)
    else:
        _LOG.info("kept a snapshot: %s", file.name)
