"""A small made-up world: four features, a LightGBM model trained on them, and models around it in one line."""

from functools import cache
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from features.windows.view import Count, LineFeature, Mean, View
from models.calibration import Platt, fold
from models.card import Card, Metric
from models.classifier import Classifier, signs
from models.model import Model
from models.policy import Policy
from models.rules import DEFAULT, load_rules

T = 1_760_000_000_000_000
"""9 October 2025: the affiliates rule is in force."""

FEATURES = FeatureSet(
    lines=(
        LineFeature(
            "product_sensitivity", "direct", ("sensitivity",), "1", "category", "its sensitivity is {value}", sign=1
        ),
        LineFeature(
            "ship_to_region_sensitivity", "direct", ("region_sensitivity",), "1", "location",
            "the ship-to region's level is {value}", sign=1, red_flag="RF32",
        ),
        LineFeature(
            "units", "direct", ("units",), "1", "transaction", "{value} units; the mean is {norm}",
            norm="reseller_units_mean_365d",
        ),
    ),
    views=(
        View(
            "reseller", ("reseller_id",), "reseller", "this reseller",
            (Mean("units", windows=(365,)), Count("diverted", sign=1)),
        ),
    ),
)  # fmt: skip

PLATT = Platt(1.3, -0.4)


def made(rows: int = 600, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vectors of shape (rows, 5), a tenth of the values missing, and labels that follow three of the columns."""
    dice = np.random.default_rng(seed)
    values = np.column_stack(
        [dice.integers(0, 4, rows), dice.integers(0, 4, rows), dice.gamma(2, 2, rows), dice.gamma(2, 2, rows),
         dice.poisson(0.1, rows)]
    ).astype(np.float64)  # fmt: skip
    odds = values[:, 0] + values[:, 1] + 2 * values[:, 4] + 0.2 * values[:, 2] - 5
    labels = (dice.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    values[dice.random(values.shape) < 0.1] = np.nan
    return values, labels


@cache
def raw_text(**options: Any) -> str:
    """The text of a LightGBM model on the made data, not calibrated."""
    values, labels = made()
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 7, "num_threads": 1, "seed": 1}
    settings["monotone_constraints"] = signs(FEATURES)
    rounds = options.pop("rounds", 20)
    weight = np.where(labels == 1, 3.0, 1.0) if options.pop("weighted", False) else None
    data = lgb.Dataset(values, labels, weight=weight, feature_name=list(FEATURES.names))
    return str(lgb.train(settings | options, data, rounds).model_to_string())


@cache
def classifier() -> Classifier:
    """The calibrated classifier of the made world."""
    return Classifier(fold(raw_text(), PLATT))


CARD = Card(
    as_of=T, first=T - 10**14, last=T - 10**12, lines=600, orders=500, resellers=40, diverted=30, cleared=50,
    inconclusive=9, unknown=511, metrics=(Metric("average precision", 0.31, 0.22, 0.4),), notes=("made up",),
)  # fmt: skip


def model(**more: Any) -> Model:
    """A whole model of the made world, with the default rules and a capacity of one order in ten."""
    policy = Policy.from_capacity(classifier().predict(made(400, seed=7)[0]), 0.1)
    parts: dict[str, Any] = {
        "classifier": classifier(), "features": FEATURES, "policy": policy, "rules": load_rules(DEFAULT),
        "calibration": PLATT, "card": CARD, "kernel_version": VERSION, "vocabularies": {"port": ("Aden", "Bari")},
        "data_hashes": {"regions.toml": "ab" * 32},
    }  # fmt: skip
    return Model(**parts | more)


def vector(**values: float) -> NDArray[np.float64]:
    """One row of the made world, shape (1, 5); what is not named is a harmless value."""
    harmless = dict.fromkeys(FEATURES.names, 0.0) | {"units": 1.0, "reseller_units_mean_365d": 1.2}
    return np.array([[(harmless | values)[name] for name in FEATURES.names]])


def fields(line_id: str = "1", **more: object) -> dict[str, object]:
    """What one harmless line declares, `listed_owner_percent` among it."""
    declared: dict[str, object] = {
        "line_id": line_id, "reseller_id": "r1", "end_user_id": "e1", "end_user_class": "university",
        "attribute.listed_owner_percent": "0",
    }  # fmt: skip
    return declared | more
