"""Export control classification numbers of the US Commerce Control List, and EAR99 for what is not on it.

>>> eccn = Eccn.parse("1a004.C")
>>> eccn.code, eccn.group, eccn.paragraphs, str(eccn)
('1A004', '1A', ('c',), '1A004.c')
>>> eccn.under("1A004"), eccn.under("1A004.c"), eccn.under("1A004.d"), eccn.under("1A")
(True, True, False, True)
"""

import re
from dataclasses import dataclass

from features.measures import Refused

EAR99 = "EAR99"
_SHAPE = re.compile(r"([0-9])([A-E])([0-9]{3})((?:\.[A-Z0-9]{1,4})*)")
_PREFIX = re.compile(r"[0-9]([A-E]([0-9]{3}(\.[a-z0-9]{1,4})*)?)?")


@dataclass(frozen=True, slots=True)
class Eccn:
    """A number in its parts: ``3A981`` is category 3 (electronics), product group A (equipment), and three digits.

    `code` has five letters, or is EAR99; `paragraphs` go down from it (15 CFR 738.2).
    """

    code: str
    paragraphs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, column: str = "eccn") -> "Eccn":
        """A number as people write it, in large or small letters. Raises `Refused`."""
        written = text.strip().upper().replace(" ", "")
        if written == EAR99:
            return cls(EAR99)
        found = _SHAPE.fullmatch(written)
        if found is None:
            raise Refused(column, text, "is not an ECCN", "write it as 3A981 or 1A004.c, or EAR99")
        digit, letter, number, rest = found.groups()
        return cls(f"{digit}{letter}{number}", tuple(rest.lower().split(".")[1:]))

    @property
    def group(self) -> str:
        """Category and product group, such as ``3A``; EAR99 is a group of its own."""
        return self.code if self.code == EAR99 else self.code[:2]

    def under(self, prefix: str) -> bool:
        """Whether a prefix (``3``, ``3A``, ``3A981``, ``1A004.c``) is the number or above it."""
        if EAR99 in {self.code, prefix}:
            return self.code == prefix
        return str(self) == prefix or str(self).startswith(prefix if len(prefix) < 5 else prefix + ".")

    def __str__(self) -> str:
        return ".".join((self.code, *self.paragraphs))


def eccn_prefix(text: str) -> bool:
    """Whether a text is a prefix that `Eccn.under` understands."""
    return text == EAR99 or bool(_PREFIX.fullmatch(text))


def read_eccn(text: str | None) -> Eccn | None:
    """The number, or None for a text that is no ECCN."""
    try:
        return None if text is None else Eccn.parse(text)
    except Refused:
        return None
