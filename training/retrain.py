"""One round for a scheduler: train on what was known, judge on the days after it, compare, report. Promotes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from features.catalog.all import catalogue
from features.facts.book import Book
from features.measures import DAY, Refused
from features.record import Record
from training.building import Capacity
from training.champion import champion_folder
from training.compare import Comparison, compare
from training.evaluate import evaluate
from training.report import Report
from training.train import Trained, train

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Retrained:
    """What a round gave; `report` and `comparison` are None where no later line can judge, and `untold` says why."""

    trained: Trained
    report: Report | None
    comparison: Comparison | None
    untold: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What to do next, in a sentence."""
        if self.comparison is None:
            return "; ".join(self.untold) or "there is no champion yet: promote it if the report convinces two people"
        advice = {
            "better": "promote it if two people agree",
            "worse": "the champion stays",
            "cannot tell": "the champion stays",
        }
        return f"{self.comparison.sentence()}: {advice[self.comparison.verdict]}"

    def to_json(self) -> dict[str, Any]:
        """The round as JSON types."""
        return {
            "model": self.trained.model.fingerprint,
            "run": self.trained.run_id,
            "statement": self.trained.statement,
            "doubts": [str(doubt) for doubt in self.trained.doubts],
            "warnings": list(self.trained.warnings),
            "report": None if self.report is None else self.report.to_json(),
            "comparison": None if self.comparison is None else self.comparison.to_json(),
            "sentence": self.sentence,
        }


def retrain(
    record: Record,
    *,
    home: Path,
    now: int,
    holdout_days: int = 180,
    trials: int = 0,
    capacity: Capacity | None = None,
    seed: int = 7,
    tracking_uri: str | None = None,
    progress: Progress | None = None,
) -> Retrained:
    """Train as of `holdout_days` before the newest order, then evaluate and compare on the days after it.

    Raises `Refused` where the findings known by then do not teach.
    """
    book = Book.of(record)
    until = (pc.max(book.lines["t"]).as_py() or now) + 1 - holdout_days * DAY
    trained = train(
        record, catalogue(book.attributes()), until=until, home=home, tracking_uri=tracking_uri,
        capacity=capacity, trials=trials, seed=seed, progress=progress,
    )  # fmt: skip
    untold: list[str] = []
    report = comparison = None
    try:
        report = evaluate(
            record, None, trained.artefact, home=home, start=until, end=now + DAY, seed=seed, progress=progress
        )
    except Refused as reason:
        untold.append(f"no later line can judge it ({reason})")
    named = champion_folder(record, home)
    if named is not None and named[0].model != trained.model.fingerprint:
        try:
            comparison = compare(
                record, trained.artefact, named[1], home=home, end=now + DAY, seed=seed, progress=progress
            )
        except Refused as reason:
            untold.append(f"it cannot be compared with the champion, which stays ({reason})")
    return Retrained(trained, report, comparison, tuple(untold))
