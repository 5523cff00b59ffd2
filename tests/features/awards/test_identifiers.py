"""Check digits of identifiers."""

from hypothesis import given
from hypothesis import strategies as st

from features.awards.identifiers import firm_id, lei, uscc

GOOD = "91110000600037341L"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.integers(0, 17), st.sampled_from(_ALPHABET))
def test_one_wrong_letter_is_noticed(place: int, letter: str) -> None:
    """Both schemes find any single mistake."""
    changed = GOOD[:place] + letter + GOOD[place + 1 :]
    assert (uscc(changed) is not None) == (changed == GOOD)


def test_an_identifier_is_found_behind_its_scheme() -> None:
    """However it is written."""
    assert firm_id("CN-USCC-" + GOOD.lower()) == firm_id(f" {GOOD} ") == GOOD
    assert lei("5299 00T8 BM49 AURS DO55") == "529900T8BM49AURSDO55"
    assert firm_id("R00012") == "r00012"
    assert firm_id(" ") is None
