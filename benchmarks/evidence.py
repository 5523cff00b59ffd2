"""What linking finds, and what it costs: ``python -m benchmarks.evidence links|story|scale|cold|names|worth``.

`links` makes worlds at three publication rates and compares links with the sealed truth; `story` looks for the notices
of 2021; `scale` links 100,000 invented notices against 2,000,000 invented order lines, and `cold` runs the command on
one notice against a record of as many, without and with a model that serves; `names` judges the comparison of names;
`worth` says what evidence gives a model (see `benchmarks.evidence_worth`).
"""

import csv
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow.parquet as pq
import typer
from rich.console import Console

from benchmarks import evidence_cold, evidence_worth, sales
from benchmarks.machine import home, machine, timed
from benchmarks.service import made_world
from features.awards.goods import GoodsReader
from features.awards.linking import Linker
from features.awards.names import SAME, similarity
from features.awards.ocds import NoticeReader, Raw, releases
from features.awards.policy import BuyerPolicy
from features.evidence import AwardLine, Grade, Linking, Notice
from features.exchange import Exchange
from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.mapping import Mapping
from features.mapping.importing import import_data
from features.measures import DAY, Quantity
from features.record import Record
from features.terminal import now
from features.trade import Rate
from training.simulator import simulate
from training.simulator.scenario import SCENARIOS, scenario

app = typer.Typer(add_completion=False)
console = Console(width=160)

RATES = (100, 200, 450)
"""Diversions of 1,000 that surface in public papers."""

DRAWS = 500
_TRUSTED = {Grade.A, Grade.B}
_HEADING = (
    *("surfacing", "notices", "links A/B/C", "precision A and B", "precision C", "found of linkable", "found of all"),
    *("false A/B per 1,000 honest orders", "of these to forbidden buyers"),
)

Claim = tuple[Grade, bool]
"""The grade of a link, and whether it is right."""


@dataclass(frozen=True)
class World:
    """A simulated world, its notices with their links, and the sealed order behind each notice."""

    book: Book
    found: list[tuple[Notice, Linking]]
    truth: dict[str, tuple[str, bool]]
    honest: int


def world(name: str, orders: int, seed: int, published: int | None = None) -> World:
    """Make, import and link a world, each notice known when it was published."""
    chosen = scenario(name)
    if published is not None:
        chosen = replace(chosen, name=f"{name} at {published}", published=published)
        SCENARIOS[chosen.name] = chosen
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "world"
        made = simulate(folder, seed=seed, scenario_name=chosen.name, orders=orders)
        mapping = Mapping.load(Path("training/simulator/mapping.toml"))
        with Record.open(f"sqlite:///{temporary}/record.db") as record:
            import_data(record, mapping, [folder], rejects=Path(temporary) / "rejects.csv", now=now())
            book = Book.of(record)
            exchange = Exchange(record.currency, [entry.event for entry in record.entries((Rate,))])
        reader = NoticeReader(exchange, GoodsReader(e.event for e in book.products), lambda published: published or 0)
        notices = [reader.read(raw) for raw in releases(folder / "evidence" / "awards.jsonl") if isinstance(raw, Raw)]
        with (folder / "sealed" / "awards.csv").open() as stream:
            truth = {row["ocid"]: (row["order_id"], row["diverted"] == "true") for row in csv.DictReader(stream)}
    linker = Linker(book)
    found = [(notice, linker.link(notice)) for notice in notices if notice is not None]
    return World(book, found, truth, made.orders - made.diverted_orders)


@dataclass(frozen=True)
class Tally:
    """Of one notice: its links' claims, whether it could be linked, and whether a trusted link found its order."""

    claims: tuple[Claim, ...]
    linkable: bool
    found: bool
    would_judge: int


def tallies(of: World) -> list[Tally]:
    """One for each notice whose truth is sealed."""
    policy = BuyerPolicy()
    placed = dict(zip(of.book.lines["order_id"].to_pylist(), of.book.lines["t"].to_pylist(), strict=True))
    made = []
    for notice, linking in of.found:
        if notice.notice_id not in of.truth:
            continue
        order_id, _ = of.truth[notice.notice_id]
        claims = tuple((link.grade, link.order_id == order_id) for link in linking.links if link.order_id)
        named = linking.lines[0].reseller_id is not None and placed[order_id] < notice.known_at
        wrong = sum(grade in _TRUSTED and not right for grade, right in claims)
        made.append(
            Tally(
                claims,
                named,
                any(claim[0] in _TRUSTED and claim[1] for claim in claims),
                wrong if policy.forbids(notice) else 0,
            )
        )
    return made


