"""Tests of the columns of a chunk of scores."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.measures import iso
from serving.history.scored import _times

MOMENTS = st.integers(-(2**50), 2**52) | st.integers(0, 2**30).map(lambda second: second * 1_000_000)


@given(st.lists(MOMENTS))
def test_a_column_of_moments_reads_like_each_of_them(moments: list[int]) -> None:
    """With microseconds or without, before 1970 too."""
    assert _times(np.array(moments, np.int64)).to_pylist() == [iso(moment) for moment in moments]
