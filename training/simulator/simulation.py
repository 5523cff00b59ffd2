"""From a seed to files, week by week: demand, the stories, who looks, what surfaces. What comes later waits its turn.

Only the resellers, one week's orders and what waits are in memory, so that a world of any length fits.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isqrt
from pathlib import Path

import numpy as np

from features.measures import Refused, iso
from training.simulator import awards, casting, checks, demand, parties, products, seed_2021
from training.simulator.checks import Findings
from training.simulator.draws import Draws, Ints
from training.simulator.files import Files
from training.simulator.market import Market
from training.simulator.orders import Orders, in_time, joined
from training.simulator.rates import Rates
from training.simulator.scenario import NAME, VERSION, Scenario, scenario
from training.simulator.sell_through import WEEKS, SellThrough

Progress = Callable[[str, float], None]

_END_USERS_PER_RESELLER = 14
_FEWEST_RESELLERS, _MOST_RESELLERS = 60, 6_000
_REPEATED_PERCENT = 105
"""Orders that come of 100 timetabled ones: second deliveries, split purchases."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made: numbers of things, the diverted ones by the sealed truth."""

    resellers: int
    diverting_resellers: int
    products: int
    end_users: int
    orders: int
    lines: int
    diverted_orders: int
    diverted_lines: int
    twin_orders: int
    withheld_orders: int
    findings: int
    diverted_findings: int
    cleared_findings: int
    inconclusive_findings: int
    awards: int
    sell_through_reports: int
    exploration_draws: int


