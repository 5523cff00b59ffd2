"""Categories as paths."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from features.goods import category
from features.goods.category import ancestors, level

paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map("/".join)


def test_the_examples_hold() -> None:
    """As the docstring says."""
    assert doctest.testmod(category) == (0, 2)


@given(paths)
def test_a_path_cut_to_a_level_is_one_of_its_ancestors(path: str) -> None:
    """And the last of them is the path itself."""
    above = ancestors(path)
    assert above[-1] == path
    assert [level(path, depth) for depth in range(1, len(above) + 1)] == [*above]
    assert level(path, 99) == path
