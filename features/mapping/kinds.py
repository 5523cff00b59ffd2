"""The kinds of value that a key can have: a column's name, or a table that says where the text stands.

Table                refuses keys that it does not know
`-- Column           a text: column, columns, const, equal; map, null, default
    |-- LineId, FindingId, Label
    |-- Number
    |   `-- Amount
    `-- Time
        `-- Knowledge
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from features.measures import DAY, SECOND, Refused
from features.trade import Outcome

NO_FINDING = "unknown"
"""The label of rows about which nobody said anything; no finding is made of them."""

_LAGS = {"minute": 60 * SECOND, "hour": 3600 * SECOND, "day": DAY, "week": 7 * DAY}


def near(word: str, known: Iterable[str]) -> str:
    """The mend for a word that is not known: its nearest known one, or all of them."""
    names = sorted(known)
    close = get_close_matches(word.lower(), names, 1, 0.6) or get_close_matches(word, names, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(names)}"


class Table(BaseModel):
    """A table of the mapping file; keys that it does not know are refused with the nearest one that it knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            if key not in cls.model_fields:
                raise Refused("key", key, "is not a known key", near(key, cls.model_fields))
        return data


class Column(Table):
    """Where a text stands in a row: a column, several joined columns, a constant, or two columns compared."""

    WAYS: ClassVar[tuple[str, ...]] = ("column", "columns", "const", "equal")

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = "/"
    const: str | None = None
    equal: tuple[str, str] | None = None
    map: dict[str, str] | None = None
    null: tuple[str, ...] | None = None
    default: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_name_is_a_column(cls, data: Any) -> Any:
        return {"column": data} if isinstance(data, str) else data

    @field_validator("const", "default", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _one_way(self) -> "Column":
        given = [way for way in self.WAYS if getattr(self, way) not in (None, (), False)]
        if len(given) > 1 or (not given and not self._complete_without()):
            raise ValueError(f"needs exactly one of {', '.join(self.WAYS)}")
        return self

    def _complete_without(self) -> bool:
        return False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the file that this reads."""
        return (self.column,) if self.column is not None else self.columns or self.equal or ()


class LineId(Column):
    """The line's id: a column, or its number in the order of appearance within its order."""

    WAYS = (*Column.WAYS, "sequence")
    sequence: bool = False


class FindingId(Column):
    """The finding's id: a column, or derived from what it judges: order, line and the word finding."""

    WAYS = (*Column.WAYS, "derive")
    derive: bool = False


class Label(Column):
    """A coded outcome; texts that `map` does not name are refused, never guessed."""

    @model_validator(mode="after")
    def _known_outcomes(self) -> "Label":
        known = [*(outcome.value for outcome in Outcome), NO_FINDING]
        said = [*(self.map or {}).values(), *(text for text in (self.const, self.default) if text is not None)]
        for outcome in said:
            if outcome not in known:
                raise Refused("outcome", outcome, "is not an outcome", near(outcome, known))
        return self


class Number(Column):
    """A decimal number and how it is written; `round` keeps that many decimals, halves going to even."""

    decimal: Literal[".", ","] | None = None
    thousands: str | None = Field(default=None, max_length=1)
    round: int | None = Field(default=None, ge=0, le=12)


class Amount(Number):
    """An amount of money, in major units (1250.00) or in minor ones (125000)."""

    minor: bool = False


def known_zone(name: str | None) -> str | None:
    """The name of a time zone, or `Refused`."""
    try:
        return name if name is None else ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise Refused("zone", name, "is not a time zone", "write an IANA name, such as Europe/Berlin") from None


def known_date_format(text: str | None) -> str | None:
    """The name or pattern of a date format, or `Refused`."""
    if text not in {None, "iso", "epoch_s", "epoch_ms"} and "%" not in str(text):
        raise Refused("date_format", text, "is not a format", "write iso, epoch_s, epoch_ms or such as %d.%m.%Y")
    return text


class Time(Column):
    """A moment and how it is written; `date_only` drops a time of day that the source only made up."""

    date_format: str | None = None
    zone: str | None = None
    date_only: bool = False

    _check_zone = field_validator("zone")(known_zone)
    _check_format = field_validator("date_format")(known_date_format)


def span_micros(text: str, column: str = "lag") -> int:
    """Microseconds of a span of time such as ``2 days``. Raises `Refused`."""
    if not re.fullmatch(r"\d{1,5} (minute|hour|day|week)s?", text):
        raise Refused(column, text, "is not a span of time", "write such as '2 days', '12 hours' or '1 week'")
    count, unit = text.split()
    return int(count) * _LAGS[unit.rstrip("s")]


class Knowledge(Time):
    """When something became known: a column, the latest of several, or a lag after it happened."""

    WAYS = (*Column.WAYS, "latest_of")
    latest_of: tuple[str, ...] = ()
    lag: str | None = None

    def _complete_without(self) -> bool:
        return self.lag is not None

    @field_validator("lag")
    @classmethod
    def _a_span(cls, text: str | None) -> str | None:
        if text is not None:
            span_micros(text)
        return text

    @property
    def lag_micros(self) -> int:
        """The lag in microseconds; none declared is none."""
        return 0 if self.lag is None else span_micros(self.lag)
