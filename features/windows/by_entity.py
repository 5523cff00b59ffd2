"""The batch driver: the same kernel, a view and an entity at a time.

Views do not know of each other, and entities of a view do not either. So the steps of a batch are sorted by entity, and
each entity's whole history goes through a small state that stays in the processor's cache, and not through one large
state in the order of time: equal bit for bit, since nothing that a line sees of an entity stands anywhere else.
Entities come in the order of their size, so that tables are as small as they can be. Views share the processors.

`compute` takes a whole batch; the stream driver asks for one view at a time (`compute_view`), and goes through entities
whose history does not fit into memory in the order of time, with a state of their own (`go_on`).
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from features.windows import tables
from features.windows.columns import JUDGEMENTS, NULL, columns
from features.windows.compiled import compiled, inlined, threaded
from features.windows.entities import entity_slot, key_of, record_of
from features.windows.expiry import expire
from features.windows.feature_set import FeatureSet
from features.windows.formulas import line_feature, quotients
from features.windows.kernel import NOBODY, READ, append, flush, reach, read
from features.windows.plan import (
    ACCUMULATORS_FROM,
    ACCUMULATORS_TO,
    CHANNELS_FROM,
    CHANNELS_TO,
    END,
    HEAD,
    LISTENS_TO,
    ORDERS_ONCE,
    STRIDE,
    Plan,
    compile_plan,
)
from features.windows.state import NOW, PLAIN, State, empty_state, make_room
from features.windows.step_table import FLAGS, ITEM, OPERATION, ORDER, OUT, ROW, TARGET_TIME, TIME
from features.windows.steps import Progress
from features.windows.view import View

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_AT_ONCE = 32
"""Steps that are brought into the cache together: the processor waits once for all of them."""

_BEFORE_TIME = NULL + (1 << 62)


def compute(
    features: FeatureSet,
    steps: Ints,
    rows: Ints,
    out: Floats,
    progress: Progress | None = None,
    names: tuple[str, ...] | None = None,
) -> None:
    """Write the vectors that the steps ask for into `out`, (n_reads, n_features).

    `steps`, (n_steps, 8), stand in order of time, see `features.windows.step_table`; `rows`, (n_rows, columns), are the
    encoded lines that they speak of, with all columns unless `names` says which.
    """
    whole = compile_plan(features, names)
    asked = steps[steps[:, OUT] >= 0]
    _line_features(whole, asked, rows, out)
    starts = np.cumsum([len(features.lines), *(len(list(view.rows())) for view in features.views)])
    with ThreadPoolExecutor(min(len(features.views), os.cpu_count() or 1) or 1) as pool:
        futures = [
            pool.submit(_whole_view, _alone(features, view, whole, names), steps, rows, out, int(start))
            for view, start in zip(features.views, starts, strict=False)
        ]
        for number, future in enumerate(futures, start=1):
            future.result()
            if progress:
                progress("computing features", number / len(futures))
    complete(whole, out)
    if progress and not futures:
        progress("computing features", 1.0)


@threaded
def complete(plan, out):  # type: ignore[no-untyped-def]
    """Write the quotients of vectors, (n_lines, n_features), of which all else stands."""
    for row in range(len(out)):
        quotients(plan, out[row])


def compute_view(state: State, plan: Plan, steps: Ints, rows: Ints, out: Floats) -> State:
    """Write what the steps ask of one view into `out`, (n_reads, features of the view).

    The plan is that of the view alone, with the horizon of the whole set; `rows` have the columns that it was compiled
    for. The steps hold everything that happened to the entities they speak of. The state must have seen nothing, and is
    given back so, with the room that was needed.
    """
    return _one_view(state, plan, steps, rows, out, 0)


def state_for(plan: Plan, width: int) -> State:
    """A state that has seen nothing, for rows of so many columns."""
    return empty_state(plan, width - len(columns()))


def go_on(state: State, plan: Plan, steps: Ints, rows: Ints, out: Floats) -> State:
    """`compute_view` in the order of time, after all that the state has seen; returns the state, which may have moved.

    For entities whose history is too long to be held at once: only what windows still need of it stays in the state.
    """
    done = 0
    while done < len(steps):
        done = _run_in_time(state, plan, steps, rows, done, out)
        if done < len(steps):
            state = make_room(state)
    return state


def _alone(features: FeatureSet, view: View, whole: Plan, names: tuple[str, ...] | None) -> Plan:
    """The plan of one view, which holds events as long as all of them together would."""
    return compile_plan(FeatureSet((), (view,), features.attributes), names)._replace(horizon=whole.horizon)


def _whole_view(plan: Plan, steps: Ints, rows: Ints, out: Floats, first: int) -> None:
    _one_view(state_for(plan, rows.shape[1]), plan, steps, rows, out, first)


def _one_view(state: State, plan: Plan, steps: Ints, rows: Ints, out: Floats, first: int) -> State:
    entity = _entities(plan, steps, rows)
    unknown = steps[entity < 0, OUT]
    out[unknown[unknown >= 0], first : first + len(plan.output)] = np.nan
    asked = steps[:, OUT] >= 0
    of_interest = np.zeros(int(entity.max(initial=-1)) + 2, np.bool_)  # nobody asks about the others; last: no entity
    of_interest[entity[asked]] = True
    heard = asked | ((steps[:, FLAGS] & plan.views[0, LISTENS_TO]) != 0)
    order = _sorted(entity, heard & of_interest[entity])
    lines = np.empty((_AT_ONCE, 8), np.int64)
    local = np.empty((_AT_ONCE, rows.shape[1]), np.int64)
    needed = np.unique(np.concatenate([plan.kept, plan.output[:, 3][plan.output[:, 3] >= 0]]))
    begun = done = 0
    while done < order.size:
        begun, done = _run(state, plan, steps, rows, entity, order, begun, done, lines, local, needed, out, first)
        if done < order.size:
            state = make_room(state)
    if done:
        _start_anew(state, plan, steps, rows, order, begun, done)
    return state


def _entities(plan: Plan, steps: Ints, rows: Ints) -> Ints:
    """A number for each step's entity, from 0 without gaps; -1 where the key is null."""
    key = plan.views[0, :3][plan.views[0, :3] >= 0]
    ids, done = np.full(len(rows), -1, np.int64), 0
    table, found = np.full((1 << 12, key.size + 1), -1, np.int64), np.zeros(1, np.int64)
    while done < len(rows):
        done = _number(rows, key, np.empty(key.size, np.int64), table, found, ids, done)
        if done < len(rows):
            smaller, table = table, np.full((2 * len(table), key.size + 1), -1, np.int64)
            tables.rehash(smaller, table)
    of_steps: Ints = ids[steps[:, ROW]]
    return of_steps


