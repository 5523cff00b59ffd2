"""From a record to a champion: train, evaluate, promote, and ask MLflow for an answer without any code of ours."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from features.catalog.all import catalogue
from features.measures import DAY, Refused
from features.record import Record
from features.trade import Finding, Order, attributes
from models.artefact import load
from tests.factory import T0, finding, line, order
from training.evaluate import evaluate
from training.promote import promote
from training.track import Book
from training.train import Trained, train

mlflow = importlib.import_module("mlflow")  # after `training.track`, which turns its telemetry off

UNTIL = T0 + 300 * DAY
FEATURES = catalogue(("port",))


def trade(days: int = 400, seed: int = 4) -> Iterator[Order | Finding]:
    """An order a day by twelve resellers; big orders through port XX are diverted, and found out five days later."""
    dice = np.random.default_rng(seed)
    for day in range(days):
        units, port = int(dice.integers(1, 10)), str(dice.choice(["LA", "NY", "XX"]))
        of_line = line(units=units, amount=units * 1_000, attributes=attributes({"port": port}))
        at = T0 + day * DAY
        yield order(f"o{day}", reseller=f"r{day % 12}", at=at, lines=(of_line,))
        diverted = units + 4 * (port == "XX") + dice.normal() > 10
        outcome = "diverted" if diverted else "cleared"
        yield finding(f"f{day}", outcome, order_id=f"o{day}", line_id="1", at=at + 5 * DAY, source="audit")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The trade, in a record."""
    with Record.open(f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}") as opened:
        opened.append(trade(), source="made", recorded_at=T0 + 500 * DAY)
        yield opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def trained(record: Record, home: Path) -> Trained:
    return train(record, FEATURES, until=UNTIL, home=home, review_share=0.1, threads=1)


def test_a_trained_model_is_a_whole_folder(trained: Trained, home: Path) -> None:
    """It loads under its own fingerprint, and its card says what it learned from."""
    model = load(trained.artefact, expected=trained.model.fingerprint)
    assert trained.artefact == home / "trained" / model.fingerprint
    assert model.card.as_of == UNTIL
    assert any("lines before" in note for note in model.card.notes)
    assert model.vocabularies == {"port": ("LA", "NY", "XX")}


def test_training_again_gives_the_same_model(record: Record, trained: Trained, home: Path) -> None:
    """Same record, date and seed: the same fingerprint, another run."""
    again = train(record, FEATURES, until=UNTIL, home=home, review_share=0.1, threads=1)
    assert again.model.fingerprint == trained.model.fingerprint
    assert again.run_id != trained.run_id


def test_the_run_is_written_down(trained: Trained, home: Path) -> None:
    """Settings, measures with intervals, pictures, the artefact, and the training set's fingerprint."""
    client = mlflow.MlflowClient(Book.at(home).uri)
    run = client.get_run(trained.run_id)
    assert run.data.params["unknown"] == "weak"
    assert {"auc", "auc_low", "auc_high", "lines_diverted"} <= set(run.data.metrics)
    assert run.inputs.dataset_inputs[0].dataset.digest in run.data.tags["dataset.fingerprint"]
    paths = {item.path for folder in ("plots", "artefact") for item in client.list_artifacts(trained.run_id, folder)}
    assert {"plots/precision_recall.png", "plots/importance.png", "artefact/manifest.json"} <= paths


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


def test_a_report_sets_the_model_beside_its_rivals(record: Record, trained: Trained) -> None:
    """On later lines, with every baseline trained on the same lines."""
    end = UNTIL + 200 * DAY
    report = evaluate(record, FEATURES, trained.artefact, start=UNTIL, end=end, by="order", draws=100)
    assert list(report.samples) == ["model", "logistic", "two_term", "prior"]
    assert report.lines == 100
    assert report.notes == ()
    assert report.gain("prior", "auc").low > 0
    Console(quiet=True).print(report.render())


def test_a_model_can_be_its_own_rival(record: Record, trained: Trained) -> None:
    """Then nothing is gained."""
    folder = trained.artefact
    end = UNTIL + 200 * DAY
    report = evaluate(record, None, folder, start=UNTIL, end=end, rivals=[folder], exclude=["port=NY"], draws=50)
    gain = report.gain(trained.model.fingerprint[:12], "ap")
    assert (gain.low, gain.value, gain.high) == (0, 0, 0)
    assert report.left_out["excluded"] > 0


def test_lines_that_the_model_learned_from_are_noted(record: Record, trained: Trained) -> None:
    """A report on them flatters."""
    report = evaluate(record, None, trained.artefact, start=T0, end=UNTIL + 50 * DAY, rivals=[], draws=10)
    assert "it learned from them" in report.notes[0]


def test_what_is_learned_later_changes_no_model(record: Record, trained: Trained, tmp_path: Path) -> None:
    """A record that holds nothing after the date trains the very same model."""
    with Record.open(f"sqlite:///{tmp_path / 'early.db'}") as early:
        early.append((event for event in trade() if (event.known_at or 0) < UNTIL), source="made", recorded_at=UNTIL)
        assert early.position() < record.position()
        again = train(early, FEATURES, until=UNTIL, home=tmp_path, review_share=0.1, threads=1)
    assert again.model.fingerprint == trained.model.fingerprint


def test_a_promotion_is_an_event_and_mlflow_follows(record: Record, trained: Trained, home: Path) -> None:
    """The record names the champion, its folder lies under the home, the alias points at the run."""
    event = promote(
        record, trained.artefact, home=home, run_id=trained.run_id, reason="first", who=["A. Analyst"], now=UNTIL
    )
    assert record.champion() == event
    assert load(home / event.artefact, expected=event.model).fingerprint == trained.model.fingerprint
    client = mlflow.MlflowClient(Book.at(home).uri)
    assert client.get_model_version_by_alias("diversion-risk", "champion").run_id == trained.run_id


def test_a_promotion_needs_a_reason_and_a_known_run(record: Record, trained: Trained, home: Path) -> None:
    """Otherwise nothing is written."""
    before = record.position()
    with pytest.raises(Refused, match="says nothing"):
        promote(record, trained.artefact, home=home, run_id=trained.run_id, reason=" ", who=["A"], now=UNTIL)
    with pytest.raises(LookupError, match="no registered model"):
        promote(record, trained.artefact, home=home, run_id="0" * 32, reason="why not", who=["A"], now=UNTIL)
    assert record.position() == before


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
