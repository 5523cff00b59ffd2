"""Two models on the same later lines: which is better, for whom, and which orders would be treated otherwise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Group
from rich.table import Table
from rich.text import Text

from features.facts.book import Book
from features.measures import iso
from features.record import Record
from features.vector import FeatureTable
from models.artefact import Model, load
from training.dataset import moments, take
from training.evaluate import scored
from training.intervals import DRAWS, PART_DRAWS, Interval, Sample
from training.judging import ALL_KNOWN, By, Candidate, Rows, judge, judging_rows
from training.labels import newest_revisions
from training.report import signed
from training.sample import vectors
from training.slices import POSITIVES_NEEDED, members, part, resellers_before

Progress = Callable[[str, float], None]
Floats = NDArray[np.float64]
Verdict = Literal["better", "worse", "cannot tell"]

MEASURES = ("ap", "auc", "precision", "recall", "value_recall", "waiting_recall", "loss", "brier", "ece")
DECIDES = "ap"
SMALLER_IS_BETTER = frozenset({"loss", "brier", "ece"})
SHOWN = 20


@dataclass(frozen=True)
class Flip:
    """An order that the two models treat otherwise: the probabilities, and what was found (None where nothing)."""

    order_id: str
    reseller_id: str
    before: float
    after: float
    waits: bool
    diverted: bool | None


@dataclass(frozen=True)
class Comparison:
    """The challenger against the champion: paired differences, a verdict, slices, and orders whose action flips."""

    challenger: str
    champion: str
    start: int
    end: int
    lines: int
    positives: int
    groups: int
    samples: Mapping[str, Sample]
    differences: Mapping[str, Interval]
    slices: Mapping[str, tuple[int, Interval]]
    flips: tuple[Flip, ...]
    orders: int
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """By average precision: its paired interval lies above, or below, or holds, zero."""
        return judged(self.differences[DECIDES], self.positives)

    def sentence(self) -> str:
        """The verdict in words."""
        gain = f"{signed(self.differences[DECIDES])} in average precision"
        few = f" ({self.positives} positives)" if self.positives < POSITIVES_NEEDED else ""
        return f"the challenger against the champion: {self.verdict}{few}; {gain}"

    def render(self) -> Group:
        """Tables for a terminal."""
        head = Text(
            f"Challenger {self.challenger[:12]} against champion {self.champion[:12]}, order lines from "
            f"{iso(self.start)} to {iso(self.end)}: {self.lines:,} judged, {self.positives} diverted, "
            f"{self.groups:,} groups"
        )
        table = Table("", "challenger", "champion", "difference", box=None, padding=(0, 2, 0, 0))
        for name, difference in self.differences.items():
            own, other = (str(self.samples[each].interval(name)) for each in ("challenger", "champion"))
            table.add_row(name, own, other, signed(difference))
        by_slice = Table("slice", "diverted", "difference in AP", box=None, padding=(0, 2, 0, 0))
        for name, (positives, difference) in self.slices.items():
            by_slice.add_row(name, str(positives), signed(difference))
        flips = Table("order", "reseller", "champion", "challenger", "action", "found", box=None, padding=(0, 2, 0, 0))
        for flip in self.flips[:SHOWN]:
            found = {None: "unknown", True: "diverted", False: "cleared"}[flip.diverted]
            action = "proceed -> review" if flip.waits else "review -> proceed"
            flips.add_row(flip.order_id, flip.reseller_id, f"{flip.before:.4f}", f"{flip.after:.4f}", action, found)
        told = f"{len(self.flips):,} of {self.orders:,} orders would be treated otherwise by their score"
        notes = [Text(f"Note: {note}", style="yellow") for note in self.notes]
        return Group(head, table, by_slice, Text(told), flips, *notes, Text(self.sentence(), style="bold"))

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON types; null where not estimable."""
        return {
            "challenger": self.challenger,
            "champion": self.champion,
            "from": iso(self.start),
            "to": iso(self.end),
            "lines": self.lines,
            "positives": self.positives,
            "groups": self.groups,
            "verdict": self.verdict,
            "differences": {name: each.to_json() for name, each in self.differences.items()},
            "slices": {name: [positives, *each.to_json()] for name, (positives, each) in self.slices.items()},
            "flips": [[f.order_id, f.reseller_id, f.before, f.after, f.waits, f.diverted] for f in self.flips],
            "orders": self.orders,
            "notes": list(self.notes),
        }


def judged(gain: Interval, positives: int) -> Verdict:
    """What an interval of a gain allows to say."""
    if positives < POSITIVES_NEEDED or np.isnan(gain.value) or gain.low <= 0.0 <= gain.high:
        return "cannot tell"
    return "better" if gain.low > 0.0 else "worse"


