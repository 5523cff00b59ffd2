"""From notices of awards to steps of the engine: what was awarded to whom is history of resellers, regions and goods.

An award counts from the moment when its links were known. It judges nobody until somebody confirms a link: from then
on it counts as an event of that order, and an order is no history to itself. Where several orders of one line are
confirmed it counts no more, and speaks through their findings alone.

Beside an award to one of our resellers stands a second event, of the same order, while no sell-through report that is
known covers it (see `features.facts.reports`).
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.evidence import SECURITY, AwardLine, LinkedLine, Linking, LinkVerdict, Notice
from features.facts.past import Past
from features.facts.reference import CATEGORY_FACTS, Reference
from features.facts.reports import Reports
from features.measures import DAY
from features.record.ledger import Entry
from features.sell_through import SellThrough
from features.trade import MAX_LINES, Place
from features.windows.columns import FILTERS, NULL
from features.windows.kernel import APPEND, TAKE_BACK

Ints = NDArray[np.int64]
RowNumber = Callable[[Ints], int]
"""Keeps a row, and tells its number."""

OrderNumber = Callable[[str], int | None]
"""The number of an order; None where the record does not know it."""

RESTRICTED_LEVEL = 2
"""Level of a region from which awards to its security bodies count as restricted."""

_BASE = 1 << 60
_MOST = 1 << 24
"""Awards that one report can change."""

_Key = tuple[str, int]
"""A notice and the number of one of its lines; the line's complement (``~line``) for the award without a report."""

_NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class _Placed:
    """An award as the engine holds it."""

    row: Ints
    flags: int
    item: int
    order: int
    t: int

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """All but the row, in order."""
        return self.flags, self.item, self.order, self.t