def interval(rows: Sequence[Tally], measure: Callable[[Sequence[Tally]], float]) -> str:
    """A measure and its 95 % interval, drawn by notice."""
    chance = np.random.default_rng(7)
    drawn = [measure([rows[i] for i in chance.integers(0, len(rows), len(rows))]) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return f"{measure(rows):.3f} [{low:.3f}, {high:.3f}]"


def precision(grades: set[Grade]) -> Callable[[Sequence[Tally]], float]:
    """Right links among those of some grades; NaN where there are none."""

    def measured(rows: Sequence[Tally]) -> float:
        said = [right for row in rows for grade, right in row.claims if grade in grades]
        return sum(said) / len(said) if said else float("nan")

    return measured


def recall(rows: Sequence[Tally]) -> float:
    """Notices whose order a trusted link names, among those that name a supplier of ours and came after their order."""
    linkable = [row.found for row in rows if row.linkable]
    return sum(linkable) / len(linkable) if linkable else float("nan")


def found_of_all(rows: Sequence[Tally]) -> float:
    """The same among all notices, whoever they name."""
    return sum(row.found for row in rows) / len(rows) if rows else float("nan")


@app.command()
def links(
    orders: Annotated[int, typer.Option(help="Orders of each world.")] = 150_000,
    seed: Annotated[int, typer.Option(help="Seed of the worlds.")] = 1,
) -> None:
    """Precision and recall of links by grade at three publication rates, against the sealed truth."""
    console.print("| " + " | ".join(_HEADING) + " |", soft_wrap=True)
    console.print("|" + " --- |" * len(_HEADING), soft_wrap=True)
    for published in RATES:
        made = world("standard", orders, seed, published)
        rows = tallies(made)
        counts = "/".join(
            str(sum(claim[0] is grade for row in rows for claim in row.claims)) for grade in (Grade.A, Grade.B, Grade.C)
        )
        wrong = sum(grade in _TRUSTED and not right for row in rows for grade, right in row.claims)
        judging = sum(row.would_judge for row in rows)
        console.print(
            f"| {published / 10:g} % | {len(rows):,} | {counts} | {interval(rows, precision(_TRUSTED))} "
            f"| {interval(rows, precision({Grade.C}))} | {interval(rows, recall)} | {interval(rows, found_of_all)} "
            f"| {1000 * wrong / made.honest:.3f} | {1000 * judging / made.honest:.3f} |",
            soft_wrap=True,
        )


@app.command()
def story(
    orders: Annotated[int, typer.Option(help="Orders of the world.")] = 46_000,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
) -> None:
    """Which of the notices of 2021 point at an order, and why the others do not."""
    made = world("seed_2021", orders, seed)
    for notice, linking in made.found:
        if not notice.notice_id.startswith("ocds-seed21"):
            continue
        grades = "".join(sorted({link.grade.value for link in linking.links})) or "-"
        values = sorted({line.value for line in notice.lines if line.value is not None})
        why = "supplier is none of ours" if linking.lines[0].reseller_id is None else "supplier is ours"
        flags = "; forbidden buyer" if BuyerPolicy().forbids(notice) else ""
        console.print(
            f"{notice.notice_id}: {len(linking.links)} links, grades {grades}; {why}; value {values}{flags}",
            soft_wrap=True,
        )


@app.command()
def scale(
    notices: Annotated[int, typer.Option(help="Invented notices.")] = 100_000,
    rows: Annotated[int, typer.Option(help="Invented order lines.")] = 2_000_000,
) -> None:
    """Link many notices, then one more, against many order lines: seconds and memory of the process."""
    folder = home() / "bench" / "sales"
    sales.make(folder, rows)
    others = sales.others(folder)
    lines = (
        pq.read_table(sales.files(folder)).cast(SCHEMA).sort_by([("position", "ascending"), ("line_no", "ascending")])
    )
    book = replace(others, lines=lines)
    told = invented(book, notices + 1)
    linker, laid = timed(lambda: Linker(book))
    linker.link(told[0])  # compiles, or loads what is compiled
    found, cost = timed(lambda: [linker.link(notice) for notice in told[1:]])
    grades: dict[str, int] = defaultdict(int)
    for linking in found:
        for link in linking.links:
            grades[link.grade.value] += 1
    _, one = timed(lambda: linker.link(told[0]))
    console.print(machine())
    console.print(f"{len(lines):,} lines laid out: {laid['cpu']:.1f} CPU s, {laid['wall']:.1f} s")
    console.print(
        f"{notices:,} notices linked: {cost['cpu']:.1f} CPU s, {cost['wall']:.1f} s; {dict(sorted(grades.items()))}"
    )
    console.print(
        f"one more notice: {one['cpu'] * 1000:.2f} CPU ms, {one['wall'] * 1000:.2f} ms; peak {cost['peak_mb']:,.0f} MB"
    )


@app.command()
def cold(
    rows: Annotated[int, typer.Option(help="Order lines of the record, which is made once.")] = 2_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Notices of each kind, each added by a process of its own.")] = 3,
) -> None:
    """`diversion evidence add` of one notice: without a model, with one and no snapshot, and with a snapshot."""
    folder, world = evidence_cold.recorded(home() / "bench" / "evidence-cold", rows), (home() / "bench").absolute()
    made_world(world)
    served, kinds = evidence_cold.served(folder, world), (evidence_cold.NAMED, evidence_cold.STRANGER)
    restricted = evidence_cold.RESTRICTED
    console.print(machine())
    _cold("no model", folder, kinds * runs)
    _cold("a model, the first time", served, (restricted,))
    _cold("a model", served, (*kinds, restricted) * runs)


def _cold(what: str, folder: Path, kinds: Sequence[str]) -> None:
    for number, kind in enumerate(kinds):
        added = evidence_cold.added(folder, evidence_cold.notice(folder, number, kind))
        figures = f"{added.cpu_s:.1f} CPU s, {added.wall_s:.1f} s, {added.peak_mb:,.0f} MB"
        told = [line.split(";")[0] for line in added.told.splitlines() if "are open" in line or "of them share" in line]
        said = "; ".join([f"{added.told.count('grade ')} links", *told])
        console.print(f"{what}, {kind}: {figures}; {said}", soft_wrap=True, highlight=False)


@app.command()
def names(pairs: Annotated[Path, typer.Argument(help="CSV: schema, name1, name2, is_match.")]) -> None:
    """How well firms' names are told apart, on pairs that people judged; persons are left out."""
    with pairs.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["schema"] in {"Company", "Organization", "LegalEntity"}]
    said = [(similarity(row["name1"], row["name2"]) >= SAME, row["is_match"] == "true") for row in rows]
    taken, right = sum(same for same, _ in said), sum(same and match for same, match in said)
    matches = sum(match for _, match in said)
    console.print(f"{len(said)} pairs, {matches} of one firm: precision {right}/{taken}, recall {right}/{matches}")


