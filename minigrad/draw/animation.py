"""Both passes as scenes of a picture: every Value is computed in turn, then hands its gradient on in turn.

A scene says what happens in one sentence, and which Moment it is.  frames() writes each as a picture with its
sentence, for slides.
"""

import textwrap
from pathlib import Path
from typing import NamedTuple

from minigrad.draw.changed_data import warn_of_changes
from minigrad.draw.drawing import Drawing
from minigrad.draw.moment import Moment, at_moment, moment_of
from minigrad.draw.options import Options
from minigrad.draw.picture import Cell, Picture, cells_of
from minigrad.draw.render import dot
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
    """phase: start, forward, seed, backward or done; edges: those along which something flows now"""

    phase: str
    title: str
    account: str
    edges: list[Edge]
    moment: Moment


def frames(loss: Value, unrolled: Unrolled | None, directory, form="svg") -> list[Path]:
    """Writes directory/frame_000.svg, frame_001.svg, … (or .png, .pdf, .gv), makes the directory, and gives the paths.

    Raises TypeError for several Unrolleds, ValueError for another form or a graph that is too large,
    DrawingError without an engine.
    """
    snapshot = playable_snapshot("frames", loss, unrolled)
    warn_of_changes("frames", snapshot.order, stacklevel=2)
    if form not in PICTURES:
        raise ValueError(f"frames: there is no form {form!r}; use one of {', '.join(PICTURES)}")
    picture = playable_picture(snapshot)
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    played = scenes(picture, snapshot)
    return [
        Drawing(dot(captioned(at_moment(picture, snapshot, scene.moment), scene, played)))
        .save(directory / f"frame_{k:03}.{form}") for k, scene in enumerate(played)
    ]


def captioned(picture: Picture, scene: Scene, played: list[Scene]) -> Picture:
    """The picture with what happens in the scene under it, in the room that the longest of them needs"""
    lines = [textwrap.wrap(f"{one.title}: {one.account}", CAPTION_WIDTH) for one in played]
    own, most = lines[played.index(scene)], max(map(len, lines))
    room = max(len(line) for of_one in lines for line in of_one)
    return picture._replace(caption=(*own, *[""] * (most - len(own))), room=room)


def playable_snapshot(who: str, loss, unrolled) -> Snapshot:
    """Raises TypeError for anything but a Value, or a Value and one Unrolled.  who: was asked"""
    if isinstance(loss, Value) and (unrolled is None or isinstance(unrolled, Unrolled)):
        return Snapshot(loss, [unrolled] if unrolled else [], finite=unrolled is not None)
    several = isinstance(unrolled, (list, tuple)) and all(isinstance(one, Unrolled) for one in unrolled)
    given = f"a {type(unrolled).__name__} of {len(unrolled)}" if several else type(unrolled).__name__
    given = f"{type(loss).__name__}, {given}" if unrolled is not None else type(loss).__name__
    way_out = "; draw(loss, [encoder, decoder]) shows several" if several else ""
    raise TypeError(f"{who}: it takes a Value, or a Value and one Unrolled, not {given}{way_out}")


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

    start = f"inputs and weights are known; nothing is computed yet{cut_off(snapshot, order)}"
    found = [Scene("start", "start", start, [], moment_of(snapshot, 0, False, set(known)))]
    for k, node in enumerate(order, start=1):
        known.add(node)
        moment = moment_of(snapshot, 0, False, set(known), node)
        found.append(Scene("forward", f"forward {k}/{len(order)}", computed(snapshot, into[node]), into[node], moment))
    seed = moment_of(snapshot, 0, True, None, snapshot.loss)
    found.append(Scene("seed", "backward", f"it starts with ∂{loss}/∂{loss} = 1", [], seed))
    for k, node in enumerate(reversed(order), start=1):
        before = found[-1].moment.arrived
        moment = moment_of(snapshot, carried_after(snapshot, order, len(order) - k), True, None, node)
        edges = [edge for edge in into[node] if edge.operand in shown]           # an input has no gradient to show
        account = sent(snapshot, node, edges, before)
        found.append(Scene("backward", f"backward {k}/{len(order)}", account, edges, moment))
    done = "every gradient is known"
    return [*found, Scene("done", "done", done, [], moment_of(snapshot, len(snapshot.edges)))]


def carried_after(snapshot: Snapshot, order: list[Value], place: int) -> int:
    """How many edges have carried something when backward() comes to the box before `place`: those of all that was
    made after it"""
    if place == 0:
        return len(snapshot.edges)
    return next(k for k, edge in enumerate(snapshot.edges) if edge.user is order[place - 1])


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
