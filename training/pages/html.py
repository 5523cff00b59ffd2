"""The parts that pages are made of: headings, tables that sort, pictures that answer to the pointer, a slider.

Everything that comes from data is escaped here. A page's own policy lets nothing run in it but the script that ships,
known by its digest, and lets it fetch nothing at all.
"""

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from matplotlib.figure import Figure

from training.hints import svg
from training.intervals import Interval
from training.plots import intervals

Cell = str | int | float | Interval | None
"""What a table shows: words, a count, a number to four digits, a measure with its interval, or nothing."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'">
<style>{style}</style></head>
<body><h1>{title}</h1>
{parts}
<script>{script}</script></body></html>
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page of `parts`, which are HTML."""
    script, style = (files("training.pages").joinpath(f"page.{kind}").read_text("utf-8") for kind in ("js", "css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _PAGE.format(title=escape(title), digest=digest, style=style, script=script, parts="\n".join(parts))


def paragraph(words: str) -> str:
    """A paragraph of plain words, names among them in backquotes."""
    return f"<p>{_named(words)}</p>"


def note(words: str) -> str:
    """A paragraph that stands out."""
    return f'<p class="note">{_named(words)}</p>'


def section(title: str, *parts: str) -> str:
    """A heading and what belongs below it."""
    return f"<section><h2>{escape(title)}</h2>\n{''.join(parts)}</section>"


def picture(figure: Figure) -> str:
    """A figure whose marks say their values when the pointer rests on them."""
    return f"<figure>{svg(figure)}</figure>"


def interval_picture(title: str, label: str, rows: Sequence[tuple[str, Interval]], at: float | None = None) -> str:
    """The picture of measures and their intervals; nothing where none can be told."""
    if all(math.isnan(interval.value) for _, interval in rows):
        return ""
    return picture(intervals(title, label, rows, at))


def table(heading: Sequence[str], rows: Iterable[Sequence[Cell]], *, steps: bool = False) -> str:
    """A table that sorts by the heading that is clicked; with `steps` its rows are those of a slider instead."""
    marked = "" if steps else ' tabindex="0"'
    head = "".join(f"<th{marked}>{escape(each)}</th>" for each in heading)
    body = "\n".join(
        f"<tr{_step(number) if steps else ''}>{''.join(map(_cell, row))}</tr>" for number, row in enumerate(rows)
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def slider(label: str, steps: int, chosen: int) -> str:
    """A slider over the steps of its section's picture and table, and what the chosen one says."""
    moved = f'<input type="range" min="0" max="{steps - 1}" value="{chosen}">'
    return f"<p><label>{escape(label)} {moved}</label><br><output></output></p>"


def _named(words: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(words))


def _step(number: int) -> str:
    return f' data-step="{number}"'


def _cell(value: Cell) -> str:
    """A cell, with what it sorts by; what is not estimable, or not there, comes below everything."""
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    number = float("nan") if value is None else float(value.value if isinstance(value, Interval) else value)
    sorts = "-Infinity" if math.isnan(number) else repr(number)
    return f'<td data-value="{sorts}">{escape(_shown(value))}</td>'


def _shown(value: int | float | Interval | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Interval):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
