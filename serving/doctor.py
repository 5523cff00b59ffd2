"""Looks at a set-up before it is needed: home, record, model, rules, lists, keys, service."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx

from features.goods.policy import load_goods
from features.location.policy import load_hubs, load_regions
from features.measures import DAY, iso
from features.record import Record, RecordError
from features.trade import Finding
from models.artefact import load
from models.model import Model
from serving.keys import held
from serving.settings import Settings

FREE_BYTES = 1 << 30
MODEL_DAYS, LIST_DAYS, SOON_DAYS = 120, 365, 30
"""Days after which a model, and a list without a newer entry, is told to be old; and before which an end is near."""


class State(StrEnum):
    """How something stands."""

    GOOD = "good"
    MIND = "mind"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at, how it stands, and what to do."""

    what: str
    state: State
    said: str


def examine(settings: Settings, now: int) -> list[Sign]:
    """Look at everything, at `now` (microseconds UTC); nothing is written but a record that is not there yet."""
    signs = [_home(settings)]
    try:
        with Record.open(settings.record_url) as record:
            signs += [*_record(record, now), *_model(record, settings, now), *_keys(record, settings, now)]
    except RecordError as error:
        signs.append(Sign("record", State.BAD, str(error).partition("\n")[0]))
    return [*signs, *_lists(now), _service(settings)]


def _home(settings: Settings) -> Sign:
    home = settings.home
    if not (home.is_dir() and os.access(home, os.W_OK)):
        return Sign("home", State.BAD, f"{home} is no folder that can be written; set DIVERSION_HOME")
    free = shutil.disk_usage(home).free
    state = State.GOOD if free >= FREE_BYTES else State.MIND
    return Sign("home", state, f"{home}, {free / (1 << 30):.1f} GiB free")


def _record(record: Record, now: int) -> Iterator[Sign]:
    counts, clock = record.counts(), record.clock()
    yield Sign("record", State.GOOD, f"{counts['orders']:,} orders up to position {record.position():,}")
    if clock is not None and clock > now + DAY:
        yield Sign("clock", State.MIND, f"the record's newest event is of {iso(clock)}: new orders are dated after it")
    findings = [entry.known_at for entry in record.entries((Finding,))]
    if not findings:
        yield Sign("findings", State.MIND, "none: nothing can be learned yet")
    else:
        yield Sign("findings", State.GOOD, f"{len(findings):,}, the newest of {iso(max(findings))}")


def _model(record: Record, settings: Settings, now: int) -> Iterator[Sign]:
    promotion = record.champion()
    if promotion is None:
        mend = "run `diversion train` and `diversion promote`"
        yield Sign("model", State.BAD, f"none is promoted, and rules alone decide; {mend}")
        return
    try:
        # It was tried when it was promoted, and its hash is checked here: no need of a child process.
        model = load(settings.home / promotion.artefact, expected=promotion.model, probe=False)
    except (ValueError, OSError) as error:
        yield Sign("model", State.BAD, f"{promotion.model[:12]} cannot be served: {error}")
        return
    days = (now - model.card.as_of) / DAY
    state = State.GOOD if days <= MODEL_DAYS else State.MIND
    yield Sign("model", state, f"{model.fingerprint[:12]}, from findings up to {days:.0f} days ago")
    yield from _rules(model, now)


def _rules(model: Model, now: int) -> Iterator[Sign]:
    in_force = [rule for rule in model.rules if rule.in_force(now)]
    verify = [rule.rule_id for rule in in_force if rule.verify]
    yield Sign("rules", State.GOOD, f"{len(in_force)} of {len(model.rules)} are in force")
    if verify:
        yield Sign("rules", State.MIND, f"to be verified against the law where you are: {', '.join(verify)}")
    for rule in model.rules:
        for word, at in (("begins", rule.valid_from), ("ends", rule.valid_to)):
            if at is not None and now < at <= now + SOON_DAYS * DAY:
                yield Sign("rules", State.MIND, f"{rule.rule_id} {word} on {iso(at)[:10]}")


def _keys(record: Record, settings: Settings, now: int) -> Iterator[Sign]:
    if not settings.keys:
        yield Sign("keys", State.MIND, "switched off: everybody on this machine is let in, to everything")
        return
    keys = [key for key in held(record) if key.holds(now)]
    roles = {role for key in keys for role in key.roles}
    state = State.GOOD if "orders" in roles else State.BAD
    yield Sign("keys", state, f"{len(keys)} hold, for {', '.join(sorted(roles)) or 'nothing'}")
    for key in keys:
        if key.expires_at is not None and key.expires_at <= now + SOON_DAYS * DAY:
            yield Sign("keys", State.MIND, f"{key.key_id} ({key.name}) expires on {iso(key.expires_at)[:10]}")


def _lists(now: int) -> Iterator[Sign]:
    """The age of a list is that of its newest entry: whoever keeps one up to date adds to it."""
    for name, entries in (("regions", load_regions()), ("hubs", load_hubs()), ("goods", load_goods())):
        yield _list(name, [entry.valid_from for entry in entries], now)


def _list(name: str, begins: Iterable[int], now: int) -> Sign:
    newest = max(begins, default=None)
    if newest is None:
        return Sign(name, State.MIND, "the list is empty")
    days = (now - newest) / DAY
    state = State.GOOD if days <= LIST_DAYS else State.MIND
    return Sign(
        name, state, f"the newest entry is of {iso(newest)[:10]}" + ("" if state is State.GOOD else "; review it")
    )


def _service(settings: Settings) -> Sign:
    address = f"http://{settings.host}:{settings.port}"
    try:
        status = httpx.get(f"{address}/readyz", timeout=2.0).status_code
    except httpx.HTTPError:
        return Sign("service", State.MIND, f"nobody answers at {address}")
    if status == httpx.codes.OK:
        return Sign("service", State.GOOD, f"answers at {address}")
    return Sign("service", State.BAD, f"is not ready at {address}: status {status}")
