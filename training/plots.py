"""Four pictures of a model: precision against recall, calibration, gain, and what the trees rely on.

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

from training.metrics import Ranking

Floats = NDArray[np.float64]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000", "#999999")
_GREY = "#777777"
_DPI = 150
_Z = 1.959964  # the 97.5 % quantile of the normal distribution


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


def calibration(label: Floats, probability: Floats, bins: int = 10) -> Figure:
    """Observed share of diverted lines against the stated probability, in bins that expect equally many of them.

    Bars are Wilson's 95 % intervals (Wilson 1927); below, how many lines were given which probability.
    """
    figure = Figure(figsize=(6.4, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes, below = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    axes.set_title("Calibration", loc="left", fontsize=12, fontweight="bold")
    axes.set_ylabel("observed share diverted")
    stated, observed, low, high = _reliability(label, probability, bins)
    limit = min(1.0, 1.1 * max(float(stated.max()), float(high.max())))
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":", linewidth=1, label="stated = observed")
    bars = np.vstack([observed - low, high - observed])
    axes.errorbar(stated, observed, yerr=bars, fmt="o", color=_COLOURS[0], capsize=3, label="lines, 95 % interval")
    axes.set(xlim=(-0.02 * limit, 1.02 * limit), ylim=(-0.02 * limit, 1.02 * limit))
    _finish(axes, "upper left")
    below.hist(np.clip(probability, 0.0, limit), bins=40, range=(0, limit), color=_COLOURS[0])
    below.set_yscale("log")
    beyond = " (last bar: and above)" if limit < 1.0 else ""
    below.set(xlabel=f"stated probability{beyond}", ylabel="lines")
    below.spines[["top", "right"]].set_visible(False)
    return figure


def _reliability(label: Floats, probability: Floats, bins: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean stated probability, observed share, and the bounds of its interval, by bin that holds lines."""
    ordered = np.sort(probability)
    # Bins of equal size would put nearly all that matters into the last one: most lines have a tiny probability.
    cuts = np.searchsorted(np.cumsum(ordered), np.linspace(0.0, ordered.sum(), bins + 1)[1:-1])
    edges = np.unique(ordered[np.minimum(cuts, len(ordered) - 1)])
    _, which = np.unique(np.searchsorted(edges, probability, side="left"), return_inverse=True)
    lines = np.bincount(which).astype(np.float64)
    stated = np.bincount(which, probability) / lines
    observed = np.bincount(which, label) / lines
    centre = (observed + _Z**2 / (2 * lines)) / (1 + _Z**2 / lines)
    reach = _Z / (1 + _Z**2 / lines) * np.sqrt(observed * (1 - observed) / lines + _Z**2 / (4 * lines**2))
    return stated, observed, np.minimum(centre - reach, observed), np.maximum(centre + reach, observed)


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
        axes.barh(place, gains[index] / total, color=colour[family], label=label)
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
