"""From a record to a champion: train, evaluate, promote, and ask MLflow for an answer without any code of ours."""

import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
from rich.console import Console

from features.measures import DAY, Refused
from features.record import Record
from models.artefact import load, save
from tests.factory import T0
from tests.training.conftest import FEATURES, UNTIL, trade
from training.building import Capacity
from training.evaluate import evaluate
from training.search import Trial
from training.track import Book, Entry, example, log_run
from training.train import Trained, train

mlflow = importlib.import_module("mlflow")  # after `training.track`, which turns its telemetry off


@pytest.fixture(scope="module")
def record(traded: Record) -> Record:
    return traded


def test_a_trained_model_is_a_whole_folder(trained: Trained, home: Path) -> None:
    """It loads under its own fingerprint, and its card says what it learned from."""
    model = load(trained.artefact, expected=trained.model.fingerprint)
    assert model.spread is not None
    assert model.spread.interval(0.1).low < 0.1 < model.spread.interval(0.1).high
    assert trained.artefact == home / "trained" / model.fingerprint
    assert model.card.as_of == UNTIL
    assert any("lines before" in note for note in model.card.notes)
    assert model.vocabularies == {"port": ("LA", "NY", "XX")}


def test_training_again_gives_the_same_model(record: Record, trained: Trained, home: Path) -> None:
    """Same record, date and seed: the same fingerprint, another run."""
    again = train(record, FEATURES, until=UNTIL, home=home, capacity=Capacity(0.1), threads=1)
    assert again.model.fingerprint == trained.model.fingerprint
    assert again.run_id != trained.run_id


def test_the_run_is_written_down(trained: Trained, home: Path, tmp_path: Path) -> None:
    """Settings, measures with intervals, pictures, the artefact, and the training set's fingerprint."""
    client = mlflow.MlflowClient(Book.at(home).uri)
    run = client.get_run(trained.run_id)
    assert run.data.params["unknown"] == "weak"
    assert {"auc", "auc_low", "auc_high", "lines_diverted"} <= set(run.data.metrics)
    assert run.inputs.dataset_inputs[0].dataset.digest in run.data.tags["dataset.fingerprint"]
    paths = {item.path for folder in ("plots", "artefact") for item in client.list_artifacts(trained.run_id, folder)}
    assert {"plots/precision_recall.png", "plots/importance.png", "artefact/manifest.json"} <= paths
    page = Path(client.download_artifacts(trained.run_id, "plots/page.html", str(tmp_path))).read_text()
    assert all(str(interval) in page for interval in trained.metrics.values())


def test_each_trial_of_a_search_is_a_run_below_the_run(trained: Trained, home: Path, tmp_path: Path) -> None:
    """With its parameters; one that was given up early has no score. The card is the run's description."""
    entry = Entry(
        model=trained.model.fingerprint,
        booster=lgb.Booster(model_str=trained.model.classifier.text),
        example=example(trained.model.features.names, np.zeros((1, len(trained.model.features.names)))),
        artefact=trained.artefact,
        dataset="d" * 64,
        statement=trained.statement,
        params={},
        metrics={},
        plots={},
        page="",
        trials=(Trial(0, {"num_leaves": 8}, 0.5, 100), Trial(1, {"num_leaves": 9}, None, 0)),
    )
    run_id = log_run(Book.at(home), entry, tmp_path)
    client = mlflow.MlflowClient(Book.at(home).uri)
    run = client.get_run(run_id)
    below = client.search_runs(
        [run.info.experiment_id], f"tags.mlflow.parentRunId = '{run_id}'", order_by=["tags.trial"]
    )
    assert [each.data.params["num_leaves"] for each in below] == ["8", "9"]
    assert ["forward_average_precision" in each.data.metrics for each in below] == [True, False]
    assert "# Model card" in run.data.tags["mlflow.note.content"]


def test_mlflow_is_left_as_it_was(trained: Trained, home: Path) -> None:
    """Its address is not ours to keep."""
    assert trained.run_id
    assert mlflow.get_tracking_uri() != Book.at(home).uri


def test_mlflow_sends_nothing(trained: Trained) -> None:
    """Its telemetry has no client."""
    telemetry = importlib.import_module("mlflow.telemetry")
    assert trained.run_id
    assert telemetry.get_telemetry_client() is None


def test_a_server_keeps_its_own_artefacts(home: Path) -> None:
    """A server's address goes to MLflow as it is, without a folder of ours."""
    assert Book.at(home, "https://mlflow.example") == Book("https://mlflow.example", None)


