"""An example of every body of the contract: what was once sent to a service on a made-up world, and its answers.

``data/examples.json`` is written by ``python -m tests.serving.examples``; a test holds the same conversation with a
running service and keeps both alike.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from serving.problems import Problem

FILE = Path(__file__).with_name("data") / "examples.json"


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def request(route: str) -> Any:
    """The body that was sent to a route (``POST /v1/score``), None where it takes none."""
    return _content()["routes"][route]["request"]


def answer(route: str) -> Any:
    """What a route answered."""
    return _content()["routes"][route]["answer"]


def problem(status: int) -> Any:
    """A problem of this status."""
    if status in _RARE:
        return json.loads(Problem(*_RARE[status]).body())
    return _content()["problems"][str(status)]


_RARE = {
    410: ("removed", "order 'PO-2015-0009' was removed when its time to be kept was over"),
    429: ("too-many", "this key asks more than it may"),
    503: ("starting", "the record is being read; try again"),
}
"""Problems that no conversation brings about within seconds, by status: their kind and what they say."""
