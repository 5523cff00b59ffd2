"""MLflow keeps the book of training runs and mirrors which model is champion; the record decides, MLflow follows.

The store is one SQLite file with a folder of artefacts beside it, unless a server's address is given. Nothing is sent
anywhere: MLflow's telemetry is off (https://mlflow.org/docs/latest/community/usage-tracking.html).
"""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Read by MLflow when it is first imported, so they are set before, and here only.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # its 7 wait for minutes where a server is away

import lightgbm
import mlflow
import mlflow.lightgbm
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from numpy.typing import NDArray

from training.intervals import Interval
from training.plots import save
from training.search import Trial

NAME = "diversion-risk"
"""The experiment's and the registered model's name."""

EXAMPLE_LINES = 3


class NotTracked(LookupError):
    """MLflow does not hold what was asked for, or refused; the text says how to mend it."""


@dataclass(frozen=True)
class Book:
    """Where runs are kept: MLflow's tracking address and, for a local store, the folder of its artefacts."""

    uri: str
    artefacts: Path | None = None

    @classmethod
    def at(cls, home: Path, uri: str | None = None) -> "Book":
        """The book under the home folder of run-time files, or the one that `uri` names."""
        folder = home.resolve() / "mlflow"
        folder.mkdir(parents=True, exist_ok=True)
        local = uri is None or uri.startswith("sqlite:")
        return cls(uri or f"sqlite:///{folder / 'mlflow.db'}", folder / "artefacts" if local else None)


@dataclass(frozen=True)
class Entry:
    """All that is written down of one training run.

    `booster` is the calibrated model, its probability the raw prediction; `example` (n_lines, n_columns) float64
    vectors of some lines under their names; `model` the artefact's fingerprint, `dataset` the training set's. `doubts`
    are about the data, `trials` those of the search. `page` is HTML that shows the run to a pointer.
    """

    model: str
    booster: lightgbm.Booster
    example: pd.DataFrame
    artefact: Path
    dataset: str
    statement: str
    params: Mapping[str, Any]
    metrics: Mapping[str, Interval | float]
    plots: Mapping[str, Figure]
    page: str
    warnings: Sequence[str] = ()
    doubts: Sequence[str] = ()
    trials: Sequence[Trial] = ()


def log_run(book: Book, entry: Entry, scratch: Path) -> str:
    """Write a run down, register its model as the challenger, and return the run's id.

    `scratch` is a folder for the pictures on their way into the book.
    """
    with _open(book):
        _experiment(book)
        tags = {"mlflow.user": "", "mlflow.source.name": "diversion train", "model": entry.model}
        with mlflow.start_run(tags=tags) as run:
            mlflow.log_params(dict(entry.params))
            mlflow.log_metrics(_numbers(entry.metrics))
            source = CodeDatasetSource({"what": entry.statement})
            mlflow.log_input(MetaDataset(source, name="training set", digest=entry.dataset[:36]), context="training")
            mlflow.set_tag("dataset.fingerprint", entry.dataset)
            mlflow.set_tag("warnings", "\n".join(entry.warnings))
            mlflow.set_tag("doubts", "\n".join(entry.doubts)[:5_000])
            mlflow.set_tag("mlflow.note.content", _shown((entry.artefact / "card.md").read_text()))
            for name, figure in entry.plots.items():
                mlflow.log_artifact(str(save(figure, scratch / f"{name}.png")), "plots")
            mlflow.log_text(entry.page, "plots/page.html")
            mlflow.log_artifacts(str(entry.artefact), "artefact")
            _log_trials(entry.trials)
            registered = _log_model(entry, run.info.run_id)
        _mirror("challenger", registered)
        return str(run.info.run_id)


def _log_trials(trials: Sequence[Trial]) -> None:
    """A nested run for each trial of the search; those given up early have no score."""
    for trial in trials:
        tags = {"mlflow.user": "", "trial": str(trial.number), "given_up": str(trial.score is None)}
        with mlflow.start_run(run_name=f"trial {trial.number}", nested=True, tags=tags):
            mlflow.log_params(dict(trial.parameters))
            scored = {} if trial.score is None else {"forward_average_precision": trial.score}
            mlflow.log_metrics({**scored, "rounds": float(trial.rounds)})


