"""The same book on a server that keeps its runs in PostgreSQL."""

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import httpx
import lightgbm
import numpy as np
import pytest
from sqlalchemy import make_url

from training.search import Trial
from training.track import Book, Entry, crown, example, log_run, version_of
from training.train import Trained

mlflow = importlib.import_module("mlflow")  # after `training.track`, which turns its telemetry off


def free_port() -> int:
    """A port that nobody listens on."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def server(postgresql_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a tracking server over PostgreSQL that serves artefacts itself."""
    url = make_url(postgresql_url)
    store = url.set(drivername="postgresql+pg8000", query={"unix_sock": f"{url.query['host']}/.s.PGSQL.5432"})
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    command += ["--backend-store-uri", store.render_as_string(hide_password=False), "--workers", "1"]
    command += ["--artifacts-destination", str(tmp_path / "artefacts")]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await(address, process, tmp_path / "log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _await(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(240):
        if process.poll() is not None:
            pytest.fail(log.read_text()[-2_000:])
        try:
            if httpx.get(f"{address}/health").status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.fail("the tracking server did not start")


def test_a_server_over_postgresql_keeps_runs_trials_models_and_aliases(
    server: str, trained: Trained, home: Path, tmp_path: Path
) -> None:
    """What the local store keeps, and the artefacts through the server."""
    book = Book.at(home, server)
    assert book == Book(server, None)
    entry = Entry(
        model=trained.model.fingerprint,
        booster=lightgbm.Booster(model_str=trained.model.classifier.text),
        example=example(trained.model.features.names, np.zeros((3, len(trained.model.features.names)))),
        artefact=trained.artefact,
        dataset="d" * 64,
        statement=trained.statement,
        params={"seed": 7},
        metrics={"auc": 0.9},
        plots={},
        trials=(Trial(0, {"num_leaves": 8}, 0.5, 100), Trial(1, {"num_leaves": 9}, None, 0)),
    )
    run_id = log_run(book, entry, tmp_path)
    crown(book, version_of(book, run_id), {"approved_by": "ana, ben"})
    client = mlflow.MlflowClient(server)
    nested = client.search_runs(
        [client.get_run(run_id).info.experiment_id], f"tags.mlflow.parentRunId = '{run_id}'", order_by=["tags.trial"]
    )
    assert [run.data.params["num_leaves"] for run in nested] == ["8", "9"]
    assert "Model card" in client.get_run(run_id).data.tags["mlflow.note.content"]
    version = client.get_model_version_by_alias("diversion-risk", "champion")
    assert (version.run_id, version.tags["approved_by"]) == (run_id, "ana, ben")
    fetched = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="artefact", tracking_uri=server)
    assert (Path(fetched) / "model.txt").read_text() == trained.model.classifier.text
