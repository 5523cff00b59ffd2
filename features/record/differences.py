"""Which fields differ between two contents of one id."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

from features.record.errors import Difference
from features.trade import Order

FEW = 5
"""How many differences are told."""


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """The first few fields that differ, such as ``lines[0].quantity.milli``.

    An order's `known_at` is not its content: the record may have set it.
    """
    walk = _walk("", old, new)
    if isinstance(old, Order):
        walk = (difference for difference in walk if difference.field != "known_at")
    return tuple(islice(walk, FEW))


def _walk(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if is_dataclass(old) and type(old) is type(new):
        for field in fields(old):
            inner = f"{path}.{field.name}" if path else field.name
            yield from _walk(inner, getattr(old, field.name), getattr(new, field.name))
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _walk(f"{path}[{number}]", before, after)
    elif old != new:
        yield Difference(path, old, new)
