"""The named worlds: how large, how much diversion, and what changes when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from features.measures import DAY, Refused, micros

NAME = "tier-two"
"""The benchmark's name: diversion happens one tier below whom the maker sells to."""

VERSION = "1"
"""Raised whenever the same seed would give another world."""

LINES_PER_ORDER_PERCENT = 131
"""Order lines of 100 orders, about."""

WEEK = 7 * DAY


def midnight(year: int, month: int, day: int = 1) -> int:
    """The first microsecond of a day, UTC."""
    return micros(datetime(year, month, day, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named world. Moments are microseconds UTC; shares are in thousandths.

    Orders run from `start` to before `end`. The score goes into service at `trained_until`: until then a model may
    learn, from then on it is judged, and some typologies begin only then. On `rule_date` a rule changes.
    `diverters` scales the number of resellers that divert; `published` is the share of diversions that surface in
    public procurement papers; `adapting` the share of diverters that drop the signs they are caught by.
    """

    name: str
    lines: int
    says: str
    start: int = midnight(2022, 10)
    end: int = midnight(2026, 7)
    trained_until: int = midnight(2025, 7)
    rule_date: int = midnight(2025, 8)
    diverters: int = 1_000
    published: int = 450
    adapting: int = 0
    parquet: bool = False
    story: bool = False

    @property
    def orders(self) -> int:
        """About how many orders its lines make."""
        return self.lines * 100 // LINES_PER_ORDER_PERCENT

    def weeks(self) -> Iterator[tuple[int, int]]:
        """First moment of each week and of the next one, from `start` to `end`."""
        for first in range(self.start, self.end, WEEK):
            yield first, min(first + WEEK, self.end)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "small",
            20_000,
            "for a first run: more diversion and more findings than elsewhere, so that there is something to learn",
            diverters=1_500,
            published=900,
        ),
        Scenario("standard", 200_000, "the world that the gates keep hard"),
        Scenario("large", 20_000_000, "streams in Parquet at bounded memory", parquet=True),
        Scenario("rare", 200_000, "about 0.3 % of the orders are diverted", diverters=200),
        Scenario("frequent", 200_000, "about 5 % of the orders are diverted", diverters=3_000),
        Scenario(
            "drift",
            200_000,
            "a rule changes in July 2025 and most diverters adapt to the score",
            rule_date=midnight(2025, 7),
            adapting=700,
        ),
        Scenario(
            "seed_2021",
            60_000,
            "the public notices of May 2019 to June 2021 that began it all, among invented ones",
            start=midnight(2018, 5),
            end=midnight(2022, 2),
            trained_until=midnight(2021, 7),
            rule_date=midnight(2021, 8),
            published=0,
            story=True,
        ),
    )
}
"""Every scenario by name; `orders` of one's own go with any of them."""


def scenario(name: str) -> Scenario:
    """The scenario of a name, or `Refused` with the names there are."""
    if name not in SCENARIOS:
        raise Refused("scenario", name, "is no scenario", f"use one of {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
