"""Catches up on recalls: findings that came by files or links, or whose writer did not know of recalls.

A finding that is reported brings its recalls in its own transaction. All others are followed from the record: at the
first start those of the whole past, then what is new, a second after it came. How far that went stands in a file for
the next start, with the link that the record's chain had then: another record, or one put back, is looked at anew.
"""

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from features.record import Record
from features.record.checkpoints import Checkpoint
from features.record.recalling import due, found_after, recall
from serving.state import State

SOURCE = "service, recalls"
LOOKED = "recalls.json"
_LOG = logging.getLogger(__name__)


class Recaller:
    """Remembers up to which finding of a record it has looked."""

    def __init__(self) -> None:
        self._record: Record | None = None
        self._looked = 0

    def catch_up(self, state: State) -> None:
        """Recall, or release, the orders of all resellers that newer findings concern; raises `RecordError`."""
        record, now = state.record, time.time_ns() // 1000
        if record is not self._record:
            self._record, self._looked = record, _remembered(state.home / LOOKED, record)
        with record.reading() as connection:
            newest, concerned = found_after(connection, self._looked)
            wanted = [reseller_id for reseller_id in concerned if due(connection, reseller_id, now)]
        if wanted:
            with record.writer() as writer:
                count = recall(writer, wanted, recorded_at=now, source=SOURCE)
                state.hold()
            _LOG.warning("recalled or released %d orders of %d resellers", count, len(wanted))
        sealed = record.checkpoint(now) if newest != self._looked else None
        if sealed is not None:
            with suppress(OSError):
                _remember(state.home / LOOKED, newest, sealed)
        self._looked = newest


def _remember(file: Path, newest: int, sealed: Checkpoint) -> None:
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.write_text(json.dumps({"finding": newest, "checkpoint": asdict(sealed)}))
    new.replace(file)


def _remembered(file: Path, record: Record) -> int:
    """The finding up to which somebody has looked, 0 where that is not known of this record as it stands."""
    try:
        content = json.loads(file.read_text())
        looked, told = int(content["finding"]), content["checkpoint"]
        sealed = Checkpoint(int(told["position"]), str(told["link"]), int(told["made_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return looked if record.holds(sealed) else 0
