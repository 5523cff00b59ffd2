"""A model becomes the champion: an event in the record, a copy of its folder, and MLflow's alias as the mirror."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from features.measures import Refused
from features.record import Promotion, Record
from models.artefact import load
from training.track import Book, crown, version_of

FOLDER = "models"
"""Where champions lie under the home folder of run-time files, each under its fingerprint."""


def promote(
    record: Record,
    model_folder: Path,
    *,
    home: Path,
    run_id: str,
    reason: str,
    who: Sequence[str],
    now: int,
    tracking_uri: str | None = None,
) -> Promotion:
    """Promote a model and return the event.

    The folder is checked and copied to ``models/<fingerprint>`` under `home`, then the event is appended, known at
    `now` (microseconds UTC), then MLflow's alias ``champion`` follows the run. `who` names those who agreed.

    Raises `Refused` without a reason or a name, `ArtefactRefused` for a folder that is no whole model, and
    `NotTracked` where MLflow holds no model of this run; nothing is written then.
    """
    if not reason.strip():
        raise Refused("reason", reason, "says nothing", "say why this model should serve")
    model = load(model_folder)
    book = Book.at(home, tracking_uri)
    version = version_of(book, run_id)
    _copy(model_folder, home / FOLDER / model.fingerprint)
    event = Promotion(
        promotion_id=f"{model.fingerprint[:16]}-{now}",
        model=model.fingerprint,
        artefact=f"{FOLDER}/{model.fingerprint}",
        run_id=run_id,
        reason=reason.strip(),
        who=tuple(who),
        known_at=now,
    )
    record.append([event], source="promote", recorded_at=now)
    crown(book, version)
    return event


def _copy(source: Path, target: Path) -> None:
    """Copy a model's folder in one step, so that a service never sees half of one."""
    if target.exists():
        load(target, expected=target.name, probe=False)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=".copying-", dir=target.parent))
    try:
        shutil.copytree(source, half / target.name)
        (half / target.name).rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
