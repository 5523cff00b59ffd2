"""Keys from outside of the service: made, taken back, kept in a file, read from a file or the environment."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from features.record import Key, Record
from features.record import keys as keyed
from features.secret import secret

FILE = "service.key"
"""Where the demonstration keeps its key, in the home folder."""


def create(
    record: Record, name: str, roles: Collection[str], now: int, expires_at: int | None = None
) -> tuple[str, Key]:
    """A new key and what is kept of it, see `features.record.keys.create`."""
    with record.writing() as connection:
        return keyed.create(connection, name, roles, now, expires_at)


def held(record: Record) -> list[Key]:
    """All keys, oldest first."""
    with record.reading() as connection:
        return keyed.keys(connection)


def revoke(record: Record, key_id: str, now: int) -> Key:
    """Take a key back."""
    with record.writing() as connection:
        return keyed.revoke(connection, key_id, now)


def keep(token: str, path: Path) -> None:
    """Write a key into a file that only its owner can read; a file that is there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")


def own(record: Record, home: Path, now: int) -> str:
    """The key of the home folder, made anew where there is none that holds; for trying things out on one machine."""
    path = home / FILE
    token = path.read_text().strip() if path.exists() else ""
    told = keyed.parted(token)
    for key in held(record):
        if told and key.key_id == told[0] and key.opened_by(told[1]) and key.holds(now):
            return token
    token, _ = create(record, "demo", ("orders", "analyst", "auditor"), now)
    keep(token, path)
    return token


def given(environment: Mapping[str, str]) -> str | None:
    """The key that ``DIVERSION_KEY`` holds, or the file that ``DIVERSION_KEY_FILE`` names; None where there is none."""
    return secret(environment, "DIVERSION_KEY")
