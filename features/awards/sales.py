"""Our own sales, laid out so that a notice finds the few that it may speak of without looking at all."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.book import Book
from features.location.resolver import Resolver
from features.record.ledger import Entry
from features.trade import Place, Product, Status, StatusChange
from features.windows.codes import Codes, numbers

Ints = NDArray[np.int64]
FOREVER = int(np.iinfo(np.int64).max)
SERIALS = ("serial", "lot")
"""Columns of one's own that name the very goods, where a mapping brings them."""

NEVER_SHIPPED = (Status.CANCELLED, Status.WITHHELD)
"""What keeps an order from being a sale."""

_PLACE = ("ship_country", "ship_region", "ship_city")


@dataclass(frozen=True)
class Sales:
    """Order lines by row, arrays (n_lines,) int64; a revision counts from `t` up to `until`, when another replaced it.

    `by_reseller` and `by_goods` are rows sorted by reseller and category, and by category and quantity, each then by
    `t`; `reseller_starts` and `goods_starts` say where a pair begins and ends. Codes are those of `codes`.
    """

    codes: Codes
    resellers: Sequence[str]
    t: Ints
    until: Ints
    reseller: Ints
    category: Ints
    sku: Ints
    quantity: Ints
    value: Ints
    region: Ints
    city: Ints
    order_id: pa.ChunkedArray
    line_id: pa.ChunkedArray
    by_reseller: Ints
    by_goods: Ints
    reseller_starts: Mapping[tuple[int, int], tuple[int, int]]
    goods_starts: Mapping[tuple[int, int], tuple[int, int]]
    serials: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, book: Book) -> "Sales":
        """The sales of a book: all lines of orders that were not cancelled or withheld before they shipped."""
        lines, codes = book.lines, Codes()
        t = numbers(lines["t"])
        reseller, sku = codes.encode("reseller", lines["reseller_id"]), codes.encode("sku", lines["sku"])
        own = codes.encode("category", lines["category"])
        listed = _categories(codes, (entry.event for entry in book.products))
        category = np.where(own >= 0, own, listed[sku] if listed.size else -1)
        each = codes.code("unit", "each")
        quantity = np.where(codes.encode("unit", lines["unit"]) == each, numbers(lines["quantity_milli"]), -1)
        quantity = np.maximum(quantity, -1)
        region, city = _places(codes, lines)
        by_reseller = np.lexsort((t, category, reseller))
        by_goods = np.lexsort((t, quantity, category))
        return cls(
            codes, codes.texts().get("reseller", ()), t, _until(lines, t, book.statuses),
            reseller, category, sku, quantity, np.maximum(numbers(lines["value"]), -1), region, city,
            lines["order_id"], lines["line_id"],
            by_reseller, by_goods, _starts(reseller, category, by_reseller), _starts(category, quantity, by_goods),
            _serials(lines["attributes"]),
        )  # fmt: skip


def _categories(codes: Codes, products: Iterable[Product]) -> Ints:
    """The category of each sku's code, -1 where the register does not say; the newest version counts."""
    newest = {codes.code("sku", product.sku): codes.code("category", product.category) for product in products}
    found = np.full(codes.size("sku") + 1, -1, np.int64)
    for sku, category in newest.items():
        found[sku] = max(category, -1)
    return found


def _places(codes: Codes, lines: pa.Table) -> tuple[Ints, Ints]:
    """Codes of region and city of each ship-to, as the gazetteer has them."""
    texts = [lines[name].combine_chunks().dictionary_encode() for name in _PLACE]
    indices = [text.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) for text in texts]
    joined = np.stack(indices, axis=1) if len(lines) else np.empty((0, 3), np.int64)
    different, inverse = np.unique(joined, axis=0, return_inverse=True)
    resolver = Resolver()
    found = np.full((len(different) + 1, 2), -1, np.int64)
    for number, row in enumerate(different):
        names = [None if at < 0 else text.dictionary[int(at)].as_py() for text, at in zip(texts, row, strict=True)]
        found[number] = place_codes(codes, resolver, Place(*names))
    of_lines = found[inverse.reshape(-1)]
    return of_lines[:, 0], of_lines[:, 1]


def place_codes(codes: Codes, resolver: Resolver, place: Place | None) -> tuple[int, int]:
    """Codes of a place's region and city, -1 for what is not known."""
    there = resolver.resolve(place) if place else None
    if there is None:
        return -1, -1
    return max(codes.code("region", there.region), -1), max(codes.code("city", there.city), -1)


def _until(lines: pa.Table, t: Ints, statuses: Iterable[Entry[StatusChange]]) -> Ints:
    """When each line was replaced by the next revision, or its order was known never to ship."""
    until = np.full(t.size, FOREVER, np.int64)
    ids = lines["order_id"].combine_chunks()
    revision = numbers(lines["revision"])
    ended = {e.event.order_id: e.known_at for e in statuses if e.event.status in NEVER_SHIPPED}
    revised = set(ids.filter(pa.array(revision > 1)).to_pylist())
    if not ended and not revised:
        return until
    rows = np.flatnonzero(
        pa.compute.is_in(ids, pa.array(sorted(revised | ended.keys()), pa.string())).to_numpy(zero_copy_only=False)
    )
    starts: dict[str, dict[int, int]] = defaultdict(dict)
    names = {int(row): ids[int(row)].as_py() for row in rows}
    for row, name in names.items():
        starts[name][int(revision[row])] = int(t[row])
    for row, name in names.items():
        until[row] = min(starts[name].get(int(revision[row]) + 1, FOREVER), ended.get(name, FOREVER))
    return until


def _starts(first: Ints, second: Ints, order: Ints) -> dict[tuple[int, int], tuple[int, int]]:
    """Where each pair of values begins and ends in a sorted order."""
    if not order.size:
        return {}
    a, b = first[order], second[order]
    edges = np.flatnonzero(np.concatenate([[True], (a[1:] != a[:-1]) | (b[1:] != b[:-1])]))
    ends = np.append(edges[1:], order.size)
    pairs = zip(a[edges].tolist(), b[edges].tolist(), strict=True)
    return dict(zip(pairs, zip(edges.tolist(), ends.tolist(), strict=True), strict=True))


def _serials(attributes: pa.ChunkedArray) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    if attributes.null_count == len(attributes):
        return found
    for row, text in enumerate(attributes.to_pylist()):
        for name, value in (json.loads(text) if text else {}).items():
            if name in SERIALS:
                found[value].append(row)
    return found
