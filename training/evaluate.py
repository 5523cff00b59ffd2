"""A model beside its rivals on later lines: one call from a record and a model's folder to a report."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts.book import Book
from features.measures import Refused, iso
from features.record import Record
from features.vector import FeatureTable
from features.windows.feature_set import FeatureSet
from models.artefact import Model, load
from models.calibration import Platt
from training.ablations import ablated
from training.audited import AuditReport, audited
from training.audits import audits_as_of
from training.baselines import BASELINES, logistic
from training.curves import curves
from training.dataset import TrainingSet, Unknown, moments, take, training_set
from training.intervals import DRAWS, PART_DRAWS
from training.judging import ALL_KNOWN, AsKnown, By, Candidate, Rows, judge, judging_rows
from training.report import Report
from training.sample import sample, vectors
from training.slices import part, resellers_before, slices

Progress = Callable[[str, float], None]
Mask = NDArray[np.bool_]

RIVALS = ("logistic", "checklist", "two_term", "prior")
"""The baselines of every report; `BASELINES` has more, which take longer or need the extra `rivals`."""


def evaluate(
    record: Record,
    features: FeatureSet | None,
    model_folder: Path,
    *,
    home: Path,
    start: int,
    end: int,
    by: By = "reseller",
    exclude: Sequence[str] = (),
    rivals: Sequence[str | Path] = RIVALS,
    declared: Sequence[str] = (),
    as_of: int = ALL_KNOWN,
    unknown: AsKnown = "drop",
    review_share: float | None = None,
    draws: int = DRAWS,
    seed: int = 7,
    costs: tuple[float, float] | None = None,
    ablations: bool = False,
    unseen: bool = False,
    progress: Progress | None = None,
) -> Report:
    """The report of a model on the lines with ``start <= t < end`` (microseconds UTC).

    `home` is the folder of run-time files, whose scratch folder takes what does not fit into memory.
    `features` must be the model's own definitions; None takes them from the model. `rivals` are names of `BASELINES`,
    trained on the lines that the model was trained on, or folders of other models; `declared` names what the logistic
    regression may read, everything declared unless given. `exclude` holds ``name=value``
    conditions. `review_share` is the model's own unless given, and so are `costs`, of a missed diversion and of a
    review. With `ablations` trees are trained without location and without the history of findings; with `unseen` only
    resellers that had not ordered by the model's date judge. Raises `Refused` where the period cannot judge, and
    `ForeignFeatures` or `ArtefactRefused` for a model that cannot be used.
    """
    model = load(model_folder)
    if features is not None:
        model.require(features)
    book = Book.of(record)
    t = np.asarray(book.lines.column("t").to_numpy(), np.int64)
    named = [rival for rival in rivals if isinstance(rival, str)]
    wanted = (t >= start) & (t < end)
    findings = record.findings()
    taught = sample(book.lines, findings, model.card.as_of) if named or ablations else None
    if taught is not None:
        wanted |= taught.lines
    table = vectors(book, model.features, wanted, home, progress=progress)
    rows = judging_rows(
        table, findings, start=start, end=end, by=by, exclude=exclude, as_of=as_of, unknown=unknown,
        statuses=record.statuses(),
    )  # fmt: skip
    notes = list(_overlap(model, rows))
    candidates = [scored("model", model, rows.table, costs)]
    if taught is not None:
        chosen = _training_lines(model, table, record, taught.share, notes)
        candidates += _baselines(named, chosen, rows, seed, declared, notes)
    if ablations:
        candidates += ablated(chosen, rows, seed, progress)
    for folder in (rival for rival in rivals if isinstance(rival, Path)):
        candidates.append(_other(folder, book, wanted, rows, home))
    known = resellers_before(book.lines, model.card.as_of)
    if unseen:
        rows, candidates = _unseen(rows, candidates, known)
        notes.append("only resellers that had not ordered by the model's date judge")
    share = model.policy.review_share if review_share is None else review_share
    if progress is not None:
        progress("drawing intervals", 0.9)
    return Report(
        model=model.fingerprint,
        start=start,
        end=end,
        by=by,
        exclude=tuple(exclude),
        review_share=share,
        lines=len(rows.label),
        orders=int(rows.order.max()) + 1,
        groups=rows.groups,
        positives=int(rows.label.sum()),
        left_out=rows.left_out,
        meaning=rows.meaning,
        samples=judge(rows, candidates, share, draws, seed),
        notes=tuple(notes),
        audits=_audits(model, table, findings, (start, end, as_of), share, draws),
        curves=curves(rows, candidates[0], share, min(draws, PART_DRAWS), seed),
        slices=slices(rows, candidates[0], known, min(draws, PART_DRAWS), seed),
    )


def _audits(
    model: Model, table: FeatureTable, findings: pa.Table, when: tuple[int, int, int], share: float, draws: int
) -> AuditReport:
    """What the random audits among the period's orders say of the model."""
    start, end, as_of = when
    inside = take(table, np.flatnonzero((moments(table) >= start) & (moments(table) < end)))
    orders = np.asarray(inside.lines.column("order_id").to_pandas(), object)
    scores = {"model": model.classifier.predict(inside.values)}
    return audited(inside, audits_as_of(findings, as_of, orders), scores, share, draws)


