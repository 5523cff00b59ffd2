"""A model: everything that turns a feature vector into a decision, as data under one fingerprint.

Errors::

    ForeignFeatures           features that the model was not trained on; names what is missing and unexpected
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from features.windows.feature_set import FeatureSet
from models.calibration import Platt
from models.card import Card, write
from models.classifier import Classifier
from models.policy import Policy
from models.rules import Rule, rule_from, rule_to_json
from models.spread import Spread

FORMAT = 1
"""Of the files. A key more or less in ``model.json`` is another format: the fingerprint hangs on it. Only `spread` may
lack, as it does in models of before it; a program of before it refuses a model that has it."""


class ForeignFeatures(ValueError):
    """The features are not those that the model was trained on.

    `missing` and `unexpected` are names; where both are empty, `changed` names columns that stand elsewhere or are
    defined in another way.
    """

    def __init__(self, missing: Sequence[str], unexpected: Sequence[str], changed: Sequence[str] = ()) -> None:
        self.missing, self.unexpected, self.changed = tuple(missing), tuple(unexpected), tuple(changed)
        lists = f"missing: {_listed(missing)}; unexpected: {_listed(unexpected)}"
        if changed:
            lists += f"; with another place or definition: {_listed(changed)}"
        super().__init__(f"the model was trained on other features; {lists}; retrain, or use its own definitions")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def same_names(trained: Sequence[str], given: Sequence[str]) -> None:
    """Raise `ForeignFeatures` unless both name the same columns in the same order."""
    if tuple(trained) == tuple(given):
        return
    missing = [name for name in trained if name not in set(given)]
    unexpected = [name for name in given if name not in set(trained)]
    moved = [] if missing or unexpected else [a for a, b in zip(trained, given, strict=False) if a != b]
    raise ForeignFeatures(missing, unexpected, moved)


@dataclass(frozen=True, eq=False)
class Model:
    """A classifier with what it needs to decide.

    `calibration` is already folded into the classifier's leaves, and kept to be read. `vocabularies` holds the
    values of one's own attributes that training saw. `data_hashes` names the data that the features rest on
    (policy files, gazetteer) with their SHA-256. `spread` is that of the calibration, None where it is not known.
    Raises `ForeignFeatures` unless the classifier's columns are those
    of `features`.
    """

    classifier: Classifier
    features: FeatureSet
    policy: Policy
    rules: tuple[Rule, ...]
    calibration: Platt
    card: Card
    kernel_version: str
    vocabularies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data_hashes: Mapping[str, str] = field(default_factory=dict)
    spread: Spread | None = None

    def __post_init__(self) -> None:
        same_names(self.classifier.feature_names, self.features.names)

    def require(self, features: FeatureSet) -> None:
        """Raise `ForeignFeatures` unless these are the definitions that the model was trained on."""
        same_names(self.features.names, features.names)
        mine, theirs = dict(_definitions(self.features)), dict(_definitions(features))
        changed = [name for name in self.features.names if mine[name] != theirs[name]]
        if changed or self.features.attributes != features.attributes:
            raise ForeignFeatures((), (), changed or ["attributes"])

    @cached_property
    def rule_columns(self) -> dict[str, int]:
        """The columns that the rules speak of, by name; a name without a column is left out."""
        return columns_of(self.rules, self.features)

    @property
    def data(self) -> bytes:
        """``model.json``: everything but the classifier and the card's Markdown."""
        content = {
            "format": FORMAT,
            "features": self.features.to_json(),
            "features_fingerprint": self.features.fingerprint,
            "policy": self.policy.to_json(),
            "rules": [rule_to_json(rule) for rule in self.rules],
            "calibration": asdict(self.calibration),
            "card": self.card.to_json(),
            "kernel_version": self.kernel_version,
            "vocabularies": {name: list(values) for name, values in self.vocabularies.items()},
            "data_hashes": dict(self.data_hashes),
        }
        return canonical(content if self.spread is None else content | {"spread": self.spread.to_json()})

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The model as data, by file name; for a model that was loaded, the very bytes it was read from."""
        origins = {"kernel version": self.kernel_version, **self.data_hashes}
        card = write(self.card, self.features, self.policy, self.calibration, origins)
        return {"card.md": card.encode(), "model.json": self.data, "model.txt": self.classifier.text.encode()}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all files: two models with one fingerprint decide alike."""
        return fingerprint({name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()})


def read(content: dict[str, Any], files: dict[str, bytes]) -> Model:
    """The model of these files, already checked; `content` is what ``model.json`` holds."""
    model = Model(
        classifier=Classifier(files["model.txt"].decode()),
        features=FeatureSet.from_json(content["features"]),
        policy=Policy.from_json(content["policy"]),
        rules=tuple(rule_from(table, "model.json") for table in content["rules"]),
        calibration=Platt(**content["calibration"]),
        card=Card.from_json(content["card"]),
        kernel_version=content["kernel_version"],
        vocabularies={name: tuple(values) for name, values in content["vocabularies"].items()},
        data_hashes=dict(content["data_hashes"]),
        spread=Spread.from_json(content["spread"]) if "spread" in content else None,
    )
    # Fills the cached property: the fingerprint must outlive a change in how cards are worded.
    model.__dict__["files"] = dict(files)
    return model


def columns_of(rules: Iterable[Rule], features: FeatureSet) -> dict[str, int]:
    """The columns of `features` that rules speak of, by name; a name without a column is left out."""
    wanted = {each.name for rule in rules for each in rule.when if each.kind == "feature"}
    return {name: index for name, index in features.column.items() if name in wanted}


def canonical(content: object) -> bytes:
    """JSON that has one form only; refuses NaN and infinity."""
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def fingerprint(hashes: Mapping[str, str]) -> str:
    """SHA-256 over the names and SHA-256 of files."""
    return hashlib.sha256(canonical({"format": FORMAT, "files": dict(hashes)})).hexdigest()


def _definitions(features: FeatureSet) -> Iterator[tuple[str, object]]:
    """What each column is computed from, by its name."""
    for line in features.lines:
        yield line.name, line
    for quotient in features.quotients:
        yield quotient.name, quotient
    for view in features.views:
        windows = [(view.entity, view.key, statistic) for statistic, _ in view.rows()]
        for feature, definition in zip(view.expand(), windows, strict=True):
            yield feature.name, (definition, feature)
