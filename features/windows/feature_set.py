"""A feature set: the definitions that one model speaks, in the order of its columns, with one fingerprint."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from features.windows.statistics import STATISTICS
from features.windows.view import Feature, LineFeature, Quotient, View


class Collision(ValueError):
    """Two definitions that derive the same feature name."""


@dataclass(frozen=True)
class FeatureSet:
    """Line features first, then the views', then the quotients of both, in the order of definition.

    `attributes` are the columns of one's own that the views may use as keys, as ``attribute.NAME``.
    """

    lines: tuple[LineFeature, ...]
    views: tuple[View, ...]
    attributes: tuple[str, ...] = ()
    quotients: tuple[Quotient, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for name in self.names:
            if name in seen:
                raise Collision(f"feature {name!r} is defined twice; give one another entity, filter or window")
            seen.add(name)

    def __hash__(self) -> int:
        """Of the fingerprint: hashing every definition would take longer than what is looked up by it."""
        return hash(self.fingerprint)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """One `Feature` a column."""
        definitions: Iterable[LineFeature | View | Quotient] = (*self.lines, *self.views, *self.quotients)
        return tuple(feature for definition in definitions for feature in definition.expand())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def column(self) -> dict[str, int]:
        """Where each name stands among the columns."""
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def families(self) -> dict[str, tuple[int, ...]]:
        """The columns of each family."""
        members: dict[str, list[int]] = {}
        for index, feature in enumerate(self.features):
            members.setdefault(feature.family, []).append(index)
        return {family: tuple(columns) for family, columns in members.items()}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the definitions: two sets with one fingerprint compute the same columns."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The definitions as JSON types."""
        content = {
            "attributes": list(self.attributes),
            "lines": [asdict(line) for line in self.lines],
            "views": [_view_to_json(view) for view in self.views],
        }
        more = {"quotients": [asdict(quotient) for quotient in self.quotients]}
        return content | more if self.quotients else content  # sets of before there were any keep their fingerprint

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "FeatureSet":
        """The feature set that `to_json` wrote."""
        return cls(
            lines=tuple(LineFeature(**{**row, "columns": tuple(row["columns"])}) for row in content["lines"]),
            views=tuple(_view_from_json(row) for row in content["views"]),
            attributes=tuple(content["attributes"]),
            quotients=tuple(Quotient(**row) for row in content.get("quotients", ())),
        )


def _view_to_json(view: View) -> dict[str, Any]:
    statistics = [{"kind": statistic.kind, **asdict(statistic)} for statistic in view.features]
    return {**asdict(view), "features": statistics}


def _view_from_json(row: dict[str, Any]) -> View:
    statistics = []
    for definition in row["features"]:
        arguments = {name: value for name, value in definition.items() if name != "kind"}
        if arguments["windows"] is not None:
            arguments["windows"] = tuple(arguments["windows"])
        statistics.append(STATISTICS[definition["kind"]](**arguments))
    return View(**{**row, "key": tuple(row["key"]), "features": tuple(statistics), "windows": tuple(row["windows"])})
