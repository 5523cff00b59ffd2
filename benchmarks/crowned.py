"""The champion of one home folder put into service in another, for benchmarks that make large records once."""

import shutil
from pathlib import Path

from features.record import Record


def crown(folder: Path, world: Path) -> None:
    """Copy the models of the home folder `world` into `folder`, and promote its champion in the record there."""
    shutil.copytree(world / "models", folder / "models")
    with Record.open(f"sqlite:///{world}/record.db") as record:
        promoted = record.champion()
    if promoted is None:
        raise RuntimeError(f"{world} has no champion; remove the folder, and it is made anew")
    with Record.open(f"sqlite:///{folder}/record.db") as record:
        record.append([promoted], source="benchmark", recorded_at=promoted.known_at)
