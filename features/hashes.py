"""Hashes of keys, the same on every machine and in every process."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


def mixed(hashes: Hashes, words: Ints) -> Hashes:
    """One more word in each hash, of shape (n,), by the finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    x = (hashes ^ words.view(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out: Hashes = x ^ (x >> np.uint64(31))
    return out


def parts(hashes: Hashes, of: int) -> Ints:
    """Which of so many parts each hash falls into, of shape (n,)."""
    return (hashes % np.uint64(of)).astype(np.int64)


def of_texts(texts: pa.DictionaryArray) -> Ints:
    """A word for each text, by its characters alone (SipHash with a fixed key); 0 where it is missing."""
    words = pd.util.hash_array(np.array([*texts.dictionary.to_pylist(), ""], object), categorize=False)
    words[-1] = 0
    taken: Ints = words.view(np.int64)[texts.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
    return taken
