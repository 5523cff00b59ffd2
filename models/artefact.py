"""A model on disk: a folder of plain data that is checked, byte for byte, before anything reads it.

====================  =====================================================================
``model.txt``         LightGBM's text, with the calibration folded in
``model.json``        definitions, policy, rules, calibration, vocabularies, hashes, card
``card.md``           the card, for people
``manifest.json``     the SHA-256 of each file above, and one fingerprint over them
====================  =====================================================================

No pickle is read or written. Errors::

    ArtefactRefused           a folder that is not a whole, unchanged model of a format known here
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from features.windows.kernel import VERSION
from models.model import FORMAT, ForeignFeatures, Model, canonical, fingerprint, read

__all__ = ["ArtefactRefused", "ForeignFeatures", "Model", "load", "save"]

_FILES = ("card.md", "model.json", "model.txt")
_MANIFEST = "manifest.json"
_PROBE_SECONDS = 120
_PROBE = """
import sys
sys.modules["sklearn"] = sys.modules["pandas"] = None  # LightGBM loads them where it can, and needs neither here
import lightgbm, numpy
booster = lightgbm.Booster(model_str=sys.stdin.buffer.read().decode())
for value in (numpy.nan, 0.0):
    booster.predict(numpy.full((1, booster.num_feature()), value), num_threads=1)
"""


class ArtefactRefused(ValueError):
    """A model folder that cannot be taken: which file, why, and how to mend it."""

    def __init__(self, file: str, why: str, mend: str = "fetch the folder again from where it was saved") -> None:
        self.file, self.why, self.mend = file, why, mend
        super().__init__(f"{file}: {why}; {mend}")


def save(model: Model, folder: Path | str) -> str:
    """Write the model into a new or empty folder and return its fingerprint; raises `ArtefactRefused`."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ArtefactRefused(folder.name, "is not empty", "save into a new folder")
    for name, data in model.files.items():
        (folder / name).write_bytes(data)
    # Last, so that a folder that was left half-written has no manifest and is refused.
    (folder / _MANIFEST).write_bytes(manifest(model.files))
    return model.fingerprint


def manifest(files: dict[str, bytes]) -> bytes:
    """The bytes of ``manifest.json`` for these files."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return canonical({"files": hashes, "fingerprint": fingerprint(hashes), "format": FORMAT})


def load(folder: Path | str, *, expected: str | None = None, probe: bool = True) -> Model:
    """The model that `save` wrote; raises `ArtefactRefused` before LightGBM reads a byte that was changed.

    `expected` is the fingerprint that the caller trusts, such as that of the promotion event: without it, a folder
    whose files *and* manifest were both replaced is a valid other model. With `probe`, a child process tries the
    text first (about a second), since LightGBM may abort the process that reads a text it cannot parse.
    """
    folder = Path(folder)
    files = _files(folder)
    given = files.pop(_MANIFEST)
    promised = _json(_MANIFEST, given)
    if promised.get("format") != FORMAT:
        raise ArtefactRefused(
            _MANIFEST, f"format {promised.get('format')!r} is not {FORMAT}", "load it with the version that wrote it"
        )
    hashes = promised.get("files")
    for name, data in files.items():
        if not isinstance(hashes, dict) or hashes.get(name) != hashlib.sha256(data).hexdigest():
            raise ArtefactRefused(name, "its SHA-256 is not the one in the manifest")
    if given != manifest(files):
        raise ArtefactRefused(_MANIFEST, "is not the manifest of these files")
    if expected is not None and promised["fingerprint"] != expected:
        raise ArtefactRefused(_MANIFEST, f"fingerprint {promised['fingerprint']} is not the expected {expected}")
    if probe:
        _try(files["model.txt"])
    model = _whole(files)
    if model.kernel_version != VERSION:
        why = f"learned from features of kernel version {model.kernel_version!r}, this program computes {VERSION!r}"
        raise ArtefactRefused("model.json", why, "train the model again")
    return model


def _files(folder: Path) -> dict[str, bytes]:
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    missing, unknown = sorted({*_FILES, _MANIFEST} - present), sorted(present - {*_FILES, _MANIFEST})
    if missing or unknown:
        lists = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        raise ArtefactRefused(folder.name, f"does not hold a model ({lists})")
    # Read once: what was hashed is what is used.
    return {name: (folder / name).read_bytes() for name in (*_FILES, _MANIFEST)}


def _json(name: str, data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except ValueError as error:
        raise ArtefactRefused(name, f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise ArtefactRefused(name, "is not a JSON object")
    return content


def _try(text: bytes) -> None:
    """Read the text in a child process, which may die of it."""
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and program, the text on standard input
            [sys.executable, "-P", "-c", _PROBE],
            input=text,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ArtefactRefused("model.txt", f"took LightGBM over {_PROBE_SECONDS} s", "save the model again") from None
    if child.returncode:
        said = child.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing said"]
        raise ArtefactRefused(
            "model.txt", f"LightGBM cannot read it (exit {child.returncode}: {said[0]})", "save the model again"
        )


def _whole(files: dict[str, bytes]) -> Model:
    """The model, which must write the very data that it was read from: nothing was dropped or filled in."""
    try:
        model = read(_json("model.json", files["model.json"]), files)
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtefactRefused("model.json", f"lacks or misspells something ({error})") from error
    if model.data != files["model.json"]:
        raise ArtefactRefused("model.json", "holds more or less than this version reads", "use the one that wrote it")
    return model