def _sorted(entity: Ints, heard: NDArray[np.bool_]) -> Ints:
    """The steps that an entity hears of, entity by entity, the smallest first; in order of time within each."""
    known = np.flatnonzero(heard & (entity >= 0))
    counts = np.bincount(entity[known])
    rank = np.empty(counts.size, np.int64)
    by_size = np.argsort(counts, kind="stable")
    rank[by_size] = np.arange(counts.size)
    starts = np.concatenate([[0], np.cumsum(counts[by_size])])
    order = np.empty(known.size, np.int64)
    _place(known, rank, entity, starts, order)
    return order


@threaded
def _number(rows, columns, key, table, found, ids, start):  # type: ignore[no-untyped-def]
    """Number the different keys in the order in which they come; returns the row to go on with in a larger table."""
    for row in range(start, len(rows)):
        if 2 * found[0] >= len(table):
            return row
        null = False
        for index in range(len(columns)):
            key[index] = rows[row, columns[index]]
            null |= key[index] == NULL
        if null:
            continue
        slot = tables.slot_of(table, key)
        if tables.value_at(table, slot) < 0:
            tables.put(table, slot, key, found[0])
            found[0] += 1
        ids[row] = tables.value_at(table, slot)
    return len(rows)


@threaded
def _place(known, rank, entity, starts, order):  # type: ignore[no-untyped-def]
    for index in range(known.size):
        at = rank[entity[known[index]]]
        order[starts[at]] = known[index]
        starts[at] += 1


@threaded
def _line_features(plan, asked, rows, out):  # type: ignore[no-untyped-def]
    for number in range(len(asked)):
        line = rows[asked[number, ROW]]
        for index in range(len(plan.line_kind)):
            out[asked[number, OUT], index] = line_feature(plan, index, line, asked[number, TIME])


