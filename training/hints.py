"""What a mark of a picture says when the pointer rests on it: a title within the SVG, which needs no script.

Matplotlib writes an artist's group identifier into the SVG, and nowhere else; so the words travel in it (the way of
Matplotlib's own examples of hovering, https://matplotlib.org/stable/gallery/user_interfaces/svg_tooltip_sgskip.html).
"""

import io
import re
import warnings

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.figure import Figure

_HINT = re.compile(r"""<g id=(["'])hint([0-9]*):(.*?)\1>""")
_NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))  # of metadata, which would name addresses


def hint(artist: Artist, words: str, step: int | None = None) -> None:
    """Have a mark say something; marks of one `step` of a slider light up together."""
    artist.set_gid(f"hint{'' if step is None else step}:{words}")


def svg(figure: Figure) -> str:
    """A figure as an SVG element whose marks say what they were given to say."""
    drawn = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "page"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the browser has the letters
        figure.savefig(drawn, format="svg", metadata=_NOTHING)
    text = drawn.getvalue()
    # An attribute is escaped at least as much as a text has to be, so it can be one as it is.
    return _HINT.sub(r'<g class="hint" data-step="\2"><title>\3</title>', text[text.index("<svg") :])