def simulate(
    out: Path,
    *,
    seed: int,
    scenario_name: str = "small",
    orders: int | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Write the world of a scenario into `out`, with about `orders` orders (the scenario's own number unless given).

    The same scenario, seed and number give the same bytes. `progress` hears a stage and the share of it that is done.
    Raises `Refused` for a scenario that there is not or fewer than 500 orders.
    """
    chosen = scenario(scenario_name)
    wanted = chosen.orders if orders is None else orders
    if wanted < 500:
        raise Refused("orders", wanted, "is too few for a world", "ask for 500 or more")
    say = progress or _say_nothing
    say("world", 0.0)
    market = build(chosen, seed, wanted)
    rates = Rates(chosen, seed)
    files = Files(out, market, rates)
    try:
        counts = _World(market, files, seed).run(say)
    finally:
        files.close()
    summary = Summary(
        resellers=market.resellers.count,
        diverting_resellers=int(((market.resellers.part >= 0) & ~market.resellers.honest).sum()),
        products=len(market.catalogue.sku),
        end_users=len(market.end_users.kind),
        awards=files.awards,
        sell_through_reports=files.sell_through.rows,
        exploration_draws=files.exploration.rows,
        **{name: int(counts[name]) for name in _COUNTED},
    )
    _describe(out, chosen, seed, summary)
    return summary


_COUNTED = (
    *("orders", "lines", "diverted_orders", "diverted_lines", "twin_orders", "withheld_orders", "findings"),
    *("diverted_findings", "cleared_findings", "inconclusive_findings"),
)


def build(chosen: Scenario, seed: int, orders: int) -> Market:
    """Products, end users and resellers, and who plays which part; many more orders make somewhat more resellers."""
    lines = orders * 131 // 100
    count = min(max(_FEWEST_RESELLERS, 4 * isqrt(lines)), _MOST_RESELLERS)
    clients = parties.end_users(count * _END_USERS_PER_RESELLER, seed)
    territory = parties.Territory(clients)
    firms = parties.resellers(count, territory, chosen, seed)
    casting.cast(firms, chosen, seed)
    market = Market(chosen, products.catalogue(chosen, seed), clients, territory, firms, seed)
    _scale(market, orders)
    return market


def _scale(market: Market, orders: int) -> None:
    """Set the resellers' rates so that all weeks together hold the wanted number; given rates stay as they are."""
    firms = market.resellers
    given = firms.rate < 0
    plain, fixed = np.where(given, 0, firms.rate), np.where(given, -firms.rate, 0)
    totals = []
    for rate in (plain, fixed):
        firms.rate = rate
        totals.append(sum(int(demand.expected(market, *week).sum()) for week in market.scenario.weeks()))
    wanted = orders * 1_000_000 * 100 // _REPEATED_PERCENT - totals[1]
    firms.rate = fixed + plain * (wanted // 1_000) // (totals[0] // 1_000)


class _World:
    """The weeks of one world, and what waits for its time."""

    def __init__(self, market: Market, files: Files, seed: int) -> None:
        self._market, self._files = market, files
        streams = ("demand", "parts", "repeats", "looks", "checks", "awards", "links", "reports")
        self._draws = {stream: Draws(seed, stream) for stream in streams}
        self._orders: Orders | None = None
        self._findings: list[Findings] = []
        self._awards: list[awards.Awards] = []
        self._sold = SellThrough(market, self._draws["reports"])
        self._notices = list(seed_2021.notices()) if market.scenario.story else []
        self._counts: Counter[str] = Counter()

    def run(self, say: Progress) -> Counter[str]:
        """All weeks, one after the other; returns what was counted."""
        weeks = list(self._market.scenario.weeks())
        for number, (first, last) in enumerate(weeks, 1):
            self._publish(first)
            self._trade(first, last)
            if number % WEEKS == 0:
                self._files.write_sell_through(*self._sold.report(number // WEEKS, last), last)
            say("orders", number / len(weeks))
        self._publish(self._market.scenario.end)
        return self._counts

    def _trade(self, first: int, last: int) -> None:
        """One week's orders with everything that will come of them."""
        orders = self._week(first, last)
        number = self._counts["orders"] + np.arange(len(orders), dtype=np.int64)
        seen = checks.looks(self._market, orders, self._draws["looks"])
        surfaced = awards.awards(self._market, orders, number, seen.withheld, self._draws["awards"])
        self._findings.append(checks.checks(orders, number, seen, self._draws["checks"]))
        self._findings.append(awards.links(self._market, orders, number, surfaced, self._draws["links"]))
        self._awards.append(surfaced)
        self._plant(orders, number, last)
        self._files.write_orders(orders, number)
        self._files.write_truth(orders, number, seen.withheld)
        self._files.write_looks(orders, number, seen)
        self._sold.add(orders.take(~seen.withheld))
        self._count(orders, seen)

    def _week(self, first: int, last: int) -> Orders:
        """The week's orders in time order; what was put off until now is among them, what is put off again is kept."""
        plain = demand.week_of_orders(self._market, first, last, self._draws["demand"])
        again = demand.repeated(self._market, plain, self._draws["repeats"])
        played = casting.play(self._market, joined([plain, again]), self._draws["parts"])
        orders = joined(played if self._orders is None else [self._orders, *played])
        rows = in_time(orders, self._market.scenario.end)
        now = int(np.searchsorted(orders.at[rows], last))
        self._orders = orders.take(rows[now:])
        return orders.take(rows[:now])

    def _publish(self, until: int) -> None:
        """Write the findings and awards that are known before `until`; nothing that comes later can be older."""
        if self._findings:
            waiting = checks.together(self._findings)
            now = waiting.known_at < until
            found = waiting.take(now)
            found = found.take(np.lexsort((found.source, found.order, found.known_at)))
            self._files.write_findings(found)
            self._findings = [waiting.take(~now)]
            self._counts["findings"] += len(found)
            for code, outcome in enumerate(checks.OUTCOMES):
                self._counts[f"{outcome}_findings"] += int((found.outcome == code).sum())
        if self._awards:
            surfacing = awards.gathered(self._awards)
            due = surfacing.published_at < until
            self._files.write_awards(
                surfacing.take(np.flatnonzero(due)[np.argsort(surfacing.published_at[due], kind="stable")])
            )
            self._awards = [surfacing.take(~due)]

    def _plant(self, orders: Orders, number: Ints, last: int) -> None:
        """Put the notices of 2021 on diverted orders of some weeks before; people find them all on one evening."""
        for notice in [each for each in self._notices if each.awarded_at < last]:
            rows = np.flatnonzero(orders.diverted)
            if not len(rows):
                return
            row = rows[np.argmax(orders.values(self._market.catalogue)[rows, 0])]
            self._notices.remove(notice)
            self._files.write_release(notice.release)
            self._findings.append(_found(int(number[row]), notice.published_at))

    def _count(self, orders: Orders, seen: checks.Looks) -> None:
        self._counts["orders"] += len(orders)
        self._counts["lines"] += int(orders.lines.sum())
        self._counts["diverted_orders"] += int(orders.diverted.sum())
        self._counts["diverted_lines"] += int(orders.line_diverted.sum())
        self._counts["twin_orders"] += int((orders.twin > 0).sum())
        self._counts["withheld_orders"] += int(seen.withheld.sum())


def _found(order: int, published_at: int) -> Findings:
    """The finding of the evening on which somebody searched."""
    known_at = max(seed_2021.FOUND_ON, published_at)
    told = (order, 1, checks.DIVERTED, published_at, known_at, checks.PROCUREMENT, 90)
    return Findings(*(np.array([value]) for value in told))


def _describe(out: Path, chosen: Scenario, seed: int, summary: Summary) -> None:
    """`world.json`: the benchmark's name and version, the scenario with its moments, and what was made."""
    moments = {name: iso(getattr(chosen, name)) for name in ("start", "end", "trained_until", "rule_date")}
    content = {"name": NAME, "version": VERSION, "scenario": chosen.name, "seed": seed, **moments, **asdict(summary)}
    (out / "world.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _say_nothing(stage: str, share: float) -> None:
    """Nobody listens."""
