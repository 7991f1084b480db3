"""The picture beside a debugger: what memory holds at this stop.

    watch(loss, unrolled)                             # an expression to watch, for VS Code's Debug Visualizer
    with follow(loss, unrolled, "now.svg"):           # for every debugger: a file that is kept up to date
        loss.backward()

follow looks from a thread of its own, ten times a second.  So it serves every debugger on every Python, leaves no hook
in any, and slows nothing that is not followed.  (A callback of sys.monitoring runs after the trace function of pdb: the
picture would lag a line behind, and would miss what is changed outside of backward().)
"""

import html
import json
import os
import re
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Unpack
from urllib.parse import quote

from minigrad.draw.drawing import draw
from minigrad.draw.engines import DrawingError
from minigrad.draw.options import Keywords
from minigrad.draw.theme import FONT
from minigrad.files import write_whole
from minigrad.graph import topological_order
from minigrad.nn import Unrolled
from minigrad.value import Value

SECONDS = 0.1                                         # between two looks
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ margin: 8px; background: #fff }} img {{ max-width: 100% }}</style>
<img src="{source}" alt="the graph, as the program stands">
<script>
const shown = document.querySelector("img");
setInterval(() => {{
  const next = new Image();                           // shown once it has come: the picture does not flicker
  next.onload = () => shown.src = next.src;
  next.src = "{source}?" + Date.now();
}}, 300);
</script>
"""


def watch(loss: Value, unrolled: Unrolled | list[Unrolled] | None = None, view: str = "auto",
          **options: Unpack[Keywords]) -> str:
    """The picture of the gradients that memory holds, as JSON for the Debug Visualizer extension of VS Code.

    {"kind": {"svg": true}, "text": "<svg …"}, or {"kind": {"dotGraph": true}, "text": "digraph …"} where no engine
    draws it: the extension lays that out itself.  options: those of draw(), but grads.

    The extension needs the setting in .vscode/settings.json, and then no package of its own: debugpy shortens what is
    longer than 65,536 characters unless it is asked for the clipboard, and quotes a str unless it is Verbatim.
    """
    drawing = draw(loss, unrolled, view, grads="stored", **options)        # type: ignore[misc]
    try:
        kind, text = "svg", short_svg(drawing.svg())
    except DrawingError:
        kind, text = "dotGraph", drawing.source
    return json.dumps({"kind": {kind: True}, "text": text}, ensure_ascii=False)


def short_svg(svg: str) -> str:
    """The svg element alone, without what no one sees: comments, titles, and the font of each text"""
    svg = re.sub(r"<title>.*?</title>\n|<!--.*?-->\n?", "", svg[svg.index("<svg ") :], flags=re.DOTALL)
    family = f' font-family="{FONT}"'
    return svg.replace(family, "").replace("<svg", f"<svg{family}", 1)


class Verbatim(str):
    """Text that a debugger shows as it is, without quotes and escapes"""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def follow(
    loss: Value, unrolled: Unrolled | list[Unrolled] | None, path: str | os.PathLike[str], view: str = "auto",
    **options: Unpack[Keywords],
) -> "Following":
    """Writes the picture of the gradients that memory holds now, and again whenever one has changed, until .stop().

    With `with`, it stops at the end of the block, also after an exception; at the prompt of a debugger keep what is
    returned, and call .stop().  The file is written whole, so that what shows it may reload it at any time.

    path       .svg, .png, .pdf or .gv, or .html: a page that reloads the .svg beside it
    options    those of draw(), but grads

    Raises what draw() and Drawing.save() raise, at once.
    """
    return Following(loss, unrolled, Path(path), {"view": view, **options})


class Following(threading.Thread):
    """What follow() returns: looks every SECONDS whether a gradient has changed, until stop()"""

    is_pydev_daemon_thread = True                     # debugpy and PyCharm hold all other threads at a stop

    def __init__(self, loss: Value, unrolled: Unrolled | list[Unrolled] | None, path: Path, options: dict):
        super().__init__(name="minigrad.draw.follow", daemon=True)
        self.loss, self.path, self.ended = loss, path, threading.Event()
        self.picture = path.with_suffix(".svg") if path.suffix.lower() == ".html" else path
        self.drawn = partial(draw, loss, unrolled, grads="stored", **options)
        self.drawn().save(self.picture)               # here, so that what is wrong is raised to the caller
        self.order = topological_order(loss)
        self.saved = [node.grad for node in self.order]
        if self.picture != path:
            page = PAGE.format(title=html.escape(self.picture.stem), source=quote(self.picture.name))
            write_whole(path, page.encode())
        self.start()

    def look(self) -> None:
        """Writes the file if a gradient has changed since it was written"""
        now = [node.grad for node in self.order]      # before it is drawn: what changes meanwhile is seen next time
        if now != self.saved:
            self.drawn().save(self.picture)
            self.saved = now

    def run(self) -> None:
        while not self.ended.wait(SECONDS):
            self.look()

    def stop(self) -> None:
        """Writes the file a last time, if there is a change to show, and ends.  Raises what drawing and saving do."""
        self.ended.set()
        if self.is_alive():
            self.join()
        self.look()

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with suppress(*([ArithmeticError, DrawingError, OSError, ValueError] if error else [])):     # error says more
            self.stop()

    def __repr__(self) -> str:
        state = "stopped" if self.ended.is_set() else "until .stop()"
        return f"Following({self.loss!r} in {str(self.path)!r}, {state})"
