"""Secrets from outside: in a variable, or in a file that another variable names."""

from collections.abc import Mapping
from pathlib import Path

from features.measures import Refused


def secret(environment: Mapping[str, str], name: str) -> str | None:
    """What a variable holds, or the file that ``NAME_FILE`` names; None where neither is set.

    Raises `Refused` for a file that cannot be read.
    """
    path = environment.get(f"{name}_FILE")
    if environment.get(name) or not path:
        return environment.get(name) or None
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise Refused(f"{name}_FILE", path, why, "check the path and its mode") from None