@threaded
def _run(state, plan, steps, rows, entity, order, begun, done, lines, local, needed, out, first):  # type: ignore[no-untyped-def]
    """Go on from step `done` of the entity that begins at `begun`; the same two where there is no room, or the end."""
    while done < order.size:
        many = min(_AT_ONCE, order.size - done)
        _fetch(steps, rows, order, done, many, lines, local, needed)
        for index in range(many):
            if entity[order[done]] != entity[order[begun]]:
                _start_anew(state, plan, steps, rows, order, begun, done)
                begun = done
            if not _step(state, plan, lines[index], local[index], out, first):
                return begun, done
            done += 1
        expire(state, plan, lines[many - 1, TIME], 4 * _AT_ONCE)
    return begun, done


@threaded
def _run_in_time(state, plan, steps, rows, done, out):  # type: ignore[no-untyped-def]
    """Go on from step `done`; returns the step to go on with where there is no room, or how many there are."""
    while done < len(steps):
        if not _step(state, plan, steps[done], rows[steps[done, ROW]], out, 0):
            return done
        done += 1
        if done % _AT_ONCE == 0 or done == len(steps):
            expire(state, plan, steps[done - 1, TIME], 4 * _AT_ONCE)
    return done


@inlined
def _fetch(steps, rows, order, done, many, lines, local, needed):  # type: ignore[no-untyped-def]
    """Copy steps and what they need of their rows side by side."""
    for index in range(many):
        for column in range(8):
            lines[index, column] = steps[order[done + index], column]
    for index in range(many):
        for column in range(len(needed)):
            local[index, needed[column]] = rows[lines[index, ROW], needed[column]]


@inlined
def _step(state, plan, step, row, out, first):  # type: ignore[no-untyped-def]
    """One step; False where there is no room, and then nothing happened that may not happen again."""
    t, order = step[TIME], step[ORDER]
    if not flush(state, plan, t):
        return False
    if step[OUT] >= 0:
        reach(state, plan, t)
        read(state, plan, row, t, NOBODY if step[FLAGS] & PLAIN else order, out[step[OUT], first:])
    if step[OPERATION] == READ or not step[FLAGS] & plan.views[0, LISTENS_TO]:
        return True
    return append(state, plan, row, t, step[FLAGS], order, step[ITEM], step[OPERATION], step[TARGET_TIME])


@compiled
def _start_anew(state, plan, steps, rows, order, begun, done):  # type: ignore[no-untyped-def]
    """Forget the entity whose steps are done, and all that its events left in the tables."""
    key_of(plan.views, 0, rows[steps[order[begun], ROW]], state.key)
    at = entity_slot(state.arena, state.entity_at, state.key)
    block = state.entity_at[at]
    state.entity_at[at] = -1
    if block >= 0:
        _drop_codes(state, plan, block)
    for number in range(begun, done):
        flags, judged = steps[order[number], FLAGS], steps[order[number], ORDER]
        if flags & JUDGEMENTS and block >= 0:
            for row in range(plan.views[0, ACCUMULATORS_FROM], plan.views[0, ACCUMULATORS_TO]):
                if plan.accumulator[row, 0] == ORDERS_ONCE:
                    state.key[0], state.key[1], state.key[2] = block, -1 - row, judged
                    _drop(state.codes, state.key)
        if not flags & PLAIN:
            state.key[0] = judged
            _drop(state.orders, state.key)
    state.counter[:NOW] = 0
    state.counter[NOW] = _BEFORE_TIME
    state.edge[:] = 0
    state.free[:] = -1


@compiled
def _drop_codes(state, plan, block):  # type: ignore[no-untyped-def]
    arena, stride = state.arena, plan.views[0, STRIDE]
    for index in range(arena[block + HEAD], arena[block + END]):
        record = record_of(arena, block, stride, index)
        for channel in range(plan.views[0, CHANNELS_FROM], plan.views[0, CHANNELS_TO]):
            code = arena[record + plan.channel[channel, 2]]
            if code != NULL:
                state.key[0], state.key[1], state.key[2] = block, channel, code
                _drop(state.codes, state.key)


@compiled
def _drop(table, key):  # type: ignore[no-untyped-def]
    slot = tables.slot_of(table, key)
    if tables.value_at(table, slot) != tables.EMPTY:
        tables.remove(table, slot)
