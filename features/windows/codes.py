"""Codes of names: each vocabulary counts its own values from 0, in the order in which they were first seen."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.windows.columns import NULL

Ints = NDArray[np.int64]
Column: TypeAlias = "pa.ChunkedArray | Sequence[Any]"


class Codes:
    """Vocabularies by name. Equal texts of one vocabulary have one code for as long as the object lives."""

    def __init__(self) -> None:
        self._vocabularies: dict[str, dict[str, int]] = {}

    def code(self, vocabulary: str, text: str | None) -> int:
        """The code of one text, `NULL` for None."""
        if text is None:
            return NULL
        known = self._vocabularies.setdefault(vocabulary, {})
        return known.setdefault(text, len(known))

    def encode(self, vocabulary: str, column: Column) -> Ints:
        """Codes of a column of texts, of shape (n,), int64."""
        if not isinstance(column, pa.ChunkedArray):
            known = self._vocabularies.setdefault(vocabulary, {})
            return np.array([NULL if text is None else known.setdefault(text, len(known)) for text in column], np.int64)
        encoded = column.combine_chunks().dictionary_encode()
        table = self.encode(vocabulary, encoded.dictionary.to_pylist())
        taken = encoded.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        codes: Ints = np.append(table, NULL)[taken]
        return codes

    def size(self, vocabulary: str) -> int:
        """How many different texts a vocabulary holds."""
        return len(self._vocabularies.get(vocabulary, {}))

    def recall(self, texts: Mapping[str, Sequence[str]]) -> None:
        """Take over the vocabularies that `texts` gave."""
        self._vocabularies = {name: {text: code for code, text in enumerate(known)} for name, known in texts.items()}

    def texts(self) -> Mapping[str, Sequence[str]]:
        """All vocabularies, each in the order of its codes."""
        return {name: list(known) for name, known in self._vocabularies.items()}


def numbers(column: Column) -> Ints:
    """A column of integers with `NULL` where it is missing, of shape (n,), int64."""
    if isinstance(column, pa.ChunkedArray):
        filled: Ints = column.cast(pa.int64()).fill_null(NULL).to_numpy()
        return filled
    return np.array([NULL if number is None else int(number) for number in column], np.int64)


def degrees(column: Column) -> Ints:
    """Degrees as integer millionths, `NULL` where missing, of shape (n,), int64."""
    if isinstance(column, pa.ChunkedArray):
        column = column.to_pylist() if column.null_count < len(column) else [None] * len(column)
    return np.array([NULL if degree is None else round(degree * 1e6) for degree in column], np.int64)
