"""Definitions as data: names, sentences, fingerprints, and what cannot be computed."""

import json
import re
from dataclasses import replace

import pytest

from features.catalog.all import catalogue
from features.windows.columns import FILTERS
from features.windows.entities import NUMBER_SHIFT, RECORD_DEAD, RECORD_FLAGS
from features.windows.feature_set import Collision, FeatureSet
from features.windows.plan import DefinitionError, compile_plan
from features.windows.view import (
    Burst,
    Count,
    Distinct,
    FindingRate,
    Gap,
    LineFeature,
    Max,
    Mean,
    Quotient,
    Ratio,
    Share,
    SinceFirst,
    SinceLast,
    Sum,
)  # fmt: skip
from tests.features.worlds import of

WHOLE = catalogue(("port", "purpose"))


def test_names_come_from_the_definition() -> None:
    """Entity, what, window; typed by nobody."""
    features = of(Count("orders", windows=(30,)), Sum("value", windows=(90,)), Distinct("end_user", windows=(365,)))
    expected = ("reseller_orders_count_30d", "reseller_value_total_90d", "reseller_end_user_distinct_365d")
    assert expected == features.names


def test_a_ratio_tells_its_norm_where_the_view_shows_the_mean() -> None:
    """The reason can say what is usual."""
    ratio = of(Mean("value", windows=(365,)), Ratio("value", windows=(365, 30))).features
    assert [feature.norm for feature in ratio] == [None, "reseller_value_mean_365d", None]


def test_a_record_has_room_for_every_filter() -> None:
    """A filter above the bits of a record would pass nothing, in silence."""
    assert max(FILTERS.values()) <= RECORD_FLAGS
    assert RECORD_FLAGS < RECORD_DEAD < 1 << NUMBER_SHIFT


def quotient(of_: str, to: str) -> FeatureSet:
    """A reseller's stock orders against all its lines, and one quotient of two names."""
    made = of(Count("stock", windows=(30,)), Count("lines", windows=(30,)))
    return replace(made, quotients=(Quotient("part", of_, to, "share", "reseller", "{value} of them"),))


def test_a_quotient_stands_last_and_has_no_norm() -> None:
    """It reads two features before it; a share of .1 is not unusual for a count of 57."""
    features = quotient("reseller_stock_count_30d", "reseller_lines_count_30d")
    assert features.names[-1] == "part"
    assert features.features[-1].norm is None
    assert compile_plan(features).quotient.tolist() == [[0, 1]]


def test_a_quotient_of_what_is_not_there_is_refused_by_name() -> None:
    """Nor may it read itself."""
    for name in ("nothing", "part"):
        with pytest.raises(DefinitionError, match=f"quotient 'part': no feature '{name}' stands before it"):
            compile_plan(quotient("reseller_stock_count_30d", name))


def test_a_set_without_quotients_keeps_the_fingerprint_of_before_there_were_any() -> None:
    """Models that learned from it go on."""
    assert "quotients" not in of(Count("orders")).to_json()


def test_a_feature_set_survives_json() -> None:
    """It travels with the model as data."""
    again = FeatureSet.from_json(json.loads(json.dumps(WHOLE.to_json())))
    assert (again, again.fingerprint) == (WHOLE, WHOLE.fingerprint)


def test_every_feature_of_the_catalogue_says_what_it_is() -> None:
    """A name in small letters, a unit, a family, and a sentence with the value in it."""
    for feature in WHOLE.features:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", feature.name)
        assert feature.unit
        assert feature.family
        assert "{value}" in feature.because or feature.unit == "0/1"


def test_the_rules_that_ship_find_their_features() -> None:
    """A rule that names a feature that is not there would be dead."""
    from models.rules import DEFAULT, FIELDS, check, load_rules  # noqa: PLC0415 - the one place where a lower room looks up

    assert not check(load_rules(DEFAULT), WHOLE, [*FIELDS, "attribute.listed_owner_percent"])


def test_two_definitions_of_one_name_are_refused() -> None:
    """The error names the feature and how to mend it."""
    with pytest.raises(Collision, match="'reseller_lines_count_all' is defined twice; give one another"):
        of(Count(), Count())


BROKEN = [
    (of(Count("sold")), "no filter 'sold'; the filters are lines, orders"),
    (of(Sum("price")), "no column 'price'; the columns are value"),
    (of(Distinct("sku")), "distinct values need a window in days"),
    (of(FindingRate(clock="happened_at")), "a finding counts from when it was known"),
    (of(SinceLast("diverted")), "times of findings need a window in days"),
    (of(Share("diverted", windows=(30,))), "a share is of order lines; use a finding rate"),
    (of(Sum("value", where="diverted")), "'diverted' are findings, which have no columns"),
    (of(Max("value")), "a max needs a window in days"),
    (of(Burst(windows=(90,), usual=90)), "a burst needs a window shorter than the 90 days of the usual"),
    (of(Gap()), "a gap needs a window in days"),
    (of(SinceFirst(windows=(30,))), "the time since the first speaks of all time"),
    (of(Count(), key=("order",)), "an order is no history to itself"),
    (of(Count(), key=("reseller", "sku", "category", "end_user")), "a key has 1 to 3 columns, not 4"),
    (of(Count(), key=("attribute.port",)), "no column 'attribute.port'"),
    (
        FeatureSet((LineFeature("x", "direct", ("weight",), "g", "f", "{value}"),), ()),
        "feature 'x': no column 'weight'",
    ),
    (
        FeatureSet((LineFeature("x", "same", ("value",), "0/1", "f", "{value}"),), ()),
        "feature 'x': 'same' needs 2 columns, not 1",
    ),
]


@pytest.mark.parametrize(("features", "why"), BROKEN)
def test_what_cannot_be_computed_is_named(features: FeatureSet, why: str) -> None:
    """A definition is refused when it is compiled, not when an order waits for its answer."""
    with pytest.raises(DefinitionError, match=re.escape(why)):
        compile_plan(features)
