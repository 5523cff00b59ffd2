"""The table of a benchmark run, in Markdown."""

from collections.abc import Sequence

from training.benchmark.run import RESELLERS, REVIEWED, REVIEWED_RESELLERS, Row
from training.simulator.scenario import NAME, VERSION


def render(rows: Sequence[Row]) -> str:
    """The rows under a heading for each task."""
    parts = [f"Benchmark {NAME}, version {VERSION}. Intervals: 95 %, by reseller."]
    for name in dict.fromkeys(row.task for row in rows):
        own = [row for row in rows if row.task == name]
        parts += [*_head(name, own[0]), *map(_line, own)]
    return "\n".join(parts)


def _head(name: str, first: Row) -> list[str]:
    unit, share = ("resellers", REVIEWED_RESELLERS) if name == RESELLERS else ("lines", REVIEWED)
    return [
        f"\n## {name}\n",
        f"{first.lines:,} {unit}, {first.diverted:,} diverted in truth; {first.judged:,} judged by findings, "
        f"{first.found:,} of them diverted.\n",
        f"| entry | AP on truth | AUC on truth | recall at {share:.0%} on truth | AP on findings |",
        "| --- | --- | --- | --- | --- |",
    ]


def _line(row: Row) -> str:
    return f"| {row.entry} | {row.ap} | {row.auc} | {row.recall} | {row.found_ap} |"
