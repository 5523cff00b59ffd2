"""What a mapping file may say: one class for each of its tables, one attribute for each key.

MappingFile
|-- units, meaning, notices
`-- source: one or more Source, each a kind of file
    |-- files, optional, and how the file is written: null, delimiter, encoding, decimal, ...
    |-- order, line, attributes, finding, status   (rows of orders)
    |-- reseller, product, rate                    (registers)
    `-- sell_through                               (what resellers report)
"""

import codecs
from typing import Literal

from pydantic import Field, field_validator, model_validator

from features.mapping.kinds import (
    Amount,
    Column,
    FindingId,
    Knowledge,
    Label,
    LineId,
    Number,
    Table,
    Time,
    known_date_format,
    known_zone,
    span_micros,
)
from features.measures import Refused
from features.trade import allowed_attribute


class PlaceTable(Table):
    """Where something is."""

    country: Column | None = None
    region: Column | None = None
    city: Column | None = None
    latitude: Number | None = None
    longitude: Number | None = None
    x_km: Number | None = None
    y_km: Number | None = None


class SiteTable(PlaceTable):
    """A place of a reseller; rows with the same reseller and `known_at` are its several sites."""

    kind: Column | None = None
    valid_from: Time | None = None
    valid_to: Time | None = None


class OrderTable(Table):
    """What all rows of an order share."""

    order_id: Column
    reseller_id: Column
    ordered_at: Time
    known_at: Knowledge | None = None
    revision: Number | None = None


class LineTable(Table):
    """What one row says of its line."""

    line_id: LineId = LineId(sequence=True)
    sku: Column
    quantity: Number | None = None
    unit: Column | None = None
    amount: Amount | None = None
    unit_price: Amount | None = None
    currency: Column | None = None
    category: Column | None = None
    end_user_id: Column | None = None
    end_user_class: Column | None = None
    declared_use: Column | None = None
    for_stock: Column | None = None
    ship_to: PlaceTable | None = None

    @model_validator(mode="after")
    def _priced(self) -> "LineTable":
        if self.amount and self.unit_price:
            raise ValueError("takes amount or unit_price, not both")
        if (self.amount or self.unit_price) and not self.currency:
            raise ValueError("needs `currency` beside an amount, such as currency = { const = 'EUR' }")
        if self.unit_price and not self.quantity:
            raise ValueError("needs `quantity` beside unit_price")
        return self


class FindingTable(Table):
    """What an investigation said. In rows of orders, of the row's line, or of its order (`about`)."""

    finding_id: FindingId = FindingId(derive=True)
    outcome: Label
    happened_at: Time
    known_at: Knowledge
    order_id: Column | None = None
    line_id: Column | None = None
    reseller_id: Column | None = None
    about: Literal["line", "order"] = "line"
    source: Column | None = None
    confidence: Number | None = None
    propensity: Number | None = None
    note: Column | None = None
    revision: Number | None = None
    who: Column | None = None
    grade: Column | None = None


class StatusTable(Table):
    """What became of an order."""

    order_id: Column | None = None
    status: Column
    happened_at: Time
    known_at: Knowledge | None = None


class ResellerTable(Table):
    """A register of resellers."""

    reseller_id: Column
    known_at: Time
    name: Column | None = None
    address_id: Column | None = None
    phone_id: Column | None = None
    owner_id: Column | None = None
    territory: Column | None = None
    founded_at: Time | None = None
    authorised_from: Time | None = None
    authorised_to: Time | None = None
    site: SiteTable | None = None


class ProductTable(Table):
    """A register of products."""

    sku: Column
    known_at: Time
    category: Column | None = None
    name: Column | None = None
    hs_code: Column | None = None
    eccn: Column | None = None
    sensitivity: Number | None = None
    list_price: Amount | None = None
    currency: Column | None = None

    @model_validator(mode="after")
    def _priced(self) -> "ProductTable":
        if self.list_price and not self.currency:
            raise ValueError("needs `currency` beside list_price")
        return self


class RateTable(Table):
    """Dated rates: how much of the record's currency one unit of a currency is worth."""

    currency: Column
    rate: Number
    valid_from: Time
    known_at: Knowledge | None = None