def log_page(book: Book, run_id: str, name: str, page: str) -> None:
    """Lay a page of HTML under the reports of a run. Raises `NotTracked` where the book does not hold the run."""
    with _open(book):
        mlflow.MlflowClient().log_text(run_id, page, f"reports/{name}")


def version_of(book: Book, run_id: str) -> str:
    """The version of the registered model that a run made. Raises `NotTracked` where the book holds none."""
    with _open(book):
        versions = mlflow.MlflowClient().search_model_versions(f"name='{NAME}' and run_id='{run_id}'")
    if not versions:
        raise NotTracked(f"run {run_id!r} has no registered model at {book.uri}; train it into this store")
    return str(versions[0].version)


def crown(book: Book, model_version: str, tags: Mapping[str, str] | None = None) -> None:
    """Set the alias ``champion`` to a version of the registered model, and take ``challenger`` off it.

    `tags` say on the version who approved it, and why.
    """
    with _open(book):
        client = mlflow.MlflowClient()
        _mirror("champion", model_version)
        for name, text in (tags or {}).items():
            client.set_model_version_tag(NAME, model_version, name, text)
        if "challenger" in client.get_model_version(NAME, model_version).aliases:
            client.delete_registered_model_alias(NAME, "challenger")


def _log_model(entry: Entry, run_id: str) -> str:
    """Log the booster in the plain LightGBM flavour (text, no pickle, none of our code) and register it."""
    # Pinned as installed: the flavour loads with these alone.
    pins = [f"{package}=={version(package)}" for package in ("mlflow", "lightgbm", "numpy", "pandas", "scikit-learn")]
    signature = ModelSignature(
        inputs=Schema([ColSpec(DataType.double, name) for name in entry.example.columns]),
        outputs=Schema([ColSpec(DataType.double)]),
    )
    info = mlflow.lightgbm.log_model(
        entry.booster,
        name="model",
        signature=signature,
        input_example=entry.example.head(EXAMPLE_LINES),
        pip_requirements=pins,
        metadata={"model": entry.model},
    )
    return _register(info.model_uri, run_id, info.model_id, entry.model)


def _register(source: str, run_id: str, model_id: str, fingerprint: str) -> str:
    """A new version of the registered model; answers its number."""
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name='{NAME}'"):
        client.create_registered_model(NAME)
    registered = client.create_model_version(NAME, source, run_id, tags={"model": fingerprint}, model_id=model_id)
    return str(registered.version)


def _mirror(alias: str, model_version: str) -> None:
    mlflow.MlflowClient().set_registered_model_alias(NAME, alias, model_version)


def _experiment(book: Book) -> None:
    if mlflow.get_experiment_by_name(NAME) is None:
        location = book.artefacts.as_uri() if book.artefacts else None
        mlflow.create_experiment(NAME, artifact_location=location)
    mlflow.set_experiment(NAME)


def _shown(card: str) -> str:
    """The card as a run's description, which MLflow cuts off at 8,000 characters."""
    told = "\n\n(The whole card is among the artefacts: artefact/card.md)"
    return card if len(card) <= NOTE else card[: NOTE - len(told)] + told


NOTE = 8_000
"""Characters of a description in MLflow (`MAX_TAG_VAL_LENGTH`)."""


def _numbers(metrics: Mapping[str, Interval | float]) -> dict[str, float]:
    """Metrics as plain numbers: an interval gives three. What could not be estimated is left out."""
    numbers: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, Interval):
            numbers |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            numbers[name] = value
    return {name: number for name, number in numbers.items() if np.isfinite(number)}


@contextmanager
def _open(book: Book) -> Iterator[None]:
    """MLflow pointed at the book, and back at what it was after."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(book.uri)
    try:
        with warnings.catch_warnings():
            # MLflow 3.17 leans on what SQLAlchemy 2.1 and pandas 3 announce to drop; versions are pinned.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.filterwarnings("ignore", message=".*Any type hint is inferred")  # of its own classes
            yield
    except MlflowException as problem:
        raise NotTracked(f"MLflow at {book.uri} refused: {problem}") from problem
    finally:
        mlflow.set_tracking_uri(before)


def example(names: Sequence[str], values: NDArray[np.float64]) -> pd.DataFrame:
    """Vectors (n_lines, n_columns) under their names, float64 throughout: MLflow warns of integer columns."""
    return pd.DataFrame(np.asarray(values[:EXAMPLE_LINES], np.float64), columns=list(names))
