"""Who may ask: API keys, of which only a hash is kept, and what was looked into with them.

Both tables only grow and lie beside the ledger: no key is part of any order's history.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, select
from sqlalchemy import Index as TableIndex

from features.measures import Refused
from features.record.ledger import INT64, METADATA
from features.trade import identifier

ROLES = ("orders", "analyst", "modeller", "approver", "auditor", "admin")
"""What a key may be for; a key may have several roles."""

MARK = "dvr"
"""How a key begins, so that scanners for leaked secrets can find it."""

KEY_EVENTS = Table(
    "key_events",
    METADATA,
    Column("number", INT64, primary_key=True, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", INT64, nullable=False),
    Column("name", Text),
    Column("roles", Text),
    Column("digest", Text),
    Column("expires_at", INT64),
)
"""A row ``created`` a key, at most one ``revoked``; `roles` with commas between them."""

ACCESSES = Table(
    "accesses",
    METADATA,
    Column("number", INT64, primary_key=True, autoincrement=False),
    Column("at", INT64, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text),
    TableIndex(None, "key_id", "deed", "at"),
)
"""Who looked into what: what-ifs, inputs and explanations read, events appended by hand."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: its id, what it is for, the SHA-256 of its secret. Times are microseconds UTC."""

    key_id: str
    name: str
    roles: frozenset[str]
    digest: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it lets anybody in now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def opened_by(self, secret: str) -> bool:
        """Whether this is its secret, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(self.digest, digest_of(secret))


@dataclass(frozen=True, slots=True)
class Access:
    """One look into something, by the key of this id."""

    at: int
    key_id: str
    deed: str
    subject: str
    detail: str | None = None


def parted(token: str) -> tuple[str, str] | None:
    """The id and the secret of a key as it is sent, None for what is no key."""
    mark, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if mark == MARK and key_id and secret else None


def digest_of(secret: str) -> str:
    """SHA-256 of a secret. A slow hash would add nothing: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def create(
    connection: Connection, name: str, roles: Collection[str], now: int, expires_at: int | None = None
) -> tuple[str, Key]:
    """A new key: the token to hand out, which is told only here, and what is kept of it.

    Raises `Refused` for a role that is none, no role, a name that is none, and an expiry that has passed.
    """
    identifier("name", name)
    strange = sorted(set(roles) - set(ROLES))
    if strange or not roles:
        raise Refused("role", ", ".join(strange) or None, "is not a role", f"use some of {', '.join(ROLES)}")
    if expires_at is not None and expires_at <= now:
        raise Refused("expires", expires_at, "has passed", "give a later time, or leave it out")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = Key(key_id, name, frozenset(roles), digest_of(secret), now, expires_at)
    _note(connection, key_id, "created", now, (name, ",".join(sorted(roles)), key.digest, expires_at))
    return f"{MARK}_{key_id}_{secret}", key


def revoke(connection: Connection, key_id: str, now: int) -> Key:
    """Take a key back, for good; the same again changes nothing. Raises `Refused` for an id that is not held."""
    held = {key.key_id: key for key in keys(connection)}.get(key_id)
    if held is None:
        raise Refused("key", key_id, "is not the id of a key", "`diversion key list` names them")
    if held.revoked_at is not None:
        return held
    _note(connection, key_id, "revoked", now, (None, None, None, None))
    return replace(held, revoked_at=now)


def keys(connection: Connection) -> list[Key]:
    """All keys, oldest first."""
    found: dict[str, Key] = {}
    for row in connection.execute(select(KEY_EVENTS).order_by(KEY_EVENTS.c.number)):
        if row.event == "created":
            roles = frozenset(row.roles.split(","))
            found[row.key_id] = Key(row.key_id, row.name, roles, row.digest, row.at, row.expires_at)
        else:
            found[row.key_id] = replace(found[row.key_id], revoked_at=row.at)
    return list(found.values())


def note(connection: Connection, access: Access) -> None:
    """Keep who looked into what."""
    about = (access.at, access.key_id, access.deed, access.subject, access.detail)
    connection.execute(ACCESSES.insert().values((_next(connection, ACCESSES), *about)))


def accesses(connection: Connection, key_id: str, deed: str, since: int) -> int:
    """How often a key did something since a moment."""
    c = ACCESSES.c
    counted = select(func.count()).where(c.key_id == key_id, c.deed == deed, c.at >= since)
    return connection.execute(counted).scalar_one()


def trail(connection: Connection, since: int = 0, most: int = 1_000) -> list[Access]:
    """Who looked into what since a moment, the newest first."""
    newest = select(ACCESSES).where(ACCESSES.c.at >= since).order_by(ACCESSES.c.number.desc()).limit(most)
    return [Access(*tuple(row)[1:]) for row in connection.execute(newest)]


def _note(connection: Connection, key_id: str, event: str, at: int, about: tuple[Any, ...]) -> None:
    connection.execute(KEY_EVENTS.insert().values((_next(connection, KEY_EVENTS), key_id, event, at, *about)))


def _next(connection: Connection, table: Table) -> int:
    """The next number; the writer's turn is ours, so nobody else takes it."""
    return int(connection.execute(select(func.coalesce(func.max(table.c.number), 0) + 1)).scalar_one())
