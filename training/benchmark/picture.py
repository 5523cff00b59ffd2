"""A page of plots of a simulated world: one HTML file with its pictures inside.

Colours are Okabe and Ito's, which people with any kind of colour vision can tell apart (https://jfly.uni-koeln.de/color/).
"""

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.benchmark.world import World, read
from training.labels import Kind
from training.simulator.typologies import TYPOLOGIES

_BLUE, _RED, _GREEN, _GREY, _ORANGE = "#0072B2", "#D55E00", "#009E73", "#999999", "#E69F00"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}img{{max-width:100%}}
table{{border-collapse:collapse}}td,th{{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}}</style></head>
<body><h1>{title}</h1><p>{about}</p>{parts}</body></html>
"""


def write_page(folder: Path, out: Path) -> Path:
    """Draw the world in `folder`, sealed truth included, into one page. Raises `Refused` where there is no world."""
    of = read(folder)
    about = of.about
    parts = [
        _part("Orders in time", "Order lines a week; below, the diverted ones.", _time(of)),
        _part("Places", "Where the goods go by the papers. The size is the number of lines.", _map(of)),
        _part("Who diverts how", "Diverted lines and lines of honest twins, by story.", _stories(of)),
        _part("Labels against truth", "What became known of the diverted lines, by quarter of the order.", _labels(of)),
        _part("How late", "Days from the order to the finding.", _delays(of)),
        "<h2>The stories</h2>" + _table(),
    ]
    title = f"The world {about['name']}, version {about['version']}: {about['scenario']}, seed {about['seed']}"
    counts = f"{about['orders']:,} orders in {about['lines']:,} lines of {about['resellers']:,} resellers; "
    counts += f"{about['diverted_orders']:,} orders diverted. All firms are invented."
    out.write_text(_PAGE.format(title=escape(title), about=escape(counts), parts="\n".join(parts)), encoding="utf-8")
    return out


def _part(title: str, text: str, figure: Figure) -> str:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110, metadata={"Software": None})
    image = base64.b64encode(data.getvalue()).decode()
    return f'<h2>{title}</h2><p>{text}</p><img alt="{title}" src="data:image/png;base64,{image}">'


def _table() -> str:
    rows = "".join(
        f"<tr><td>{each.code}</td><td>{escape(each.story)}</td><td>{escape(each.twin_story)}</td></tr>"
        for each in TYPOLOGIES
    )
    return f"<table><tr><th></th><th>diverter</th><th>honest twin</th></tr>{rows}</table>"


def _figure(rows: int = 1, height: float = 3.6) -> tuple[Figure, Any]:
    figure = Figure(figsize=(9.0, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, 1, sharex=rows > 1)
    for each in np.atleast_1d(axes):
        each.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _dates(of: World) -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(of.lines["seconds"], unit="s")


def _time(of: World) -> Figure:
    figure, (above, below) = _figure(2, 4.6)
    week = _dates(of).dt.to_period("W").dt.start_time
    all_lines, diverted = week.value_counts().sort_index(), week[of.diverted].value_counts().sort_index()
    above.plot(all_lines.index, all_lines.to_numpy(), color=_BLUE)
    below.bar(diverted.index, diverted.to_numpy(), width=6.0, color=_RED)
    for axes, text in ((above, "lines a week"), (below, "diverted")):
        axes.set_ylabel(text)
        axes.axvline(pd.Timestamp(of.about["trained_until"]).tz_localize(None), color=_GREY, linestyle=":")
    return figure


def _map(of: World) -> Figure:
    figure, axes = _figure(height=4.6)
    lines = of.lines[["ship_to_country", "ship_to_city", "ship_to_latitude", "ship_to_longitude"]]
    cities = lines.assign(diverted=of.diverted).groupby(["ship_to_country", "ship_to_city"])
    where = cities.agg(
        latitude=("ship_to_latitude", "median"),
        longitude=("ship_to_longitude", "median"),
        count=("diverted", "size"),
        share=("diverted", "mean"),
    )
    dots = axes.scatter(
        where["longitude"], where["latitude"], s=600.0 * where["count"] / where["count"].max() + 8.0,
        c=100.0 * where["share"], cmap="viridis", alpha=0.8,
    )  # fmt: skip
    figure.colorbar(dots, label="% of its lines diverted")
    axes.set(xlabel="longitude", ylabel="latitude")
    return figure


def _stories(of: World) -> Figure:
    figure, axes = _figure()
    codes = [each.code for each in TYPOLOGIES]
    place = np.arange(len(codes))
    diverted = [int((of.diverted & (of.typology == code)).sum()) for code in codes]
    twins = [int((of.twin_of == code).sum()) for code in codes]
    axes.bar(place - 0.2, diverted, 0.4, color=_RED, label="diverted lines")
    axes.bar(place + 0.2, twins, 0.4, color=_GREEN, label="lines of honest twins")
    axes.set_xticks(place, codes)
    axes.legend(frameon=False)
    return figure


def _labels(of: World) -> Figure:
    figure, axes = _figure()
    quarter = _dates(of).dt.to_period("Q").astype(str)[of.diverted]
    kinds = of.labels().kind[of.diverted]
    named = {"found": Kind.DIVERTED, "cleared by mistake": Kind.CLEARED, "inconclusive": Kind.INCONCLUSIVE}
    names = sorted(quarter.unique())
    bottom = np.zeros(len(names))
    for (name, kind), colour in zip(
        {**named, "nobody looked": Kind.UNKNOWN}.items(), (_RED, _BLUE, _ORANGE, "#dddddd"), strict=True
    ):
        height = np.array([int(((quarter == each).to_numpy() & (kinds == kind)).sum()) for each in names])
        axes.bar(names, height, bottom=bottom, color=colour, label=name)
        bottom += height
    axes.tick_params(axis="x", rotation=60)
    axes.set_ylabel("diverted lines")
    axes.legend(frameon=False)
    return figure


def _delays(of: World) -> Figure:
    figure, axes = _figure()
    placed = of.lines.drop_duplicates("order_id").set_index("order_id")["seconds"]
    days = (of.findings["known"].to_numpy() - placed.loc[of.findings["order_id"]].to_numpy()) / 86_400
    for source, colour in (("checklist", _BLUE), ("random", _GREEN), ("procurement", _RED)):
        own = days[(of.findings["source"] == source).to_numpy()]
        axes.hist(own, bins=60, range=(0, 900), histtype="step", color=colour, label=source)
    axes.set(xlabel="days", ylabel="findings")
    axes.legend(frameon=False)
    return figure
