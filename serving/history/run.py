"""The long run: sales in, scores out, in a folder of work that survives whatever stops it.

1. The sales are read through the mapping into lines on disk (`taking`), and settled against the record (`settling`).
2. The lines get their vectors (`features.stream`), those of the record where they stand there, the others behind it.
3. Each chunk is scored into a file of its own (`scored`); at the end they are put together and counted (`summary`).

Started again with the same question, the run goes on after the last step that is whole on disk; the record is read as
it stood when the run began. The scores appear when all of them are there, and the work is then removed.
"""

import gc
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.exchange import Exchange
from features.facts.book import Book
from features.mapping import Mapping, Rejected, Rejects
from features.measures import Refused
from features.record import Record
from features.stream.ahead import ahead
from features.stream.checkpoint import discard, numbered, whole, write_json
from features.stream.vectors import CHUNK_LINES, Vectors, Work, processors
from features.trade import Rate, Status
from features.windows.steps import Progress
from models.model import Model
from serving.history.kept import keep, rows_of
from serving.history.pace import Pace
from serving.history.question import Question, known_for
from serving.history.scored import PART, Asked, WithReasons, scored
from serving.history.settling import Settled, settle
from serving.history.summary import Summary, summarised
from serving.history.taking import fits, take
from serving.history.unpacking import queried, unpacked
from serving.rows import Sheet

Ints = NDArray[np.int64]
LAYOUT = 2
"""Raised whenever the work of a run is laid out in another way: what an older version left is not gone on from."""
Scorer = Callable[["Part", Progress | None], None]
"""Computes and scores a part, a file a chunk."""


@dataclass(frozen=True)
class Sales:
    """Where the sales are: files and folders, or a query against a database; and what their columns mean.

    Without a mapping they are Parquet files with the columns of `Record.lines`; their positions only tell orders apart.
    """

    mapping: Path | None
    data: tuple[Path, ...] = ()
    sql: str | None = None
    database: str | None = None


@dataclass(frozen=True)
class Options:
    """How a past is scored; `memory_mb` beyond the libraries and the record itself, `chunk_lines` at a time.

    `draw_key` is the secret of random audits; without it none are drawn.
    """

    question: Question = "as-it-was"
    reasons: WithReasons = "waiting"
    memory_mb: int = 800
    chunk_lines: int = CHUNK_LINES
    draw_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Wanted:
    """Positions that are scored: those listed, or all behind one."""

    listed: Ints | None = None
    behind: int = 0

    def among(self, position: Ints) -> NDArray[np.bool_]:
        """A mask of the shape of `position`."""
        mask: NDArray[np.bool_] = position > self.behind if self.listed is None else np.isin(position, self.listed)
        return mask


@dataclass(frozen=True)
class Part:
    """Lines that are scored in one go over a history: which files and book, and at which positions.

    `shift` is added to the positions of the files.
    """

    name: str
    files: tuple[Path, ...]
    book: Book
    asked: Asked
    options: Options
    wanted: Wanted
    folder: Path
    shift: int = 0


def score_history(
    record: Record,
    model: Model,
    sales: Sales,
    out: Path,
    options: Options,
    *,
    now: int,
    progress: Progress | None = None,
    scorer: "Scorer | None" = None,
) -> Summary:
    """Score all sales into `out` (.csv or .parquet), with what was rejected in ``OUT.rejects.csv`` beside it.

    Lines stand in the order of time, those that the record holds first; `serving.rows.SCHEMA` has the columns.
    `scorer` computes the chunks of a part into its folder, this process by default. Raises `Refused` before the long
    run where the data does not fit, and for another suffix.
    """
    sheet = Sheet(out)
    folder = work_folder(out)
    begun = _begun(folder, _inputs(model, sales, options), record, now)
    position, now = int(begun["position"]), int(begun["now"])
    book = known_for(options.question, Book.of(record, position), now)
    settled = _settled(record, model, sales, book, folder, options, now, progress)
    if isinstance(progress, Pace):
        progress.lines = settled.lines + settled.recorded.size
    asked = Asked(
        model, options.question, now, options.reasons, out.suffix == ".csv", _categories(book), options.draw_key
    )
    gc.freeze()  # what stands here by now stays; the collector would go through it again and again
    try:
        for part in _parts(settled, book, asked, options, folder):
            (scorer or score_part)(part, progress)
    finally:
        gc.unfreeze()
    parts = _scored_files(folder)
    count = partial(
        summarised,
        parts,
        asked,
        shipped=_shipped(book),
        currency=book.currency,
        rejected_orders=len(settled.rejected),
        memory_mb=options.memory_mb // 2,
        spill=folder / "spill",
    )
    with sheet, ThreadPoolExecutor(1) as beside:
        counting = beside.submit(count)
        for number, path in enumerate(parts):
            for table in ahead(rows_of(path)):
                sheet.write(table)
            if progress:
                progress("writing", (number + 1) / len(parts))
        summary = counting.result()
    _rejects(folder, out, settled.rejected)
    discard(folder)
    return summary


def work_folder(out: Path) -> Path:
    """Where a run keeps its work until the scores are whole."""
    return out.with_name(f"{out.name}.work")


def rejects_path(out: Path) -> Path:
    """Where the rejected rows of a run go."""
    return out.with_name(f"{out.stem}.rejects.csv")


