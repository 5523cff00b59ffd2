"""What a service holds in memory: the record, the champion, and the engine that follows the record.

One thread uses it. An engine that failed half-way is thrown away and built again from the record, which alone is the
truth.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.exchange import Exchange
from features.facts.book import Book
from features.record import Decision, Entry, Event, Promotion, Record, RecordError, Writer
from features.trade import Order, Rate
from features.vector import Behind, Vectorizer
from models.artefact import Model, load
from models.fallback import Fallback, fallback
from serving.anchor import Anchor
from serving.draw import drawn, secret
from serving.keeping import EVERY, Keeper
from serving.problems import Problem
from serving.rehearsal import rehearse
from serving.settings import Settings

NEAR = 2_000
"""Entries that are followed within a turn; more are taken in before it, while others may write."""

FAR = 100_000
"""Entries behind which a replay of the whole record is quicker than following."""

LEFT_TO_REPLAY = 1_000
"""Entries that a restart may follow without a snapshot having been worth its while."""

SWEPT = 2_000
"""Old events that leave their windows between two groups of orders, a few milliseconds."""

PATIENCE_S = 5.0
"""How long an order waits for the writer's turn."""

_LOG = logging.getLogger(__name__)


class Outdated(Exception):
    """The state cannot take in, within a turn, what others appended: leave the turn and call `State.keep_up`."""


