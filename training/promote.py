"""A model becomes the champion: a gate, an event in the record, a copy of its folder, MLflow's alias as the mirror.

Errors::

    NotPromoted               the gate is closed; names every check that failed
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from features.measures import Refused
from features.record import Promotion, Record
from features.record.reports import PEOPLE_NEEDED, people
from models.artefact import load
from models.model import Model
from training.gate import Gate, first
from training.track import Book, NotTracked, crown, version_of

FOLDER = "models"
"""Where champions lie under the home folder of run-time files, each under its fingerprint."""


class NotPromoted(ValueError):
    """The gate is closed: the champion stays."""

    def __init__(self, closed: Gate) -> None:
        self.gate = closed
        failed = "; ".join(closed.failed())
        super().__init__(
            f"the champion stays ({closed.verdict}). {failed}. Whoever promotes all the same says why with --override"
        )


def promote(
    record: Record,
    model_folder: Path,
    *,
    home: Path,
    run_id: str,
    reason: str,
    who: Sequence[str],
    now: int,
    checked: Gate | None = None,
    override: str | None = None,
    tracking_uri: str | None = None,
) -> Promotion:
    """Promote a model and return the event.

    The folder is checked and copied to ``models/<fingerprint>`` under `home`, then the event is appended, known at
    `now` (microseconds UTC), then MLflow's alias ``champion`` follows the run. `who` names those who agreed: two
    different people. `checked` is what the gate found; a first model needs none. `override` says why it is promoted
    though the gate is closed, and is kept with what failed.

    Raises `Refused` without a reason, two people or a gate, `NotPromoted` where the gate is closed, `ArtefactRefused`
    for a folder that is no whole model, and `NotTracked` where MLflow holds no model of this run; nothing is written
    then.
    """
    _require_said(reason, who)
    model = load(model_folder)
    checked = checked or _first_gate(record, model, override)
    if not checked.open and not override:
        raise NotPromoted(checked)
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
        verdict=checked.verdict,
        checks=json.dumps(checked.to_json(), sort_keys=True),
        override=override if override and not checked.open else None,
    )
    record.append([event], source="promote", recorded_at=now)
    crown(book, version, _approval(event))
    return event


def rollback(
    record: Record, *, home: Path, reason: str, who: Sequence[str], now: int, tracking_uri: str | None = None
) -> Promotion:
    """Put the champion before this one back into service, and return the event; a second one goes back further.

    One person may do it: what served before was agreed to by two. Raises `Refused` without a reason or a name, or
    where nothing served before; `ArtefactRefused` where the earlier model's folder is damaged. Where MLflow does not
    know the earlier run, the record still decides, and the alias stays behind.
    """
    if not reason.strip() or not people(who):
        raise Refused("reason", reason, "or who says nothing", "say why, and who says so")
    served = standing(record.promotions())
    if len(served) < 2:
        raise Refused("rollback", len(served), "champions in all: there is none to go back to", "promote another model")
    undone, back = served[-1], served[-2]
    load(home / back.artefact, expected=back.model)
    event = Promotion(
        promotion_id=f"{back.model[:16]}-{now}",
        model=back.model,
        artefact=back.artefact,
        run_id=back.run_id,
        reason=reason.strip(),
        who=tuple(who),
        known_at=now,
        undoes=undone.promotion_id,
    )
    record.append([event], source="rollback", recorded_at=now)
    book = Book.at(home, tracking_uri)
    try:
        crown(book, version_of(book, back.run_id), _approval(event))
    except NotTracked:
        return event
    return event


def standing(promotions: Sequence[Promotion]) -> list[Promotion]:
    """Those promotions that were not taken back, in order: the last of them serves."""
    served: list[Promotion] = []
    for promotion in promotions:
        if promotion.undoes is None:
            served.append(promotion)
        else:
            served = [each for each in served if each.promotion_id != promotion.undoes]
    return served


def _first_gate(record: Record, model: Model, override: str | None) -> Gate:
    champion = record.champion()
    if champion is not None and champion.model != model.fingerprint and not override:
        raise Refused("gate", champion.model[:12], "serves, and was not compared with", "give what the gate found")
    return first(model, None, None)


def _require_said(reason: str, who: Sequence[str]) -> None:
    if not reason.strip():
        raise Refused("reason", reason, "says nothing", "say why this model should serve")
    if len(people(who)) < PEOPLE_NEEDED:
        mend = "give --who twice: promoting takes two different people"
        raise Refused("who", ", ".join(who), "is fewer than two people", mend)


def _approval(event: Promotion) -> dict[str, str]:
    override = {"override": event.override} if event.override else {}
    return {"approved_by": ", ".join(event.who), "reason": event.reason, "verdict": event.verdict or "", **override}


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
