"""Pictures of a model: what a review finds, calibration, scores, slices, and what the trees rely on.

As PNG for MLflow, and with hints to the pointer for pages (`training.hints`).

Colours are Okabe and Ito's, which people with any kind of colour vision can tell apart (https://jfly.uni-koeln.de/color/).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from training.curves import Bar, Bin, Reviewed
from training.hints import hint
from training.intervals import Interval
from training.metrics import Ranking

Floats = NDArray[np.float64]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000", "#999999")
_GREY = "#777777"
_DPI = 150


def precision_recall(label: Floats, scores: Mapping[str, Floats]) -> Figure:
    """Precision against recall of each candidate's `scores` (n_rows,) on `label` (n_rows,); the first is thick."""
    figure, axes = _figure("Precision and recall", "recall: share of diverted lines found", "precision")
    for index, (name, score) in enumerate(scores.items()):
        diverted, cleared = Ranking.of(score, label).counts(np.ones((1, len(label))))
        recall, precision = diverted[0] / diverted[0, -1], diverted[0] / (diverted[0] + cleared[0])
        axes.step(recall, precision, where="post", label=name, **_line(index))
    share = float(label.mean())
    axes.axhline(share, color=_GREY, linestyle=":", linewidth=1, label=f"at random ({share:.1%})")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    _finish(axes, "center left")
    return figure


def gain(label: Floats, scores: Mapping[str, Floats], review_share: float) -> Figure:
    """Share of diverted lines found against the share of lines reviewed, worst score first."""
    figure, axes = _figure("Gain", "share of lines reviewed", "share of diverted lines found")
    for index, (name, score) in enumerate(scores.items()):
        diverted, cleared = Ranking.of(score, label).counts(np.ones((1, len(label))))
        reviewed = np.append(0.0, (diverted[0] + cleared[0]) / len(label))
        axes.plot(reviewed, np.append(0.0, diverted[0] / diverted[0, -1]), label=name, **_line(index))
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", linewidth=1, label="at random")
    axes.axvline(review_share, color=_GREY, linewidth=1, label=f"review capacity ({review_share:.1%})")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    _finish(axes, "lower right")
    return figure


def capacity(reviewed: Sequence[Reviewed], review_share: float) -> Figure:
    """Precision, recall and recall of value against the share of the orders that is reviewed, with 95 % intervals."""
    figure, axes = _figure("What a review finds", "share of the orders reviewed", "share")
    shares = [each.share for each in reviewed]
    for index, (name, words) in enumerate(_FOUND.items()):
        found: list[Interval] = [getattr(each, name) for each in reviewed]
        axes.fill_between(
            shares, [each.low for each in found], [each.high for each in found], color=_COLOURS[index], alpha=0.15,
            linewidth=0,
        )  # fmt: skip
        axes.plot(shares, [each.value for each in found], label=words, **_line(index))
        for step, (each, interval) in enumerate(zip(reviewed, found, strict=True)):
            (dot,) = axes.plot([each.share], [interval.value], "o", color=_COLOURS[index], markersize=5, zorder=4)
            hint(dot, f"{words} {interval}, reviewing {each.share:.1%}: scores from {each.threshold:.4g} on", step)
    axes.axvline(review_share, color=_GREY, linewidth=1, label=f"review capacity ({review_share:.1%})")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    axes.set(ylim=(0, 1.02))
    _finish(axes, "best")
    return figure


_FOUND = {"precision": "precision", "recall": "recall", "value_recall": "recall of value"}


def calibration(bins: Sequence[Bin]) -> Figure:
    """Observed share of diverted lines against the stated probability, with intervals (see `curves.reliability`)."""
    figure, axes = _figure("Calibration", "stated probability", "observed share diverted")
    limit = min(1.0, 1.1 * max(max(each.stated, each.observed.high) for each in bins))
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", linewidth=1, label="stated = observed")
    for each in bins:
        told = f"stated {each.stated:.4f}, observed {each.observed}, {each.lines:,} lines"
        _whisker(axes, (each.stated, each.stated), (each.observed.low, each.observed.high), told)
        (dot,) = axes.plot([each.stated], [each.observed.value], "o", color=_COLOURS[0], zorder=3)
        hint(dot, told)
    axes.set(xlim=(-0.02 * limit, 1.02 * limit), ylim=(-0.02 * limit, 1.02 * limit))
    _finish(axes, "upper left")
    return figure


