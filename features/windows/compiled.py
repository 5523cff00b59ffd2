"""How the kernel is compiled: once for each state of its sources, kept in a folder named after them.

Numba looks only at the file of a function to tell whether its compiled form is still good, not at the files of the
functions that it calls. With all of them under one name, changed sources are always compiled anew: those of this room,
and each file of the packages beside it that compiles functions with what stands here.
"""

import hashlib
import os
from pathlib import Path

from numba import config, njit

_ROOM = Path(__file__).parent
_ROOTS = _ROOM.parents[1] / "features", _ROOM.parents[1] / "models"
_USES = b"from features.windows.compiled import"


def sources() -> dict[Path, bytes]:
    """Every file with compiled functions, and its content."""
    found = {file: file.read_bytes() for root in _ROOTS for file in sorted(root.rglob("*.py"))}
    return {file: content for file, content in found.items() if file.parent == _ROOM or _USES in content}


def _fingerprint() -> str:
    return hashlib.sha256(b"".join(sources().values())).hexdigest()[:16]


def _folder() -> Path:
    """Beside the sources where that can be written, else in the user's own cache."""
    beside = _ROOM / "__pycache__"
    writable = os.access(beside if beside.exists() else _ROOM, os.W_OK)
    return (beside if writable else Path.home() / ".cache" / "diversion-risk") / f"kernel-{_fingerprint()}"


if not config.CACHE_DIR:
    config.CACHE_DIR = str(_folder())

_OPTIONS = {"cache": True, "error_model": "numpy", "_nrt": False}
"""Kept on disk; a division checks nothing (the formulas do); arrays are not counted, so nothing here may make one."""

compiled = njit(**_OPTIONS)
"""Compile a function of the kernel, and keep the result."""

inlined = njit(forceinline=True, **_OPTIONS)
"""The same for one that is small and called everywhere."""

threaded = njit(nogil=True, **_OPTIONS)
"""The same for one that is called from Python and runs beside other threads."""
