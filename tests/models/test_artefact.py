"""Tests of the model on disk: nothing is lost, and nothing that was touched is read."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.windows.kernel import VERSION
from models import artefact
from models.artefact import ArtefactRefused, load, manifest, save
from models.decision import decide
from models.policy import Policy
from tests.models.made import FEATURES, T, fields, made, model

FILES = ("card.md", "manifest.json", "model.json", "model.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved model."""
    save(model(), tmp_path / "model")
    return tmp_path / "model"


def rewrite(folder: Path, name: str, data: bytes) -> None:
    """Replace a file and put the manifest right, as only somebody who may write both can."""
    (folder / name).write_bytes(data)
    files = {each: (folder / each).read_bytes() for each in FILES if each != "manifest.json"}
    (folder / "manifest.json").write_bytes(manifest(files))


def test_a_model_decides_the_same_after_a_journey_through_files(folder: Path) -> None:
    """Bit for bit, with the same fingerprint."""
    values = made(200, seed=9)[0]
    back = load(folder)
    assert back.fingerprint == model().fingerprint
    assert back.classifier.predict(values).tobytes() == model().classifier.predict(values).tobytes()
    for row in values[:20, None]:
        assert decide(back, row, [fields()], T) == decide(model(), row, [fields()], T)


def test_a_model_of_another_kernel_is_refused(tmp_path: Path) -> None:
    """The same history would give it vectors that it never learned from."""
    save(replace(model(), kernel_version="0"), tmp_path / "old")
    with pytest.raises(ArtefactRefused, match=f"kernel version '0', this program computes '{VERSION}'; train"):
        load(tmp_path / "old")


def test_all_that_a_model_holds_comes_back(folder: Path) -> None:
    """Definitions, policy, rules, calibration, card, vocabularies, hashes."""
    back = load(folder, probe=False)
    for part in ("features", "policy", "rules", "calibration", "card", "kernel_version", "vocabularies", "data_hashes"):
        assert getattr(back, part) == getattr(model(), part)


@given(
    st.lists(st.floats(0, 1), min_size=1), st.floats(0.01, 1), st.dictionaries(st.text(), st.lists(st.text(min_size=1)))
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_policy_and_vocabulary_survive(
    tmp_path: Path, probabilities: Any, share: float, words: dict[str, list[str]]
) -> None:
    """In any script, with one fingerprint before and after."""
    vocabularies = {name: tuple(values) for name, values in words.items()}
    made_up = model(policy=Policy.from_capacity(probabilities, share), vocabularies=vocabularies)
    folder = tmp_path / made_up.fingerprint
    if not folder.exists():
        assert save(made_up, folder) == made_up.fingerprint
    back = load(folder, expected=made_up.fingerprint, probe=False)
    assert (back.policy, back.vocabularies) == (made_up.policy, vocabularies)
    assert back.fingerprint == made_up.fingerprint


def test_a_model_that_was_loaded_saves_as_it_was(folder: Path, tmp_path: Path) -> None:
    """The same bytes in every file."""
    assert save(load(folder, probe=False), tmp_path / "copy") == model().fingerprint
    assert all((tmp_path / "copy" / name).read_bytes() == (folder / name).read_bytes() for name in FILES)


def test_the_manifest_lists_the_sha256_of_each_file(folder: Path) -> None:
    """And one fingerprint over them."""
    content = json.loads((folder / "manifest.json").read_text())
    assert content["fingerprint"] == model().fingerprint
    assert content["files"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES if name != "manifest.json"
    }


@given(st.sampled_from(FILES), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_change_of_any_byte_of_any_file_is_refused(folder: Path, name: str, place: float, change: Any) -> None:
    """Before LightGBM reads a byte."""
    whole = (folder / name).read_bytes()
    broken = bytearray(whole)
    broken[int(place * len(whole))] ^= change
    (folder / name).write_bytes(bytes(broken))
    with pytest.raises(ArtefactRefused):
        load(folder, probe=False)
    (folder / name).write_bytes(whole)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_grown_is_refused(folder: Path, name: str) -> None:
    """A space at the end of the manifest too."""
    whole = (folder / name).read_bytes()
    for other in (whole[:-1], whole + b" ", b""):
        (folder / name).write_bytes(other)
        with pytest.raises(ArtefactRefused):
            load(folder, probe=False)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Half a model is none."""
    (folder / name).unlink()
    with pytest.raises(ArtefactRefused, match=f"missing: {name}; unknown: none"):
        load(folder, probe=False)


def test_an_unknown_file_is_named(folder: Path) -> None:
    """A pickle beside the model is never looked at."""
    (folder / "model.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ArtefactRefused, match=r"missing: none; unknown: model\.pkl"):
        load(folder, probe=False)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the files that it should hold."""
    with pytest.raises(ArtefactRefused, match=r"missing: card\.md, manifest\.json"):
        load(tmp_path / "nowhere")


def test_another_format_is_refused(folder: Path) -> None:
    """Before anything else is read."""
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | {"format": 2}))
    with pytest.raises(ArtefactRefused, match="format 2 is not 1"):
        load(folder, probe=False)


