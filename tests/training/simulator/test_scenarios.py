"""The named worlds keep what they promise."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.simulator.conftest import World
from training.simulator import simulate
from training.simulator.typologies import TYPOLOGIES

PLANTED = "ocds-seed21-"


@pytest.fixture(scope="module")
def seed_2021(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world of the public notices."""
    return World(tmp_path_factory.mktemp("seed"), "seed_2021", orders=12_000)


def test_seed_2021_holds_the_figures_of_the_public_record(seed_2021: World) -> None:
    """10 notices, 8 buyers, 521,165 US dollars, one of 40,563, 26 months, all but one supplier in the region."""
    planted = [each for each in seed_2021.releases if each["ocid"].startswith(PLANTED)]
    valued = [each for each in planted if "value" in each["awards"][0]]
    amounts = [each["awards"][0]["value"]["amount"] for each in valued]
    assert (len(valued), sum(amounts), amounts.count(40_563)) == (10, 521_165, 1)
    assert len({each["buyer"]["id"] for each in valued}) == 8
    assert len(planted) - len(valued) == 4
    months = sorted(each["awards"][0]["date"][:7] for each in valued)
    assert (months[0], months[-1]) == ("2019-05", "2021-06")
    places = [each["awards"][0]["suppliers"][0]["name"].removeprefix("Second-tier trader of ") for each in valued]
    assert sum(place == "Beijing" for place in places) == 1
    assert {each["parties"][0]["address"]["region"] for each in planted} == {"CN-XJ"}


def test_the_planted_notices_are_the_regions_only_ones_of_security_buyers(seed_2021: World) -> None:
    """And people find them all on one evening of June 2021."""
    police = [
        each
        for each in seed_2021.releases
        if "details" in each["parties"][0] and each["parties"][0]["address"]["region"] in {"CN-XJ", "CN-XZ"}
    ]
    assert {each["ocid"][: len(PLANTED)] for each in police} == {PLANTED}
    found = [
        row for row in seed_2021.rows("findings") if row["source"] == "procurement" and row["confidence"] == "0.90"
    ]
    assert len(found) == 14
    assert {row["known_at"][:7] for row in found} == {"2021-06"}


def test_rare_and_frequent_are_rare_and_frequent(tmp_path: Path) -> None:
    """About 0.3 % and about 5 % of the orders."""
    shares = {}
    for name in ("rare", "frequent"):
        summary = simulate(tmp_path / name, seed=3, scenario_name=name, orders=60_000)
        shares[name] = summary.diverted_orders / summary.orders
    assert 0.002 <= shares["rare"] <= 0.0045
    assert 0.038 <= shares["frequent"] <= 0.062


def test_two_typologies_appear_only_after_the_training_period(world: World) -> None:
    """A model meets them unprepared; their twins too."""
    late = {each.code for each in TYPOLOGIES if each.appears == "after training"}
    assert len(late) >= 2
    for row in world.orders.values():
        assert not ({row["typology"], row["twin_of"]} & late and row["ordered_at"] < "2025-08-01")


def test_a_large_world_streams_at_bounded_memory(tmp_path: Path) -> None:
    """Four times the orders take about the same memory (peak resident size of a process of its own)."""
    peaks = [_peak_kb(tmp_path / str(orders), orders) for orders in (100_000, 400_000)]
    assert peaks[1] < 1.35 * peaks[0]


def _peak_kb(out: Path, orders: int) -> int:
    code = (
        "import resource, sys; from pathlib import Path; from training.simulator import simulate;"
        "simulate(Path(sys.argv[1]), seed=1, scenario_name='large', orders=int(sys.argv[2]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(out), str(orders)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)
