"""Tests of the server as a process: starting, stopping, dying, and coming back."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from features.record import Record
from serving.settings import Settings
from tests.conftest import _command as command_
from tests.serving.made import NOW, ROOT, body, command, free_port, model, promote, served, until, world

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"


def run(settings: Settings, port: int) -> "subprocess.CompletedProcess[str]":
    """A server that is expected not to start."""
    arguments, environment = command(settings, port)
    return subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    """At once, with an exit code of its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(Settings(tmp_path, f"sqlite:///{tmp_path}/record.db"), port)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr


def test_a_second_server_is_told_so_while_the_first_one_still_starts(sqlite_settings: Settings) -> None:
    """The port is the first one's from its first moment."""
    port = free_port()
    arguments, environment = command(sqlite_settings, port)
    first = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _listens(port))
        assert run(sqlite_settings, port).returncode == 4
        assert first.poll() is None
    finally:
        first.terminate()
        first.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(("url", "said"), [("mysql://x", "cannot hold a record"), ("nonsense", "is no address")])
def test_an_address_that_is_no_record_is_told_in_one_line(tmp_path: Path, url: str, said: str) -> None:
    """With the same exit code."""
    done = run(Settings(tmp_path, url), free_port())
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert said in done.stderr


def test_sigterm_ends_it_with_0_and_frees_the_port(sqlite_settings: Settings) -> None:
    """And a second server takes the port over and knows what the first one answered."""
    with served(sqlite_settings) as first:
        answer = first.post(body())
        os.kill(first.process.pid, signal.SIGTERM)
        assert first.process.wait(20) == 0
    port = int(first.url.rsplit(":", 1)[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    with served(sqlite_settings) as second:
        assert second.post(body()).content == answer.content


def test_an_answer_survives_kill_9(settings: Settings) -> None:
    """What was answered is there afterwards, whole, and once."""
    with served(settings) as first:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: first.post(body(f"k{n}", ordered_at=None)), range(40)))
        first.process.kill()
        first.process.wait(20)
    assert [answer.status_code for answer in answers] == [200] * 40
    with Record.open(settings.record_url) as record:
        held = {entry.event.order_id: entry.event.response for entry in record.decisions()}
    assert held == {answer.json()["order_id"]: answer.content for answer in answers}
    with served(settings) as second:
        assert second.post(body("k7", ordered_at=None)).content == held["k7"]


def test_one_order_sent_many_times_at_once_gets_one_decision(sqlite_settings: Settings) -> None:
    """And everybody the same bytes."""
    with served(sqlite_settings) as server:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: server.post(body(ordered_at=None)), range(64)))
        assert len({answer.content for answer in answers}) == 1
    with Record.open(sqlite_settings.record_url) as record:
        assert len(list(record.decisions())) == 1


def test_it_answers_503_while_the_store_is_away_and_comes_back(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is answered that is not kept."""
    settings = world(sqlite_url, tmp_path / "home", orders=20)
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    with served(settings) as server:
        assert server.post(body("n1")).status_code == 200
        away = folder.rename(folder.with_name("away"))
        answer = server.post(body("n2"))
        assert (answer.status_code, "store-away" in answer.text) == (503, True)
        server.wait("/readyz", 503)
        away.rename(folder)
        server.wait("/readyz")
        assert server.post(body("n2")).status_code == 200


def test_it_comes_back_when_the_database_server_does(postgresql: URL, postgresql_url: str, tmp_path: Path) -> None:
    """Connections that were cut are opened again, and nothing is answered while there are none."""
    database = make_url(postgresql_url).database
    with served(world(postgresql_url, tmp_path, orders=20)) as server:
        assert server.post(body("n1")).status_code == 200
        command_(postgresql, f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        command_(postgresql, f"{CUT} WHERE datname = '{database}'")
        answer = server.post(body("n2"))
        assert (answer.status_code, "store-away" in answer.text) == (503, True)
        command_(postgresql, f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        assert server.post(body("n2")).status_code == 200
        server.wait("/readyz")


@pytest.mark.parametrize("after_s", [0.2, 0.8, 1.5, 2.5])
def test_sigterm_while_it_starts_ends_it_quietly(sqlite_settings: Settings, after_s: float) -> None:
    """Whatever it is doing; before its first line of ours ran, Python ends it by the signal itself."""
    arguments, environment = command(sqlite_settings, free_port())
    process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(after_s)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode in {0, -signal.SIGTERM}
    assert b"Traceback" not in said


def test_a_held_writer_s_turn_is_waited_for_and_then_told(sqlite_settings: Settings) -> None:
    """503, and the order is answered when the turn is free."""
    with served(sqlite_settings) as server, Record.open(sqlite_settings.record_url) as record:
        with record.writer():
            answer = server.post(body())
            assert (answer.status_code, "store-away" in answer.text) == (503, True)
        assert server.post(body()).status_code == 200


def test_a_model_promoted_under_load_drops_no_request(sqlite_settings: Settings) -> None:
    """Every order is answered, by the old model or by the new one."""
    with served(sqlite_settings) as server, Record.open(sqlite_settings.record_url) as record:
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(server.post, body(f"m{n}", ordered_at=None)) for n in range(60)]
            answers[0].result()
            promote(record, sqlite_settings.home, model(2), NOW + 1)
            answers += [pool.submit(server.post, body(f"p{n}", ordered_at=None)) for n in range(60)]
            models = [answer.result().json()["versions"]["model"] for answer in answers]
        assert (models[0], models[-1]) == (model().fingerprint, model(2).fingerprint)


def test_the_process_id_stands_in_a_file_while_it_runs(sqlite_settings: Settings, tmp_path: Path) -> None:
    """And is gone afterwards."""
    _, environment = command(sqlite_settings, free_port())
    note = tmp_path / "service.pid"
    program = (
        "import os, sys; from pathlib import Path; from serving import run, settings;"
        "run.serve(settings.Settings.of(os.environ), Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(note)], cwd=ROOT, env=environment)
    try:
        until(note.exists)
        until(lambda: note.read_text().strip() == str(process.pid))
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert not note.exists()


def test_settings_are_read_from_the_environment_and_back(tmp_path: Path) -> None:
    """And a port that is none is refused by name."""
    settings = Settings(tmp_path, "sqlite:///x.db", "::1", 3001, 99)
    assert Settings.of(settings.environment()) == settings
    assert Settings.of({}) == Settings(Path("var"), "sqlite:///var/record.db")
    assert replace(settings, port=1) != settings
    with pytest.raises(ValueError, match="DIVERSION_PORT"):
        Settings.of({"DIVERSION_PORT": "http"})