def scores(bars: Sequence[Bar]) -> Figure:
    """How many diverted and cleared lines have which score."""
    figure, axes = _figure("Scores", "score", "judged lines")
    low, half = np.array([each.low for each in bars]), np.array([(each.high - each.low) / 2 for each in bars])
    for shift, (name, colour) in enumerate((("cleared", _COLOURS[5]), ("diverted", _COLOURS[1]))):
        counts = [getattr(each, name) for each in bars]
        drawn = axes.bar(low + shift * half, counts, half, align="edge", color=colour, label=name)
        for mark, each, count in zip(drawn, bars, counts, strict=True):
            hint(mark, f"{count:,} {name} lines with scores from {each.low:.4f} to {each.high:.4f}")
    axes.set_yscale("symlog")
    axes.set_ylim(bottom=0)
    _finish(axes, "upper right", grid_axis="y")
    return figure


def intervals(title: str, label: str, rows: Sequence[tuple[str, Interval]], at: float | None = None) -> Figure:
    """Measures of a kind with their intervals, one below the other; `at` draws a line to hold them against.

    What is not estimable has no row.
    """
    rows = [(name, interval) for name, interval in rows if np.isfinite(interval.value)]
    figure = Figure(figsize=(8.0, 1.2 + 0.28 * max(len(rows), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold")
    for place, (name, interval) in enumerate(reversed(rows)):
        _whisker(axes, (interval.low, interval.high), (place, place), f"{name}: {interval}")
        (dot,) = axes.plot([interval.value], [place], "o", color=_COLOURS[0], zorder=3)
        hint(dot, f"{name}: {interval}")
    names = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..." for name, _ in reversed(rows)]
    axes.set_yticks(range(len(rows)), names, fontsize=9, parse_math=False)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel(label)
    if at is not None:
        axes.axvline(at, color=_GREY, linestyle=":", linewidth=1)
    _finish(axes, "best", grid_axis="x")
    return figure


_LONGEST = 50  # characters of a name beside a plot


def _whisker(axes: Any, x: tuple[float, float], y: tuple[float, float], told: str) -> None:
    (drawn,) = axes.plot(x, y, color=_COLOURS[0], linewidth=1.5)
    hint(drawn, told)


def importance(names: Sequence[str], families: Sequence[str], gains: Floats, top: int = 20) -> Figure:
    """The features that the trees rely on most: share of the total gain (n_features,), coloured by family."""
    used = np.argsort(-gains, kind="stable")[:top]
    used = used[gains[used] > 0][::-1]
    figure = Figure(figsize=(8.0, 1.2 + 0.28 * max(len(used), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title("What the trees rely on", loc="left", fontsize=12, fontweight="bold")
    colour = {family: _COLOURS[i % len(_COLOURS)] for i, family in enumerate(sorted({families[j] for j in used}))}
    total = float(gains.sum()) or 1.0
    shown: set[str] = set()
    for place, index in enumerate(used):
        family = families[index]
        label = family if family not in shown else None
        drawn = axes.barh(place, gains[index] / total, color=colour[family], label=label)
        hint(drawn[0], f"{names[index]} ({family}): {gains[index] / total:.1%} of the gain")
        shown.add(family)
    axes.set_yticks(range(len(used)), [names[index] for index in used], fontsize=9)
    axes.set_xlabel("share of the total gain")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.margins(y=0.02)
    _finish(axes, "lower right", grid_axis="x")
    return figure


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG at 150 dots an inch."""
    figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    return path


def _line(index: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[index % len(_COLOURS)],
        "linewidth": 2.2 if index == 0 else 1.3,
        "zorder": 3 if index == 0 else 2,
    }


def _figure(title: str, x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold")
    axes.set(xlabel=x, ylabel=y)
    return figure, axes


def _finish(axes: Any, place: str, grid_axis: str = "both") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=grid_axis, color="#e5e5e5", linewidth=0.8)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc=place, frameon=False, fontsize=9)
