"""Both passes as scenes of a picture: every Value is computed in turn, then sends its gradient back in turn.

A scene is a Moment and a sentence that says what happens then.  frames() writes each as a picture, for slides.
"""

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from minigrad.draw.changed_data import warn_of_changes
from minigrad.draw.drawing import Drawing
from minigrad.draw.moment import Moment, at_moment, moment_of
from minigrad.draw.options import Options
from minigrad.draw.picture import Cell, Picture, cells_of
from minigrad.draw.views import columns, graph
from minigrad.draw.views.parts import folded_name
from minigrad.files import PICTURES
from minigrad.nn import Unrolled
from minigrad.notation import formula, number
from minigrad.snapshot import Edge, Snapshot
from minigrad.validation import Number
from minigrad.value import Value

CAPTION_WIDTH = 110                                   # characters of a line
LONGEST_TOTAL = 76                                    # in points: a part of a gradient may be longer than the whole


class Scene(NamedTuple):
    """phase: start, forward, seed, backward or done"""

    phase: str
    title: str
    account: str
    moment: Moment


def frames(loss: Value, unrolled: Unrolled | None, directory: str | os.PathLike[str], form: str = "svg"
           ) -> list[Path]:
    """Writes directory/frame_000.svg, frame_001.svg, … (or .png, .pdf, .gv), makes the directory, and gives the paths.

    Raises TypeError for several Unrolleds, ValueError for another form or a graph that is too large,
    DrawingError without an engine.
    """
    snapshot = playable_snapshot("frames", loss, unrolled)
    if form not in PICTURES:
        raise ValueError(f"frames: there is no form {form!r}; use one of {', '.join(PICTURES)}")
    picture = playable_picture(snapshot)
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    drawn = drawings(picture, snapshot, scenes(picture, snapshot))
    return [drawing.save(directory / f"frame_{k:03}.{form}") for k, drawing in enumerate(drawn)]


def drawings(picture: Picture, snapshot: Snapshot, played: list[Scene]) -> Iterator[Drawing]:
    """A picture of each scene with its account below, in the room that the longest of them needs"""
    accounts = [textwrap.wrap(f"{scene.title}: {scene.account}", CAPTION_WIDTH) for scene in played]
    most, room = max(map(len, accounts)), max(len(line) for lines in accounts for line in lines)
    for scene, lines in zip(played, accounts):
        caption = (*lines, *[""] * (most - len(lines)))
        yield Drawing.of(at_moment(picture, snapshot, scene.moment)._replace(caption=caption, room=room))


def playable_snapshot(who: str, loss, unrolled) -> Snapshot:
    """Warns if a weight was changed after the forward pass.  Raises TypeError for anything but a Value, or a Value and
    one Unrolled.  who: what the user called"""
    if isinstance(loss, Value) and (unrolled is None or isinstance(unrolled, Unrolled)):
        snapshot = Snapshot(loss, [unrolled] if unrolled else [], finite=unrolled is not None)
        warn_of_changes(who, snapshot.order, stacklevel=3)
        return snapshot
    names, way_out = [type(one).__name__ for one in ((loss,) if unrolled is None else (loss, unrolled))], ""
    if isinstance(unrolled, (list, tuple)) and all(isinstance(one, Unrolled) for one in unrolled):
        names[1] = f"a {names[1]} of {len(unrolled)}"
        way_out = "; draw(loss, [encoder, decoder]) shows several"
    raise TypeError(f"{who}: it takes a Value, or a Value and one Unrolled, not {', '.join(names)}{way_out}")


def playable_picture(snapshot: Snapshot) -> Picture:
    """The columns of a scalar RNN, else the graph, with room for every part of a gradient, so that nothing moves.

    Raises ValueError if it is too large.
    """
    if snapshot.unrolleds and not columns.obstacle(snapshot):
        return columns.Columns(snapshot, Options()).finish()

    def with_room(cell: Cell) -> Cell:
        grows = any(quantity.kind == "gradient" for quantity in cell.quantities)
        return cell._replace(width=max(cell.width, LONGEST_TOTAL)) if grows else cell

    return graph.Graph(snapshot, Options()).finish().change(with_room, lambda box: {}, lambda arrow: {})


