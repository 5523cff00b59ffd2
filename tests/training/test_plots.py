"""Pictures are written, also of thin data."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.plots import calibration, gain, importance, precision_recall, save

LABEL = np.array([1, 0, 1, 0, 0, 0.0])
SCORE = {"model": np.array([0.9, 0.8, 0.4, 0.1, 0.1, 0.1]), "prior": np.full(6, 0.3)}

FIGURES = {
    "precision_recall": lambda: precision_recall(LABEL, SCORE),
    "gain": lambda: gain(LABEL, SCORE, 0.02),
    "calibration": lambda: calibration(LABEL, SCORE["model"]),
    "importance": lambda: importance(["a", "b"], ["reseller", "goods"], np.array([3.0, 0.0])),
    "importance of nothing": lambda: importance(["a"], ["goods"], np.zeros(1)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_picture_is_written(name: str, tmp_path: Path) -> None:
    """As PNG, without a warning."""
    figure: Figure = FIGURES[name]()
    path = save(figure, tmp_path / "picture.png")
    assert path.read_bytes().startswith(b"\x89PNG")
