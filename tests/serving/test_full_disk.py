"""A disk that is really full: nothing is answered that is not kept, nothing is half kept, and it comes back."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from sqlalchemy import URL

from features.record import Record
from tests.conftest import _command as command_
from tests.serving.made import Server, body, served, until, world

SIZE_MB = 24
MOST = 3_000
"""Orders after which a disk must be full: what the database had set aside before is used up by then."""


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system of its own, which only root may mount, where a database server of another user may look."""
    with TemporaryDirectory(prefix="disk-") as place:
        folder = Path(place) / "full"
        folder.mkdir()
        folder.parent.chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode:
            pytest.skip(f"no small file system here: {mounted.stderr.strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Nothing more goes onto the disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):  # down to the last page
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def asked_until_full(server: Server) -> tuple[dict[str, bytes], str]:
    """The answers that were given while it could be, by order, and the order that was not answered."""
    given: dict[str, bytes] = {}
    for number in range(MOST):
        answer = server.post(body(f"n{number}", ordered_at=None))
        if answer.status_code != 200:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), answer.text
            assert answer.json()["type"].endswith(":store-away")
            return given, f"n{number}"
        given[f"n{number}"] = answer.content
    raise AssertionError("the disk was never full")


def judged(server: Server, room: Callable[[], object]) -> None:
    """What was answered stands, what was not is not there, and once there is `room` it is decided, once."""
    given, refused = asked_until_full(server)
    for order_id in (refused, "n-more"):
        assert server.post(body(order_id, ordered_at=None)).status_code == 503
    if given:
        assert server.post(body("n0", ordered_at=None)).content == given["n0"]  # reading needs no room
    with Record.open(server.settings.record_url) as record:
        held = {entry.event.order_id: entry.event.response for entry in record.decisions()}
        assert held == given
        assert {order for order in record.lines()["order_id"].to_pylist() if order.startswith("n")} == set(given)
        room()
        until(lambda: server.post(body(refused, ordered_at=None)).status_code == 200)
        assert httpx.get(server.url + "/readyz").status_code == 200
        assert server.post(body("n-more", ordered_at=None)).status_code == 200
        assert len(list(record.decisions())) == len(given) + 2
        assert record.verify().faults == ()


def test_a_full_disk_under_sqlite(disk: Path, tmp_path: Path) -> None:
    """The file system itself says so."""
    settings = world(f"sqlite:///{disk}/record.db", tmp_path / "home", orders=20)
    with served(settings) as server, ExitStack() as full:
        full.enter_context(filled(disk))
        judged(server, full.close)


def test_a_full_disk_under_postgresql(disk: Path, postgresql: URL, tmp_path: Path) -> None:
    """The database lies in a tablespace on it; the server itself goes on."""
    place = disk / "space"
    place.mkdir(mode=0o700)
    owner = Path(str(postgresql.query["host"])).stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    command_(postgresql, f"CREATE TABLESPACE small LOCATION '{place}'")
    command_(postgresql, "CREATE DATABASE full_disk ENCODING 'UTF8' TEMPLATE template0 TABLESPACE small")
    url = postgresql.set(database="full_disk").render_as_string(hide_password=False)
    try:
        with served(world(url, tmp_path / "home", orders=20)) as server, ExitStack() as full:
            full.enter_context(filled(disk))
            judged(server, full.close)
    finally:
        command_(postgresql, "DROP DATABASE full_disk WITH (FORCE)")
        command_(postgresql, "DROP TABLESPACE small")


def test_a_file_that_may_not_grow(sqlite_url: str, tmp_path: Path) -> None:
    """A quota on files, as anybody may set: the same, told by the system in another word."""
    settings = world(sqlite_url, tmp_path / "home", orders=20)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with served(settings) as server:
        assert server.post(body("first", ordered_at=None)).status_code == 200
        wal = file.with_name(file.name + "-wal")
        most = max(wal.stat().st_size, file.stat().st_size)
        before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, before[1]))
        given, refused = asked_until_full(server)
        with Record.open(sqlite_url) as record:
            held = {entry.event.order_id: entry.event.response for entry in record.decisions()}
            assert held.keys() == {"first", *given}
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
            until(lambda: server.post(body(refused, ordered_at=None)).status_code == 200)
            assert record.verify().faults == ()
