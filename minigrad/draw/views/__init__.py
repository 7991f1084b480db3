"""The views of a graph, one file each: layout(snapshot, options) → Picture."""

from typing import Any

from minigrad.draw.options import Options
from minigrad.draw.picture import Picture
from minigrad.draw.views import columns, folded, graph, layers, rolled, shape, units
from minigrad.draw.views.textbook import Attention, Cell
from minigrad.snapshot import Snapshot

LAYOUTS: dict[str, Any] = {
    "graph": graph, "columns": columns, "units": units, "folded": folded, "rolled": rolled, "shape": shape,
    "layers": layers, "cell": Cell, "attention": Attention,
}
VIEWS = ("auto", *LAYOUTS)


def picture_of(snapshot: Snapshot, view: str, options: Options) -> Picture:
    """The picture in a view, or for "auto" in the one that can be read.  Raises ValueError for a view that cannot show
    this graph, and names one that can."""
    return LAYOUTS[select_view(snapshot, view, options)].layout(snapshot, options)


def select_view(snapshot: Snapshot, view: str, options: Options) -> str:
    """The name of the view, checked"""
    unrolleds, captions = snapshot.unrolleds, options.captions
    if captions and not unrolleds:
        raise ValueError("draw: captions need the `unrolled` RNN")
    if len(unrolleds) > 1 and view not in ("shape", "auto"):
        raise ValueError(f"draw: view {view!r} shows one Unrolled, not {len(unrolleds)}; view='shape' shows several")
    if view == "layers" or (view == "auto" and not unrolleds and is_plain(options) and not layers.obstacle(snapshot)):
        check(view, "it is for a graph without time steps" if unrolleds else layers.obstacle(snapshot), "graph")
        return "layers"
    if view == "attention":
        check(view, Attention.obstacle(snapshot), "graph")
        return view
    if view == "graph" or (view == "auto" and (not unrolleds or options.fold is not None)):
        check_captions(snapshot, captions)
        return "graph"
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
    if options.blank and view not in ("graph", "columns"):
        raise ValueError(f"draw: view {view!r} cannot blank a number; view='graph' can")
    if view != "shape":                               # which has its own count
        check_captions(snapshot, captions)
    obstacle = {"columns": columns.obstacle, "units": units.obstacle, "cell": Cell.obstacle}.get(view)
    if obstacle:
        check(view, obstacle(snapshot), "auto")
    return view


def check(view: str, reason: str, way_out: str) -> None:
    """Raises ValueError for a view with a reason why it cannot show this graph."""
    if reason:
        works = "picks one that can" if way_out == "auto" else "shows every operation, and every use of a weight"
        raise ValueError(f"draw: view {view!r} cannot show this: {reason}; view={way_out!r} {works}")


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
    two_rows = bool(unrolled.initial_cell) and not unrolled.cuts and len(unrolled) <= shape.MAX_READABLE_STEPS
    if others or (two_rows and not options.blank):
        return "shape"
    return next((view for view in ("columns", "units") if not LAYOUTS[view].obstacle(snapshot)), "folded")
