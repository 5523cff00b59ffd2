"""Requests that are not as they should be: from the published contract, and from good bodies that were broken.

``python -m tests.serving.malformed --requests 50000`` (`make malformed`) sends as many as it is told to a server of its
own and says what came back.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests.serving.made import Server, body, served, world

JSON = {"Content-Type": "application/json"}
HANGS_S = 10.0
"""A request that takes longer counts as hanging."""

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**40, 1e308, -0.0, "", " ", "\x00", "\ud800", "𝕏" * 400, "x" * 5_000, [], {}, [[]],
    {"": 1}, {"order_id": {}}, "2026-13-45T99:99:99Z", "9999-12-31T23:59:59-23:59", "NaN", "1e99999", "-0", "0x10",
    "'; DROP TABLE ledger; --", "<script>", "../../etc/passwd", "${jndi:ldap://x}", 2**63, -(2**63) - 1, 0.1 + 0.2,
)  # fmt: skip
BYTES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"[" * 2_000,
    b"{",
    b'"',
    b"1e999999",
    b"NaN",
    b"\xef\xbb\xbf",
    b",",
    b"\\u",
)

FINDING = {"finding_id": "F", "outcome": "cleared", "happened_at": "2025-11-09T00:00:00Z", "order_id": "h5"}
WHOLE = body(
    "m",
    ship_to={"country": "CN", "region": "CN-GD", "city": "Shenzhen", "latitude": 22.5, "longitude": 114.0},
    end_user_class="university",
    lines=[
        {
            "line_id": "1", "sku": "kit-2", "quantity": "2", "unit": "each", "amount": "12.10", "currency": "USD",
            "declared_use": "teaching", "for_stock": False, "attributes": {"port": "LAX"}, "category": "a/b",
            "ship_to": {"x_km": 1.0, "y_km": 2.0},
        }
    ],
)  # fmt: skip
TARGETS: tuple[tuple[str, str, Any], ...] = (
    ("orders", "/v1/score", WHOLE),
    ("orders", "/v1/score-many", {"orders": [WHOLE, body("m2")]}),
    ("analyst", "/v1/what-if", WHOLE),
    ("analyst", "/v1/findings", FINDING),
    ("analyst", "/v1/findings/confirmations", {"finding_id": "F", "outcome": "cleared"}),
    ("orders", "/v1/orders/h5/statuses", {"status": "shipped", "happened_at": "2025-11-09T00:00:00Z"}),
    ("orders", "/score", WHOLE),
)


class Tally:
    """What came back: statuses, and what should never have."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []

    @property
    def count(self) -> int:
        """Requests that were answered."""
        return sum(self.statuses.values())

    def add(self, status: int, what: str) -> None:
        """Count an answer."""
        self.statuses[status] += 1
        if status >= 500:
            self.faults.append(f"{status}: {what[:500]}")


def mutations(dice: random.Random, count: int) -> Iterator[tuple[str, str, bytes]]:
    """(role, path, body) of good bodies broken in one to three places, or cut and stained as bytes."""
    for number in range(count):
        role, path, good = TARGETS[number % len(TARGETS)]
        content = json.loads(json.dumps(good))
        for _ in range(dice.randint(1, 3)):
            _break(content, dice)
        raw = json.dumps(content).encode()
        yield role, path, _stained(raw, dice) if dice.random() < 0.3 else raw


def _break(content: Any, dice: random.Random) -> None:
    """Put something else, more or nothing in one place of a body."""
    while True:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(content[key], dict | list) and dice.random() < 0.7:
            content = content[key]
            continue
        deed = dice.random()
        if deed < 0.6:
            content[key] = dice.choice(VALUES)
        elif deed < 0.8 and isinstance(content, dict):
            content[f"{key}{dice.choice(('', 'x', chr(0), '/~1'))}"] = dice.choice(VALUES)
        else:
            del content[key]
        return


def _stained(raw: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(raw))
    kept = raw[at + dice.randint(0, 3) :] if dice.random() < 0.7 else b""
    return raw[:at] + dice.choice(BYTES) + kept


def send_mutations(server: Server, count: int, tally: Tally, seed: int = 1) -> None:
    """Break good bodies, send them, count what comes back."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    with httpx.Client(base_url=server.url, timeout=HANGS_S) as client:
        for role, path, raw in mutations(dice, count):
            headers = {**JSON, "Authorization": f"Bearer {server.keys[role]}"}
            tally.add(client.post(path, content=raw, headers=headers).status_code, f"{path} {raw!r}")


def send_from_contract(server: Server, each: int, tally: Tally) -> None:
    """Let schemathesis break the published contract, so many times an operation."""
    address = f"{server.url}/v1/openapi.json"
    document = httpx.get(address).json()
    for result in schemathesis.openapi.from_url(address).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr] # of what cannot be read it raises
        role = document["paths"][operation.path][operation.method]["x-roles"][0]
        _break_contract(operation, each, server, role, tally)


def _break_contract(operation: Any, each: int, server: Server, role: str, tally: Tally) -> None:
    headers = {"Authorization": f"Bearer {server.keys[role]}"}

    @settings(
        max_examples=each,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def one(case: Any) -> None:
        answer = case.call(base_url=f"{server.url}/v1", headers=headers, timeout=HANGS_S)
        tally.add(answer.status_code, f"{case.method} {case.formatted_path} {case.body!r}")

    one()


def main(count: int) -> int:
    """Send so many, a fifth of them by schemathesis; returns 1 where anything came back that should not."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with served(world(f"sqlite:///{home}/record.db", home), keys=True) as server:
            send_from_contract(server, count // 5 // 14, tally)
            send_mutations(server, count - tally.count, tally)
    print(f"{tally.count:,} malformed requests, {len(tally.faults)} answers of 5xx, none hung: {dict(tally.statuses)}")
    for fault in tally.faults[:20]:
        print(fault)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000)
    sys.exit(main(parser.parse_args().requests))
