"""Columns of one's own: the same history for each of them."""

from collections.abc import Iterator

from features.windows.columns import ATTRIBUTE
from features.windows.view import Distinct, FindingRate, View


def attribute_views(names: tuple[str, ...]) -> Iterator[View]:
    """A view for each attribute, and one for each attribute of a reseller."""
    for name in names:
        words = name.replace("_", " ")
        yield View(
            name, (ATTRIBUTE + name,), "attributes", f"this {words}",
            (Distinct("order", windows=(365,)), FindingRate(sign=1)),
        )  # fmt: skip
        yield View(
            f"reseller_{name}", ("reseller", ATTRIBUTE + name), "attributes", f"this reseller with this {words}",
            (FindingRate(sign=1),),
        )  # fmt: skip