def _unseen(rows: Rows, candidates: list[Candidate], known: frozenset[str]) -> tuple[Rows, list[Candidate]]:
    """The lines of resellers that had not ordered by the model's date; refused where they cannot judge."""
    mask = ~np.asarray(rows.table.lines.column("reseller_id").to_pandas().isin(known), np.bool_)
    left = part(rows, mask)
    if not len(left.label) or left.label.all() or not left.label.any():
        found = f"leaves {len(left.label)} judged lines, {int(left.label.sum())} of them diverted"
        raise Refused("--unseen", "unseen resellers", found, "choose a longer period, or evaluate without it")
    return left, [replace(each, score=each.score[mask]) for each in candidates]


def scored(name: str, model: Model, table: FeatureTable, costs: tuple[float, float] | None = None) -> Candidate:
    """A model's answers; one that went out uncalibrated is not judged as a probability."""
    probability = model.classifier.predict(table.values)
    policy = model.policy
    if costs is None and policy.missed_cost is not None and policy.review_cost is not None:
        costs = policy.missed_cost, policy.review_cost
    return Candidate(name, probability, is_calibrated(model), policy.threshold, costs)


def is_calibrated(model: Model) -> bool:
    """Whether findings were enough for a calibration when it was trained."""
    return model.calibration != Platt(1.0, 0.0)


def _overlap(model: Model, rows: Rows) -> list[str]:
    seen = int((moments(rows.table) < model.card.as_of).sum())
    if not seen:
        return []
    return [f"{seen:,} of these lines are older than the model's date {iso(model.card.as_of)}: it learned from them"]


def _training_lines(model: Model, table: FeatureTable, record: Record, share: float, notes: list[str]) -> TrainingSet:
    """The lines that the model was trained on, for the baselines to be trained on."""
    unknown: Unknown = "weak" if model.card.unknown else "drop"
    until = model.card.as_of
    chosen = training_set(
        table, record.findings(), until, statuses=record.statuses(), unknown=unknown, share=share
    )  # fmt: skip
    if len(chosen.target) != model.card.lines:
        notes.append(
            f"the record now gives {len(chosen.target):,} training lines before {iso(until)}, the model was trained on "
            f"{model.card.lines:,}: the baselines had the former"
        )
    return chosen


def _baselines(
    names: Sequence[str], chosen: TrainingSet, rows: Rows, seed: int, declared: Sequence[str], notes: list[str]
) -> list[Candidate]:
    candidates = []
    for name in names:
        if name not in BASELINES:
            raise Refused("rival", name, "is not a baseline", f"use one of {', '.join(BASELINES)}, or a model's folder")
        fitted = logistic(chosen, seed, declared) if name == "logistic" else BASELINES[name](chosen, seed)
        if fitted is None:
            notes.append(f"{name} needs features that the definitions do not hold")
        else:
            candidates.append(Candidate(name, fitted.score(rows.table)))
    return candidates


def _other(folder: Path, book: Book, wanted: Mask, rows: Rows, home: Path) -> Candidate:
    """Another model on the same lines, by its own definitions."""
    model = load(folder)
    table = rows.table
    if model.features.fingerprint != table.features.fingerprint:
        computed = vectors(book, model.features, wanted, home)
        table = FeatureTable(model.features, computed.values[rows.index], rows.table.lines)
    return scored(model.fingerprint[:12], model, table)
