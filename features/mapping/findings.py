"""Findings and status changes, in files of their own or in the rows of orders."""

from collections.abc import Callable, Container

from features.mapping.columns import Columns, Reader, blame
from features.mapping.kinds import NO_FINDING, near
from features.mapping.notation import share_parser, whole_parser
from features.mapping.rows import Cells
from features.mapping.tables import FindingTable, StatusTable
from features.measures import SECOND, Refused, iso
from features.record.reports import standing
from features.trade import Finding, Outcome, Status, StatusChange, identifier

_AHEAD = 300 * SECOND  # clocks differ; design law 1 allows 5 minutes

Known = Callable[[str], bool]
"""Whether an order is known, in the record or from this import."""


def past(reader: Reader[int | None], cells: Cells, moment: int, now: int) -> int:
    """The moment, refused where it lies in the future."""
    if moment > now + _AHEAD:
        mend = f"import it after {iso(moment)}, or check the date and its zone"
        raise reader.refuse(cells, f"is in the future ({iso(moment)})", mend)
    return moment


def known_order(reader: Reader[str | None], cells: Cells, order_id: str, known: Known | None) -> str:
    """The order's id, refused where it is no id or its order is not known."""
    try:
        identifier("order_id", order_id)
    except Refused as refused:
        raise reader.refuse(cells, refused.why, refused.mend) from None
    if known is not None and not known(order_id):
        raise reader.refuse(cells, "is not a known order", "import its order first, or check the id")
    return order_id


def orders_known(before: Container[str] | None, here: set[str]) -> Known | None:
    """The check that what findings judge is known; None where nobody told which orders are."""
    return None if before is None else lambda order_id: order_id in here or order_id in before


def _outcome(text: str) -> Outcome | None:
    if text == NO_FINDING:
        return None
    try:
        return Outcome(text)
    except ValueError:
        known = [*(outcome.value for outcome in Outcome), NO_FINDING]
        raise Refused("outcome", text, "is not an outcome", f"name it in `map`; {near(text, known)}") from None


def _names(text: str) -> tuple[str, ...]:
    """Several people in one cell, parted by semicolons."""
    return tuple(name.strip() for name in text.split(";") if name.strip())


def _status(text: str) -> Status:
    try:
        return Status(text)
    except ValueError:
        raise Refused(
            "status", text, "is not a status", f"name it in `map`; {near(text, [status.value for status in Status])}"
        ) from None


class FindingReader:
    """Makes a finding of a row; None where nobody has said anything."""

    def __init__(self, columns: Columns, table: FindingTable, now: int, known: Known | None = None) -> None:
        self._now, self._known, self._lag = now, known, table.known_at.lag_micros
        self.outcome = columns.parsed(table.outcome, _outcome)
        self._happened, self._known_at = columns.time(table.happened_at).needed(), columns.time(table.known_at)
        self._id = None if table.finding_id.derive else columns.text(table.finding_id).needed()
        self._order, self._line = columns.text(table.order_id), columns.text(table.line_id)
        self._reseller = columns.text(table.reseller_id)
        self._source, self._note = columns.text(table.source), columns.text(table.note)
        self._confidence = columns.number(table.confidence, share_parser)
        self._propensity = columns.number(table.propensity, share_parser)
        self._revision = columns.number(table.revision, whole_parser)
        self._who, self._grade = columns.parsed(table.who, _names), columns.text(table.grade)
        self._names: dict[str, Reader[object]] = {
            "order_id": self._order if table.order_id else self._reseller,
            "line_id": self._line,
            "confidence": self._confidence,
            "propensity": self._propensity,
            "revision": self._revision,
            "who": self._who,
            "grade": self._grade,
            "happened_at": self._happened,
            "known_at": self._known_at if self._known_at.places else self._happened,
            "outcome": self.outcome,
        }
        if self._id:
            self._names["finding_id"] = self._id

    def read(self, cells: Cells, order_id: str | None = None, line_id: str | None = None) -> Finding | None:
        """The row's finding; the ids are given where the row is an order's own."""
        try:
            outcome = self.outcome.read(cells)
        except Refused as refused:
            raise blame(refused, cells, self._names) from None
        return None if outcome is None else self._said(cells, outcome, order_id, line_id)

    def _said(self, cells: Cells, outcome: Outcome, order_id: str | None, line_id: str | None) -> Finding:
        happened_at = past(self._happened, cells, self._happened.read(cells), self._now)
        known_at = self._known_at.read(cells)
        if known_at is None:
            known_at = happened_at + self._lag
        past(self._names["known_at"], cells, known_at, self._now)  # type: ignore[arg-type]  # a reader of times
        if order_id is None:
            order_id, line_id = self._judged(cells), self._line.read(cells)
        reseller_id = self._reseller.read(cells)
        parts = (order_id or reseller_id or "", line_id, "finding")
        said = self._source.read(cells), self._confidence.read(cells), self._propensity.read(cells)
        finding_id = self._id.read(cells) if self._id else "/".join(part for part in parts if part)
        note, revision = self._note.read(cells), self._revision.read(cells)
        number = 1 if revision is None else revision
        judged = (order_id, line_id, reseller_id)
        vouched = self._who.read(cells) or (), self._grade.read(cells)
        try:
            return standing(
                Finding(finding_id or "", outcome, happened_at, known_at, *judged, *said, note, number, *vouched)
            )
        except Refused as refused:
            raise blame(refused, cells, self._names) from None

    def _judged(self, cells: Cells) -> str | None:
        order_id = self._order.read(cells)
        return None if order_id is None else known_order(self._order, cells, order_id, self._known)


class StatusReader:
    """Makes a status change of a row; None where nothing has happened yet."""

    def __init__(self, columns: Columns, table: StatusTable, now: int, known: Known | None = None) -> None:
        self._now, self._known = now, known
        self._lag = table.known_at.lag_micros if table.known_at else 0
        self._status, self._happened = columns.parsed(table.status, _status), columns.time(table.happened_at)
        # Orders that have not shipped yet have no date of shipping: no fault, where the column tells only that.
        self._may_wait = table.status.const is not None and table.order_id is None
        self._order, self._known_at = columns.text(table.order_id).needed(), columns.time(table.known_at)

    def read(self, cells: Cells, order_id: str | None = None) -> StatusChange | None:
        """The row's status change; the order's id is given where the row is an order's own."""
        try:
            status = self._status.read(cells)
        except Refused as refused:
            raise blame(refused, cells, {"status": self._status}) from None
        happened_at = self._happened.read(cells)
        if status is None or (happened_at is None and self._may_wait):
            return None
        if happened_at is None:
            raise self._happened.refuse(cells, "is missing", "say when it happened")
        known_at = self._known_at.read(cells)
        past(self._happened, cells, happened_at, self._now)
        known_at = happened_at + self._lag if known_at is None else known_at
        past(self._known_at if self._known_at.places else self._happened, cells, known_at, self._now)
        if order_id is None:
            order_id = known_order(self._order, cells, self._order.read(cells), self._known)
        return StatusChange(order_id, status, happened_at, known_at)