class Awards:
    """Follows notices, their links and what was said of these; the engine's events follow from all three."""

    def __init__(self, reference: Reference, columns: tuple[str, ...]) -> None:
        self._reference, self._columns, self._past = reference, columns, Past()
        self._notices: dict[tuple[str, int], Notice] = {}
        self._placed: dict[_Key, _Placed] = {}
        self._plain: dict[str, dict[int, _Placed]] = {}
        self._confirmed: dict[_Key, dict[str, str]] = {}
        self._indexes: dict[tuple[str, ...], dict[tuple[int, ...], list[tuple[int, str, int]]]] = {}
        self._reports = Reports(reference, self._past)
        self._supplied: dict[_Key, tuple[str, int]] = {}
        self._awarded_to: dict[str, dict[_Key, None]] = {}

    @property
    def clock(self) -> int:
        """When the newest report was known, 0 before the first: what comes after it was not known before it."""
        return self._reports.clock

    def kept(self) -> tuple[dict[str, Any], Ints]:
        """What `recall` needs to go on from here: plain lists, and the rows of the awards, (n_awards, n_columns).

        Notices and reports are not among it: the record has them.
        """
        plain = [(name, at, placed) for name, lines in self._plain.items() for at, placed in lines.items()]
        lists = {
            "clock": self.clock,
            "plain": [(name, at, *placed.numbers) for name, at, placed in plain],
            "placed": [(*key, *placed.numbers) for key, placed in self._placed.items()],
            "supplied": [(*key, *whose) for key, whose in self._supplied.items()],
            "confirmed": [(*key, *said) for key, orders in self._confirmed.items() for said in orders.items()],
        }
        return lists, np.array([placed.row for _, _, placed in plain], np.int64).reshape(-1, len(self._columns))

    def recall(self, lists: Mapping[str, Any], rows: Ints, past: Past) -> None:
        """Go on from what `kept` gave, with the past that it came from."""
        self._past, self._reports = past, Reports(self._reference, past, lists["clock"])
        for row, (name, at, *numbers) in zip(rows, lists["plain"], strict=True):
            self._plain.setdefault(name, {})[at] = _Placed(row, *numbers)
        for name, at, *numbers in lists["placed"]:
            self._placed[name, at] = _Placed(self._plain[name][max(at, ~at)].row, *numbers)
        for name, at, reseller_id, revision in lists["supplied"]:
            self._supplied[name, at] = reseller_id, revision
            self._awarded_to.setdefault(reseller_id, {})[name, at] = None
        for name, at, link, order_id in lists["confirmed"]:
            self._confirmed.setdefault((name, at), {})[link] = order_id

    def behind(
        self, row: Ints, t: int, key: tuple[str, ...], where: str, days: int, order: int, most: int | None = None
    ) -> list[str]:
        """Notices that a view with this key counts for a line at `t`: those that pass a filter, the newest `most`.

        `row` is the encoded line, `order` the number of its order, whose own awards are left out.
        """
        wanted, since = self._values(row, key), t - days * DAY
        if NULL in wanted:
            return []
        near = self._index(key).get(wanted, [])
        named: dict[str, None] = {}
        for number in range(bisect_left(near, (t,)) - 1, -1, -1):
            at, notice_id, line = near[number]
            if at < since or len(named) == most:
                break
            placed = self._placed[notice_id, line]
            if placed.flags & FILTERS[where] and placed.order != order:
                named[notice_id] = None
        return list(named)

    def _index(self, key: tuple[str, ...]) -> dict[tuple[int, ...], list[tuple[int, str, int]]]:
        """The awards by the values of a view's key, each list in the order of time; made when it is first asked."""
        if key not in self._indexes:
            made = self._indexes[key] = {}
            for place, placed in self._placed.items():
                made.setdefault(self._values(placed.row, key), []).append((placed.t, *place))
            for near in made.values():
                near.sort()
        return self._indexes[key]

    def _values(self, row: Ints, key: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(int(row[self._columns.index(name)]) for name in key)

    def steps(self, entry: Entry[Any], row: RowNumber, number: OrderNumber) -> Iterator[tuple[int, ...]]:
        """The steps of an event: awards that come in, and those that go out or change hands."""
        event = entry.event
        if isinstance(event, Notice):
            self._notices[event.notice_id, event.revision] = event
        elif isinstance(event, Linking):
            yield from self._linked(entry, row, number)
        elif isinstance(event, LinkVerdict):
            yield from self._said(entry, row, number)
        elif isinstance(event, SellThrough):
            yield from self._reported(entry, row)

    def _linked(self, entry: Entry[Linking], row: RowNumber, number: OrderNumber) -> Iterator[tuple[int, ...]]:
        linking = entry.event
        for at in self._plain.pop(linking.notice_id, {}):
            yield from self._out((linking.notice_id, at), entry, row)
            self._forget((linking.notice_id, at))
        notice = self._notice(linking.notice_id, linking.notice_revision)
        if notice is None:
            return
        placed = self._plain[linking.notice_id] = {}
        for at, (line, linked) in enumerate(zip(notice.lines, linking.lines, strict=True)):
            encoded = self._row(notice, line, linked)
            flags, item = self._flags(notice, line, linked, encoded), _item(entry.position, at)
            placed[at] = _Placed(encoded, flags, item, item, entry.known_at)
            self._remember((linking.notice_id, at), linked.reseller_id, notice)
            yield from self._in((linking.notice_id, at), entry, row, number)

    def _said(self, entry: Entry[LinkVerdict], row: RowNumber, number: OrderNumber) -> Iterator[tuple[int, ...]]:
        verdict = entry.event
        key = verdict.notice_id, verdict.line
        orders = self._confirmed.setdefault(key, {})
        before = set(orders.values())
        if verdict.confirmed and verdict.order_id is not None:
            orders[verdict.link_id] = verdict.order_id
        else:
            orders.pop(verdict.link_id, None)
        if verdict.line in self._plain.get(verdict.notice_id, {}) and set(orders.values()) != before:
            yield from self._out(key, entry, row)
            yield from self._in(key, entry, row, number)

    def _in(self, key: _Key, entry: Entry[Any], row: RowNumber, number: OrderNumber) -> Iterator[tuple[int, ...]]:
        orders = sorted(set(self._confirmed.get(key, {}).values()))
        if len(orders) > 1:
            return
        order = number(orders[0]) if orders else None
        item, plain = _item(entry.position, key[1]), self._plain[key[0]][key[1]]
        t = max(plain.t, entry.known_at)
        placed = replace(plain, item=item, order=item if order is None else order, t=t)
        yield self._put(key, placed, entry, row)
        if self._lacks_report(key):
            yield self._put(_gap(key), _without_report(placed, t, entry.position, key[1]), entry, row)

    def _out(self, key: _Key, entry: Entry[Any], row: RowNumber) -> Iterator[tuple[int, ...]]:
        for each in (key, _gap(key)):
            if each in self._placed:
                yield self._taken(each, entry, row)

    def _reported(self, entry: Entry[SellThrough], row: RowNumber) -> Iterator[tuple[int, ...]]:
        """What a report says of the awards to its reseller: those that it covers go, those of a correction come.

        Awards of which neither it nor what it corrects speaks stand as they stood.
        """
        reports = [report for report in (entry.event, self._reports.learn(entry.event)) if report is not None]
        for number, key in enumerate(self._awarded_to.get(entry.event.reseller_id, {})):
            notice, line = self._awarded(key)
            if not any(self._reports.speaks_of(report, notice, line) for report in reports):
                continue
            gap, lacking = _gap(key), key in self._placed and self._lacks_report(key)
            if gap in self._placed and not lacking:
                yield self._taken(gap, entry, row)
            elif lacking and gap not in self._placed:
                placed, t = self._placed[key], max(self._placed[key].t, entry.known_at)
                yield self._put(gap, _without_report(placed, t, entry.position, number), entry, row)

    def _lacks_report(self, key: _Key) -> bool:
        """Whether an award to one of our resellers, of goods that we know, is in no report."""
        if key not in self._supplied:
            return False
        return not self._reports.cover(self._supplied[key][0], *self._awarded(key))

    def _awarded(self, key: _Key) -> tuple[Notice, AwardLine]:
        """An award to one of our resellers, as its notice tells it."""
        notice = self._notice(key[0], self._supplied[key][1])
        if notice is None:
            raise LookupError(f"notice {key[0]!r}: its award was taken in, and the record no longer holds it")
        return notice, notice.lines[key[1]]

    def _notice(self, notice_id: str, revision: int) -> Notice | None:
        held = self._notices.get((notice_id, revision))
        if held is None and (held := self._past.notice(notice_id, revision)) is not None:
            self._notices[notice_id, revision] = held
        return held

    def _remember(self, key: _Key, reseller_id: str | None, notice: Notice) -> None:
        line = notice.lines[key[1]]
        if reseller_id is not None and not (line.category is None and line.sku is None):
            self._supplied[key] = reseller_id, notice.revision
            self._awarded_to.setdefault(reseller_id, {})[key] = None

    def _forget(self, key: _Key) -> None:
        if key in self._supplied:
            del self._awarded_to[self._supplied.pop(key)[0]][key]

    def _put(self, key: _Key, placed: _Placed, entry: Entry[Any], row: RowNumber) -> tuple[int, ...]:
        self._placed[key] = placed
        for names, index in self._indexes.items():
            insort(index.setdefault(self._values(placed.row, names), []), (placed.t, *key))
        return self._step(placed, APPEND, placed.t, entry.position, row)

    def _taken(self, key: _Key, entry: Entry[Any], row: RowNumber) -> tuple[int, ...]:
        placed = self._placed.pop(key)
        for names, index in self._indexes.items():
            near = index[self._values(placed.row, names)]
            del near[bisect_left(near, (placed.t, *key))]
        return self._step(placed, TAKE_BACK, max(placed.t, entry.known_at), entry.position, row)

    @staticmethod
    def _step(placed: _Placed, operation: int, t: int, position: int, row: RowNumber) -> tuple[int, ...]:
        return operation, t, position, row(placed.row), placed.order, placed.item, placed.t, placed.flags

    def _row(self, notice: Notice, line: AwardLine, linked: LinkedLine) -> Ints:
        """What a view may key an award by or add up of it; all else is `NULL`.

        The buyer's region stands in the columns of the ship-to and of the site: whoever delivers there, or sits there.
        """
        place = notice.buyer_place or _NOWHERE
        spot = self._reference.places.one(place.country, place.region, place.city, None, None)
        code = self._reference.codes.code
        buyer = notice.buyer_id or notice.buyer_name
        made = {
            "reseller": code("reseller", linked.reseller_id),
            "end_user": code("end_user", None if buyer is None else f"buyer {buyer}"),
            "value": NULL if line.value is None else line.value,
            "ship_country": spot.country,
            "ship_region": spot.region,
            "site_region": spot.region,
            "flags": 0,
            **dict(zip(CATEGORY_FACTS, self._reference.category(line.category), strict=True)),
        }
        return np.array([made.get(name, NULL) for name in self._columns], np.int64)

    def _flags(self, notice: Notice, line: AwardLine, linked: LinkedLine, row: Ints) -> int:
        country, region = (int(row[self._columns.index(name)]) for name in ("ship_country", "ship_region"))
        level = self._reference.regions.level(country, region, notice.known_at)
        security = notice.buyer_class == SECURITY
        passed = {
            "security_awards": security,
            "restricted_awards": security and level >= RESTRICTED_LEVEL,
            "linked_awards": linked.explained,
            "unexplained_awards": not linked.explained,
            "exceeding_awards": linked.exceeds is True,
            "direct_awards": notice.method in {"direct", "limited"},
            "bundled_awards": line.bundled,
            "unnamed_awards": line.supplier_id is None and line.supplier_name is None,
        }
        return FILTERS["awards"] | sum(FILTERS[name] for name, passes in passed.items() if passes)


def _item(position: int, line: int) -> int:
    """The number of an award's line among all events: far below those of findings."""
    return -(_BASE + position * MAX_LINES + line)


def _gap(key: _Key) -> _Key:
    return key[0], ~key[1]


def _without_report(placed: _Placed, t: int, position: int, number: int) -> _Placed:
    """The event beside an award, from `t` on; `number` tells it from others that came with the same position."""
    item = -(2 * _BASE + position * _MOST + number)
    return replace(placed, flags=FILTERS["unreported_awards"], item=item, t=t)
