"""What the analyst reads of a notice."""

from dataclasses import replace
from typing import Any

import pytest

from features.evidence import AwardLine, LinkedLine, Linking
from models.action import Action
from serving import notice_words
from serving.evidence import Change, Changes, Moved
from tests.features.awards.made import KNOWN, award_line, link, linking, notice


def of(line: AwardLine, *, reseller: str | None = None, **more: Any) -> str:
    """The words of a notice of one line."""
    found = Linking("n1", KNOWN, 1, (LinkedLine(reseller),), **more)
    [text] = notice_words.lines(notice("n1", line), found)
    return text


def test_a_line_is_told_as_it_was_understood() -> None:
    """Goods, supplier, quantity and value; where it points at a sale, no more is said."""
    text = of(award_line(description="STR kit", supplier_name="Tian Shan"), reseller="r1", links=(link(),))
    assert text == "STR kit (forensics/hid-kit); Tian Shan (r1); 4 each, no value"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (award_line(category=None), "name none of our goods"),
        (award_line(supplier_id=None, value=None), "no supplier named; 4 each, no value; no sale of ours is named"),
        (award_line(supplier_id="x", units=None, value=None), "quantity and value is missing"),
        (award_line(supplier_id="x"), "none of such goods in this quantity fits, or more than 10 do"),
    ],
)
def test_a_line_that_points_at_no_sale_says_why(line: AwardLine, why: str) -> None:
    """From what it lacks."""
    assert why in of(line)


def test_policy_names_the_rule_on_the_buyer() -> None:
    """Security bodies in regions of level 2, as shipped; a hospital is no such buyer."""
    assert notice_words.policy(notice()) == "policy forbids this buyer: security in a region of level 2 or above"
    assert notice_words.policy(notice(buyer_class="health")) is None


def test_a_buyer_is_named_with_its_place() -> None:
    """As far as the notice tells."""
    assert notice_words.buyer(replace(notice(), buyer_name="Bureau")) == "buyer: Bureau (security; Korla, CN-XJ, CN)"
    assert notice_words.buyer(replace(notice(), buyer_place=None)) == "buyer: not named (security)"


def test_orders_that_cannot_change_are_told_with_the_reason() -> None:
    """And what moved of those that do."""
    change = Change("o1", "r1", Action.PROCEED, Action.REVIEW, 0.1, 0.4, (Moved("awards", 0.0, 1.0),))
    told = list(notice_words.changes(Changes(7, 2, (change, change)), 90, 1))
    assert told[0] == "7 orders of the last 90 days are open"
    assert told[2] == "the others cannot change: no feature of theirs counts these awards"
    assert told[3:] == [
        "action changes: 2",
        "  order o1 of r1: proceed to review, probability 0.1000 to 0.4000",
        "      awards: 0 to 1",
        "  and 1 more",
    ]


def test_where_nothing_is_shared_nothing_was_asked() -> None:
    """Or no model serves."""
    assert "so no action can change" in list(notice_words.changes(Changes(7, 0, ()), 90, 1))[-1]
    assert list(notice_words.changes(None, 90, 1)) == ["no model serves, so no action can change"]


def test_a_notice_that_awards_nothing_any_more_has_no_lines() -> None:
    """What it awarded is taken back."""
    gone = replace(notice(), lines=())
    assert not list(notice_words.lines(gone, replace(linking(), lines=())))
