"""Numbers and times as files write them."""

from decimal import Decimal

import pytest

from features.mapping.notation import flag_parser, number_parser, time_parser, whole_parser
from features.measures import Refused, instant


@pytest.mark.parametrize(
    ("text", "mark", "thousands", "number"),
    [
        ("1250.50", ".", None, "1250.50"),
        ("-3", ".", None, "-3"),
        ("1.5E+3", ".", None, "1500"),
        ("1250,5", ",", None, "1250.5"),
        ("1.234.567,89", ",", ".", "1234567.89"),
        ("1.234", ",", ".", "1234"),
        ("1'234.5", ".", "'", "1234.5"),
    ],
)
def test_numbers_in_their_notation(text: str, mark: str, thousands: str | None, number: str) -> None:
    """The mark is declared; digits are grouped only where a mark for thousands is."""
    assert number_parser("n", mark, thousands)(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "mark", "thousands"),
    [("1,250", ".", None), ("1.5", ",", None), ("1.5", ",", "."), ("1.23.456", ",", "."), ("€ 5", ".", None)]
    + [(text, ".", None) for text in ("1_000", "nan", "inf", "٣", "", "1e999999", "1" * 41)],
)
def test_what_might_be_another_number_is_refused(text: str, mark: str, thousands: str | None) -> None:
    """A wrong mark must not shift a number a thousandfold."""
    with pytest.raises(Refused, match="is not a number"):
        number_parser("n", mark, thousands)(text)


def test_numbers_are_rounded_only_where_the_mapping_says_so() -> None:
    """Halves to even; more digits than can be scaled exactly are refused."""
    assert number_parser("n", keep=2)("0.125") == Decimal("0.12")
    assert number_parser("n")("0.125") == Decimal("0.125")
    with pytest.raises(Refused, match="more than 28 digits"):
        number_parser("n")("1.00000000000000000000000000001")


def test_a_revision_is_a_whole_number() -> None:
    """2.0 is one, 2.5 is not."""
    assert whole_parser("n")("2.0") == 2
    with pytest.raises(Refused, match="finer than 0 decimals"):
        whole_parser("n")("2.5")


@pytest.mark.parametrize(
    ("text", "form", "zone", "date_only", "moment"),
    [
        ("2024-03-04T10:00:00+01:00", "iso", None, False, "2024-03-04T09:00:00Z"),
        ("2024-03-04 10:00", "iso", "Europe/Berlin", False, "2024-03-04T09:00:00Z"),
        ("2024-03-04", "iso", None, False, "2024-03-04T23:59:59.999999Z"),
        ("20240304", "iso", None, False, "2024-03-04T23:59:59.999999Z"),
        ("2024-03-30", "iso", "Europe/Berlin", False, "2024-03-30T22:59:59.999999Z"),
        ("2024-03-31", "iso", "Europe/Berlin", False, "2024-03-31T21:59:59.999999Z"),
        ("2016-01-03T00:00:00Z", "iso", "UTC", True, "2016-01-03T23:59:59.999999Z"),
        ("04.03.2024", "%d.%m.%Y", "Europe/Berlin", False, "2024-03-04T22:59:59.999999Z"),
        ("04.03.2024 10:00", "%d.%m.%Y %H:%M", "Europe/Berlin", False, "2024-03-04T09:00:00Z"),
        ("04.03.2024 10:00", "%d.%m.%Y %H:%M", "UTC", True, "2024-03-04T23:59:59.999999Z"),
        ("1709542800", "epoch_s", None, False, "2024-03-04T09:00:00Z"),
        ("1709542800250", "epoch_ms", None, False, "2024-03-04T09:00:00.25Z"),
    ],
)
def test_times_in_their_notation(text: str, form: str, zone: str | None, date_only: bool, moment: str) -> None:
    """A date counts from the end of its day, which is where the mapping's zone says."""
    assert time_parser("t", form, zone, date_only)(text) == instant(moment)


@pytest.mark.parametrize(
    ("text", "form", "why"),
    [
        ("2024-03-04T10:00", "iso", "names no zone"),
        ("04.03.2024 10:00", "%d.%m.%Y %H:%M", "names no zone"),
        ("04.03.2024", "iso", "is not a time"),
        ("31.02.2024", "%d.%m.%Y", "is not written as %d.%m.%Y"),
        ("9999-12-31", "iso", "is not a time"),
        ("99999999999999999", "epoch_s", "is outside the years"),
        ("soon", "epoch_s", "is not a number"),
    ],
)
def test_times_that_cannot_be_told_are_refused(text: str, form: str, why: str) -> None:
    """Whatever is wrong with them is a refusal, never another error."""
    with pytest.raises(Refused, match=why):
        time_parser("t", form, None, False)(text)


def test_yes_and_no() -> None:
    """In the usual spellings."""
    parse = flag_parser("f")
    assert [parse(text) for text in ("TRUE", "y", "1", "no", "0")] == [True, True, True, False, False]
    with pytest.raises(Refused, match="is neither true nor false"):
        parse("ja")
