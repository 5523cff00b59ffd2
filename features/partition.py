"""The partition driver: arrow in, arrow out, some entities of a view at a time, on any engine that can shuffle.

What a line's history with one entity is made of are the events of that entity, and nothing else. So the events of a
view are split by a hash of its key, each part is computed anywhere, and the columns are put together again: bit for bit
what one machine computes. No function here sees more than a block of lines, or a part of the entities:

* `revised` and `few` find the lines that something else speaks of, `rare_events` turns what is said into events;
* `line_events` turns a block of lines (of whole orders) into events;
* `split` splits events by the key of a view;
* `partition` computes the view's features for the lines among some events, and `dealt` gives them back to the blocks;
* `assembled` puts all columns of a block together.

`partitioned` does all of it in this process; `features.dask_driver` does it on a cluster. What is broadcast is small:
the definitions, resellers, products, findings and cancellations.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts.book import Book
from features.facts.encode import Ints
from features.facts.lines import SCHEMA
from features.hashes import mixed, of_texts, parts
from features.record.store import Record
from features.trade import MAX_LINES
from features.translation import Translation, appended, asked, first_positions, ids_spoken_of, order_numbers
from features.vector import FeatureTable
from features.windows.codes import Codes
from features.windows.columns import ATTRIBUTE, CODED, NULL, columns
from features.windows.feature_set import FeatureSet
from features.windows.kernel import APPEND
from features.windows.plan import KEY_WIDTH, Plan, compile_plan
from features.windows.state import empty_state
from features.windows.steps import Steps, carry_out

STEP = ("operation", "t", "position", "order", "item", "target_time", "event_flags")
"""The first columns of an event, the fields of `Steps` without the row; those of its line follow by their names."""


def partition(events: pa.Table, features: FeatureSet, horizon: int | None = None) -> pa.Table:
    """Features of the lines among `events`, given all events of their entities in any order.

    `features` is one view, or views of one key. Where they are part of a larger set, `horizon` is that one's: how long
    earlier revisions of an order are known as its own depends on the widest window of all. Returns `position`,
    `line_no` and one column a feature, a row a line, sorted by position and line number.
    """
    plan = compile_plan(features)
    plan = plan if horizon is None else plan._replace(horizon=horizon)
    steps = _steps(events)
    lines = steps.where(_is_line(steps))
    out = np.empty((lines.t.size, len(features.names)))
    ordered = asked(lines, np.ones(lines.t.size, bool)).then(steps).in_time()
    carry_out(empty_state(plan, len(features.attributes)), plan, ordered, _rows(events, features.attributes, plan), out)
    ids = {"position": lines.item // MAX_LINES, "line_no": lines.item % MAX_LINES}
    return pa.table(ids | dict(zip(features.names, np.asfortranarray(out).T, strict=True)))


def line_events(block: pa.Table, features: FeatureSet, others: Book, first: pa.Table) -> pa.Table:
    """Events of a block of lines with the columns of `Record.lines`; the lines of a position stand together.

    `first` tells the number of each order that `rare_events` saw.
    """
    translation = Translation(features, others)
    rows = translation.encode(block)
    steps = appended(block, order_numbers(block, first), rows[:, translation.flags_column])
    return _events(steps, rows, translation)


def revised(block: pa.Table) -> pa.Array:
    """Ids of the orders of which a block holds a later revision."""
    return block.filter(pc.field("revision") > 1)["order_id"].combine_chunks().unique()


def few(block: pa.Table, others: Book, again: Sequence[pa.Array]) -> pa.Table:
    """The lines of a block that something else speaks of: a finding, a cancellation, or what `revised` found."""
    ids = pa.array(sorted(ids_spoken_of(others)), pa.string())
    return block.filter(pc.is_in(block["order_id"], pa.concat_arrays([ids, *again])))


def rare_events(lines: Sequence[pa.Table], features: FeatureSet, others: Book) -> tuple[pa.Table, pa.Table]:
    """Events of all that speaks of earlier lines, and `order_id` and number of the orders spoken of.

    `lines` are the `few` of all blocks.
    """
    spoken_of = pa.concat_tables(lines).sort_by([("position", "ascending"), ("line_no", "ascending")])
    translation = Translation(features, others)
    steps, rows = translation.rare(spoken_of)
    return _events(steps, rows, translation), first_positions(spoken_of)


def split(events: pa.Table, key: tuple[str, ...], into: int) -> list[pa.Table]:
    """The events of each part of the entities, by a hash of the key's columns; those without an entity go nowhere."""
    hashes, known = np.zeros(events.num_rows, np.uint64), np.ones(events.num_rows, bool)
    for name in key:
        words, there = _words(events[name])
        hashes, known = mixed(hashes, words), known & there
    part = np.where(known, parts(hashes, into), -1)
    return [events.filter(pa.array(part == number)) for number in range(into)]


