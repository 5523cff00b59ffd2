"""Tests of who is let in: keys, roles, rates; every address with every role."""

import asyncio
import re
from collections.abc import Iterable
from itertools import count

import httpx
import pytest
from starlette.requests import Request

from features.record import Key, Unavailable
from features.record.keys import ROLES, digest_of
from serving.access import LOCAL, REFRESH_S, Bucket, Gate, Keyring
from serving.app import ROUTES
from serving.guard import ROLES as FIGURES
from serving.problems import Problem
from tests.serving.made import NOW, Server, body, until

ADDRESSES = [(route.method, f"/v1{re.sub('{.*}', 'x', route.path)}", route.roles) for route in ROUTES]
ADDRESSES += [("GET", "/metrics", FIGURES), ("POST", "/score", frozenset({"orders"}))]


@pytest.mark.parametrize("number", range(len(ADDRESSES)))
def test_every_address_lets_in_its_roles_and_no_others(guarded: Server, number: int) -> None:
    """Without a key 401, with a key of another role 403, with a right one whatever the request deserves."""
    method, path, roles = ADDRESSES[number]
    nobody = guarded.ask(method, path, content={})
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer realm="diversion-risk"')
    for role in ROLES:
        status = guarded.ask(method, path, role, {}).status_code
        assert (status == 403) == (role not in roles), (role, status)
        assert status != 401


def test_life_and_readiness_are_for_everybody(guarded: Server) -> None:
    """And so is the description of the API, which tells nothing of any order."""
    for path in ("/livez", "/readyz", "/v1/openapi.json", "/v1/docs"):
        assert httpx.get(guarded.url + path).status_code == 200


def test_a_wrong_key_is_told_so(guarded: Server) -> None:
    """Whether its id is known or not."""
    right = guarded.keys["orders"]
    for token in ("x", right + "x", right.replace("dvr_", "dvr_0"), "dvr_" + "é" * 9):
        headers = {b"Authorization": f"Bearer {token}".encode()}
        answer = httpx.post(guarded.url + "/v1/score", json=body(), headers=headers)
        assert (answer.status_code, "invalid_token" in answer.headers["www-authenticate"]) == (401, True)
        assert len(token) < 2 or token not in answer.text


def test_a_revoked_key_lets_nobody_in_after_a_moment(guarded: Server) -> None:
    """An administrator takes it back while the service runs; the trail tells who did."""
    guest = guarded.another("modeller")
    listed = guarded.ask("GET", "/v1/keys", "admin").json()["keys"]
    key_id = next(key["key_id"] for key in listed if key["name"] == guest)
    until(lambda: guarded.ask("GET", "/v1/versions", guest).status_code == 200, seconds=20)
    assert guarded.ask("DELETE", f"/v1/keys/{key_id}", "admin").json()["revoked_at"]
    until(lambda: guarded.ask("GET", "/v1/versions", guest).status_code == 401, seconds=20 + REFRESH_S)
    trail = guarded.ask("GET", "/v1/accesses", "auditor").json()["accesses"]
    assert ("revoke key", key_id) in {(each["deed"], each["subject"]) for each in trail}
    assert "digest" not in str(listed)


def test_no_key_stands_in_the_log(guarded: Server) -> None:
    """Of all that the tests before this one sent."""
    said = guarded.log.read_text()
    assert '"said": "answered"' in said
    assert not [token for token in guarded.keys.values() if token.split("_", 2)[2] in said]


def request(token: str | None = None, host: str = "10.0.0.9") -> Request:
    """A request with a key, from an address."""
    headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "headers": headers, "client": (host, 1)})


def test_a_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    """Debts are paid back; the wait that it names is long enough."""
    now = iter([0.0, 0.0, 0.0, 0.0, 0.5, 0.5])
    bucket = Bucket(2.0, 2.0, lambda: next(now))
    assert [bucket.take() for _ in range(5)] == [0.0, 0.0, 0.5, 0.0, 0.5]
    ticks = count()
    debtor = Bucket(1.0, 5.0, lambda: float(next(ticks)))
    assert (debtor.take(8), debtor.take()) == (0.0, 3.0)


def keyring(read: Iterable[Key] | Exception, now: int = NOW) -> Keyring:
    """A keyring that was read once."""

    def held() -> Iterable[Key]:
        if isinstance(read, Exception):
            raise read
        return read

    made = Keyring(held, lambda: now)
    asyncio.run(made.refresh())
    return made


KEY = Key("ab", "a test", frozenset({"orders"}), digest_of("secret"), 0, expires_at=NOW)


def test_an_expired_key_lets_nobody_in() -> None:
    """From its instant on."""
    assert keyring([KEY], NOW - 1).find("dvr_ab_secret") == KEY
    assert keyring([KEY], NOW).find("dvr_ab_secret") is None


def test_before_the_keys_are_read_nobody_is_turned_away_for_good() -> None:
    """503, not 401: the caller may try again."""
    with pytest.raises(Problem) as caught:
        keyring(Unavailable("away")).find("dvr_ab_secret")
    assert caught.value.status == 503


def test_too_many_requests_are_told_when_to_come_again() -> None:
    """By key; and by address where keys do not hold."""
    gate = Gate(keyring([KEY], 0), rate=1.0, clock=lambda: 0.0)

    async def asked(token: str) -> tuple[str, str | None]:
        try:
            return (await gate.let_in(request(token), KEY.roles)).key_id, None
        except Problem as problem:
            return problem.kind, problem.headers.get("Retry-After")

    async def all_of_them(token: str, times: int) -> list[tuple[str, str | None]]:
        return await asyncio.gather(*(asked(token) for _ in range(times)))

    busy, late = ("too-many", "1"), ("no-key", None)
    assert asyncio.run(all_of_them("dvr_ab_secret", 3)) == [("ab", None)] * 2 + [busy]
    assert asyncio.run(all_of_them("dvr_ab_wrong", 61)) == [late] * 60 + [busy]


def test_without_keys_only_this_machine_is_let_in() -> None:
    """To everything, whatever it sends."""
    gate = Gate(None, rate=1.0)
    for host in ("127.0.0.1", "::1", "127.9.9.9"):
        assert asyncio.run(gate.let_in(request(host=host), frozenset({"admin"}))) is LOCAL
    for host in ("10.0.0.9", "", "localhost"):
        with pytest.raises(Problem, match="own machine"):
            asyncio.run(gate.let_in(request(host=host), frozenset({"admin"})))
