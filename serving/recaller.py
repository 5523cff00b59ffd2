"""Catches up on recalls: findings that came by files or links, or whose writer did not know of recalls.

A finding that is reported brings its recalls in its own transaction. All others are followed from the record: at start
those of the whole past, then what is new, a second after it came.
"""

import logging
import time

from features.record.recalling import due, found_after, recall
from serving.state import State

SOURCE = "service, recalls"
_LOG = logging.getLogger(__name__)


class Recaller:
    """Remembers up to which finding it has looked; what it forgets with its process it looks at again."""

    def __init__(self) -> None:
        self._looked = 0

    def catch_up(self, state: State) -> None:
        """Recall, or release, the orders of all resellers that newer findings concern; raises `RecordError`."""
        record, now = state.record, time.time_ns() // 1000
        with record.reading() as connection:
            newest, concerned = found_after(connection, self._looked)
            wanted = [reseller_id for reseller_id in concerned if due(connection, reseller_id, now)]
        if wanted:
            with record.writer() as writer:
                count = recall(writer, wanted, recorded_at=now, source=SOURCE)
                state.hold()
            _LOG.warning("recalled or released %d orders of %d resellers", count, len(wanted))
        self._looked = newest