def score_part(part: Part, progress: Progress | None = None) -> None:
    """Compute and score a part in this process, a file a chunk; what is there already is left."""
    if (part.folder / "done").exists():
        return
    options = part.options
    features = part.asked.model.features
    work = Work(part.files, part.book, features, options.memory_mb, options.chunk_lines, shift=part.shift)
    vectors = Vectors(work, part.folder, progress)
    missing = [number for number in range(vectors.chunks) if not scores_path(part, number).exists()]

    def one(number: int) -> None:
        lines, values = vectors.chunk(number)
        keep(scores_path(part, number), [score_lines(part, lines, values)])

    with ThreadPoolExecutor(processors()) as pool:
        for done, _ in enumerate(pool.map(one, missing), start=vectors.chunks - len(missing) + 1):
            if progress:
                progress("scoring", done / vectors.chunks)
    (part.folder / "done").touch()


def scores_path(part: Part, number: int) -> Path:
    """The file of a chunk's scores."""
    return part.folder.with_name(f"scores-{part.name}-{number}.arrow")


def score_lines(part: Part, lines: pa.Table, values: NDArray[np.float64]) -> pa.Table:
    """The scores of those lines of a chunk that are asked for, with the columns of `PART`."""
    mask = part.wanted.among(lines["position"].to_numpy())
    if mask.all():
        return scored(part.asked, lines, values)
    return scored(part.asked, lines.filter(pa.array(mask)), values[mask]) if mask.any() else PART.empty_table()


def _inputs(model: Model, sales: Sales, options: Options) -> dict[str, Any]:
    """What the result depends on, beside the record."""
    files = [file for given in sales.data for file in ([given] if given.is_file() else sorted(given.rglob("*")))]
    return {
        "model": model.fingerprint,
        "mapping": hashlib.sha256(sales.mapping.read_bytes()).hexdigest() if sales.mapping else None,
        "files": [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files],
        "query": [sales.sql, hashlib.sha256((sales.database or "").encode()).hexdigest()],
        "options": [options.question, options.reasons, options.memory_mb, options.chunk_lines],
        "layout": LAYOUT,
        "draw": hashlib.sha256(options.draw_key).hexdigest()[:8] if options.draw_key else None,
    }


def _begun(folder: Path, inputs: dict[str, Any], record: Record, now: int) -> dict[str, Any]:
    """Go on where the same run stopped, else begin anew; the record counts as it stood at the beginning."""
    path = folder / "run.json"
    if path.exists():
        held: dict[str, Any] = json.loads(path.read_text())
        if held["inputs"] == json.loads(json.dumps(inputs)):
            return held
    discard(folder)
    folder.mkdir(parents=True)
    begun = {"inputs": inputs, "position": record.position(), "now": now}
    write_json(path, begun)
    return begun


def _settled(
    record: Record,
    model: Model,
    sales: Sales,
    book: Book,
    folder: Path,
    options: Options,
    now: int,
    progress: Progress | None,
) -> Settled:
    taken, memory_mb = folder / "taken.parquet", options.memory_mb // 2
    data: Sequence[Path] = () if taken.exists() else unpacked(sales.data, folder / "unpacked")
    if sales.mapping is None:
        if not data:
            raise Refused("data", None, "holds no file", "name Parquet files, or give --mapping")
        return settle(data, book.lines, folder, memory_mb, shift=book.position)
    if not taken.exists():
        if sales.sql is not None and sales.database is not None:
            data = [*data, queried(sales.database, sales.sql, folder / "unpacked")]
        mapping = Mapping.load(sales.mapping)
        rates = [entry.event for entry in record.entries((Rate,), book.position)]
        fits(mapping, data, Exchange(record.currency, rates), now, model)
        with Rejects(folder / "rejects.csv") as rejects:
            events = mapping.read(data, exchange=Exchange(record.currency, rates), now=now)
            take(events, taken, rejects, book.position, _told(progress))
    return settle([taken], book.lines, folder, memory_mb)


def _told(progress: Progress | None) -> Callable[[int], None] | None:
    if progress is None:
        return None
    return lambda orders: progress(f"reading, {orders:,} orders", 0.0)


def _parts(settled: Settled, book: Book, asked: Asked, options: Options, folder: Path) -> Iterator[Part]:
    """What the record holds is scored where it stands there, and has not seen what is new."""
    if settled.recorded.size:
        yield Part("0", (), book, asked, options, Wanted(settled.recorded), folder / "recorded")
    if settled.lines:
        behind = Wanted(behind=book.position)
        yield Part("1", settled.new, book, asked, options, behind, folder / "new", settled.shift)


def _scored_files(folder: Path) -> list[Path]:
    return [path for part in ("0", "1") for _, path in numbered(folder, f"scores-{part}")]


def _categories(book: Book) -> dict[str, str]:
    """The last known category of each product."""
    return {entry.event.sku: entry.event.category for entry in book.products if entry.event.category}


def _shipped(book: Book) -> list[str]:
    return sorted({entry.event.order_id for entry in book.statuses if entry.event.status is Status.SHIPPED})


def _rejects(folder: Path, out: Path, more: Sequence[Rejected]) -> None:
    """The rejected rows, then the orders that contradict the record or each other, beside the scores."""
    path = rejects_path(out)
    path.unlink(missing_ok=True)
    held = folder / "rejects.csv"
    if not held.exists() and not more:
        return
    with Rejects(folder / "unplaced.csv") as rejects:
        for each in more:
            rejects.add(each)
    texts = [file.read_text(encoding="utf-8") for file in (held, folder / "unplaced.csv") if file.exists()]
    heading, _, first = texts[0].partition("\n")
    with whole(path) as part:
        part.write_text(heading + "\n" + first + "".join(text.partition("\n")[2] for text in texts[1:]), "utf-8")
