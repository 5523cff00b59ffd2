"""Fields of releases that nobody checked."""

import json
import tempfile
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.awards.fields import money_of, quantity_of, time_of
from features.awards.goods import GoodsReader
from features.awards.ocds import NoticeReader, Raw, releases
from features.awards.unread import unread
from features.exchange import Exchange
from features.measures import Refused, instant
from tests.features.awards.made import raw, release

LATER = instant("2026-01-01T00:00:00Z")
READER = NoticeReader(Exchange(), GoodsReader(), lambda _: LATER)

nonsense: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1e300, "", "x", "1e999999999", "NaN", [], ["x"], [[]], {}, {"id": []}, {"amount": {}}]
)


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything that a release holds."""
    steps = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(each for key, inner in steps for each in places(inner, (*path, key)))]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), nonsense), min_size=1, max_size=4), st.booleans())
def test_nonsense_anywhere_is_refused_or_left_out(wrong: list[tuple[int, Any]], in_record: bool) -> None:
    """Never a fault of the program."""
    contract = {"id": "c", "awardID": "1", "value": {"amount": 5, "currency": "USD"}, "items": [{"quantity": 2}]}
    content: Any = deepcopy({**release(), "contracts": [contract]})
    content = {"records": [{"ocid": "o", "compiledRelease": content}]} if in_record else content
    for number, value in wrong:
        ways = places(content)[1:]
        if ways:
            *way, last = ways[number % len(ways)]
            inner = content
            for key in way:
                inner = inner[key]
            inner[last] = deepcopy(value)
    for each in parsed(json.dumps(content)):
        if isinstance(each, Raw):
            try:
                notice = READER.read(each)
            except Refused:
                continue
            assert notice is None or all(isinstance(left, Refused) for left in unread(each.release, notice, "here"))


def parsed(text: str) -> list[Any]:
    """What a file of this text holds."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "n.json"
        file.write_text(text)
        return list(releases(file))


@pytest.mark.parametrize("amount", ["many", "1e999999999", "-5", Decimal("Infinity"), {}, None])
def test_what_is_no_amount_is_none(amount: object) -> None:
    """However it is written."""
    assert money_of({"amount": amount, "currency": "USD"}) is None
    assert quantity_of({"quantity": amount}) is None


def test_a_day_is_not_guessed() -> None:
    """Nobody can tell which is the month of 10/06/2026."""
    assert (time_of("10/06/2026"), time_of("2026-02-31"), time_of([])) == (None, None, None)


def test_what_makes_no_sense_is_told() -> None:
    """Each field with its value."""
    award: dict[str, Any] = {"date": "10/06/2024", "items": [{"description": "STR kit", "quantity": "four"}]}
    content = release(value={"amount": 15, "currency": "dollars"}, **award) | {"date": "2029-12-17T00:00:00Z"}
    notice = READER.read(raw(content))
    assert notice is not None
    told = {(each.column, each.value) for each in unread(content, notice, "a.json")}
    assert told == {
        ("a.json: award 1: date", "10/06/2024"),
        ("a.json: award 1: value", "15 dollars"),
        ("a.json: award 1: quantity", "four"),
        ("a.json: date", "2029-12-17"),
    }


def test_a_currency_without_a_rate_is_told() -> None:
    """Its value counts for nothing, and the link is weaker for it."""
    content = release(value={"amount": 15, "currency": "CNY"})
    notice = READER.read(raw(content))
    assert notice is not None
    assert [(each.column, each.value) for each in unread(content, notice, "a.json")] == [("a.json: currency", "CNY")]


def test_a_sound_release_leaves_nothing_to_tell() -> None:
    """All of it was read."""
    notice = READER.read(raw(release()))
    assert notice is not None
    assert not list(unread(release(), notice, "a.json"))
