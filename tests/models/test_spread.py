"""The table behind an interval: looked up between its points, kept with the model, and absent from models of before."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artefact import ArtefactRefused, load, manifest, save
from models.decision import decide
from models.spread import Interval, Spread
from tests.models.made import T, fields, model, vector

SPREAD = Spread(0.9, (0.0, 0.1, 0.5, 1.0), (0.0, 0.05, 0.3, 0.9), (0.02, 0.2, 0.6, 1.0))

shares = st.floats(0, 1)


@given(shares, shares)
def test_an_interval_holds_its_probability_and_rises_with_it(one: float, other: float) -> None:
    """At the points of the table, between them, and at both ends."""
    low, high = (SPREAD.interval(each) for each in sorted((one, other)))
    assert low.low <= min(one, other) <= low.high
    assert low.low <= high.low
    assert low.high <= high.high


def test_the_points_of_the_table_come_out_as_they_are() -> None:
    """The last one too."""
    found = [SPREAD.interval(at) for at in SPREAD.at]
    assert found == [Interval(*row, 0.9) for row in zip(SPREAD.low, SPREAD.high, strict=True)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": (0.0, 0.5, 0.1, 1.0)},
        {"at": (0.1, 0.2, 0.5, 1.0)},
        {"low": (0.0, 0.11, 0.3, 0.9)},
        {"high": (0.02, 0.2, 0.6)},
        {"level": 1.0},
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(wrong: dict[str, tuple[float, ...]]) -> None:
    """Before a model holds it."""
    with pytest.raises(ValueError, match="spread"):
        replace(SPREAD, **wrong)  # type: ignore[arg-type]


def test_a_model_keeps_its_spread_and_answers_with_it(tmp_path: Path) -> None:
    """As data, under another fingerprint than the same model without; a changed table is refused."""
    with_spread = model(spread=SPREAD)
    save(with_spread, tmp_path / "new")
    back = load(tmp_path / "new")
    assert (back.spread, back.fingerprint) == (SPREAD, with_spread.fingerprint)
    assert back.fingerprint != model().fingerprint
    verdict = decide(back, vector(), [fields()], T)
    assert verdict.interval == SPREAD.interval(verdict.probability)
    content = json.loads((tmp_path / "new" / "model.json").read_text())
    content["spread"]["low"][1] = 0.9
    (tmp_path / "new" / "model.json").write_text(json.dumps(content))
    with pytest.raises(ArtefactRefused, match=r"model\.json"):
        load(tmp_path / "new", probe=False)
    names = ("card.md", "model.json", "model.txt")
    files = {name: (tmp_path / "new" / name).read_bytes() for name in names}
    (tmp_path / "new" / "manifest.json").write_bytes(manifest(files))
    with pytest.raises(ValueError, match="does not hold its own probability"):
        load(tmp_path / "new", probe=False)


def test_a_model_of_before_loads_as_it_was_and_tells_no_interval(tmp_path: Path) -> None:
    """Byte for byte: no key is filled in."""
    save(model(), tmp_path / "old")
    assert "spread" not in json.loads((tmp_path / "old" / "model.json").read_text())
    back = load(tmp_path / "old", probe=False)
    assert (back.spread, back.fingerprint) == (None, model().fingerprint)
    assert decide(back, vector(), [fields()], T).interval is None