@app.command()
def worth(
    orders: Annotated[int, typer.Option(help="Orders of each world.")] = 80_000,
    seeds: Annotated[int, typer.Option(min=1, help="How many worlds: seeds from 1 on.")] = 5,
) -> None:
    """Average precision on the truth of models that learned from the truth, from checks, and from evidence too."""
    made = evidence_worth.worlds(home() / "bench" / "evidence-worth", orders, range(1, seeds + 1))
    heading = ("learned from", "average precision", "by world", "more than checks", "more than notices", "of truth's")
    for row in (heading, ("---",) * len(heading), *evidence_worth.rows(made)):
        console.print("| " + " | ".join(row) + " |", soft_wrap=True, highlight=False)
    for name in made[0].counts:
        console.print(f"{name}: {', '.join(f'{each.counts[name]:,}' for each in made)}", soft_wrap=True)


def invented(book: Book, count: int) -> list[Notice]:
    """Notices of real lines, half of which name their supplier, some with another quantity."""
    chance = np.random.default_rng(3)
    picked = np.sort(chance.integers(0, len(book.lines), count))
    few = book.lines.take(picked).select(["t", "reseller_id", "sku", "quantity_milli", "value"]).to_pylist()
    category = {entry.event.sku: entry.event.category for entry in book.products}
    made = []
    for number, row in enumerate(few):
        named, same = chance.random() < 0.5, chance.random() < 0.8
        awarded = row["t"] + int(chance.integers(5, 150)) * DAY
        quantity = Quantity(row["quantity_milli"] if same else 1000 * int(chance.integers(1, 20)), "each")
        line = AwardLine(
            "1", row["reseller_id"] if named else f"other {number}", None if named else f"Trader number {number}",
            category=category[row["sku"]], quantity=quantity, value=int(row["value"] * chance.uniform(1.0, 3.0)),
        )  # fmt: skip
        made.append(Notice(f"n{number}", f"{number:064x}", awarded + 14 * DAY, (line,), happened_at=awarded))
    return made


if __name__ == "__main__":
    app()
