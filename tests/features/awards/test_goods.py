"""Which of our goods a notice speaks of."""

import pytest

from features.awards.goods import GoodsReader
from tests import factory as a

READER = GoodsReader([a.product("HID-4711", category="forensics/hid-kit", name="Velandra STR 96")])


@pytest.mark.parametrize(
    ("text", "codes", "category", "sku"),
    [
        ("kit, cat. no. HID-4711", [], "forensics/hid-kit", "HID-4711"),
        ("velandra str 96", [], "forensics/hid-kit", "HID-4711"),
        ("some forensics/hid-kit", [], "forensics/hid-kit", None),
        ("DNA测序仪一台", [], "sequencing/instrument", None),
        ("goods", [("CPV", "33950000-4")], "forensics/hid-kit", None),
        ("Highway", [("CPV", "45233130.0")], None, None),
        (None, [], None, None),
    ],
)
def test_a_product_goes_before_words_and_words_before_codes(
    text: str | None, codes: list[tuple[str, str]], category: str | None, sku: str | None
) -> None:
    """What is not understood stays unknown."""
    named = READER.read(text, codes)
    assert (named.category, named.sku) == (category, sku)
