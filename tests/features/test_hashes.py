"""Hashes of keys say the same everywhere."""

import numpy as np
import pyarrow as pa

from features.hashes import mixed, of_texts, parts


def test_a_text_has_its_hash_whatever_its_code() -> None:
    """On another machine too: these are the numbers of the algorithms, written down."""
    first, second = (pa.array(names).dictionary_encode() for names in (["a", "b", None], ["b", "x", "a"]))
    assert of_texts(first)[1] == of_texts(second)[0] == -5758684491630436641
    assert of_texts(first)[2] == 0


def test_parts_are_about_equal() -> None:
    """Sequential codes fall evenly."""
    hashes = mixed(np.zeros(70_000, np.uint64), np.arange(70_000))
    counts = np.bincount(parts(hashes, 7), minlength=7)
    assert counts.min() > 9_500 < counts.max() < 10_500