def dealt(pieces: Sequence[pa.Table], rare: pa.Table, features: FeatureSet, horizon: int) -> list[pa.Table]:
    """The `partition` of a part's events, given back to the blocks that they came from."""
    if not any(piece.num_rows for piece in pieces):
        return [pa.table({}) for _ in pieces]
    computed = partition(pa.concat_tables([*pieces, rare]), features, horizon)
    items = computed["position"].to_numpy() * MAX_LINES + computed["line_no"].to_numpy()
    return [computed.take(pa.array(np.searchsorted(items, np.sort(piece["item"].to_numpy())))) for piece in pieces]


def assembled(block: pa.Table, features: FeatureSet, others: Book, computed: Iterable[pa.Table]) -> pa.Table:
    """The lines of a block, in their order, with all features: those of the line itself and those `computed`."""
    alone = FeatureSet(features.lines, (), features.attributes)
    own = line_events(block, alone, others, SCHEMA.empty_table())
    items = own["item"].to_numpy()
    by_item = np.argsort(items)
    values = {name: np.full(items.size, np.nan) for name in features.names}
    for table in (partition(own, alone), *computed):
        if table.num_rows:
            found = table["position"].to_numpy() * MAX_LINES + table["line_no"].to_numpy()
            rows = by_item[np.searchsorted(items, found, sorter=by_item)]
            for name in table.column_names[2:]:
                values[name][rows] = table[name].to_numpy()
    for each in features.quotients:
        to = values[each.to]
        values[each.name] = np.divide(values[each.of], to, out=np.full(items.size, np.nan), where=to != 0.0)
    return pa.table(dict(zip(block.column_names, block.columns, strict=True)) | values)


def single(features: FeatureSet) -> list[FeatureSet]:
    """A feature set for each view."""
    return [FeatureSet((), (view,), features.attributes) for view in features.views]


def partitioned(source: Record | Book, features: FeatureSet, into: int, blocks: int = 1) -> FeatureTable:
    """`features.vector.feature_table` by way of so many parts of each view's entities, and blocks of lines."""
    book = source if isinstance(source, Book) else Book.of(source)
    others, cut = replace(book, lines=SCHEMA.empty_table()), blocks_of(book.lines, blocks)
    again = [revised(block) for block in cut]
    rare, first = rare_events([few(block, others, again) for block in cut], features, others)
    events = [line_events(block, features, others, first) for block in cut]
    horizon = compile_plan(features).horizon
    computed: list[list[pa.Table]] = [[] for _ in cut]
    for one in single(features):
        key = one.views[0].key
        pieces, rare_pieces = [split(each, key, into) for each in events], split(rare, key, into)
        for part in range(into):
            tables = dealt([piece[part] for piece in pieces], rare_pieces[part], one, horizon)
            for number, table in enumerate(tables):
                computed[number].append(table)
    made = [assembled(block, features, others, tables) for block, tables in zip(cut, computed, strict=True)]
    values = [np.column_stack([table[name].to_numpy() for name in features.names]) for table in made]
    return FeatureTable(features, np.vstack(values), book.lines)


