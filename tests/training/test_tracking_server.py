"""Training and promotion against an MLflow server that keeps its book in PostgreSQL."""

import importlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from features.record import Record
from tests.training.conftest import FEATURES, UNTIL
from training.building import Capacity
from training.promote import promote
from training.track import NAME, NotTracked
from training.train import Trained, train

mlflow = importlib.import_module("mlflow")  # after `training.track`, which turns its telemetry off

pytestmark = pytest.mark.timeout(900)

PATIENCE_S = 600
"""A server makes its tables one by one, and that on a machine that has much else to do."""


@pytest.fixture(scope="module")
def server(postgresql: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a tracking server over PostgreSQL, whose artefacts go through it."""
    url = make_url(str(postgresql))
    given = url.set(drivername="postgresql+pg8000", query={"unix_sock": f"{url.query['host']}/.s.PGSQL.5432"})
    folder = tmp_path_factory.mktemp("mlflow")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", given.render_as_string(hide_password=False)),
        *("--artifacts-destination", str(folder)),
    ]
    lean = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, env=lean) as run:
        try:
            _wait(f"{address}/health", run, folder / "log")
            yield address
        finally:
            run.terminate()


def _wait(address: str, run: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and run.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    pytest.fail(f"the tracking server did not come up:\n{log.read_text()[-3_000:]}")


def test_a_server_keeps_the_book(traded: Record, trained: Trained, server: str, tmp_path: Path) -> None:
    """Run, pictures, artefact and aliases are the server's; the model is the one that a local book gets."""
    made = train(traded, FEATURES, until=UNTIL, home=tmp_path, tracking_uri=server, capacity=Capacity(0.1), threads=1)
    assert made.model.fingerprint == trained.model.fingerprint
    client = mlflow.MlflowClient(server)
    run = client.get_run(made.run_id)
    assert run.data.tags["model"] == trained.model.fingerprint
    assert run.info.artifact_uri.startswith("mlflow-artifacts:")
    kept = {item.path for folder in ("plots", "artefact") for item in client.list_artifacts(run.info.run_id, folder)}
    assert {"plots/precision_recall.png", "artefact/manifest.json"} <= kept
    assert client.get_model_version_by_alias(NAME, "challenger").run_id == run.info.run_id

    with Record.open(f"sqlite:///{tmp_path / 'record.db'}") as record:
        asked = {"home": tmp_path, "tracking_uri": server, "who": ["ana", "ben"], "reason": "the first"}
        promote(record, made.artefact, run_id=made.run_id, now=UNTIL, **asked)  # type: ignore[arg-type]
        crowned = client.get_model_version_by_alias(NAME, "champion")
        assert (crowned.run_id, crowned.tags["approved_by"]) == (run.info.run_id, "ana, ben")
        assert client.get_registered_model(NAME).aliases.keys() == {"champion"}


def test_a_server_that_is_away_is_named(traded: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address, and what was tried."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = "http://127.0.0.1:9"
    with pytest.raises(NotTracked, match=away):
        train(traded, FEATURES, until=UNTIL, home=tmp_path, tracking_uri=away, capacity=Capacity(0.1), threads=1)
