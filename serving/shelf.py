"""The models behind past decisions, read again from where they were promoted."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from features.record import Promotion, Record
from models.artefact import load
from models.model import Model
from serving.problems import Problem

KEPT = 3
"""Models held in memory."""


class Shelf:
    """Gives models by fingerprint; threads may share it. `home` is the folder that artefacts are named from."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: OrderedDict[str, Model] = OrderedDict()
        self._lock = Lock()

    def model(self, record: Record, fingerprint: str) -> Model:
        """The model of this fingerprint; raises `Problem` where it was never promoted here or its files changed."""
        with self._lock:
            if fingerprint not in self._kept:
                self._kept[fingerprint] = self._read(record, fingerprint)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(fingerprint)
            return self._kept[fingerprint]

    def _read(self, record: Record, fingerprint: str) -> Model:
        folders = {entry.event.model: entry.event.artefact for entry in record.entries((Promotion,))}
        if fingerprint not in folders:
            raise Problem("definitions-away", f"model {fingerprint[:12]} was never promoted in this record")
        try:
            # It was tried when it was promoted, and its hash is checked here: no need of a child process.
            return load(self._home / folders[fingerprint], expected=fingerprint, probe=False)
        except (ValueError, OSError) as error:
            raise Problem(
                "definitions-away", f"model {fingerprint[:12]} cannot be read: {type(error).__name__}"
            ) from None
