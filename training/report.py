"""What an evaluation found, as a table for people and as JSON for programs."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from features.measures import iso
from training.audited import AuditReport
from training.curves import Curves
from training.intervals import Interval, Sample
from training.slices import Slice

MEASURES = {
    "auc": "area under the ROC curve, per line",
    "ap": "average precision, per line",
    "precision": "share of the reviewed orders that were diverted, at review capacity",
    "recall": "share of the diverted orders that were reviewed, at review capacity",
    "value_recall": "share of the value of the diverted orders that was reviewed, at review capacity",
    "brier": "Brier score of the probability, per line",
    "ece": "expected calibration error, ten bins of about equal size, per line",
    "waiting": "share of the orders at or above the model's threshold",
    "waiting_precision": "share of those orders that were diverted",
    "waiting_recall": "share of the diverted orders among them",
    "loss": "what a thousand orders cost at the model's threshold: missed diversions and reviews",
}
"""What each measure is."""


@dataclass(frozen=True)
class Report:
    """The measures of a model, the first of `samples`, and of its rivals on the same rows and draws.

    `start`, `end`: the period, microseconds UTC. `positives`, `lines`, `orders`, `groups`: counts of what judged;
    `left_out`: lines of the period that did not, by reason. `curves` are the model's.
    """

    model: str
    start: int
    end: int
    by: str
    exclude: tuple[str, ...]
    review_share: float
    lines: int
    orders: int
    groups: int
    positives: int
    left_out: Mapping[str, int]
    meaning: str
    samples: Mapping[str, Sample]
    notes: tuple[str, ...] = ()
    audits: AuditReport | None = None
    slices: tuple[Slice, ...] = ()
    curves: Curves | None = None

    def interval(self, name: str, measure: str) -> Interval | None:
        """A measure of the model or a rival, or None where it does not apply to it."""
        sample = self.samples[name]
        return sample.interval(measure) if measure in sample.value else None

    def gain(self, rival: str, measure: str) -> Interval:
        """The model's measure minus the rival's, paired draw by draw."""
        first = next(iter(self.samples))
        return self.samples[first].minus(self.samples[rival], measure)

    def render(self) -> Group:
        """Tables for a terminal: the ranking, what it is worth at the desk, and what all of it means."""
        return Group(
            *self._head(),
            self._ranking(),
            self._desk(),
            *self._threshold(),
            *self._audited(),
            *self._sliced(),
            *self._tail(),
        )

    def _head(self) -> Iterator[Text]:
        yield Text(f"Model {self.model[:12]} on order lines from {iso(self.start)} to {iso(self.end)}", style="bold")
        share = self.positives / self.lines
        yield Text(
            f"{self.lines:,} lines of {self.orders:,} orders, {self.positives:,} positives ({share:.2%}), "
            f"{self.groups:,} groups ({self.by})"
        )
        if self.exclude:
            yield Text(f"without lines where {' or '.join(self.exclude)}")
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items() if count)
        yield Text(f"left out: {dropped or 'none'}")

    def _ranking(self) -> Table:
        table = _table("Ranking", "AUC", "average precision", "model's gain in AUC", "model's gain in AP")
        for index, name in enumerate(self.samples):
            own = [self._cell(name, measure) for measure in ("auc", "ap")]
            gains = ["", ""] if index == 0 else [signed(self.gain(name, measure)) for measure in ("auc", "ap")]
            table.add_row(name, *own, *gains, style="bold" if index == 0 else "")
        return table

    def _desk(self) -> Table:
        title = f"Reviewing {self.review_share:.1%} of the orders"
        table = _table(title, "precision", "recall", "recall of value", "Brier score", "calibration error")
        for index, name in enumerate(self.samples):
            cells = [self._cell(name, measure) for measure in ("precision", "recall", "value_recall")]
            cells += [self._cell(name, measure, digits=4) for measure in ("brier", "ece")]
            table.add_row(name, *cells, style="bold" if index == 0 else "")
        return table

    def _threshold(self) -> Iterator[Table]:
        """What the thresholds that were fixed in training do here, for candidates that have one."""
        fixed = [name for name, sample in self.samples.items() if "waiting" in sample.value]
        if fixed:
            table = _table(
                "At the threshold fixed in training", "orders that wait", "precision", "recall", "cost of 1,000"
            )
            for name in fixed:
                measures = ("waiting", "waiting_precision", "waiting_recall")
                cells = [self._cell(name, measure) for measure in measures]
                table.add_row(name, *cells, self._cell(name, "loss", digits=0))
            yield table

    def _audited(self) -> Iterator[Text | Table]:
        """What the random audits say beside the judged orders; their power first."""
        if self.audits is None:
            return
        yield Text(self.audits.power)
        if self.audits.samples:
            table = _table(
                "Of all orders, by the random audits", "average precision", "precision", "recall", "naive AP"
            )
            for name, sample in self.audits.samples.items():
                cells = [_written(sample.interval(measure), 3) for measure in ("ap", "precision", "recall")]
                table.add_row(name, *cells, self._cell(name, "ap"))
            yield table

    def _sliced(self) -> Iterator[Table]:
        if self.slices:
            table = _table("Slices", "lines", "diverted", "average precision", "found", "false alarms", "to overall")
            for each in self.slices:
                ap, found, alarms = (_written(i, 3) for i in (each.ap, each.recall, each.false_alarms))
                table.add_row(each.name, f"{each.lines:,}", str(each.positives), ap, found, alarms, each.ratio)
            yield table

    def _tail(self) -> Iterator[Text]:
        yield Text(self.meaning)
        yield Text(f"In brackets: 95 % bootstrap intervals, drawing by {self.by}; gains are paired on the same draws.")
        for note in self.notes:
            yield Text(f"Note: {note}", style="yellow")

    def _cell(self, name: str, measure: str, digits: int = 3) -> str:
        interval = self.interval(name, measure)
        return "" if interval is None else _written(interval, digits)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types; null where something cannot be estimated."""
        names = list(self.samples)
        measured = {
            name: {measure: sample.interval(measure).to_json() for measure in sample.value}
            for name, sample in self.samples.items()
        }
        gains = {name: {m: self.gain(name, m).to_json() for m in ("auc", "ap")} for name in names[1:]}
        return {
            "model": self.model,
            "from": iso(self.start),
            "to": iso(self.end),
            "by": self.by,
            "exclude": list(self.exclude),
            "review_share": self.review_share,
            "lines": self.lines,
            "orders": self.orders,
            "groups": self.groups,
            "positives": self.positives,
            "left_out": dict(self.left_out),
            "meaning": self.meaning,
            "measures": measured,
            "gains": gains,
            "notes": list(self.notes),
            "audits": None if self.audits is None else self.audits.to_json(),
            "slices": [each.to_json() for each in self.slices],
            "curves": None if self.curves is None else self.curves.to_json(),
        }


def signed(interval: Interval) -> str:
    """A difference with its sign and bounds."""
    if math.isnan(interval.value):
        return "not estimable"
    return f"{interval.value:+.3f} [{interval.low:+.3f},{interval.high:+.3f}]"


def _written(interval: Interval, digits: int) -> str:
    if math.isnan(interval.value):
        return "not estimable"
    return f"{interval.value:.{digits}f} [{interval.low:.{digits}f},{interval.high:.{digits}f}]"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for column in columns:
        table.add_column(column)  # a narrow terminal breaks a cell between value and interval, and loses nothing
    return table
