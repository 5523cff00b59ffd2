"""Tests of the model: it refuses features that it was not trained on, and one change makes it another."""

from dataclasses import replace
from typing import Any

import pytest

from features.windows.feature_set import FeatureSet
from features.windows.view import Count, Mean, View
from models.model import ForeignFeatures
from models.policy import Policy
from tests.models.made import FEATURES, model


def test_features_that_it_was_not_trained_on_are_refused_naming_both_lists() -> None:
    """What is missing, and what is unexpected."""
    view = View("reseller", ("reseller_id",), "reseller", "this reseller", (Mean("units", windows=(30,)), Count()))
    other = FeatureSet(FEATURES.lines, (view,))
    with pytest.raises(ForeignFeatures) as refused:
        model().require(other)
    assert refused.value.missing == ("reseller_units_mean_365d", "reseller_diverted_count_all")
    assert refused.value.unexpected == ("reseller_units_mean_30d", "reseller_lines_count_all")
    assert "missing: reseller_units_mean_365d, reseller_diverted_count_all; unexpected: " in str(refused.value)


def test_a_model_cannot_be_put_together_with_foreign_features() -> None:
    """The classifier's own columns decide."""
    with pytest.raises(ForeignFeatures, match="missing: units; unexpected: none"):
        model(features=FeatureSet((*FEATURES.lines[:2],), FEATURES.views))


def test_the_same_features_in_another_order_are_refused() -> None:
    """A matrix is read by position."""
    with pytest.raises(ForeignFeatures) as refused:
        model().require(FeatureSet(FEATURES.lines[::-1], FEATURES.views))
    assert refused.value.changed == ("product_sensitivity", "units")


def test_the_same_names_with_another_definition_are_refused() -> None:
    """The column of one name is counted by another key."""
    view = replace(FEATURES.views[0], key=("address",))
    with pytest.raises(ForeignFeatures) as refused:
        model().require(FeatureSet(FEATURES.lines, (view,)))
    assert refused.value.changed == ("reseller_units_mean_365d", "reseller_diverted_count_all")


def test_its_own_features_are_taken() -> None:
    """Read back from JSON too."""
    model().require(FeatureSet.from_json(FEATURES.to_json()))


@pytest.mark.parametrize(
    "change",
    [
        {"policy": Policy(0.2, 0.5, (0.1,))},
        {"rules": ()},
        {"kernel_version": "another"},
        {"vocabularies": {}},
        {"data_hashes": {"regions.toml": "cd" * 32}},
    ],
)
def test_any_change_makes_another_model(change: Any) -> None:
    """The fingerprint follows the content, in a copy too."""
    assert replace(model(), **change).fingerprint == model(**change).fingerprint != model().fingerprint
