"""One self-contained page that plays both passes, scene by scene, and shows the routes of any gradient.

The page holds the final picture as SVG, and of every element the moments at which it changes; a short script sets
them.  It loads nothing: a Content-Security-Policy forbids it, and allows the one style and the one script by their
hashes.
"""

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from pathlib import Path

from minigrad.draw import engines
from minigrad.draw.animation import playable_picture, playable_snapshot
from minigrad.draw.changed_data import warn_of_changes
from minigrad.draw.page.data import data_of
from minigrad.draw.render import dot
from minigrad.files import write_whole
from minigrad.nn import Unrolled
from minigrad.notation import printable
from minigrad.value import Value

PIXELS_PER_POINT = 0.95                               # at the least: the smallest text has 9 points


class Walkthrough:
    """The page.  save() writes it; a notebook shows it in a frame of its own."""

    def __init__(self, page: str):
        self.page = page

    def save(self, path) -> Path:
        """Writes the page, whole or not at all, and gives the path.  Raises ValueError for a name without .html."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"cannot save a walkthrough as {path.name!r}: the name must end in .html")
        write_whole(path, self.page.encode())
        return path

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{html.escape(self.page)}" width="100%" height="720" style="border:0"></iframe>'

    def __repr__(self) -> str:
        return f"Walkthrough({len(self.page)} characters; .save('walkthrough.html') writes the page)"


def walkthrough(loss: Value, unrolled: Unrolled | None = None) -> Walkthrough:
    """The page for a loss: of a scalar RNN in columns, of any other graph as it is.  Needs no backward() before.

    Steps that a truncated gradient does not reach are not in the graph, and not played; the first scene says which.
    Raises TypeError for several Unrolleds, ValueError for a graph too large to be read, DrawingError without an engine.
    """
    snapshot = playable_snapshot("walkthrough", loss, unrolled)
    warn_of_changes("walkthrough", snapshot.order, stacklevel=2)
    picture = playable_picture(snapshot)
    svg = bare_svg(engines.render(dot(picture, links=True), "svg").decode())
    width = float(re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+)', svg)[1])      # type: ignore[index]
    folder = files("minigrad") / "draw" / "page"
    style = (folder / "page.css").read_text(encoding="utf-8")
    style = style.replace("MIN_WIDTH", f"{width * PIXELS_PER_POINT:.0f}px").strip()
    script = (folder / "page.js").read_text(encoding="utf-8").strip()
    data = json.dumps(data_of(picture, snapshot), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = (folder / "page.html").read_text(encoding="utf-8")
    title = f"minigrad: how ∂{snapshot.name[loss]} comes about"
    fields = {"STYLE_HASH": sha256(style), "SCRIPT_HASH": sha256(script), "TITLE": html.escape(printable(title)),
              "STYLE": style, "SVG": svg, "DATA": data, "SCRIPT": script}
    return Walkthrough(re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], page))


def sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def bare_svg(svg: str) -> str:
    """The svg element alone, without what the page says itself: titles, fonts, empty links"""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>\n?|<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:font-family|xml:space|xlink:href|xlink:title|target)="[^"]*"', "", svg)
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', '<svg role="group" aria-label="computation graph"', svg)
