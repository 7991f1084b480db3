"""Pictures of computation graphs, drawn by Graphviz.

    draw(loss).save("graph.svg")                      # any graph of Values
    draw(loss, unrolled).save("unrolled.svg")         # an RNN over time
    draw(loss, [encoder, decoder]).save("both.svg")   # a network of several
    walkthrough(loss, unrolled).save("bptt.html")     # a page that plays both passes
    frames(loss, unrolled, "frames")                  # the same as single pictures, for slides
"""

from minigrad.draw import columns, units
from minigrad.draw.anygraph import anygraph
from minigrad.draw.blank import blanked
from minigrad.draw.columns import Columns
from minigrad.draw.drawing import Drawing
from minigrad.draw.engines import DrawingError
from minigrad.draw.folded import Folded
from minigrad.draw.frames import frames
from minigrad.draw.highlight import highlighted
from minigrad.draw.rolled import Rolled
from minigrad.draw.shape import READ_AT_ONCE, Shape
from minigrad.draw.sheet import Showing
from minigrad.draw.stale import warn_of_changes
from minigrad.draw.units import Units
from minigrad.draw.walkthrough import Walkthrough, walkthrough
from minigrad.nn import Unrolled
from minigrad.value import Value

VIEWS = ("auto", "graph", "columns", "units", "folded", "rolled", "shape")


def draw(loss: Value, unrolled: Unrolled | list[Unrolled] | None = None, view="auto", *, fold=None, highlight=None,
         captions=(), blank=()) -> Drawing:
    """The picture of a graph, with every gradient once loss.backward() has run.  No Value is changed.

    The numbers are those of the graph, as it was computed: gradients that several backward() added up in .grad do not
    show.  Warns if a weight was changed since: run the forward pass again then.  Leaves are drawn by the letter of
    their label: x… inputs, y… targets, others weights.

    view       "graph"     any graph of Values: every operation a box, every operand an edge
               "columns"   every product and sum of a scalar RNN (unfused, up to 4 steps)
               "units"     a box for each unit of a vector state (up to 4 units and 6 steps)
               "folded"    a box for each step; any RNN, any number of steps
               "rolled"    one cell with its loop, beside the same cell once for each step
               "shape"     a box for each state, between its input and its output, for an LSTM c_t over h_t; one
                           Unrolled, or a list of those that read one another: layers, encoder and decoder, both
                           directions
               "auto"      "graph" without an `unrolled`, "shape" for a list, else the first that can be read; for an
                           LSTM of up to 8 uncut steps "shape", where the roads of c and h are seen apart: "folded" has
                           only the norm of both, and a ledger for each of up to 14 weights, with what a cut takes away
    fold       for view "graph": the Values to keep as boxes; the edges carry the derivatives along all ways between
    highlight  a Value (with all its routes to the loss), a list of Values along a path, or a time step t: the rest
               fades
    captions   what to write for the inputs, one for each step: the words of a sentence; in "shape" one for each input
    blank      for an exercise, in the views "graph" and "columns": Values whose gradient, and pairs (user, operand)
               whose contribution, is not given away; "?" stands wherever a gradient, a contribution or a local
               derivative is that number, and no colour or tooltip tells it

    Raises ValueError for a view that cannot show this graph, and names one that can.
    """
    unrolleds = list(unrolled) if isinstance(unrolled, (list, tuple)) else [unrolled] if unrolled is not None else []
    fits = all(isinstance(one, Unrolled) for one in unrolleds) and (unrolleds or unrolled is None)
    if not isinstance(loss, Value) or not fits:
        given = ", ".join(type(given).__name__ for given in ((loss,) if unrolled is None else (loss, unrolled)))
        needed = "a Value, or a Value and an Unrolled or a list of them, as in draw(loss, unrolled)"
        raise TypeError(f"draw: it takes {needed}, not {given}")
    if view not in VIEWS:
        raise ValueError(f"draw: there is no view {view!r}; the views are {', '.join(VIEWS)}")
    warn_of_changes("draw", loss, stacklevel=2)
    showing = Showing(blank=blanked(loss, blank))
    if isinstance(unrolled, (list, tuple)) and view == "auto":
        view = "shape"
    picture = chosen(loss, unrolleds, view, fold, [str(caption) for caption in captions], showing)
    source = picture.source()
    if highlight is not None:
        one = unrolleds[0] if len(unrolleds) == 1 else None
        source = highlighted(source, picture.elements, loss, one, highlight)
    return Drawing(source)


def chosen(loss: Value, unrolleds: list[Unrolled], view: str, fold, captions: list[str], showing: Showing):
    """The picture in the view that was asked for, or for "auto" in the one that can be read"""
    unrolled = unrolleds[0] if unrolleds else None
    if captions and unrolled is None:
        raise ValueError("draw: captions need the `unrolled` RNN")
    if len(unrolleds) > 1 and view != "shape":
        raise ValueError(f"draw: view {view!r} shows one Unrolled, not {len(unrolleds)}; view='shape' shows several")
    if view == "graph" or (view == "auto" and (unrolled is None or fold is not None)):
        return anygraph(loss, unrolled, fold, showing)
    if unrolled is None or fold is not None:
        wrong = "`fold` goes with view='graph'" if fold is not None else f"view {view!r} needs the `unrolled` RNN"
        raise ValueError(f"draw: {wrong}")
    two_rows = bool(unrolled.initial_cell) and not unrolled.cuts and len(unrolled) <= READ_AT_ONCE
    if view == "auto" and two_rows and not showing.blank:
        view = "shape"
    if view == "shape" and not showing.blank:
        return Shape(loss, unrolleds, captions)
    if captions and len(captions) != len(unrolled):
        raise ValueError(f"draw: {len(captions)} captions for {len(unrolled)} steps; it needs one for each")
    obstacles = {"columns": columns.obstacle, "units": units.obstacle}
    if view == "auto":
        view = next((name for name, obstacle in obstacles.items() if not obstacle(loss, unrolled)), "folded")
    elif view in obstacles and (reason := obstacles[view](loss, unrolled)):
        raise ValueError(f"draw: view {view!r} cannot show this: {reason}; view='auto' picks one that can")
    if view == "columns":
        return Columns(loss, unrolled, showing)
    if showing.blank:
        raise ValueError(f"draw: view {view!r} cannot blank a number; view='graph' can")
    return {"units": Units, "folded": Folded, "rolled": Rolled}[view](loss, unrolled, captions)


__all__ = ["Drawing", "DrawingError", "Walkthrough", "draw", "frames", "walkthrough"]
