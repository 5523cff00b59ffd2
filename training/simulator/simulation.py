"""From a seed to files: the world, its honest demand, the stories, the checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from training.simulator import checks, parties, products, rates, write
from training.simulator.casting import Part, cast
from training.simulator.checks import Finding
from training.simulator.demand import honest_order, honest_orders, moment_between
from training.simulator.dice import Dice
from training.simulator.market import Market
from training.simulator.trade import Order, Product, Reseller
from training.simulator.typologies import TYPOLOGIES

_LINES_PER_RESELLER = 48
_END_USERS_PER_RESELLER = 14
_LINES_PER_ORDER_PERCENT = 131
_FEWEST_RESELLERS = 60


@dataclass(frozen=True, slots=True)
class World:
    """All that exists before the first order."""

    products: tuple[Product, ...]
    resellers: tuple[Reseller, ...]
    parts: dict[str, Part]
    market: Market
    end_users: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made: numbers of things, the diverted ones by the sealed truth."""

    resellers: int
    products: int
    end_users: int
    orders: int
    lines: int
    diverted_orders: int
    diverted_lines: int
    twin_orders: int
    findings: int
    diverted_findings: int
    cleared_findings: int
    inconclusive_findings: int


def simulate(
    out: Path, *, seed: int, lines: int = 20_000, progress: Callable[[str, float], None] | None = None
) -> Summary:
    """Write a world of about three and three quarter years, with at least `lines` order lines, into `out`.

    The same seed and size give the same bytes. `progress` hears a stage and the share of it that is done, 0 to 1.
    """
    say = progress or _say_nothing
    say("world", 0.0)
    world = build(seed, lines)
    orders = trade(world, seed, lines, say)
    say("checks", 0.0)
    found = checks.findings(orders, Dice(seed, "checks"))
    say("files", 0.0)
    _write(out, world, orders, found, seed)
    say("files", 1.0)
    return _summary(world, orders, found)


def build(seed: int, lines: int) -> World:
    """Products, end users and resellers, and who plays which part; the numbers grow with `lines`."""
    count = max(_FEWEST_RESELLERS, lines // _LINES_PER_RESELLER + 4)
    mean_orders = lines * 100 // (_LINES_PER_ORDER_PERCENT * count)
    catalogue = products.catalogue(Dice(seed, "products"))
    clients = parties.end_users(count * _END_USERS_PER_RESELLER, Dice(seed, "end users"))
    # The median of the sizes lies below their mean: a few resellers are large.
    plain = parties.resellers(count, mean_orders * 80 // 100, clients, Dice(seed, "resellers"))
    company, parts = cast(plain, mean_orders, TYPOLOGIES, Dice(seed, "casting"))
    return World(catalogue, tuple(company), parts, Market(catalogue, clients), len(clients))


def trade(world: World, seed: int, lines: int, say: Callable[[str, float], None]) -> list[Order]:
    """All orders in time order: honest demand, then each part played by its reseller."""
    orders: list[Order] = []
    for number, reseller in enumerate(world.resellers):
        dice = Dice(seed, f"orders of {reseller.reseller_id}")
        own = honest_orders(reseller, world.market, dice)
        part = world.parts.get(reseller.reseller_id)
        orders += part.play(own, world.market, dice) if part else own
        say("orders", (number + 1) / len(world.resellers))
    orders += _missing(world, lines - _count(orders), Dice(seed, "missing orders"))
    return sorted(orders, key=lambda order: (order.at, order.reseller.reseller_id))


def _missing(world: World, lines: int, dice: Dice) -> list[Order]:
    """Honest orders of resellers without a part, until the promised number of lines is reached."""
    plain = [reseller for reseller in world.resellers if reseller.reseller_id not in world.parts]
    orders: list[Order] = []
    while lines > 0:
        reseller = dice.pick(plain)
        at = moment_between(reseller.active_from, reseller.active_to, reseller, dice)
        orders.append(honest_order(reseller, at, world.market, dice))
        lines -= len(orders[-1].lines)
    return orders


def _write(out: Path, world: World, orders: Sequence[Order], found: Sequence[Finding], seed: int) -> None:
    monthly = rates.monthly(Dice(seed, "rates"))
    write.write_resellers(out, sorted(world.resellers, key=attrgetter("reseller_id")))
    write.write_products(out, world.products)
    write.write_rates(out, monthly)
    write.write_orders(out, orders, rates.Exchange(monthly))
    write.write_findings(out, found)
    write.write_truth(out, orders)


def _summary(world: World, orders: Sequence[Order], found: Sequence[Finding]) -> Summary:
    outcomes = [finding.outcome for finding in found]
    return Summary(
        resellers=len(world.resellers),
        products=len(world.products),
        end_users=world.end_users,
        orders=len(orders),
        lines=_count(orders),
        diverted_orders=sum(order.diverted for order in orders),
        diverted_lines=sum(line.diverted for order in orders for line in order.lines),
        twin_orders=sum(bool(order.twin_of) for order in orders),
        findings=len(found),
        diverted_findings=outcomes.count("diverted"),
        cleared_findings=outcomes.count("cleared"),
        inconclusive_findings=outcomes.count("inconclusive"),
    )


def _count(orders: Sequence[Order]) -> int:
    return sum(len(order.lines) for order in orders)


def _say_nothing(stage: str, share: float) -> None:
    """Nobody listens."""