def compare(
    record: Record,
    challenger_folder: Path,
    champion_folder: Path,
    *,
    home: Path,
    start: int | None = None,
    end: int,
    by: By = "reseller",
    exclude: Sequence[str] = (),
    as_of: int = ALL_KNOWN,
    costs: tuple[float, float] | None = None,
    draws: int = DRAWS,
    seed: int = 7,
    progress: Progress | None = None,
) -> Comparison:
    """Both models on the lines with ``start <= t < end``, by default from the later of their dates on.

    Each is scored on its own definitions; capacity and costs are the challenger's. `home` is the folder of run-time
    files, whose scratch folder takes what does not fit into memory. Raises `Refused` where the period
    cannot judge, `ArtefactRefused` for a folder that holds no model.
    """
    challenger, champion = load(challenger_folder), load(champion_folder)
    latest = max(challenger.card.as_of, champion.card.as_of)
    start = latest if start is None else start
    book = Book.of(record)
    t = np.asarray(book.lines.column("t").to_numpy(), np.int64)
    wanted = (t >= start) & (t < end)
    own = vectors(book, challenger.features, wanted, home, progress=progress)
    same = champion.features.fingerprint == challenger.features.fingerprint
    other = own if same else vectors(book, champion.features, wanted, home, progress=progress)
    rows = judging_rows(own, record.findings(), start=start, end=end, by=by, exclude=exclude, as_of=as_of)
    candidates = [
        scored("challenger", challenger, rows.table, costs),
        scored("champion", champion, take(other, rows.index), costs or _costs(challenger)),
    ]
    samples = judge(rows, candidates, challenger.policy.review_share, draws, seed)
    held = [name for name in MEASURES if all(name in sample.value for sample in samples.values())]
    known = resellers_before(book.lines, min(challenger.card.as_of, champion.card.as_of))
    return Comparison(
        challenger=challenger.fingerprint,
        champion=champion.fingerprint,
        start=start,
        end=end,
        lines=len(rows.label),
        positives=int(rows.label.sum()),
        groups=rows.groups,
        samples=samples,
        differences={name: samples["challenger"].minus(samples["champion"], name) for name in held},
        slices=_by_slice(rows, candidates, known, challenger.policy.review_share, min(draws, PART_DRAWS), seed),
        flips=_flips(own, other, challenger, champion, rows),
        orders=len(own.lines.column("order_id").unique()),
        notes=tuple(_notes(rows, latest)),
    )


def _costs(model: Model) -> tuple[float, float] | None:
    policy = model.policy
    return (
        None if policy.missed_cost is None or policy.review_cost is None else (policy.missed_cost, policy.review_cost)
    )


def _notes(rows: Rows, latest: int) -> list[str]:
    seen = int((moments(rows.table) < latest).sum())
    if not seen:
        return []
    return [f"{seen:,} of these lines are older than a model's date {iso(latest)}: it learned from them"]


def _by_slice(
    rows: Rows, candidates: list[Candidate], known: frozenset[str], share: float, draws: int, seed: int
) -> dict[str, tuple[int, Interval]]:
    """Paired differences in average precision on each part that can judge; the others as not estimable."""
    found = {}
    for name, mask in members(rows, known):
        positives, difference = int(rows.label[mask].sum()), Interval(float("nan"), float("nan"), float("nan"))
        if POSITIVES_NEEDED <= positives < mask.sum():
            own = [Candidate(each.name, each.score[mask], calibrated=False) for each in candidates]
            samples = judge(part(rows, mask), own, share, draws, seed)
            difference = samples["challenger"].minus(samples["champion"], DECIDES)
        found[name] = (positives, difference)
    return found


def _flips(own: FeatureTable, other: FeatureTable, challenger: Model, champion: Model, rows: Rows) -> tuple[Flip, ...]:
    """Orders of the period, judged or not, that one model lets wait for their score and the other does not."""
    newest = newest_revisions(own.lines.select(["order_id", "revision"]))
    lines = take(own, newest).lines.select(["order_id", "reseller_id"]).to_pandas()
    lines["after"] = challenger.classifier.predict(own.values[newest])
    lines["before"] = champion.classifier.predict(other.values[newest])
    found = (
        rows.table.lines.select(["order_id"]).to_pandas().assign(label=rows.label).groupby("order_id")["label"].max()
    )
    orders = lines.groupby("order_id").agg({"reseller_id": "first", "before": "max", "after": "max"})
    waits_after = orders["after"] >= challenger.policy.threshold
    turned = orders[waits_after != (orders["before"] >= champion.policy.threshold)]
    turned = turned.assign(moved=(turned["after"] - turned["before"]).abs()).sort_values("moved", ascending=False)
    return tuple(
        Flip(str(order), str(row["reseller_id"]), float(row["before"]), float(row["after"]),
             bool(waits_after[order]), _said(found, order))
        for order, row in turned.iterrows()
    )  # fmt: skip


def _said(found: pd.Series, order: Any) -> bool | None:
    return bool(found[order] == 1.0) if order in found.index else None
