"""Pictures of computation graphs, drawn by Graphviz.

    draw(loss, unrolled).save("unrolled.svg")
"""

from minigrad.draw import columns, folded, units
from minigrad.draw.drawing import Drawing
from minigrad.draw.engines import DrawingError
from minigrad.nn import Unrolled
from minigrad.value import Value

VIEWS = ("auto", "columns", "units", "folded")


def draw(loss: Value, unrolled: Unrolled, view="auto", *, captions=()) -> Drawing:
    """The picture of an unrolled RNN, with every gradient once loss.backward() has run.  No Value is changed.

    view       "columns"   every product and sum of a scalar RNN (unfused, up to 4 steps)
               "units"     a box for each unit of a vector state (up to 4 units and 6 steps)
               "folded"    a box for each step; any RNN, any number of steps
               "auto"      the first of these that can be read
    captions   what to write for the inputs, one for each step: the words of a sentence

    Raises ValueError for a view that cannot show this graph, and names one that can.
    """
    if view not in VIEWS:
        raise ValueError(f"draw: there is no view {view!r}; the views are {', '.join(VIEWS)}")
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
