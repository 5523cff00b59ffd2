"""Who is let in: a key in `Authorization: Bearer`, the roles that a route needs, and how much a key may ask.

The keys are held in memory and read again every few seconds, so that a request costs one hash and no look into the
database; a key that was revoked lets nobody in after `REFRESH_S`. Where keys are switched off, only callers on the
service's own machine are let in, to everything.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from starlette.requests import Request

from features.record import Key, RecordError
from features.record.keys import ROLES, parted
from serving.problems import Problem, headline

REFRESH_S = 2.0
"""How long a key that was revoked may still let somebody in."""

EAGER_S = 0.5
"""An unknown key waits until the keys were read again, which happens no more often than this."""

STRANGERS = 10_000
"""Addresses without a key that are remembered."""

ATTEMPTS, ATTEMPTS_PER_S = 60.0, 1.0
"""Wrong keys that an address may try at once, and how quickly it gets further ones."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the id and name of a key, and its roles."""

    key_id: str
    name: str
    roles: frozenset[str]


LOCAL = Caller("local", "this machine, no key", frozenset(ROLES))
"""Everybody on the service's own machine where keys are switched off."""


class Bucket:
    """Fills with `rate` tokens a second, up to `size`; each request takes one or more."""

    def __init__(self, rate: float, size: float, clock: Callable[[], float]) -> None:
        self._rate, self._size, self._clock = rate, size, clock
        self._held, self._at = size, clock()

    def take(self, tokens: float = 1.0) -> float:
        """Take tokens, into debt where one is there; returns how many seconds to wait where none is, else 0."""
        now = self._clock()
        self._held = min(self._size, self._held + (now - self._at) * self._rate)
        self._at = now
        if self._held < 1.0:
            return (1.0 - self._held) / self._rate
        self._held -= tokens
        return 0.0


class Keyring:
    """The keys in memory. `read` gives them from the record; `now` tells microseconds UTC."""

    def __init__(self, read: Callable[[], Iterable[Key]], now: Callable[[], int]) -> None:
        self._read, self._now = read, now
        self._keys: dict[str, Key] | None = None
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    def find(self, token: str) -> Key | None:
        """The key that lets this token in; raises `Problem` before the keys were read once."""
        if self._keys is None:
            raise Problem("starting", "the keys are not read yet; try again")
        told = parted(token)
        key = None if told is None else self._keys.get(told[0])
        return key if told and key and key.opened_by(told[1]) and key.holds(self._now()) else None

    async def refresh(self) -> None:
        """Read the keys again, `EAGER_S` after the last time; while the record is away, those that were read last hold.

        Whoever waits here meanwhile is served by the same look into the record.
        """
        came = time.monotonic()
        async with self._reading:
            if self._read_at >= came:
                return
            await asyncio.sleep(max(0.0, self._read_at + EAGER_S - time.monotonic()))
            self._read_at = time.monotonic()
            try:
                self._keys = {key.key_id: key for key in await asyncio.to_thread(self._read)}
            except (RecordError, Problem) as error:
                _LOG.debug("the keys cannot be read: %s", headline(error))

    async def tend(self) -> None:
        """Read the keys again and again."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_S if self._keys is not None else EAGER_S)


class Gate:
    """Lets callers in; `keyring` is None where keys are switched off. `rate` is in requests a second and key."""

    def __init__(self, keyring: Keyring | None, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keyring, self._rate, self._clock = keyring, rate, clock
        self._buckets: dict[str, Bucket] = {}
        self._strangers: dict[str, Bucket] = {}

    async def let_in(self, request: Request, roles: frozenset[str]) -> Caller:
        """The caller; raises `Problem` for one without a key (401), without the role (403), or in a hurry (429)."""
        caller = self._local(request) if self._keyring is None else await self._keyed(request, self._keyring)
        if roles.isdisjoint(caller.roles):
            raise Problem("not-allowed", f"this needs a key for one of: {', '.join(sorted(roles))}")
        self.charge(caller)
        return caller

    def charge(self, caller: Caller, requests: float = 1.0) -> None:
        """Count further requests of a caller; raises `Problem` where it has asked too much."""
        if caller is LOCAL:
            return
        bucket = self._buckets.get(caller.key_id)
        if bucket is None:
            bucket = self._buckets[caller.key_id] = Bucket(self._rate, 2 * self._rate, self._clock)
        _wait(bucket.take(requests), "this key asks more than it may")

    async def _keyed(self, request: Request, keyring: Keyring) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unknown("send Authorization: Bearer and a key", "")
        key = keyring.find(token.strip())
        if key is None:
            self._stranger(request)
            await keyring.refresh()
            key = keyring.find(token.strip())
        if key is None:
            raise _unknown("this key is unknown, has expired or was revoked", ', error="invalid_token"')
        return Caller(key.key_id, key.name, key.roles)

    def _stranger(self, request: Request) -> None:
        host = request.client.host if request.client else ""
        if host not in self._strangers and len(self._strangers) >= STRANGERS:
            self._strangers.clear()
        bucket = self._strangers.setdefault(host, Bucket(ATTEMPTS_PER_S, ATTEMPTS, self._clock))
        _wait(bucket.take(), "too many keys that do not hold came from this address")

    def _local(self, request: Request) -> Caller:
        """Behind a proxy on this machine everybody looks local: keep keys switched on there."""
        if not _loops_back(request.client.host if request.client else ""):
            raise Problem("not-allowed", "keys are switched off: only callers on the service's own machine are let in")
        return LOCAL


@lru_cache(maxsize=1_000)
def _loops_back(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _unknown(detail: str, more: str) -> Problem:
    return Problem("no-key", detail, headers={"WWW-Authenticate": f'Bearer realm="diversion-risk"{more}'})


def _wait(seconds: float, detail: str) -> None:
    if seconds > 0.0:
        raise Problem("too-many", detail, headers={"Retry-After": str(math.ceil(seconds))})