def test_a_report_sets_the_model_beside_its_rivals(record: Record, trained: Trained, home: Path) -> None:
    """On later lines, with every baseline trained on the same lines."""
    end = UNTIL + 200 * DAY
    report = evaluate(record, FEATURES, trained.artefact, home=home, start=UNTIL, end=end, by="order", draws=100)
    assert list(report.samples) == ["model", "logistic", "checklist", "two_term", "prior"]
    assert report.lines == 100
    assert report.notes == ()
    assert report.gain("prior", "auc").low > 0
    Console(quiet=True).print(report.render())


def test_ablations_learn_from_the_lines_of_the_model_without_any_rival(
    record: Record, trained: Trained, home: Path
) -> None:
    """Nothing is noted of other training lines."""
    asked = {"home": home, "start": UNTIL, "end": UNTIL + 200 * DAY, "by": "order", "draws": 20}
    report = evaluate(record, FEATURES, trained.artefact, rivals=(), ablations=True, **asked)  # type: ignore[arg-type]
    assert len(report.samples) > 1
    assert report.notes == ()


def test_a_model_can_be_its_own_rival(record: Record, trained: Trained, home: Path) -> None:
    """Then nothing is gained."""
    folder = trained.artefact
    end = UNTIL + 200 * DAY
    report = evaluate(
        record, None, folder, home=home, start=UNTIL, end=end, rivals=[folder], exclude=["port=NY"], draws=50
    )
    gain = report.gain(trained.model.fingerprint[:12], "ap")
    assert (gain.low, gain.value, gain.high) == (0, 0, 0)
    assert report.left_out["excluded"] > 0


def test_unseen_resellers_judge_where_there_are_any(record: Record, trained: Trained, home: Path) -> None:
    """All of these had ordered by the model's date; of a model that knew nothing nobody had."""
    asked = {"home": home, "start": UNTIL, "end": UNTIL + 200 * DAY, "rivals": (), "draws": 20, "unseen": True}
    with pytest.raises(Refused, match="leaves 0 judged lines"):
        evaluate(record, None, trained.artefact, **asked)  # type: ignore[arg-type]
    early = home / "early"
    save(replace(trained.model, card=replace(trained.model.card, as_of=T0)), early)
    report = evaluate(record, None, early, **asked)  # type: ignore[arg-type]
    assert report.lines == 100
    assert "only resellers that had not ordered by the model's date judge" in report.notes


def test_lines_that_the_model_learned_from_are_noted(record: Record, trained: Trained, home: Path) -> None:
    """A report on them flatters."""
    report = evaluate(record, None, trained.artefact, home=home, start=T0, end=UNTIL + 50 * DAY, rivals=[], draws=10)
    assert "it learned from them" in report.notes[0]


def test_what_is_learned_later_changes_no_model(record: Record, trained: Trained, tmp_path: Path) -> None:
    """A record that holds nothing after the date trains the very same model."""
    with Record.open(f"sqlite:///{tmp_path / 'early.db'}") as early:
        early.append((event for event in trade() if (event.known_at or 0) < UNTIL), source="made", recorded_at=UNTIL)
        assert early.position() < record.position()
        again = train(early, FEATURES, until=UNTIL, home=tmp_path, capacity=Capacity(0.1), threads=1)
    assert again.model.fingerprint == trained.model.fingerprint


def test_plain_mlflow_answers_with_the_calibrated_probability(trained: Trained, home: Path, tmp_path: Path) -> None:
    """`mlflow models predict`, in a process that knows no code of ours, from text without a pickle."""
    (mlmodel,) = (path for path in home.rglob("MLmodel") if trained.run_id in path.read_text())
    folder = mlmodel.parent
    assert (folder / "model.lgb").read_text().startswith("tree")
    assert not list(folder.rglob("*.pkl"))
    command = [sys.executable, "-P", "-m", "mlflow", "models", "predict", "--env-manager", "local", "-t", "json"]
    command += ["-m", f"models:/{mlmodel.parent.parent.name}", "-o", str(tmp_path / "answer")]
    command += ["-i", str(folder / "serving_input_example.json")]
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "MLFLOW_TRACKING_URI": Book.at(home).uri})
    rows = json.loads((folder / "serving_input_example.json").read_text())["dataframe_split"]["data"]
    answers = json.loads((tmp_path / "answer").read_text())["predictions"]
    expected = trained.model.classifier.predict(np.array(rows, np.float64))
    assert answers == pytest.approx(expected.tolist(), abs=1e-15)
