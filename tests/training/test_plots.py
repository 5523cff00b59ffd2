"""Pictures are written, also of thin data, and say what they show when the pointer rests on them."""

from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from training.curves import Bar, Bin, Reviewed
from training.hints import svg
from training.intervals import Interval
from training.plots import calibration, capacity, gain, importance, intervals, precision_recall, save, scores

LABEL = np.array([1, 0, 1, 0, 0, 0.0])
SCORE = {"model": np.array([0.9, 0.8, 0.4, 0.1, 0.1, 0.1]), "prior": np.full(6, 0.3)}
KNOWN, NEVER = Interval(0.5, 0.25, 0.75), Interval(float("nan"), float("nan"), float("nan"))

FIGURES = {
    "precision_recall": lambda: precision_recall(LABEL, SCORE),
    "gain": lambda: gain(LABEL, SCORE, 0.02),
    "calibration": lambda: calibration([Bin(0.1, KNOWN, 1_000)]),
    "capacity": lambda: capacity([Reviewed(0.02, 0.9, KNOWN, KNOWN, NEVER), Reviewed(0.1, 0.2, *(3 * [KNOWN]))], 0.02),
    "scores": lambda: scores([Bar(0.0, 0.5, 0, 9), Bar(0.5, 1.0, 2, 0)]),
    "intervals": lambda: intervals("Slices", "AP", [("one", KNOWN), ("another", NEVER)], 0.0),
    "importance": lambda: importance(["a", "b"], ["reseller", "goods"], np.array([3.0, 0.0])),
    "importance of nothing": lambda: importance(["a"], ["goods"], np.zeros(1)),
}
SVG = "{http://www.w3.org/2000/svg}"


def hints(text: str) -> list[str]:
    """What the marks of an SVG say."""
    return [str(title.text) for title in ElementTree.fromstring(text).iter(f"{SVG}title")]  # noqa: S314 - ours


@pytest.mark.parametrize("name", FIGURES)
def test_a_picture_is_written(name: str, tmp_path: Path) -> None:
    """As PNG, without a warning."""
    figure: Figure = FIGURES[name]()
    path = save(figure, tmp_path / "picture.png")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calibration", "stated 0.1000, observed 0.500 [0.250, 0.750], 1,000 lines"),
        ("capacity", "precision 0.500 [0.250, 0.750], reviewing 2.0%: scores from 0.9 on"),
        ("scores", "2 diverted lines with scores from 0.5000 to 1.0000"),
        ("intervals", "one: 0.500 [0.250, 0.750]"),
        ("importance", "a (reseller): 100.0% of the gain"),
    ],
)
def test_a_mark_says_its_value(name: str, said: str) -> None:
    """Within the picture, which names no address but those of its own format."""
    text = svg(FIGURES[name]())
    assert said in hints(text)
    assert {word.split('"')[0] for word in text.split('"http')[1:]} == {
        "://www.w3.org/1999/xlink",
        "://www.w3.org/2000/svg",
    }


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20))
def test_any_name_is_shown_as_it_is(name: str) -> None:
    """Quotes, brackets, dollars, entities: nothing of a name is taken for markup or a formula."""
    text = svg(intervals("Slices", "AP", [(name, KNOWN)]))
    assert hints(text) == 2 * [f"{name}: {KNOWN}"]
    assert unescape(text).count(name) >= 3
