"""The views of a graph, one file each: a Sketch of a Snapshot, finished into a Picture."""

from minigrad.draw.options import Options
from minigrad.draw.picture import Picture
from minigrad.draw.views import layers
from minigrad.draw.views.columns import Columns
from minigrad.draw.views.folded import Folded
from minigrad.draw.views.graph import Graph
from minigrad.draw.views.layers import Layers
from minigrad.draw.views.rolled import Rolled
from minigrad.draw.views.shape import MAX_READABLE_STEPS, Shape
from minigrad.draw.views.sketch import Sketch
from minigrad.draw.views.textbook import Attention, Cell
from minigrad.draw.views.units import Units
from minigrad.snapshot import Snapshot

LAYOUTS: dict[str, type[Sketch]] = {
    "graph": Graph, "columns": Columns, "units": Units, "folded": Folded, "rolled": Rolled, "shape": Shape,
    "layers": Layers, "cell": Cell, "attention": Attention,
}
VIEWS = ("auto", *LAYOUTS)


def picture_of(snapshot: Snapshot, view: str, options: Options) -> Picture:
    """The picture in a view, or for "auto" in the one that can be read.  Raises ValueError for a view that cannot show
    this graph, and names one that can."""
    return LAYOUTS[select_view(snapshot, view, options)](snapshot, options).finish()


def select_view(snapshot: Snapshot, view: str, options: Options) -> str:
    """The name of the view, checked"""
    unrolleds, captions = snapshot.unrolleds, options.captions
    if captions and not unrolleds:
        raise ValueError("draw: captions need the `unrolled` RNN")
    if len(unrolleds) > 1 and view not in ("shape", "auto"):
        raise ValueError(f"draw: view {view!r} shows one Unrolled, not {len(unrolleds)}; view='shape' shows several")
    if view == "auto" and not unrolleds:
        view = "layers" if is_plain(options) and not layers.obstacle(snapshot) else "graph"
    if view == "auto" and options.fold is not None:
        view = "graph"
    if view in ("layers", "attention"):
        reason = "it is for a graph without time steps" if view == "layers" and unrolleds else ""
        check(view, reason or LAYOUTS[view].obstacle(snapshot), "view='graph' shows every operation")
        return view
    if view == "graph":
        check_captions(snapshot, captions)
        return view
    if not unrolleds or options.fold is not None:
        wrong = "`fold` goes with view='graph'" if unrolleds else f"view {view!r} needs the `unrolled` RNN"
        raise ValueError(f"draw: {wrong}")
    if view != "shape" and not snapshot.reads(unrolleds[0]):
        raise ValueError(f"{snapshot.loss!r} was not computed from a state of {unrolleds[0]!r}: pass the loss that was")
    if view == "auto":
        view = readable_view(snapshot, options)
    if options.direction != "LR":
        raise ValueError(f"draw: view {view!r} goes from left to right, as time does; direction={options.direction!r} "
                         f"goes with view='graph'")
    if options.blank and view != "columns":
        raise ValueError(f"draw: view {view!r} cannot blank a number; view='graph' can")
    if view != "shape":                               # which has its own count
        check_captions(snapshot, captions)
    check(view, LAYOUTS[view].obstacle(snapshot), "view='auto' picks one that can")
    return view


def check(view: str, reason: str, way_out: str) -> None:
    """Raises ValueError for a view with a reason why it cannot show this graph."""
    if reason:
        raise ValueError(f"draw: view {view!r} cannot show this: {reason}; {way_out}")


def is_plain(options: Options) -> bool:
    """Whether nothing is asked for that view "graph" alone can do"""
    return options.fold is None and not options.blank and options.direction == "LR" and options.highlight is None


def check_captions(snapshot: Snapshot, captions: tuple[str, ...]) -> None:
    if captions and len(captions) != (steps := len(snapshot.unrolleds[0])):
        raise ValueError(f"draw: {len(captions)} captions for {steps} steps; it needs one for each")


def readable_view(snapshot: Snapshot, options: Options) -> str:
    """"shape" for several Unrolleds, and for an LSTM of few uncut steps, where the ways of c and h are seen apart; else
    the first that can be read"""
    unrolled, *others = snapshot.unrolleds
    two_rows = bool(unrolled.initial_cell) and not unrolled.cuts and len(unrolled) <= MAX_READABLE_STEPS
    if others or (two_rows and not options.blank):
        return "shape"
    return next((view for view in ("columns", "units") if not LAYOUTS[view].obstacle(snapshot)), "folded")
