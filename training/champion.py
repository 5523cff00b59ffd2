"""The model that serves, as the record names it."""

from pathlib import Path

from features.record import Promotion, Record
from models.artefact import ArtefactRefused, Model, load


def champion_folder(record: Record, home: Path) -> tuple[Promotion, Path] | None:
    """The newest promotion and its model's folder under the home; None where nothing was promoted."""
    promotion = record.champion()
    return None if promotion is None else (promotion, home / promotion.artefact)


def champion_model(record: Record, home: Path) -> Model | None:
    """The champion, loaded; None where there is none, or where this program cannot read it."""
    named = champion_folder(record, home)
    if named is None:
        return None
    promotion, folder = named
    try:
        return load(folder, expected=promotion.model, probe=False)
    except ArtefactRefused:
        return None