def blocks_of(lines: pa.Table, most: int) -> list[pa.Table]:
    """At most so many blocks of whole orders, from lines in the order of position."""
    position = lines["position"].to_numpy()
    begins = np.flatnonzero(np.diff(position, prepend=-1, append=-1))  # the end too
    cuts = [int(cut) for cut in begins[(len(begins) - 1) * np.arange(most + 1) // most]] if lines.num_rows else [0, 0]
    return [lines.slice(start, stop - start) for start, stop in pairwise(cuts)]


def event_columns(features: FeatureSet) -> list[str]:
    """The columns of `line_events` that these definitions read: what is to be shuffled for them."""
    return [*STEP, *(name for _, name in _read_by(compile_plan(features), features.attributes))]


def _is_line(steps: Steps) -> NDArray[np.bool_]:
    """Findings are numbered below 0."""
    mask: NDArray[np.bool_] = (steps.operation == APPEND) & (steps.item >= 0)
    return mask


def _steps(events: pa.Table) -> Steps:
    """The steps of events, sorted by item: the lines of an order come in their order whichever way they came here."""
    operation, t, position, *more = (events[name].to_numpy() for name in STEP)
    steps = Steps(operation, t, position, np.arange(events.num_rows), *more)
    by_item = np.argsort(steps.item, kind="stable")
    return Steps(*(getattr(steps, name)[by_item] for name in Steps.__slots__))


def _events(steps: Steps, rows: Ints, translation: Translation) -> pa.Table:
    attributes = translation.features.attributes
    plan, texts = compile_plan(translation.features), translation.codes.texts()
    made = {name: getattr(steps, "flags" if name == "event_flags" else name) for name in STEP}
    for index, name in _read_by(plan, attributes):
        vocabulary = _vocabulary(name)
        values = rows[steps.row, index]
        made[name] = values if vocabulary is None else _named(values, texts.get(vocabulary, ()))
    return pa.table(made)


def _rows(events: pa.Table, attributes: tuple[str, ...], plan: Plan) -> Ints:
    """Rows with codes of this part's own, of shape (n_events, columns): no feature depends on which code a text has."""
    codes = Codes()
    rows = np.full((events.num_rows, len(columns(attributes))), NULL, np.int64)
    for index, name in _read_by(plan, attributes):
        vocabulary = _vocabulary(name)
        column = events[name]
        rows[:, index] = column.to_numpy() if vocabulary is None else codes.encode(vocabulary, column.cast(pa.string()))
    return rows


def _read_by(plan: Plan, attributes: tuple[str, ...]) -> list[tuple[int, str]]:
    """Index and name of the columns that a plan reads; the order's is its number, which every event has."""
    reads = (plan.views[:, :KEY_WIDTH], plan.value_column, plan.channel[:, 0], plan.output[:, 3], plan.line_column)
    read = {int(index) for array in reads for index in array.ravel() if index >= 0} | {plan.flags_column}
    return [(index, name) for index, name in enumerate(columns(attributes)) if index in read - {plan.order_column}]


def _vocabulary(name: str) -> str | None:
    return name if name.startswith(ATTRIBUTE) else CODED.get(name)


def _named(codes: Ints, texts: Sequence[str]) -> pa.DictionaryArray:
    used, index = np.unique(codes, return_inverse=True)
    missing = int(used.size and used[0] == NULL)
    names = pa.array([texts[code] for code in used[missing:].tolist()], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array((index - missing).astype(np.int32), mask=codes == NULL), names)


def _words(column: pa.ChunkedArray) -> tuple[Ints, NDArray[np.bool_]]:
    """A word for each value, and where there is one; texts may be a dictionary or not."""
    column = column.dictionary_encode() if pa.types.is_string(column.type) else column
    if pa.types.is_dictionary(column.type):
        one = column.unify_dictionaries().combine_chunks()
        return of_texts(one), one.is_valid().to_numpy(zero_copy_only=False)
    values = column.to_numpy()
    return values, values != NULL
