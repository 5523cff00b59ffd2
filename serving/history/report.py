"""A page about a scored past: one HTML file with its pictures inside, which opens without a network.

Colours are Okabe and Ito's, which people with any kind of colour vision can tell apart (https://jfly.uni-koeln.de/color/).
"""

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.card import MEANING
from serving.history.summary import Summary

COLOURS = {"proceed": "#0072B2", "review": "#E69F00", "hold": "#D55E00"}
_GREY = "#999999"

_ASKED = {
    "as-it-was": "Every order was scored as of its own moment: with what was known then, and the rules of then.",
    "as-known-today": "Every order was scored with its own windows, but with all that was found since, each finding as "
    "if it had been known when its order was placed, and with today's rules. The model never learned from such "
    "knowledge: the score only ranks, it is no probability.",
}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}img{{max-width:100%}}
table{{border-collapse:collapse}}td,th{{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}}
td:first-child,th:first-child{{text-align:left}}</style></head>
<body><h1>{title}</h1>{parts}</body></html>
"""


def write_report(summary: Summary, out: Path) -> Path:
    """Write the page of a summary."""
    title = f"{summary.orders:,} orders scored, {summary.question.replace('-', ' ')}"
    parts = [
        f"<p>{escape(_ASKED[summary.question])}</p><p>{escape(_about(summary))}</p>",
        "<h2>What would happen to them</h2>" + _actions(summary),
        _picture("Orders by month", _months(summary)) if summary.by_month else "",
        _picture("Scores of lines", _scores(summary)) if summary.lines else "",
        "<h2>Which resellers to look at first</h2>" + _resellers(summary),
        _picture("Value at risk", _risks(summary)) if summary.resellers else "",
        "<h2>Categories</h2><p>Lines by their own action.</p>" + _categories(summary),
        f"<p>Model {escape(summary.model)}. A score ranks work for people; only a dated rule holds an order, and that "
        "too goes to a person.</p>",
    ]
    out.write_text(_PAGE.format(title=escape(title), parts="\n".join(parts)), encoding="utf-8")
    return out


def _about(summary: Summary) -> str:
    told = f"{summary.lines:,} lines; {summary.value:,.0f} {summary.currency} in all"
    told += f" ({summary.without_value:,} lines without a value). " if summary.without_value else ". "
    if summary.rejected_orders:
        told += f"{summary.rejected_orders:,} orders were not scored, see the file of rejects. "
    if summary.question == "as-it-was":
        told += f"The probability of a line is {MEANING}. "
    return told + f"An order waits for its score from {summary.threshold:.4g} on."


def _actions(summary: Summary) -> str:
    shipped = sum(summary.shipped.values()) > 0
    rows = [
        [name, f"{summary.actions.get(name, 0):,}", *([f"{summary.shipped.get(name, 0):,}"] if shipped else [])]
        for name in COLOURS
    ]
    return _table(["", "orders", *(["of them shipped"] if shipped else [])], rows)


def _resellers(summary: Summary) -> str:
    weight = "probability" if summary.question == "as-it-was" else "score"
    about = (
        f"<p>At risk: the sum over a reseller's lines of {weight} times value, in {escape(summary.currency)}; of the "
    )
    about += f"whole past {summary.value_at_risk:,.0f}. The probability was learned from orders that somebody looked "
    about += "into, which are no fair sample of the others: the sum ranks resellers and is no forecast of a loss.</p>"
    heading = ["reseller", "orders", "would wait", f"highest {weight}", "value", "at risk"]
    return about + _table(
        heading,
        [
            [each.reseller_id, f"{each.orders:,}", f"{each.stopped:,}", f"{each.highest:.3f}", f"{each.value:,.0f}",
             f"{each.at_risk:,.0f}"]
            for each in summary.resellers
        ],
    )  # fmt: skip


def _categories(summary: Summary) -> str:
    rows = [
        [name or "(none)", *(f"{counts.get(each, 0):,}" for each in COLOURS)] for name, counts in summary.by_category
    ]
    return _table(["", *COLOURS], rows)


def _table(heading: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _months(summary: Summary) -> Figure:
    figure, axes = _figure()
    places, floor = np.arange(len(summary.by_month)), np.zeros(len(summary.by_month))
    for name, colour in COLOURS.items():
        counts = np.array([counted.get(name, 0) for _, counted in summary.by_month], float)
        axes.bar(places, counts, bottom=floor, color=colour, label=name, width=0.9)
        floor += counts
    step = max(1, len(places) // 12)
    axes.set_xticks(places[::step], [month for month, _ in summary.by_month[::step]], rotation=45)
    axes.set_ylabel("orders")
    axes.legend(frameon=False)
    return figure


def _scores(summary: Summary) -> Figure:
    figure, axes = _figure()
    edges = np.linspace(0.0, 1.0, len(summary.scores) + 1)
    axes.bar(edges[:-1], summary.scores, width=edges[1], align="edge", color=_GREY)
    axes.axvline(min(1.0, summary.threshold), color=COLOURS["review"], label="threshold")
    axes.set_yscale("symlog")
    axes.set_xlabel("probability" if summary.question == "as-it-was" else "score, which only ranks")
    axes.set_ylabel("lines")
    axes.legend(frameon=False)
    return figure


def _risks(summary: Summary) -> Figure:
    figure, axes = _figure(1.2 + 0.25 * len(summary.resellers))
    names = [each.reseller_id[:40].replace("$", r"\$") for each in summary.resellers[::-1]]
    axes.barh(names, [each.at_risk for each in summary.resellers[::-1]], color=COLOURS["hold"])
    axes.set_xlabel(f"at risk, {summary.currency}")
    return figure


def _figure(height: float = 3.6) -> tuple[Figure, Any]:
    figure = Figure(figsize=(9.0, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _picture(title: str, figure: Figure) -> str:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110, metadata={"Software": None})
    image = base64.b64encode(data.getvalue()).decode()
    return f'<h2>{title}</h2><img alt="{title}" src="data:image/png;base64,{image}">'
