"""What evidence is worth to a model: trained with and without it, judged on the sealed truth of simulated worlds.

Five models of one recipe learn from what was known when the score went into service, and rank the year after it:

`truth`      every line that shipped with its true label: what the features could give at best
`checks`     findings of checks only; no notice is known at all
`notices`    the same labels; notices are seen as features, none is confirmed
`evidence`   every link of grade A or B to a forbidden buyer is confirmed a week after its notice was known, so that it
             labels its order (placed before the notice was known), and counts in the features of later ones
`fair`       as `evidence`, but its diverted lines are as many drawn at random from all that were: what the number of
             findings costs, where nothing decides which diversions are found

What people linked by hand in the simulated findings is left out of all five. Each seed is a world and a process of its
own, and leaves one JSON file behind; a seed whose file is there is not measured again.
"""

import json
import multiprocessing
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.awards.docket import CONFIDENCE, Docket
from features.awards.policy import BuyerPolicy
from features.awards.taking import take
from features.catalog.all import catalogue
from features.evidence import FROM_NOTICE, LinkVerdict
from features.facts.book import Book
from features.mapping import Mapping as Columns
from features.mapping.importing import import_data
from features.measures import DAY
from features.record import Record
from features.sell_through import SellThrough
from features.terminal import now
from features.trade import Outcome
from features.vector import FeatureTable, feature_table
from training.benchmark.champion import findings_of, statuses_of
from training.dataset import TrainingSet, moments, training_set
from training.growing import Trees
from training.intervals import Interval, Sample, bootstrap
from training.metrics import Ranking, average_precision
from training.simulator import simulate
from training.simulator.checks import PROCUREMENT, SOURCES
from training.simulator.scenario import scenario

Floats = NDArray[np.float64]

MODELS = ("truth", "fair", "evidence", "notices", "checks")
CONFIRMED_AFTER = 7 * DAY
"""From the day on which a notice is known to its confirmation: our choice."""

WHO = ("analyst one:compliance", "analyst two:compliance")
DRAWS = 1_000


@dataclass(frozen=True)
class Measured:
    """One world: average precision of each model on the truth, as it is and on draws of resellers, and some counts."""

    samples: Mapping[str, Sample]
    counts: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        ap = {name: {"ap": each.value["ap"], "drawn": each.drawn["ap"].tolist()} for name, each in self.samples.items()}
        return {"models": ap, "counts": dict(self.counts)}

    @classmethod
    def of_json(cls, held: dict[str, Any]) -> "Measured":
        """From `to_json`."""
        samples = {
            name: Sample({"ap": each["ap"]}, {"ap": np.array(each["drawn"])}) for name, each in held["models"].items()
        }
        return cls(samples, held["counts"])


def worlds(folder: Path, orders: int, seeds: Sequence[int]) -> list[Measured]:
    """The measured worlds of these seeds, one after the other; those that `folder` holds already are read."""
    folder.mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        for seed in seeds:
            if not _file(folder, orders, seed).exists():
                pool.submit(_measure_into, _file(folder, orders, seed), orders, seed).result()
    held = [_file(folder, orders, seed).read_text(encoding="utf-8") for seed in seeds]
    return [Measured.of_json(json.loads(text)) for text in held]


def _file(folder: Path, orders: int, seed: int) -> Path:
    """Under the definitions and the number of models that were measured: others are another measurement."""
    return folder / f"{catalogue().fingerprint[:12]}-{len(MODELS)}-{orders}-{seed}.json"


def _measure_into(file: Path, orders: int, seed: int) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(measured(orders, seed).to_json()), encoding="utf-8")
    part.replace(file)