def test_another_model_than_the_expected_one_is_refused(folder: Path) -> None:
    """A folder that was replaced as a whole is consistent; the record's fingerprint tells."""
    with pytest.raises(ArtefactRefused, match="is not the expected 00"):
        load(folder, expected="00", probe=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content | {"extra": 1},
        lambda content: {name: value for name, value in content.items() if name != "rules"},
        lambda content: content | {"calibration": {"slope": 1.3}},
        lambda content: content | {"features_fingerprint": "0"},
    ],
)
def test_data_with_more_or_less_than_is_read_is_refused(folder: Path, change: Any) -> None:
    """Nothing is dropped or filled in, even where the hashes are right."""
    content = change(json.loads((folder / "model.json").read_text()))
    rewrite(folder, "model.json", json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n")
    with pytest.raises(ArtefactRefused, match=r"model\.json"):
        load(folder, probe=False)


def test_saving_over_something_is_refused(folder: Path) -> None:
    """A model is never overwritten."""
    with pytest.raises(ArtefactRefused, match="is not empty; save into a new folder"):
        save(model(), folder)


def _loads(folder: Path) -> subprocess.CompletedProcess[bytes]:
    program = f"from models.artefact import load; load({str(folder)!r})"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)


def test_an_edited_text_is_refused_where_lightgbm_would_abort(folder: Path) -> None:
    """In a process of its own: it ends with our error, not with a signal."""
    text = (folder / "model.txt").read_bytes().replace(b"num_leaves=7", b"num_leaves=9", 1)
    (folder / "model.txt").write_bytes(text)
    ended = _loads(folder)
    assert ended.returncode == 1
    assert b"ArtefactRefused: model.txt: its SHA-256 is not the one in the manifest" in ended.stderr


@pytest.mark.parametrize(
    ("old", "new"), [(b"num_leaves=7", b"num_leaves=9"), (b"left_child=", b"left_chill="), (b"num_class=1\n", b"")]
)
def test_a_text_that_lightgbm_cannot_read_does_not_take_the_caller_along(folder: Path, old: Any, new: Any) -> None:
    """Its hash is right, so only trying it can tell; a child process tries it."""
    rewrite(folder, "model.txt", (folder / "model.txt").read_bytes().replace(old, new, 1))
    with pytest.raises(ArtefactRefused, match=r"model\.txt: LightGBM cannot read it \(exit"):
        load(folder)


def test_a_text_that_never_ends_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch that leads back to itself: LightGBM would walk in circles."""
    monkeypatch.setattr(artefact, "_PROBE_SECONDS", 5)
    text = re.sub(rb"(left|right)_child=-?\d+", rb"\1_child=0", (folder / "model.txt").read_bytes(), count=2)
    rewrite(folder, "model.txt", text)
    with pytest.raises(ArtefactRefused, match="took LightGBM over 5 s"):
        load(folder)


def test_the_files_are_data_and_the_same_each_time(tmp_path: Path) -> None:
    """Text that people can read, equal bytes for equal models."""
    one, other = tmp_path / "one", tmp_path / "other"
    assert save(model(), one) == save(model(), other)
    for name in FILES:
        assert (one / name).read_text(encoding="utf-8") == (other / name).read_text(encoding="utf-8")
    shutil.rmtree(other)
    assert "## What the probability means" in (one / "card.md").read_text()
    assert np.isfinite(json.loads((one / "model.json").read_text())["calibration"]["slope"])
    assert FEATURES.fingerprint in (one / "card.md").read_text()
