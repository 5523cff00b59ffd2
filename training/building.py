"""From a record to a model: training set, trees, calibration, policy and card. Nothing of it is written down here."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypedDict

import lightgbm as lgb
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from features.facts.book import Book as Facts
from features.record import Record
from features.windows.feature_set import FeatureSet
from features.windows.kernel import VERSION
from models.artefact import Model
from models.calibration import fold
from models.card import Card, Metric
from models.classifier import Classifier
from models.policy import Policy
from models.rules import DEFAULT, Rule, load_rules
from models.spread import Spread
from training import plots
from training.champion import champion_model
from training.columns import attribute_columns
from training.curves import Curves, curves
from training.dataset import Inconclusive, TrainingSet, Unknown, take, training_set
from training.fit import Fitted, fit, judged_rows
from training.growing import PARAMETERS
from training.intervals import Interval
from training.judging import Candidate, Rows, codes, judge
from training.leaks import AGAINST_CHAMPION, Doubt, doubts
from training.sample import sample, vectors
from training.search import Search, search
from training.spread import spread
from training.threshold import by_order, on_level

Progress = Callable[[str, float], None]
Floats = NDArray[np.float64]

VOCABULARY = 1_000
"""Values of an attribute that travel with the model; an attribute with more names things, and travels without."""


@dataclass(frozen=True)
class Capacity:
    """What people can look at: the share of the orders, and how much of it goes to orders drawn at random.

    The costs of a missed diversion and of a review, in one currency, inform and do not decide (see `models.policy`).
    """

    review_share: float = 0.02
    audit_share: float = 0.0
    missed_cost: float | None = None
    review_cost: float | None = None

    def policy(self, order_probabilities: Floats) -> Policy:
        """The policy whose threshold makes the most of it on these orders (n_orders,)."""
        return Policy.from_capacity(
            order_probabilities,
            self.review_share,
            draw_rate=self.review_share * self.audit_share,
            missed_cost=self.missed_cost,
            review_cost=self.review_cost,
        )


class Choices(TypedDict, total=False):
    """What a training may be told; what is left out is as `build` has it."""

    until: int | None
    unknown: Unknown
    inconclusive: Inconclusive
    by_reseller: bool
    capacity: Capacity | None
    trials: int
    seed: int
    threads: int
    parameters: Mapping[str, Any] | None
    rules: tuple[Rule, ...] | None
    progress: Progress | None


@dataclass(frozen=True)
class Built:
    """A model as it came out of the record, before anything is written down of it.

    `metrics` and `curves` are of judged lines later than the trees saw, where there are any.
    """

    chosen: TrainingSet
    fitted: Fitted
    model: Model
    metrics: Mapping[str, Interval]
    pictures: Mapping[str, Figure]
    curves: Curves | None
    doubted: tuple[Doubt, ...]
    searched: Search | None
    settings: Mapping[str, Any]


def build(
    record: Record,
    features: FeatureSet,
    *,
    home: Path,
    until: int | None = None,
    unknown: Unknown = "weak",
    inconclusive: Inconclusive = "drop",
    by_reseller: bool = False,
    capacity: Capacity | None = None,
    trials: int = 0,
    seed: int = 7,
    threads: int = 0,
    parameters: Mapping[str, Any] | None = None,
    rules: tuple[Rule, ...] | None = None,
    progress: Progress | None = None,
) -> Built:
    """A model from what a record knew before `until` (microseconds UTC; None: everything known so far).

    Built twice from equal records and settings it has one fingerprint. `capacity` is what people can look at. With
    `trials` the parameters are searched for; a search goes on where it was interrupted. `rules` are those that ship
    unless given. Writes nothing but the search's study, under `home`. Raises `Refused` where the findings known by then
    do not hold both diverted and other lines.
    """
    facts = Facts.of(record)
    until = _now_known(record) if until is None else until
    findings = record.findings()
    some = sample(facts.lines, findings, until)
    table = vectors(facts, features, some.lines, home, progress=progress)
    chosen = training_set(
        table, findings, until, statuses=record.statuses(), unknown=unknown, inconclusive=inconclusive,
        by_reseller=by_reseller, share=some.share,
    )  # fmt: skip
    doubted = tuple(doubts(chosen, champion_model(record, home)))
    capacity = capacity or Capacity()
    searched = search(chosen, home, trials=trials, seed=seed, threads=threads, progress=progress) if trials else None
    parameters = {**(parameters or {}), **(searched.best if searched else {})}
    fitted = _told(fit(chosen, seed=seed, threads=threads, parameters=parameters, progress=progress), trials, searched)
    metrics, pictures, curved = _later_measures(chosen, fitted, capacity.review_share, seed)
    fitted = on_level(chosen, fitted, capacity.policy)
    model = _model(chosen, fitted, metrics, capacity, load_rules(DEFAULT) if rules is None else rules, doubted, seed)
    settings = {
        "until": until, "unknown": unknown, "inconclusive": inconclusive, "by_reseller": by_reseller,
        "capacity": asdict(capacity), "seed": seed, "threads": threads, "trials": trials,
        "parameters": {**PARAMETERS, **parameters},
    }  # fmt: skip
    return Built(chosen, fitted, model, metrics, pictures, curved, doubted, searched, settings)


def _told(fitted: Fitted, trials: int, searched: Search | None) -> Fitted:
    """The fit, which says of the search what came of it."""
    if not trials:
        return fitted
    if searched is None:
        untold = "no fold holds findings enough to search with: the usual parameters were taken"
        return replace(fitted, warnings=(*fitted.warnings, untold))
    return replace(fitted, calibrated=f"{fitted.calibrated}; {searched.statement()}")


def _now_known(record: Record) -> int:
    return (record.clock() or 0) + 1


def _model(
    chosen: TrainingSet,
    fitted: Fitted,
    metrics: Mapping[str, Interval],
    capacity: Capacity,
    rules: tuple[Rule, ...],
    doubted: tuple[Doubt, ...],
    seed: int,
) -> Model:
    return Model(
        classifier=Classifier(fold(fitted.text, fitted.calibration)),
        features=chosen.past.features,
        policy=capacity.policy(by_order(chosen, fitted)),
        rules=rules,
        calibration=fitted.calibration,
        card=_card(chosen, fitted, metrics, doubted),
        kernel_version=VERSION,
        vocabularies=_vocabularies(chosen),
        data_hashes=_data_hashes(),
        spread=_spread(chosen, fitted, seed),
    )


def _spread(chosen: TrainingSet, fitted: Fitted, seed: int) -> Spread | None:
    """That of the calibration; None where there is no calibration on lines that the trees had not seen."""
    if fitted.platt is None or not fitted.later.unseen:
        return None
    index, label = judged_rows(chosen, fitted.later.rows)
    whose = codes(take(chosen.past, fitted.later.rows[index]), "reseller_id")
    return spread(fitted.later.log_odds[index], label, whose, fitted.platt, seed=seed)


def _card(chosen: TrainingSet, fitted: Fitted, metrics: Mapping[str, Interval], doubted: tuple[Doubt, ...]) -> Card:
    counts, t, lines = chosen.counts(), chosen.t, chosen.table.lines
    notes = (chosen.statement(), f"It is {fitted.calibrated}.", fitted.made, *fitted.warnings)
    # What is measured against the champion is no property of the model: it would change its fingerprint.
    notes += tuple(f"Look at {doubt}" for doubt in doubted if doubt.kind not in AGAINST_CHAMPION)
    return Card(
        as_of=chosen.until,
        first=int(t.min()),
        last=int(t.max()),
        lines=counts["lines"],
        orders=len(lines.column("order_id").unique()),
        resellers=len(lines.column("reseller_id").unique()),
        diverted=counts["diverted"],
        cleared=counts["cleared"],
        inconclusive=chosen.lines_left_out["inconclusive"] + counts["inconclusive"],
        unknown=counts["unknown"],
        metrics=tuple(
            Metric(name, each.value, each.low, each.high, "later lines in training")
            for name, each in metrics.items()
            if np.isfinite(each.value)
        ),
        notes=notes,
    )


def _vocabularies(chosen: TrainingSet) -> dict[str, tuple[str, ...]]:
    """Values of the attributes that the definitions use, as seen in training, in order."""
    declared = attribute_columns(chosen.table.lines)
    values = {name: declared[name].dropna().unique() for name in declared if name in chosen.past.features.attributes}
    return {name: tuple(sorted(seen)) for name, seen in values.items() if len(seen) <= VOCABULARY}


def _data_hashes() -> dict[str, str]:
    """SHA-256 of the policy files and gazetteers that the features rest on, by name."""
    hashes = {}
    for room in ("location", "goods"):
        folder = files("features").joinpath(room, "data")
        for item in sorted(folder.iterdir(), key=lambda each: each.name) if folder.is_dir() else ():
            if item.is_file():
                hashes[f"{room}/{item.name}"] = hashlib.sha256(item.read_bytes()).hexdigest()
    return hashes


def _later_measures(
    chosen: TrainingSet, fitted: Fitted, review_share: float, seed: int
) -> tuple[dict[str, Interval], dict[str, Figure], Curves | None]:
    """Measures, by reseller, on judged lines later than the trees saw; pictures and curves, where there are any."""
    index, label = judged_rows(chosen, fitted.later.rows)
    pictures = {"importance": _importance(chosen, fitted)}
    if not fitted.later.unseen or label.all() or not label.any():
        return {}, pictures, None
    probability = fitted.calibration.apply(fitted.later.log_odds[index])
    table = take(chosen.past, fitted.later.rows[index])
    group, order = codes(table, "reseller_id"), codes(table, "order_id")
    rows = Rows(table, index, label, group, order, "reseller", {}, "")
    # The calibration was fitted on these very lines, so nothing is said of it here.
    sample = judge(rows, [Candidate("model", probability, calibrated=False)], review_share, seed=seed)["model"]
    scores = {"model": probability}
    pictures["precision_recall"] = plots.precision_recall(label, scores)
    pictures["gain"] = plots.gain(label, scores, review_share)
    curved = curves(rows, Candidate("model", probability), review_share, seed=seed)
    pictures["calibration"] = plots.calibration(curved.reliability)
    return {name: sample.interval(name) for name in sample.value}, pictures, curved


def _importance(chosen: TrainingSet, fitted: Fitted) -> Figure:
    rows = chosen.past.features.features
    gains = lgb.Booster(model_str=fitted.text).feature_importance("gain").astype(np.float64)
    return plots.importance([row.name for row in rows], [row.family for row in rows], gains)
