"""Pictures of computation graphs, drawn by Graphviz.

    draw(loss).save("graph.svg")                      # any graph of Values
    draw(loss, unrolled).save("unrolled.svg")         # an RNN over time
"""

from minigrad.draw import columns, folded, units
from minigrad.draw.anygraph import anygraph
from minigrad.draw.drawing import Drawing
from minigrad.draw.engines import DrawingError
from minigrad.nn import Unrolled
from minigrad.value import Value

VIEWS = ("auto", "graph", "columns", "units", "folded")


def draw(loss: Value, unrolled: Unrolled | None = None, view="auto", *, fold=None, captions=()) -> Drawing:
    """The picture of a graph, with every gradient once loss.backward() has run.  No Value is changed.

    view       "graph"     any graph of Values: every operation a box, every operand an edge
               "columns"   every product and sum of a scalar RNN (unfused, up to 4 steps)
               "units"     a box for each unit of a vector state (up to 4 units and 6 steps)
               "folded"    a box for each step; any RNN, any number of steps
               "auto"      "graph" without an `unrolled`, else the first of the others that can be read
    fold       for view "graph": the Values to keep as boxes; the edges carry the derivatives along all ways between
    captions   what to write for the inputs, one for each step: the words of a sentence

    Raises ValueError for a view that cannot show this graph, and names one that can.
    """
    if view not in VIEWS:
        raise ValueError(f"draw: there is no view {view!r}; the views are {', '.join(VIEWS)}")
    if view == "graph" or (view == "auto" and (unrolled is None or fold is not None)):
        return Drawing(anygraph(loss, unrolled, fold))
    if unrolled is None or fold is not None:
        wrong = "`fold` goes with view='graph'" if fold is not None else f"view {view!r} needs the `unrolled` RNN"
        raise ValueError(f"draw: {wrong}")
    captions = [str(caption) for caption in captions]
    if captions and len(captions) != len(unrolled):
        raise ValueError(f"draw: {len(captions)} captions for {len(unrolled)} steps; it needs one for each")
    obstacles = {"columns": columns.obstacle, "units": units.obstacle}
    if view == "auto":
        view = next((name for name, obstacle in obstacles.items() if not obstacle(loss, unrolled)), "folded")
    elif view in obstacles and (reason := obstacles[view](loss, unrolled)):
        raise ValueError(f"draw: view {view!r} cannot show this: {reason}; view='auto' picks one that can")
    if view == "columns":
        return Drawing(columns.columns(loss, unrolled))
    return Drawing((units.units if view == "units" else folded.folded)(loss, unrolled, captions))


__all__ = ["Drawing", "DrawingError", "draw"]
