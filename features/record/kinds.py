"""The kinds of event that the record holds, in one table."""

from typing import Any

from features.evidence import Linking, LinkVerdict, Notice
from features.record.decisions import DECISION, Decision
from features.record.findings import FINDING
from features.record.holds import LEGAL_HOLD, LegalHold
from features.record.ledger import Kind
from features.record.notices import LINK_VERDICT, LINKING, NOTICE
from features.record.orders import ORDER
from features.record.products import PRODUCT
from features.record.promotions import PROMOTION, Promotion
from features.record.rates import RATE
from features.record.recalls import RECALL, Recall
from features.record.redactions import REDACTION, Redaction
from features.record.resellers import RESELLER
from features.record.sell_through import REPORT
from features.record.statuses import STATUS
from features.sell_through import SellThrough
from features.trade import Finding, Order, Product, Rate, Reseller, StatusChange

Event = (
    Reseller
    | Product
    | Rate
    | Order
    | StatusChange
    | Finding
    | Decision
    | Promotion
    | Notice
    | Linking
    | LinkVerdict
    | SellThrough
    | Recall
    | LegalHold
    | Redaction
)

KINDS: tuple[Kind[Any], ...] = (
    *(RESELLER, PRODUCT, RATE, ORDER, STATUS, FINDING, DECISION, PROMOTION),
    *(NOTICE, LINKING, LINK_VERDICT, REPORT, RECALL, LEGAL_HOLD, REDACTION),
)

BY_NAME = {kind.name: kind for kind in KINDS}

CLOCKED = ("order", "status", "finding", "notice", "linking", "link_verdict", "sell_through")
"""Kinds that move the record's clock."""

_BY_TYPE = {kind.of: kind for kind in KINDS}


def kind_of(event: Event) -> Kind[Any]:
    """The kind of an event, or TypeError for what is none."""
    kind = _BY_TYPE.get(type(event))
    if kind is None:
        raise TypeError(f"{type(event).__name__} is not an event of the record")
    return kind