def measured(orders: int, seed: int) -> Measured:
    """Make a `standard` world of this seed, train the five models, and judge them on its truth."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        simulate(home / "world", seed=seed, scenario_name="standard", orders=orders)
        whole = _recorded(home)
        truth = pd.read_csv(home / "world" / "sealed" / "truth.csv", dtype=str, keep_default_na=False)
        published = pd.read_csv(home / "world" / "sealed" / "awards.csv", dtype=str).set_index("ocid")["order_id"]
    until = scenario("standard").trained_until
    books = _books(whole)
    scores: dict[str, Floats] = {}
    counts = _confirmed(books["evidence"], published, until)
    for name, book in books.items():
        table = feature_table(book, catalogue())
        told = _of_lines(table, truth)
        sets = {name: training_set(table, findings_of(book), until, statuses=statuses_of(book))}
        if name == "evidence":
            true = _truth(table, told)
            sets["truth"] = training_set(table, true, until)
            drawn = _drawn(findings_of(book), true, int(sets[name].target.sum()), until, seed)
            sets["fair"] = training_set(table, drawn, until, statuses=statuses_of(book))
        for model, chosen in sets.items():
            scores[model] = _scores(chosen, table)
            counts[f"diverted lines taught: {model}"] = int(chosen.target.sum())
    judge = (moments(table) >= until) & (told["shipped"] == "true").to_numpy()
    diverted = (told["diverted"] == "true").to_numpy(np.float64)[judge]
    reseller = np.unique(table.lines.column("reseller_id").to_pandas()[judge].astype(str), return_inverse=True)[1]
    counts |= {"lines judged": int(judge.sum()), "diverted lines judged": int(diverted.sum())}
    candidates = {name: _ap(Ranking.of(scores[name][judge], diverted, reseller)) for name in MODELS}
    samples = bootstrap(candidates, int(reseller.max()) + 1, 2 * int(diverted.sum()) + 1, DRAWS, seed)
    return Measured(samples, counts)


def _recorded(home: Path) -> Book:
    """The world imported and linked as the commands do it, its trusted links to forbidden buyers confirmed."""
    mapping = Columns.load(Path("training/simulator/mapping.toml"))
    policy = BuyerPolicy()
    with Record.open(f"sqlite:///{home}/record.db") as record:
        import_data(record, mapping, [home / "world"], rejects=home / "rejects.csv", now=now())
        take(record, [home / "world" / "evidence" / "awards.jsonl"], now=now(), lag=0)
        docket = Docket(record)
        for case in docket.cases.values():
            for key, link in case.links.items():
                if link.grade in CONFIDENCE and policy.forbids(case.notice):
                    docket.confirm(key, who=WHO, now=case.linking.known_at + CONFIRMED_AFTER)
        return Book.of(record)


def _books(whole: Book) -> dict[str, Book]:
    """What each model's record holds. Reports by resellers are no notices, and stay."""
    by_hand = SOURCES[PROCUREMENT]
    findings = [entry for entry in whole.findings if entry.event.source != by_hand]
    checks = [entry for entry in findings if not (entry.event.source or "").startswith(FROM_NOTICE)]
    unconfirmed = [entry for entry in whole.evidence if not isinstance(entry.event, LinkVerdict)]
    reports = [entry for entry in whole.evidence if isinstance(entry.event, SellThrough)]
    return {
        "evidence": replace(whole, findings=findings),
        "notices": replace(whole, findings=checks, evidence=unconfirmed),
        "checks": replace(whole, findings=checks, evidence=reports),
    }


def _confirmed(book: Book, published: "pd.Series[str]", until: int) -> dict[str, int]:
    """How many links were confirmed before a date, and how many of these name the order behind the notice."""
    said = [entry.event for entry in book.evidence if isinstance(entry.event, LinkVerdict) and entry.known_at < until]
    right = sum(published.get(verdict.notice_id) == verdict.order_id for verdict in said)
    return {"links confirmed": len(said), "of them right": right}


def _of_lines(table: FeatureTable, truth: pd.DataFrame) -> pd.DataFrame:
    """The truth of each line (n_lines,), in the order of the table."""
    ids = table.lines.select(["order_id", "line_id"]).to_pandas().astype(str)
    return ids.merge(truth, how="left", left_on=["order_id", "line_id"], right_on=["order_id", "line"], validate="1:1")


