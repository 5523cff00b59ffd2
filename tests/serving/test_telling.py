"""Tests of reasons that are told of many lines at once: the texts of each line's own reasons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reasons import explain
from serving import telling
from serving.rows import told
from serving.telling import Telling
from tests.models.made import made, model

MODEL = model()
ODD = st.sampled_from([np.nan, 0.0, -0.0, np.inf, -np.inf, 1e-7, 1.0, 1e17])


@pytest.mark.parametrize("people", [True, False])
@settings(max_examples=30, deadline=None)
@given(odd=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 99), ODD), max_size=40), seed=st.integers(0, 9))
def test_many_lines_are_told_as_each_alone(people: bool, odd: list[tuple[int, int, float]], seed: int) -> None:
    """Letter for letter, whatever the numbers: missing, endless, and both zeros."""
    values = made(40, seed)[0]
    for row, column, number in odd:
        values[row, column % values.shape[1]] = number
    rows = np.arange(0, 40, 3)
    expected = [told(reasons, people=people) for reasons in explain(MODEL, values[rows])]
    assert list(Telling(MODEL, people=people).texts(values, rows)) == expected


def test_words_that_are_forgotten_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered has a bound."""
    values, rows = made(200, 1)[0], np.arange(200)
    expected = list(Telling(MODEL, people=False).texts(values, rows))
    monkeypatch.setattr(telling, "_REMEMBERED", 3)
    assert list(Telling(MODEL, people=False).texts(values, rows)) == expected
