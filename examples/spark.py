"""Score a past on Spark: Spark reads, shuffles, sorts and writes; features and scores are ours, bit for bit.

Run ``python examples/spark.py LINES.parquet --home var --out scores.parquet`` (``pip install pyspark``, and Java 17),
or give `scorer_on` a session of your own. The files hold the columns of `Record.lines`, as `diversion score` takes them
without a mapping; the folder of `--out` must be one that all workers reach.

A block is some neighbouring positions, so that no order spans two. The events of its lines go to the part of each
view's entities that they belong to, are computed there, and the values come back to the block, which is scored. A
worker holds a block, or a part of one view's entities, at a time. What is broadcast is small: the model, resellers,
products, findings.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import from_arrow_schema

from features.facts.book import Book
from features.facts.lines import SCHEMA
from features.partition import assembled, dealt, event_columns, line_events, rare_events, single, split
from features.record import Record
from features.translation import ids_spoken_of
from features.windows.feature_set import FeatureSet
from features.windows.plan import compile_plan
from features.windows.steps import Progress
from serving.history.kept import keep
from serving.history.run import Options, Part, Sales, Scorer, score_history, score_lines, scores_path
from serving.history.scored import PART
from training.champion import champion_model

VALUES = pa.schema(
    [("view", pa.int64()), ("position", pa.int64()), ("line_no", pa.int64()), ("values", pa.list_(pa.float64()))]
)
"""What a view made of a line."""
PLACE = ("t", "position", "line_no")
SORTED = tuple(f"at_{name}" for name in PLACE)
PLACED = pa.schema([*((name, pa.int64()) for name in SORTED), *PART])
"""Scores, and what they are sorted by."""


def scorer_on(session: SparkSession, positions: int = 200_000, parts: int = 8) -> Scorer:
    """What scores a part on Spark, for `score_history`: `positions` a block, `parts` of each view's entities."""

    def score(part: Part, _: Progress | None = None) -> None:
        if not (part.folder / "done").exists():
            written = part.folder.resolve() / "spark"
            scores, events = _scores(session, part, positions, parts)
            scores.write.mode("overwrite").parquet(str(written))
            events.unpersist()
            for number, file in enumerate(sorted(written.glob("*.parquet"))):
                with pq.ParquetFile(file) as read:
                    batches = read.iter_batches(columns=PART.names)
                    keep(scores_path(part, number), (pa.Table.from_batches([batch]) for batch in batches))
            (part.folder / "done").touch()

    return score


def _scores(session: SparkSession, part: Part, positions: int, parts: int) -> tuple[DataFrame, DataFrame]:
    """The scores of a part in the order of time, with the columns of `PART`; and the events, which are kept for it."""
    features, others = part.asked.model.features, replace(part.book, lines=SCHEMA.empty_table())
    lines = _lines(session, part).withColumn("block", sql.expr(f"position div {positions}"))
    rare, first = rare_events([_spoken_of(session, lines, others)], features, others)

    def events_of(block: pa.Table) -> pa.Table:
        return _plain(line_events(_in_order(block), features, others, first))

    schema = from_arrow_schema(events_of(SCHEMA.empty_table()).schema)
    events = lines.groupBy("block").applyInArrow(events_of, schema).persist()
    views, horizon = single(features), compile_plan(features).horizon
    computed = [_of_view(events, number, view, _plain(rare), horizon, parts) for number, view in enumerate(views)]
    values = reduce(DataFrame.unionByName, computed).withColumn("block", sql.expr(f"position div {positions}"))
    small = replace(part, book=others)

    def scored(block: pa.Table, values: pa.Table) -> pa.Table:
        block = _in_order(block)
        made = assembled(block, features, others, _by_view(values, views))
        return _with_place(small, block, np.column_stack([made[name].to_numpy() for name in features.names]))

    pairs = lines.groupBy("block").cogroup(values.groupBy("block"))
    return pairs.applyInArrow(scored, from_arrow_schema(PLACED)).orderBy(*SORTED).drop(*SORTED), events


