"""Random audits: a share of all orders waits whatever its score, so that performance can be told without bias.

The draw of an order is HMAC-SHA256 of its id under a secret: whichever worker answers, however often, it falls alike,
and nobody without the secret can choose an id that is not drawn. Several machines must be given the same secret.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from models.action import Action
from models.decision import OrderDecision
from models.policy import Policy

SECRET_FILE = "draw.secret"  # noqa: S105 - its name


def secret(home: Path, given: str = "") -> bytes:
    """The secret that was given, else the one in the home folder, made when it is first needed."""
    if given:
        return given.encode()
    file = home / SECRET_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{SECRET_FILE}.{os.getpid()}.new")
    if not file.exists():
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
        try:
            os.link(new, file)  # whole, or (where another worker was first) not at all
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return file.read_text().strip().encode()


def at_hand(home: Path, given: str = "") -> bytes | None:
    """The secret that was given or that the home folder holds; None where there is none: none is made."""
    return secret(home, given) if given or (home / SECRET_FILE).exists() else None


def drawn(key: bytes, order_id: str, rate: float) -> bool:
    """Whether an order is drawn, at a rate in [0, 1].

    >>> drawn(b"key", "order 1", 0.9), drawn(b"key", "order 1", 0.0)
    (True, False)
    """
    dice = hmac.digest(key, order_id.encode(), hashlib.sha256)
    return int.from_bytes(dice[:8]) < rate * 2**64


def inclusion(verdict: OrderDecision, policy: Policy) -> float:
    """The probability with which an order like this one waits: 1 where its score or a rule says so, else the rate."""
    waits = any(line.action != Action.PROCEED for line in verdict.lines)
    return 1.0 if waits else policy.draw_rate
