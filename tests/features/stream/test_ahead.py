"""Items that are made ahead."""

from collections.abc import Iterator

import pytest

from features.stream.ahead import ahead


def test_what_goes_wrong_in_the_making_is_told_to_the_user() -> None:
    """After all that was made before it."""

    def broken() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("no third")

    items = ahead(broken())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ValueError, match="no third"):
        next(items)


def test_no_more_than_one_is_made_ahead() -> None:
    """And nothing after the user has stopped."""
    made: list[int] = []

    def counting() -> Iterator[int]:
        for number in range(9):
            made.append(number)
            yield number

    items = ahead(counting())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert made in ([0], [0, 1])
