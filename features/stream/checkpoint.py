"""Files and folders that are there whole or not at all."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write a file or a folder to; it becomes `path` when all went well.

    A process that is killed leaves the old file or none. (Against a loss of power, the disk would have to be synced.)
    """
    written = path.with_name(path.name + ".part")
    discard(written)
    yield written
    written.replace(path)


def discard(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small file of JSON."""
    with whole(path) as written:
        written.write_text(json.dumps(content, indent=1, sort_keys=True))


def numbered(folder: Path, prefix: str) -> list[tuple[int, Path]]:
    """Files and folders named ``prefix-NUMBER``, by number."""
    found = [path for path in folder.glob(f"{prefix}-*") if not path.name.endswith(".part")]
    return sorted((int(path.stem.rsplit("-", 1)[1]), path) for path in found)
