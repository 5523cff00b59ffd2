"""Identifiers of firms, with check digits: the Chinese unified social credit identifier, and the LEI.

>>> uscc("91110000600037341L"), uscc("91110000600037341M")
('91110000600037341L', None)
>>> lei("529900T8BM49AURSDO55"), lei("529900T8BM49AURSDO56")
('529900T8BM49AURSDO55', None)
"""

import re

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = re.compile(r"[A-Z0-9]+")


def uscc(text: str) -> str | None:
    """The identifier in its canonical form where its check digit is right (GB 32100-2015: weights 3**i, modulo 31)."""
    code = _compact(text)
    if len(code) != 18 or any(letter not in _USCC_ALPHABET for letter in code):
        return None
    total = sum(_USCC_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return code if _USCC_ALPHABET[-total % 31] == code[17] else None


def lei(text: str) -> str | None:
    """The identifier in its canonical form where its check digits are right (ISO 17442: ISO 7064, modulo 97-10)."""
    code = _compact(text)
    if len(code) != 20 or not _SHAPE.fullmatch(code) or not code[18:].isdigit():
        return None
    return code if int("".join(str(int(letter, 36)) for letter in code)) % 97 == 1 else None


def firm_id(text: str | None) -> str | None:
    """The one form of a firm's identifier under which it is compared; schemes in front (``CN-USCC-``) do not count."""
    if text is None or not text.strip():
        return None
    last = re.split(r"[-:/ ]", text.strip())[-1]
    for code in (text, last):
        found = uscc(code) or lei(code)
        if found:
            return found
    return text.strip().casefold()


def _compact(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).upper()
