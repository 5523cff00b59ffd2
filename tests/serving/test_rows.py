"""Tests of the rows of a scored file."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from models.reasons import Reason
from serving.answer import reason_to_json
from serving.rows import told

NUMBERS = st.none() | st.floats()


@st.composite
def reasons(draw: st.DrawFn) -> Reason:
    """A reason with anything in it, but for a direction that contradicts its contribution."""
    contribution = draw(st.floats(allow_nan=False).filter(bool))
    return Reason(
        feature=draw(st.sampled_from(["a", 'quoted "b"', "\u00fc\n"])),
        family=draw(st.sampled_from(["reseller", "awards", "another"])),
        value=draw(NUMBERS),
        norm=draw(NUMBERS),
        sentence=draw(st.text()),
        red_flag=draw(st.none() | st.sampled_from(["RF05", "RF22"])),
        clears=draw(st.none() | st.text()),
        direction="raises" if contribution > 0 else "lowers",
        contribution=contribution,
        family_contribution=math.nan,
    )


@given(st.lists(reasons(), max_size=3))
def test_reasons_for_programs_are_the_json_of_each(some: list[Reason]) -> None:
    """As the service tells them, to the letter."""
    assert told(some, people=False) == json.dumps([reason_to_json(each) for each in some], ensure_ascii=False)