@dataclass
class Champion:
    """The model that serves, or what decides in its place, and the engine that computes its features.

    A `broken` engine is not used again. For an order that was not kept, its windows may have moved on to `read_up_to`.
    """

    model: Model | Fallback
    engine: Vectorizer
    read_up_to: int = 0
    broken: bool = False

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Whatever fails in here breaks the engine."""
        try:
            yield
        except BaseException:
            self.broken = True
            raise


class State:
    """Opens the record, keeps up with it, and holds what an order is scored with."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keeper = Keeper(settings.home, now=lambda: time.time_ns() // 1000)
        self._anchor = Anchor(settings.record_url)
        self._record: Record | None = None
        self._champion: Champion | None = None
        self._handled: str | None = None
        self._promoted = False
        self._draw_key = b""
        self.exchange = Exchange()

    @property
    def home(self) -> Path:
        """The folder of what the service keeps beside the record."""
        return self._settings.home

    @property
    def ready(self) -> bool:
        """Whether orders are answered: a champion, or the rules without one, decided on a made-up order."""
        return self._champion is not None

    @property
    def fallback(self) -> bool:
        """Whether rules alone decide, for want of a model that can be read."""
        return self._champion is not None and isinstance(self._champion.model, Fallback)

    @property
    def position(self) -> int:
        """How far the engine has followed the record, 0 without one."""
        champion = self._champion
        return 0 if champion is None else champion.engine.position

    @property
    def record(self) -> Record:
        """The record; raises `Problem` before it was opened."""
        if self._record is None:
            raise Problem("starting", "the record is not open yet; try again")
        return self._record

    def close(self) -> None:
        """Keep a snapshot for the next start where much came since the last one, and give the record back."""
        with suppress(RecordError, Problem):
            self.tend(every=LEFT_TO_REPLAY)
        self._keeper.finish()
        self._champion = None
        if self._record is not None:
            self._record.close()
            self._record = None

    def keep_up(self) -> None:
        """Take in what others appended, outside of any turn: the record's tail, and a newer champion.

        Opens the record and replays it where that has not been done yet.
        """
        self._open()
        self._anchor.hold()
        promotion = self.record.champion()
        if promotion is not None and promotion.promotion_id != self._handled:
            self._promote(promotion)
        self._promoted = False
        if self._champion is None:
            self._champion = self._without_model()
        self._catch_up(self._champion)

    def tend(self, every: int = EVERY) -> None:
        """Between orders: old events leave their windows, and now and then a snapshot is kept."""
        champion = self._champion
        if champion is None or champion.broken:
            return
        engine = champion.engine
        with champion.whole():
            engine.sweep(engine.clock, SWEPT)
        if self._keeper.due(engine, every):
            self._keeper.keep(engine, self.record)

    def champion(self, writer: Writer) -> Champion:
        """The champion, its engine level with this turn; raises `Outdated`, or `Problem` before there is one."""
        champion = self._champion
        if champion is None:
            raise Problem("starting", "the record is not read yet; try again")
        if champion.broken or writer.position() - champion.engine.position > NEAR:
            raise Outdated
        try:
            self._follow(champion, writer)
        except Behind:
            raise Outdated from None
        if self._promoted:
            raise Outdated
        return champion

    def vectors(self, champion: Champion, order: Order, t: int, earlier: Sequence[Entry[Order]]) -> NDArray[np.float64]:
        """The vectors of an order's lines at `t`, (n_lines, n_features); raises `Outdated` for a time gone by."""
        if t < champion.read_up_to:
            champion.broken = True
            raise Outdated
        champion.read_up_to = t
        with champion.whole():
            return champion.engine.vectors(order, t, earlier)

    def drawn(self, order_id: str, rate: float) -> bool:
        """Whether an order is drawn for a random audit, at a rate in [0, 1]."""
        return rate > 0 and drawn(self._draw_key, order_id, rate)

    def hold(self) -> None:
        """Raise `Unavailable` where what is open would be written in vain, see `Anchor.hold`."""
        self._anchor.hold()

    def took(self, champion: Champion, entry: Entry[Order], revisions: Sequence[Entry[Order]], upto: int) -> None:
        """Take in an order that a turn drafted, and with it the record up to a position.

        `revisions` are all of the order's. Where the turn is taken back after that, the champion is `broken`.
        """
        with champion.whole():
            champion.engine.follow([entry], lambda _: revisions)
            champion.engine.position = upto  # an answer is no history

    def _open(self) -> None:
        if self._record is not None and self._anchor.moved():
            _LOG.warning("another file stands in the record's place; opening that one")
            self.close()
        if self._record is None:
            self._record = Record.open(self._settings.record_url, patience_s=PATIENCE_S)
            self._anchor.drop()
            self._draw_key = secret(self._settings.home, self._settings.draw_secret)
            self._handled = None

    def _promote(self, newest: Promotion) -> None:
        """Let a promoted model serve; one that fails leaves the old one serving.

        Where none serves yet, those promoted before are tried as well: a start ends with the model that would serve
        had the service never stopped.
        """
        old = None if self._champion is None or self.fallback else self._champion
        tried = [newest] if old is not None else reversed(self.record.promotions())
        any(self._crowned(promotion) for promotion in tried)
        self._handled = newest.promotion_id

    def _crowned(self, promotion: Promotion) -> bool:
        """Load a promoted model and let it score a made-up order; False where it is refused."""
        old = self._champion
        try:
            model = load(self._settings.home / promotion.artefact, expected=promotion.model)
            champion = self._succeeding(old, model)
            rehearse(model, champion.engine)
        except (ValueError, LookupError, OSError) as error:
            _LOG.error("promotion %s is refused: %s", promotion.promotion_id, error)
            return False
        self._champion = champion
        _LOG.info("model %s serves, promoted by %s", model.fingerprint[:12], ", ".join(promotion.who))
        return True

    def _without_model(self) -> Champion:
        """The rules, which decide until a model is promoted that can be read."""
        rules = fallback(self._settings.fallback_rules)
        champion = self._built(rules)
        rehearse(rules, champion.engine)
        _LOG.warning("no model can serve: rules alone decide until one is promoted")
        return champion

    def _succeeding(self, old: Champion | None, model: Model) -> Champion:
        """A champion with the old one's engine, where that computes the same features."""
        if old is None or old.broken or old.model.features.fingerprint != model.features.fingerprint:
            return self._built(model)
        return Champion(model, old.engine, old.read_up_to)

    def _built(self, model: Model | Fallback) -> Champion:
        """A champion whose engine is level with the record: from a snapshot and what came after it, if one fits."""
        engine = self._keeper.restored(model.features, self.record)
        if engine is None or self.record.position() - engine.position > FAR:
            return Champion(model, self._replayed(model))
        self._learn_rates(engine.position)
        champion = Champion(model, engine)
        try:
            self._follow(champion, self.record)
        except Behind as behind:
            _LOG.info("%s; building the state again", behind)
            self._keeper.outdated()
            champion = Champion(model, self._replayed(model))
        return champion

    def _replayed(self, model: Model | Fallback) -> Vectorizer:
        """An engine that has seen the whole record, and the rates that the record holds."""
        book = Book.of(self.record)
        engine = Vectorizer(model.features, self.record.currency)
        engine.load(book, np.zeros(len(book.lines), bool))
        self._learn_rates(book.position)
        _LOG.info("replayed the record up to position %d", book.position)
        return engine

    def _learn_rates(self, upto: int) -> None:
        rates = self.record.entries((Rate,), upto)
        self.exchange = Exchange(self.record.currency, (each.event for each in rates))

    def _catch_up(self, champion: Champion) -> None:
        if champion.broken:
            champion.engine = self._built(champion.model).engine
        elif self.record.position() - champion.engine.position > FAR:
            champion.engine = self._replayed(champion.model)
        else:
            try:
                self._follow(champion, self.record)
            except Behind as behind:
                _LOG.info("%s; building the state again", behind)
                champion.engine = self._replayed(champion.model)
            else:
                return
        champion.broken, champion.read_up_to = False, 0

    def _follow(self, champion: Champion, source: Record | Writer) -> None:
        engine, upto = champion.engine, source.position()
        if upto == engine.position:
            return
        with champion.whole():
            engine.follow(self._noticed(source.tail(engine.position, upto, (Decision,))), source.revisions)
            engine.position = upto  # what was answered is no history, and stood last perhaps

    def _noticed(self, tail: Iterable[Entry[Event]]) -> Iterator[Entry[Event]]:
        """The tail, with an eye on what is no business of the engine."""
        for entry in tail:
            if isinstance(entry.event, Rate):
                self.exchange.add(entry.event)
            elif isinstance(entry.event, Promotion):
                self._promoted |= entry.event.promotion_id != self._handled
            yield entry
