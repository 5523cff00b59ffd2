"""Checkpoints: links of the chain, copied out of the store, so that the past cannot be made anew unnoticed.

A checkpoint is as good as the place where it is kept: a file beside the record protects against mistakes, one on a
machine that the record's administrator cannot write to (a mail, a WORM bucket, a printout) also against that person.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from features.measures import Refused


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain's link at a position of the record; `made_at` in microseconds UTC."""

    position: int
    link: str
    made_at: int


def write(checkpoint: Checkpoint, file: Path) -> None:
    """Add a checkpoint to a file, one JSON object a line; one that is there already is not written again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    held = read([file]) if file.exists() else []
    if any((each.position, each.link) == (checkpoint.position, checkpoint.link) for each in held):
        return
    with file.open("a") as out:
        out.write(json.dumps(asdict(checkpoint)) + "\n")


def read(files: Iterable[Path]) -> list[Checkpoint]:
    """All checkpoints of some files, in order of position; raises `Refused` for a line that is none."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            try:
                content = json.loads(line)
                found.append(Checkpoint(int(content["position"]), str(content["link"]), int(content["made_at"])))
            except (ValueError, KeyError, TypeError):
                raise Refused(f"{file}:{number}", line, "is no checkpoint", "give files of checkpoints only") from None
    return sorted(found, key=lambda each: each.position)
