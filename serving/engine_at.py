"""An engine level with the record at a position, for a command that has a few questions.

It goes on from a snapshot where one fits. Else it reads the whole record, and keeps a snapshot, from which the next
command and the next start of a service go on.
"""

from collections.abc import Callable

import numpy as np

from features.facts.book import Book
from features.record import Decision, Record
from features.vector import Behind, Vectorizer
from features.windows.feature_set import FeatureSet
from serving.keeping import EVERY, Keeper
from serving.state import FAR

Progress = Callable[[str, float], None]


def silent(what: str, share: float) -> None:
    """Nobody listens."""


def engine_at(keeper: Keeper, features: FeatureSet, record: Record, upto: int, progress: Progress) -> Vectorizer:
    """The engine that has seen the record up to a position, and nothing after it.

    The first time reads the whole record; later ones what came after the snapshot that it kept.
    """
    progress("reading what the service remembers", 0.0)
    engine = keeper.restored(features, record)
    if engine is None or not engine.position <= upto <= engine.position + FAR:
        engine = _replayed(features, record, upto, progress)
    else:
        try:
            engine.follow(record.tail(engine.position, upto, (Decision,)), record.revisions)
            engine.position = upto
        except Behind:
            engine = _replayed(features, record, upto, progress)
    if keeper.due(engine, EVERY):
        progress("keeping a snapshot for the next time", 0.0)
        keeper.keep(engine, record)
        keeper.finish()
    return engine


def _replayed(features: FeatureSet, record: Record, upto: int, progress: Progress) -> Vectorizer:
    progress("reading the whole record, this once", 0.0)
    book = Book.of(record, upto)
    engine = Vectorizer(features, record.currency)
    engine.load(book, np.zeros(len(book.lines), bool), progress)
    return engine
