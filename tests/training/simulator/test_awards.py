"""Procurement awards: OCDS releases that lack what real ones lack."""

from tests.training.simulator.conftest import World

REQUIRED = {"ocid", "id", "date", "tag", "initiationType"}


def test_each_release_holds_what_the_standard_requires(world: World) -> None:
    """And its award an id and the goods."""
    assert len(world.releases) == world.summary.awards > 500
    for release in world.releases:
        assert set(release) >= REQUIRED
        assert release["awards"][0]["id"]
        assert release["awards"][0]["items"]


def test_suppliers_and_values_are_missing_at_times(world: World) -> None:
    """As in real notices: a redacted supplier, no value."""
    for field, low, high in (("suppliers", 0.1, 0.35), ("value", 0.08, 0.25)):
        missing = sum(field not in release["awards"][0] for release in world.releases) / len(world.releases)
        assert low < missing < high


def test_most_awards_are_honest_and_honest_police_is_among_them(world: World) -> None:
    """A security buyer is no proof."""
    sealed = world.rows("sealed/awards")
    assert [row["ocid"] for row in sealed] == [release["ocid"] for release in world.releases]
    assert 0.6 < sum(row["diverted"] == "false" for row in sealed) / len(sealed) < 0.95
    police = {release["ocid"] for release in world.releases if "details" in release["parties"][0]}
    assert sum(row["diverted"] == "false" for row in sealed if row["ocid"] in police) > 50


def test_a_second_tier_supplier_is_not_in_our_register(world: World) -> None:
    """The seller never sees the diverter."""
    ours = {row["reseller_id"] for row in world.rows("resellers")}
    diverted = {row["ocid"] for row in world.rows("sealed/awards") if row["diverted"] == "true"}
    named = [
        release["awards"][0]["suppliers"][0]["id"]
        for release in world.releases
        if release["ocid"] in diverted and "suppliers" in release["awards"][0]
    ]
    unknown = sum(name not in ours for name in named)
    assert 0.6 < unknown / len(named) < 0.9


def test_awards_are_published_after_the_order_and_in_order_of_time(world: World) -> None:
    """An award is evidence of orders placed before it."""
    published = [release["date"] for release in world.releases]
    assert published == sorted(published)
    for row, release in zip(world.rows("sealed/awards"), world.releases, strict=True):
        assert world.orders[row["order_id"]]["ordered_at"] < release["date"]