def _truth(table: FeatureTable, told: pd.DataFrame) -> pa.Table:
    """A finding on each line that shipped, known at once."""
    shipped = told[told["shipped"] == "true"]
    outcome = np.where(shipped["diverted"] == "true", Outcome.DIVERTED.value, Outcome.CLEARED.value)
    columns = {
        "position": shipped.index.to_numpy(),
        "known_at": moments(table)[shipped.index.to_numpy()],
        "finding_id": (shipped["order_id"] + "/" + shipped["line_id"]).to_numpy(str),
        "revision": np.ones(len(shipped), np.int64),
        "outcome": outcome,
        "order_id": shipped["order_id"].to_numpy(str),
        "line_id": shipped["line_id"].to_numpy(str),
        "propensity": np.full(len(shipped), np.nan),
        "source": np.full(len(shipped), "truth"),
    }
    return pa.table(columns)


def _drawn(findings: pa.Table, true: pa.Table, count: int, until: int, seed: int) -> pa.Table:
    """The findings with their diverted lines replaced by as many drawn from all that were diverted before a date."""
    kept = findings.filter(pc.field("outcome") != Outcome.DIVERTED.value)
    diverted = (pc.field("outcome") == Outcome.DIVERTED.value) & (pc.field("known_at") < until)
    all_diverted = true.filter(diverted)
    which = np.random.default_rng(seed).choice(all_diverted.num_rows, count, replace=False)
    some = all_diverted.take(pa.array(np.sort(which)))
    others = kept.filter(pc.invert(pc.is_in(kept["order_id"], some["order_id"])))
    return pa.concat_tables([others, some.select(others.column_names)], promote_options="permissive")


def _scores(chosen: TrainingSet, table: FeatureTable) -> Floats:
    """Log odds (n_lines,) of all lines by the trees that `diversion train` grows; its calibration moves no rank."""
    trees, rows = Trees({}, threads=1), np.arange(len(chosen.target))
    rounds, share = trees.useful(chosen, rows)
    booster: lgb.Booster = Trees({"scorecard_share": share}, threads=1).grow(chosen, rows, rounds)
    return np.asarray(booster.predict(table.values, raw_score=True, num_threads=1), np.float64)


def _ap(ranking: Ranking) -> Any:
    return lambda multiplicity: {"ap": average_precision(*ranking.counts(multiplicity))}


def mean(measured: Sequence[Measured], model: str) -> Sample:
    """A model's average precision as the mean of all worlds; in each of them resellers are drawn for themselves."""
    of = [each.samples[model] for each in measured]
    drawn = np.mean([sample.drawn["ap"] for sample in of], axis=0)
    return Sample({"ap": float(np.mean([sample.value["ap"] for sample in of]))}, {"ap": drawn})


def share(measured: Sequence[Measured], model: str, of: str = "truth") -> Interval:
    """Which part of another model's average precision a model reaches."""
    own, other = mean(measured, model), mean(measured, of)
    value = {"share": own.value["ap"] / other.value["ap"]}
    return Sample(value, {"share": own.drawn["ap"] / other.drawn["ap"]}).interval("share")


def rows(measured: Sequence[Measured]) -> list[tuple[str, ...]]:
    """A row a model: average precision, each world's, what it is above `checks` and `notices`, the share of `truth`."""
    made = []
    for model in MODELS:
        own = mean(measured, model)
        seeds = ", ".join(f"{each.samples[model].value['ap']:.3f}" for each in measured)
        differences = [_signed(own.minus(mean(measured, rival), "ap")) for rival in ("checks", "notices")]
        made.append((model, str(own.interval("ap")), seeds, *differences, str(share(measured, model))))
    return made


def _signed(difference: Interval) -> str:
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]" if difference.value else "0"
