"""All that the gate asks of a trained model: the comparison with the champion, and the same training again."""

from collections.abc import Callable
from pathlib import Path

from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import Refused
from features.record import Record
from models.artefact import load
from models.model import ForeignFeatures, Model
from training.champion import champion_folder
from training.compare import compare
from training.gate import Gate, first, gate, untold
from training.train import reproduced

Progress = Callable[[str, float], None]


def examine(
    record: Record, folder: Path, home: Path, *, start: int | None, end: int, progress: Progress | None = None
) -> Gate:
    """The gate of a trained model as things stand. Without a champion there is nothing to beat.

    Where no later line can judge, it cannot be told which is better, and the champion stays.
    """
    model = load(folder)
    foreign = foreign_to(record, model)
    named = champion_folder(record, home)
    if named is None or named[0].model == model.fingerprint:
        return first(model, foreign, None)
    again = reproduced(record, model, folder, home, progress)
    try:
        comparison = compare(record, folder, named[1], home=home, start=start, end=end, progress=progress)
    except Refused as reason:
        return untold(model, str(reason), foreign, again)
    return gate(comparison, model, foreign, again)


def foreign_to(record: Record, model: Model) -> ForeignFeatures | None:
    """How the model's definitions differ from those that this program would train on today; None where they do not."""
    try:
        model.require(catalogue(Book.of(record).attributes()))
    except ForeignFeatures as foreign:
        return foreign
    return None
