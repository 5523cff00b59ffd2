"""The one JSON text of a thing of the trade, keys in order and nothing between: equal content, equal text.

It is what `json.dumps(..., sort_keys=True, separators=(",", ":"))` writes. Digests rest on it and are taken of every
order, so each class gets its writer once, and no dictionary is made on the way.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from math import isfinite
from operator import attrgetter
from typing import Any

_PROMOTED = ("undoes", "verdict", "checks", "override")
_DRAWN = ("drawn", "inclusion")
LATER = frozenset({"x_km", "y_km", "phone_id", "owner_id", "territory", "who", "grade", "claimed", *_PROMOTED, *_DRAWN})
"""Fields younger than the first records. Empty, they are left out of the text, which so stays what it was."""

Write = Callable[[Any], str]

_encoded = json.JSONEncoder(separators=(",", ":")).encode


def canonical(thing: Any, without: str | None = None) -> str:
    """The text of a dataclass or of JSON types, recursively; decimals stand as texts. ASCII.

    `without` names a field of a dataclass that is left out.

    >>> canonical({"b": (1.5, None), "a": "x"})
    '{"a":"x","b":[1.5,null]}'
    """
    kind: Any = type(thing)
    return _WRITERS[kind](thing) if without is None else _fields_of(kind, without)(thing)


class _Writers(dict[Any, Write]):
    """What writes things of a class, found when the first one comes."""

    def __missing__(self, kind: Any) -> Write:
        found = self[kind] = _writer(kind)
        return found


def _writer(kind: Any) -> Write:
    described: Any = kind
    if is_dataclass(kind):
        return _fields_of(described)
    if issubclass(kind, str | int | float):
        return _encoded
    if issubclass(kind, Decimal):
        return lambda number: quoted(str(number))
    return _mapping if issubclass(kind, Mapping) else _listing


_WRITERS = _Writers(
    {
        type(None): lambda _: "null",
        bool: lambda truth: "true" if truth else "false",
        int: int.__repr__,
        str: quoted,
        float: lambda number: float.__repr__(number) if isfinite(number) else _encoded(number),
    }
)


def _listing(things: Iterable[Any]) -> str:
    return f"[{','.join([_WRITERS[type(each)](each) for each in things])}]"


def _mapping(things: Mapping[str, Any]) -> str:
    parts = [f"{quoted(name)}:{_WRITERS[type(things[name])](things[name])}" for name in sorted(things)]
    return f"{{{','.join(parts)}}}"


@cache
def _fields_of(kind: Any, without: str | None = None) -> Write:
    names = sorted(field.name for field in fields(kind) if field.name != without)
    held = attrgetter(*names) if len(names) > 1 else lambda thing: (getattr(thing, names[0]),)
    heads = [f"{quoted(name)}:" for name in names]
    form = f"{{{','.join(f'{head}%s' for head in heads)}}}"

    def whole(thing: Any) -> str:
        return form % tuple([_WRITERS[type(value)](value) for value in held(thing)])

    def without_empty(thing: Any) -> str:
        told = zip(names, heads, held(thing), strict=True)
        parts = [
            head + _WRITERS[type(value)](value)
            for name, head, value in told
            if (value is not None and value != ()) or name not in LATER
        ]
        return f"{{{','.join(parts)}}}"

    return whole if LATER.isdisjoint(names) else without_empty
