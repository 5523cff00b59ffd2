"""The reasons of many lines as text: what `serving.rows.told` writes of each, without an object for every reason.

Of a past, reasons differ by their contribution, and else repeat each other: the words of one feature, value and norm
are found once.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.model import Model
from models.reasons import chosen, worded
from models.strongest import Strongest
from serving.rows import around_contribution, number_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Key = tuple[int, int, int, bool]
"""Feature, the bits of its value and of its norm, and whether it raises the score."""

_AT_ONCE = 1_024
"""Lines whose contributions are held together."""
_REMEMBERED = 200_000
"""Words that are kept, at some 500 bytes each."""


class Telling:
    """Tells the reasons of lines by a model: as sentences for people, or as JSON for programs."""

    def __init__(self, model: Model, *, people: bool) -> None:
        self._model, self._people = model, people
        self._words: dict[Key, tuple[str, str]] = {}

    def texts(self, values: Floats, rows: Ints) -> Iterator[str]:
        """The text of each of some rows of `values`, shape (n_lines, k)."""
        for start in range(0, rows.size, _AT_ONCE):
            yield from self._texts(chosen(self._model, values[rows[start : start + _AT_ONCE]]))

    def _texts(self, found: Strongest) -> Iterator[str]:
        held = found.columns >= 0
        words = self._words_of(found.columns[held], found.numbers[held])
        if not self._people:
            parts = map(number_text, found.numbers[held, 2].tolist())
            words = [(f"{before}{part}{after}", "") for (before, after), part in zip(words, parts, strict=True)]
        told, start = [text for text, _ in words], 0
        for end in np.cumsum(held.sum(axis=1)).tolist():
            yield "; ".join(told[start:end]) if self._people else f"[{', '.join(told[start:end])}]"
            start = end

    def _words_of(self, columns: Ints, numbers: Floats) -> list[tuple[str, str]]:
        """The JSON of each reason around its contribution, or for people its sentence."""
        bits = numbers.view(np.int64)  # a key that tells zero from minus zero, and that NaN is equal to
        parts = columns, bits[:, 0], bits[:, 1], numbers[:, 2] > 0
        keys, known = zip(*(part.tolist() for part in parts), strict=True), self._words
        return [known.get(key) or self._found(key, numbers[index]) for index, key in enumerate(keys)]

    def _found(self, key: Key, numbers: Floats) -> tuple[str, str]:
        if len(self._words) >= _REMEMBERED:
            self._words.clear()
        reason = worded(self._model.features.features[key[0]], *numbers.tolist())
        words = self._words[key] = (reason.sentence, "") if self._people else around_contribution(reason)
        return words