# ---------------------------------------------------------------------- scenes


def scenes(picture: Picture, snapshot: Snapshot) -> list[Scene]:
    """Every moment of both passes"""
    into: dict[Value, list[Edge]] = {}
    for arrow in picture.arrows:
        for edge in arrow.shows:
            into.setdefault(edge.user, []).append(edge)
    order = [node for node in snapshot.order if node in into]
    known = {edge.operand for edges in into.values() for edge in edges} - set(order)
    shown = {quantity.of[0] for box in picture.boxes for _, cell in cells_of(box)
             for quantity in cell.quantities if quantity.kind == "gradient"}
    loss = snapshot.name[snapshot.loss]

    start = f"inputs and weights are known; no gradient has been computed yet{cut_off(snapshot, order)}"
    found = [Scene("start", "start", start, moment_of(snapshot, 0, set(known)))]
    for k, node in enumerate(order, start=1):
        known.add(node)
        moment = moment_of(snapshot, 0, set(known), node)
        found.append(Scene("forward", f"forward {k}/{len(order)}", computed(snapshot, into[node]), moment))
    seed = f"it starts with ∂{loss}/∂{loss} = 1"
    found.append(Scene("seed", "backward", seed, moment_of(snapshot, 0, current=snapshot.loss)))
    for k, node in enumerate(reversed(order), start=1):
        following = order[-k - 1] if k < len(order) else None         # all that was made after it has sent by now
        carried = next((n for n, edge in enumerate(snapshot.edges) if edge.user is following), len(snapshot.edges))
        edges = [edge for edge in into[node] if edge.operand in shown]           # an input has no gradient to show
        account = sent(snapshot, node, edges, found[-1].moment.arrived)
        moment = moment_of(snapshot, carried, current=node)
        found.append(Scene("backward", f"backward {k}/{len(order)}", account, moment))
    return [*found, Scene("done", "done", "every gradient is known", moment_of(snapshot, len(snapshot.edges)))]


def cut_off(snapshot: Snapshot, order: list[Value]) -> str:
    """Which steps are not in the graph, because no gradient flows back to them"""
    first = min([snapshot.cell_step[node] for node in order if node in snapshot.cell_step], default=1)
    if first == 1:
        return ""
    return f"; {'step 1 is' if first == 2 else f'steps 1 … {first - 1} are'} cut off: no gradient flows back there"


def computed(snapshot: Snapshot, edges: list[Edge]) -> str:
    """z₁ = x₁·w_i + o₀·w_h = 0.5 + 0 = 0.5"""
    node, operands = edges[0].user, [edge.operand for edge in edges]
    names, numbers = [snapshot.name[operand] for operand in operands], [number(operand.data) for operand in operands]
    if tuple(operands) == node.operands:
        ways = [formula(node.op, names), formula(node.op, [f"({x})" if x[0] == "−" else x for x in numbers])]
    else:
        op = folded_name(node, operands, snapshot.loss)
        ways = [f"{op}({', '.join(names)})", f"{op}({', '.join(numbers)})"]
    return " = ".join(dict.fromkeys([snapshot.name[node], *ways, number(node.data)]))


def sent(snapshot: Snapshot, node: Value, edges: list[Edge], before: dict[Value, Number]) -> str:
    """from o₂: z₂ gets −0.4953 × 0.6965 = −0.345; with what an operand had before, and has then"""
    accounts, totals = [], dict(before)
    for edge in edges:
        had = totals.get(edge.operand, 0)
        totals[edge.operand] = had + edge.contribution
        product = f"{number(edge.upstream)} × {number(edge.partial)} = {number(edge.contribution)}"
        rest = f" (with the rest {number(totals[edge.operand])})" if number(had) != "0" else ""
        accounts.append(f"{snapshot.name[edge.operand]} gets {product}{rest}")
    return f"from {snapshot.name[node]}: " + ("; ".join(accounts) or "nothing that is shown")
