"""draw(): a graph as a Drawing, which is DOT text, with the ways to show and to save it."""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from minigrad.draw import engines
from minigrad.draw.changed_data import warn_of_changes
from minigrad.draw.exercise import exercise, hidden_numbers
from minigrad.draw.highlight import highlighted
from minigrad.draw.moment import at_moment, memory_note, moment_of
from minigrad.draw.options import Keywords, checked_options
from minigrad.draw.picture import Picture
from minigrad.draw.render import dot
from minigrad.draw.theme import LIGHT, THEMES, Theme
from minigrad.draw.views import VIEWS, picture_of
from minigrad.files import PICTURES, check_place, write_whole
from minigrad.nn import Unrolled
from minigrad.snapshot import Snapshot
from minigrad.value import Value

UNSEEN = re.compile(r'<text [^>]*fill-opacity="0\.0039\d*"[^>]*>.*?</text>\n')       # 1/255: what has not arrived


class Drawing:
    """A picture of a graph.  Nothing is rendered before svg(), save() or a notebook asks.

    source    its DOT text, an edge for each operand in view "graph"
    laid_out  the DOT text that the engine gets, if it is another: there an arrow leads through its numbers
    """

    def __init__(self, source: str, laid_out: str = ""):
        self.source, self.laid_out = source, laid_out or source

    @classmethod
    def of(cls, picture: Picture, theme: Theme = LIGHT) -> "Drawing":
        """The drawing of a Picture"""
        through = any(isinstance(stop, str) for arrow in picture.arrows for stop in arrow.via)
        return cls(dot(picture, theme, through=False), dot(picture, theme) if through else "")

    def svg(self, unseen: bool = False) -> str:
        """The picture as SVG.  Raises DrawingError if there is no engine, or it fails.

        unseen: with the texts that have not arrived, each at its place and too pale to be seen
        """
        svg = engines.render(self.laid_out, "svg").decode()
        svg = svg if unseen else UNSEEN.sub("", svg)
        return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)     # fit the window it is opened in

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes .svg, .png, .pdf or .gv (the DOT text), whole or not at all, and gives the path.

        Raises ValueError for another suffix, FileNotFoundError for a missing directory, DrawingError if no engine
        draws it; then nothing is written.
        """
        path = Path(path)
        form = path.suffix.lower().lstrip(".")
        if form not in PICTURES:
            raise ValueError(f"cannot save a picture as {path.name!r}: the name must end in .svg, .png, .pdf or .gv")
        check_place(path)
        if form == "gv":
            write_whole(path, self.source.encode())
        else:
            write_whole(path, self.svg().encode() if form == "svg" else engines.render(self.laid_out, form))
        return path

    def save_and_say(self, path: str | os.PathLike[str]) -> str:
        """Saves the picture, and gives the line that says where; if no engine draws it, its DOT text."""
        try:
            return f"picture: {self.save(path)}"
        except engines.DrawingError as error:
            return f"picture: not drawn, because {error}\nits DOT text: {self.save(Path(path).with_suffix('.gv'))}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """For notebooks: the SVG, or without an engine the text that says what to install"""
        try:
            prefix = "m" + hashlib.sha256(self.source.encode()).hexdigest()[:8] + "-"      # two may stand on one page
            svg = re.sub(r'\bid="', f'id="{prefix}', self.svg())
            return {"image/svg+xml": svg, "text/plain": repr(self)}
        except engines.DrawingError as error:
            return {"text/plain": f"{self!r}: {error}"}

    def __repr__(self) -> str:
        return f"Drawing({len(self.source)} characters of DOT; .save('picture.svg') draws it)"


def draw(loss: Value, unrolled: Unrolled | list[Unrolled] | None = None, view: str = "auto",
         **options: Unpack[Keywords]) -> Drawing:
    """The picture of a graph, with every gradient once loss.backward() has run.  No Value is changed.

    Warns if a weight was changed after the forward pass: run it again then.

    view       "graph"     any graph of Values: every operation a box, every operand an edge
               "columns"   every product and sum of a scalar RNN (unfused, up to 4 steps)
               "units"     a box for each unit of a vector state (up to 4 units and 6 steps)
               "folded"    a box for each step; any RNN, any number of steps
               "rolled"    one cell with its loop, beside the same cell once for each step
               "shape"     a box for each state, for an LSTM c_t over h_t; of one Unrolled, or of a list of those that
                           read one another: layers, encoder and decoder, both directions
               "layers"    an MLP: a box for each neuron, the weights of each layer in a table
               "cell"      one step of an LSTM with its gates; highlight=t: which
               "attention" softmax weights over up to 8 values, and the mean that they make
               "auto"      without an `unrolled` "layers", or else "graph"; "shape" for a list, and for an LSTM of up to
                           8 uncut steps; else the first of "columns", "units", "folded" that can be read
    fold       for view "graph": the Values to keep as boxes, or their labels; the edges carry the derivatives along all
               ways between.  By default a loss of minigrad.losses is one box; False shows its parts
    highlight  a Value (with its routes to the loss), a list of Values along a path, or a time step; the rest fades
    captions   what to write for the inputs, one for each step: the words of a sentence; in "shape" one for each input
    blank      for an exercise, in the views "graph" and "columns": Values whose gradient, and pairs (user, operand)
               whose contribution, is "?" wherever it stands, without a colour or tooltip that tells it
    grads      "computed"  those of the graph as it was computed, whatever several backward() added up in .grad
               "stored"    the .grad that memory holds; in the middle of backward() what has not arrived is blank, and
                           an arrow that has carried nothing is grey
               None        data alone
    roles      {Value or label: "weight", "input", "target", …} where a label says it wrong: by default a leaf called
               x… is an input, y… a target, one of another name a weight
    theme      "light" or "dark"
    aspect     None, or for a slide "16:9", "4:3" or "wide" (21:9): its format, with the largest type; on 13.33 × 7.5
               inches 11 points and more in "columns" and "units" of 3 steps, "folded" of 10, "layers" of 2, 3 and 1
    digits     1 to 6 significant digits of every number; by default 4, or 2 and 3 where there is little room.  On a
               slide the smallest type is of 9 points and more with 5 digits, of 8 with 6
    legend     False leaves it out
    direction  in view "graph" from left to right, "LR", or from top to bottom, "TB"

    Raises ValueError for a view that cannot show this graph or what an option asks for, and names one that can;
    TypeError for another option.
    """
    unrolleds, several = unrolleds_of(loss, unrolled), isinstance(unrolled, (list, tuple))
    if view not in VIEWS:
        raise ValueError(f"draw: there is no view {view!r}; the views are {', '.join(VIEWS)}")
    asked = checked_options("draw", options)
    finite = bool(unrolleds) and asked.grads is not None              # a graph alone shows what went wrong in it
    snapshot = Snapshot(loss, unrolleds, asked.grads or "computed", asked.roles, finite)
    asked = replace(asked, gradients=asked.grads is not None and snapshot.backward_ran)
    warn_of_changes("draw", snapshot.order, stacklevel=2)
    hidden = hidden_numbers(snapshot, asked.blank)
    picture = picture_of(snapshot, "shape" if several and view == "auto" else view, asked)
    if asked.grads == "stored" and snapshot.backward_ran and snapshot.edges_added is not None:
        picture = at_moment(picture, snapshot, moment_of(snapshot, snapshot.edges_added))
    if asked.gradients and picture.scale:
        picture = picture._replace(caption=memory_note(snapshot))
    if asked.highlight is not None:
        picture = highlighted(picture, snapshot, asked.highlight)
    if hidden:
        picture = exercise(picture, hidden)
    return Drawing.of(picture, THEMES[asked.theme])


def unrolleds_of(loss, unrolled) -> list[Unrolled]:
    """One Unrolled, a list of them, or none, as a list.  Raises TypeError for anything else, and for no loss."""
    unrolleds = [] if unrolled is None else list(unrolled) if isinstance(unrolled, (list, tuple)) else [unrolled]
    fits = all(isinstance(one, Unrolled) for one in unrolleds) and (unrolleds or unrolled is None)
    if not isinstance(loss, Value) or not fits:
        given = ", ".join(type(given).__name__ for given in ((loss,) if unrolled is None else (loss, unrolled)))
        needed = "a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled)"
        raise TypeError(f"draw: it takes {needed}, not {given}")
    return unrolleds