def _lines(session: SparkSession, part: Part) -> DataFrame:
    """The lines that the record holds, and those of the files."""
    held = session.createDataFrame(part.book.lines.cast(SCHEMA), from_arrow_schema(SCHEMA))
    return reduce(
        DataFrame.unionByName,
        (
            session.read.parquet(str(file.resolve()))
            .select(SCHEMA.names)
            .withColumn("position", sql.col("position") + sql.lit(part.shift))
            for file in part.files
        ),
        held,
    )


def _spoken_of(session: SparkSession, lines: DataFrame, others: Book) -> pa.Table:
    """The lines that something else speaks of: a finding, a cancellation, a later revision of their order."""
    named = session.createDataFrame([(each,) for each in sorted(ids_spoken_of(others))], "order_id string")
    again = lines.where("revision > 1").select("order_id")
    found = lines.join(named.union(again).distinct(), "order_id", "left_semi").select(SCHEMA.names)
    return pa.table(found.toArrow().cast(SCHEMA))


def _of_view(events: DataFrame, number: int, view: FeatureSet, rare: pa.Table, horizon: int, parts: int) -> DataFrame:
    """What one view makes of every line that names an entity of its kind: `VALUES`."""
    key, names = view.views[0].key, event_columns(view)
    rare_parts = split(rare.select(names), key, parts)

    def dealt_out(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for part, piece in enumerate(split(pa.Table.from_batches([batch]), key, parts)):
                yield from piece.append_column("part", pa.array(np.full(piece.num_rows, part))).to_batches()

    def compute(piece: pa.Table) -> pa.Table:
        part = piece["part"][0].as_py()
        found = dealt([piece.drop_columns("part")], rare_parts[part], view, horizon)[0]
        matrix = np.column_stack([found[name].to_numpy() for name in view.names])
        ends = np.arange(len(matrix) + 1, dtype=np.int32) * matrix.shape[1]
        values = pa.ListArray.from_arrays(ends, matrix.ravel())
        which = np.full(len(matrix), number)
        return pa.table([which, found["position"], found["line_no"], values], schema=VALUES)

    chosen = events.select(names)
    parted = chosen.mapInArrow(dealt_out, chosen.withColumn("part", sql.lit(0).cast("long")).schema)
    return parted.groupBy("part").applyInArrow(compute, from_arrow_schema(VALUES))


def _by_view(values: pa.Table, views: list[FeatureSet]) -> Iterator[pa.Table]:
    """The values of a block, as `features.partition.partition` gives those of each view."""
    which = values["view"].to_numpy()
    for number, view in enumerate(views):
        found = values.filter(pa.array(which == number))
        matrix = found["values"].combine_chunks().flatten().to_numpy().reshape(-1, len(view.names))
        columns = dict(zip(view.names, matrix.T, strict=True))
        yield pa.table({"position": found["position"], "line_no": found["line_no"]} | columns)


def _with_place(part: Part, block: pa.Table, matrix: np.ndarray) -> pa.Table:
    """The scores of a block, with what they are sorted by."""
    scores = score_lines(part, block, matrix)
    wanted = block.filter(pa.array(part.wanted.among(block["position"].to_numpy())))
    return pa.table([*(wanted[name] for name in PLACE), *scores.columns], schema=PLACED)


def _in_order(block: pa.Table) -> pa.Table:
    return block.select(SCHEMA.names).cast(SCHEMA).sort_by([(name, "ascending") for name in PLACE])


def _plain(events: pa.Table) -> pa.Table:
    """Spark knows no dictionaries."""
    texts = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in events.schema]
    return events.cast(pa.schema(list(zip(events.column_names, texts, strict=True))))


def main() -> None:
    """Score files with the champion of a home."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--master", default="local[2]")
    options = parser.parse_args()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(options.master).appName("diversion")
    session = builder.config("spark.sql.shuffle.partitions", "8").getOrCreate()  # else 200, for each view
    with Record.open(f"sqlite:///{options.home / 'record.db'}") as record:
        model = champion_model(record, options.home)
        if model is None:
            raise SystemExit("no champion: diversion train and diversion promote make one")
        sales, now = Sales(None, tuple(options.lines)), time.time_ns() // 1000
        print(score_history(record, model, sales, options.out, Options(), now=now, scorer=scorer_on(session)))


if __name__ == "__main__":
    main()
