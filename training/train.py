"""A model is trained, laid down in a folder of its own, and the run written into MLflow's book."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import lightgbm as lgb

from features.measures import iso
from features.record import Record
from features.windows.feature_set import FeatureSet
from models.artefact import Model, save
from training.building import Built, Capacity, Choices, Progress, build
from training.intervals import Interval
from training.leaks import Doubt
from training.pages.trained import trained_page
from training.track import Book, Entry, example, log_run

TRAINED = "trained"
"""Where trained models lie under the home folder, each under its fingerprint, until one is promoted."""


@dataclass(frozen=True)
class Trained:
    """A trained model: the MLflow run, the model, its folder, its measures on later lines, and what to mind.

    `warnings` tell what was not done for want of findings, `doubts` what in the data should be looked at first.
    """

    run_id: str
    model: Model
    artefact: Path
    metrics: Mapping[str, Interval]
    statement: str
    warnings: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


def train(
    record: Record,
    features: FeatureSet,
    *,
    home: Path,
    tracking_uri: str | None = None,
    **choices: Unpack[Choices],
) -> Trained:
    """Train, and write the model's folder and the run down; see `build` for what may be chosen, and for what it raises.

    The folder lies under `home`; the run goes to `tracking_uri`, by default a store under `home`.
    """
    built, progress = build(record, features, home=home, **choices), choices.get("progress")
    if progress is not None:
        progress("writing the run down", 0.9)
    model, folder = built.model, home / TRAINED / built.model.fingerprint
    if not folder.exists():  # the same data and seed give the same model
        save(model, folder)
    with tempfile.TemporaryDirectory() as scratch:
        run_id = log_run(Book.at(home, tracking_uri), _entry(built, folder), Path(scratch))
    note = {"run_id": run_id, "settings": built.settings}
    folder.with_suffix(".json").write_text(json.dumps(note, indent=1, default=str))
    return Trained(run_id, model, folder, built.metrics, built.chosen.statement(), built.fitted.warnings, built.doubted)


def reproduced(record: Record, model: Model, folder: Path, home: Path, progress: Progress | None = None) -> bool | None:
    """Whether the settings noted beside a trained model give the same model again; None where none are noted."""
    note = folder.with_suffix(".json")
    if not note.exists():
        return None
    settings = json.loads(note.read_text())["settings"]
    again = build(
        record, model.features, home=home, capacity=Capacity(**settings.pop("capacity")), rules=model.rules,
        progress=progress, **settings,
    )  # fmt: skip
    return again.model.fingerprint == model.fingerprint


def _entry(built: Built, folder: Path) -> Entry:
    """What is written down of the run."""
    chosen, fitted, model = built.chosen, built.fitted, built.model
    counted = {f"lines_{name}": float(count) for name, count in chosen.counts().items()}
    data = {
        "until": iso(chosen.until),
        "unknown": chosen.unknown,
        "inconclusive_as": chosen.inconclusive,
        "labelled_share": chosen.labelled_share,
        "sample_share": chosen.share,
        "audits": len(chosen.audits.diverted),
        "weak_weight": chosen.weak_weight,
        "maturity_days": chosen.maturity_days,
        "features": chosen.past.features.fingerprint,
        "rounds": fitted.rounds,
        "calibrated": fitted.calibrated,
    }
    own = {name: built.settings[name] for name in ("seed", "threads", "trials", "by_reseller")}
    return Entry(
        model=model.fingerprint,
        booster=lgb.Booster(model_str=model.classifier.text),
        example=example(chosen.past.features.names, chosen.past.values),
        artefact=folder,
        dataset=chosen.fingerprint(),
        statement=chosen.statement(),
        params={**data, **own, **built.settings["capacity"], **built.settings["parameters"]},
        metrics={**built.metrics, **counted},
        plots=built.pictures,
        page=trained_page(built),
        warnings=fitted.warnings,
        doubts=[str(doubt) for doubt in built.doubted],
        trials=built.searched.trials if built.searched else (),
    )