class SellThroughTable(Table):
    """What resellers report of the goods that they sold on. A period has two ends, or one and how long it `lasts`."""

    reseller_id: Column
    quantity: Number
    period_to: Time
    known_at: Knowledge
    period_from: Time | None = None
    lasts: str | None = None
    sku: Column | None = None
    category: Column | None = None
    unit: Column | None = None
    end_user_id: Column | None = None

    @model_validator(mode="after")
    def _whole(self) -> "SellThroughTable":
        if (self.period_from is None) == (self.lasts is None):
            raise ValueError("needs period_from, or how long a period `lasts`, and not both")
        if self.sku is None and self.category is None:
            raise ValueError("needs sku or category")
        return self

    @field_validator("lasts")
    @classmethod
    def _a_span(cls, text: str | None) -> str | None:
        if text is not None:
            span_micros(text, "lasts")
        return text


class Notation(Table):
    """How a file is written. Said at the top, it holds for every source that does not say otherwise."""

    null: tuple[str, ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    decimal: Literal[".", ","] = "."
    thousands: str | None = Field(default=None, max_length=1)
    zone: str | None = None
    date_format: str = "iso"

    _check_zone = field_validator("zone")(known_zone)
    _check_format = field_validator("date_format")(known_date_format)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            # Files saved by Excel begin with a byte order mark that belongs to no column's name.
            return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else name
        except LookupError:
            raise Refused("encoding", name, "is not an encoding", "write such as utf-8 or cp1252") from None


class Source(Notation):
    """One kind of file and what its rows say."""

    files: str = "*"
    optional: bool = False
    order: OrderTable | None = None
    line: LineTable | None = None
    attributes: dict[str, Column] = Field(default_factory=dict)
    finding: FindingTable | None = None
    status: StatusTable | None = None
    reseller: ResellerTable | None = None
    product: ProductTable | None = None
    rate: RateTable | None = None
    sell_through: SellThroughTable | None = None

    @field_validator("attributes")
    @classmethod
    def _impersonal(cls, value: dict[str, Column]) -> dict[str, Column]:
        for name in value:
            allowed_attribute(name)
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Source":
        rules: list[tuple[bool, str]] = [
            (bool(self.order) == bool(self.line), "needs [order] and [line] together"),
            (not self.attributes or self.line is not None, "has [attributes] but no [line] to carry them"),
            (any(getattr(self, name) for name in _SAYS), "says nothing"),
            (
                self._finding_names_one_thing(),
                "[finding] needs order_id or reseller_id, which rows of orders have already",
            ),
            (self.status is None or bool(self.status.order_id) != bool(self.order), "[status] needs one order_id"),
        ]
        for kept, broken in rules:
            if not kept:
                raise ValueError(broken)
        return self

    def _finding_names_one_thing(self) -> bool:
        if self.finding is None:
            return True
        named = [self.finding.order_id, self.finding.reseller_id].count(None)
        return named == 2 and not self.finding.line_id if self.order else named < 2


_SAYS = ("order", "finding", "status", "reseller", "product", "rate", "sell_through")
"""Tables of a source that make events."""


class Meaning(Table):
    """What the outcomes stand for in this data, in words for reports."""

    diverted: str | None = None
    cleared: str | None = None
    inconclusive: str | None = None
    withdrawn: str | None = None
    unknown: str | None = None


class NoticesTable(Table):
    """Notices of awards in the folder of the data, see docs/evidence.md.

    `lag` is how long after being published each became known; without one they became known when they are imported.
    """

    files: str
    lag: str | None = None

    @property
    def lag_micros(self) -> int | None:
        """The lag in microseconds; None where none is declared."""
        return None if self.lag is None else span_micros(self.lag)

    @field_validator("lag")
    @classmethod
    def _a_span(cls, text: str | None) -> str | None:
        if text is not None:
            span_micros(text)
        return text


class MappingFile(Table):
    """The whole mapping file."""

    source: tuple[Source, ...] = Field(min_length=1)
    units: dict[str, Literal["each", "kg", "g", "mg", "l", "ml"]] = Field(default_factory=dict)
    meaning: Meaning = Meaning()
    notices: NoticesTable | None = None


KNOWN_AT_TOP = {*MappingFile.model_fields, *Source.model_fields}
"""Keys that may stand outside any [[source]]: a file with one source may leave the heading out."""
