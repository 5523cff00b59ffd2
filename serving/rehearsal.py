"""A made-up order: scored in memory before the first real one, kept nowhere."""

from decimal import Decimal

from features.measures import Money, Quantity
from features.record import Entry
from features.trade import Order, OrderLine, Place
from features.vector import Vectorizer
from models.fallback import Fallback, judged
from models.model import Model
from models.rules import declared

_LINE = OrderLine("1", "made up", Quantity.of(1), Money.of(Decimal(1), "USD"), 100, ship_to=Place("CH"))
ORDER = Order("made up", "made up", (_LINE,), ordered_at=0, known_at=0)


def rehearse(model: Model | Fallback, engine: Vectorizer) -> None:
    """Decide on a made-up order as of the engine's newest event.

    No real order reads at an earlier time than that, so the engine's windows are where they would be anyway. A second
    engine takes the order in, so that all of the arithmetic is compiled before the first real order comes.
    """
    apprentice = Vectorizer(engine.features, "USD")
    apprentice.follow([Entry(1, 0, ORDER)], lambda _: ())
    apprentice.vectors(ORDER, 1)
    values = engine.vectors(ORDER, engine.clock)
    judged(model, values, [declared(ORDER, _LINE)], engine.clock)
