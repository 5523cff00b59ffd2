"""What kind of body a buyer is."""

import pytest

from features.awards.buyers import buyer_class


@pytest.mark.parametrize(
    ("name", "codes", "expected"),
    [
        ("Anything", [("COFOG", "03")], "security"),
        ("Police hospital", [("COFOG", "07.3")], "health"),
        (None, [("eu-main-activity", "pub-os")], "security"),
        ("乌鲁木齐市公安局", [], "security"),
        ("Any County Council", [("TED_CA_TYPE", "3")], "administration"),
        ("新疆医科大学", [], "education"),
        ("Trade centre", [], "unknown"),
        (None, [], "unknown"),
    ],
)
def test_a_classification_goes_before_a_name(name: str | None, codes: list[tuple[str, str]], expected: str) -> None:
    """And what is neither is unknown."""
    assert buyer_class(name, codes) == expected


def test_a_list_of_identifiers_goes_before_all() -> None:
    """The maker's own knowledge."""
    assert buyer_class("Any hospital", [("COFOG", "07")], "b1", {"b1": "security"}) == "security"
