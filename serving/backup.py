"""A backup: the record and the models that it names, in one folder, with the hash of every file; and the way back."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from features.measures import Refused, iso
from features.record import Promotion, Record
from features.record.copying import copy
from serving.answer import SOFTWARE

RECORD, MANIFEST = "record.db", "manifest.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: up to which position, how many models, how many bytes."""

    position: int
    models: int
    size: int


def backup(url: str, home: Path, out: Path, now: int) -> Backup:
    """Write a backup into a folder that is not there yet, whole or not at all; others may write meanwhile.

    A PostgreSQL record becomes a SQLite file, from one snapshot. Keys come along as hashes; a key file does not.
    Raises `Refused` where the folder is there.
    """
    if out.exists():
        raise Refused("--out", str(out), "is there already", "name a folder that is not")
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        position = copy(url, f"sqlite:///{part / RECORD}")
        folders = _models(part / RECORD)
        for folder in folders:
            shutil.copytree(home / folder, part / folder)
        hashes = {str(path.relative_to(part)): _hash(path) for path in _files(part)}
        content = {"made_at": iso(now), "software": SOFTWARE, "position": position, "files": hashes}
        (part / MANIFEST).write_text(json.dumps(content, indent=1) + "\n")
        _sync(part)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Backup(position, len(folders), sum(path.stat().st_size for path in _files(out)))


def restore(folder: Path, url: str, home: Path) -> Backup:
    """Bring a backup back: its record to an address that holds none, its models below `home`.

    Every file is checked against its hash first. Raises `Refused` for one that differs, and where there is a record.
    """
    content = checked(folder)
    with TemporaryDirectory() as place:
        # A copy: reading it may bring its tables to the present revision, and the backup stays what it was.
        file = Path(shutil.copy(folder / RECORD, place))
        models = _models(file)
        for each in models:
            if not (home / each).exists():
                shutil.copytree(folder / each, home / each)
        position = copy(f"sqlite:///{file}", url)
    if position != content["position"]:
        raise Refused("backup", position, f"is not the position {content['position']} of the manifest", "take another")
    return Backup(position, len(models), sum(path.stat().st_size for path in _files(folder)))


def checked(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are all as they were written; raises `Refused` otherwise."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Refused("backup", str(folder), "has no manifest that can be read", "name a folder of `backup`") from error
    for name, promised in content["files"].items():
        path = folder / name
        if not path.is_file() or _hash(path) != promised:
            raise Refused("backup", name, "is not the file that was written", "take another backup")
    return content


def _models(file: Path) -> list[str]:
    """The folders of the promoted models, below the home folder."""
    with Record.open(f"sqlite:///{file}") as record:
        folders = {entry.event.artefact for entry in record.entries((Promotion,))}
    for tail in ("-wal", "-shm"):
        file.with_name(file.name + tail).unlink(missing_ok=True)  # all of it is in the file: nobody else has it open
    return sorted(folder for folder in folders if "://" not in folder)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in (*_files(folder), folder / MANIFEST):
        with path.open("rb") as file:
            os.fsync(file.fileno())
