"""Both passes as scenes: every box that holds a computed Value is computed in turn, then hands its gradient on in turn.

A scene says how far the passes have come in two numbers, so that the script can tell what is there: `upto`, the place
of the last Value that has been computed, and `since`, the place of the first that has sent back all that it sends.
"""

from typing import Any, NamedTuple

from minigrad.draw.moment import edges_behind
from minigrad.draw.page.coded import Coded
from minigrad.draw.picture import Arrow, Box, Picture, Quantity, Text, cells_of
from minigrad.draw.scenes import cut_off
from minigrad.draw.views.parts import folded_name
from minigrad.graph import topological_order
from minigrad.notation import formula
from minigrad.notation import name as on_paper
from minigrad.snapshot import Snapshot
from minigrad.value import Value

MAX_OPERATIONS = 8                                    # of a Value whose formula is written out
MARK, END = "\ue000", "\ue001"                        # around the place of a quantity; no name holds them


class Scene(NamedTuple):
    """phase: start, forward, seed, backward or done;  boxes: the ids of those whose turn it is;  arrows: in use"""

    phase: str
    title: str
    account: Text
    upto: int
    since: int
    boxes: tuple[str, ...] = ()
    arrows: tuple[str, ...] = ()


class Film:
    """scenes: of the picture"""

    def __init__(self, picture: Picture, coded: Coded):
        self.snapshot, self.coded, self.place = coded.graph.snapshot, coded, coded.place
        self.titles = {box.id: title_of(box, self.snapshot) for box in picture.boxes}
        self.pills = {box.id: [q for _, cell in cells_of(box) for q in cell.quantities if q == cell.fill]
                      for box in picture.boxes}
        computed = [box for box in picture.boxes if box.kind in ("mid", "loss") and self.values(box)]
        boxes = sorted(computed, key=lambda box: max(self.place[value] for value in self.values(box)))
        self.reached = {box.id: max(self.place[value] for value in self.values(box)) for box in boxes}
        self.into: dict[str, list[Arrow]] = {box.id: [] for box in boxes}
        for arrow in picture.arrows:
            if (head := arrow.head.split(":")[0]) in self.into:
                self.into[head].append(arrow)
        self.scenes = self.all_scenes(boxes)

    def values(self, box: Box) -> list[Value]:
        """The computed Values of a box that the loss reads"""
        return [what for what in box.shows
                if isinstance(what, Value) and what.operands and what in self.snapshot.gradient]

    def all_scenes(self, boxes: list[Box]) -> list[Scene]:
        last, loss = len(self.place) - 1, self.snapshot.name[self.snapshot.loss]
        computed = [node for node in self.snapshot.order if node.operands]
        given = f"inputs and weights are given; the forward pass comes next{cut_off(self.snapshot, computed)}"
        scenes = [Scene("start", "start", Text((given,)), -1, last + 1)]
        for k, box in enumerate(boxes, start=1):
            arrows = tuple(arrow.id for arrow in self.into[box.id])
            scenes.append(Scene("forward", f"forward {k}/{len(boxes)}", self.computed(box), self.reached[box.id],
                                last + 1, (box.id,), arrows))
        seed = Text((f"it starts with ∂{loss}/∂{loss} = 1",))
        scenes.append(Scene("seed", "backward", seed, last, last + 1, (boxes[-1].id,)))
        got: set[str] = set()                         # the boxes that had something before
        groups = self.groups(boxes)
        for k, (since, group) in enumerate(groups, start=1):
            account, arrows = self.sent(group, got)
            keys = tuple(box.id for box in group)
            scenes.append(Scene("backward", f"backward {k}/{len(groups)}", account, last, since, keys, arrows))
        done = Text(("every gradient is known; drag a violet number, or point at a box to see its routes",))
        return [*scenes, Scene("done", "done", done, last, 0)]

    def groups(self, boxes: list[Box]) -> list[tuple[int, list[Box]]]:
        """(since, boxes) in the order of backward(): boxes that hand on together, because what lies behind one was made
        before another, as of the units of a state"""
        groups: list[tuple[int, list[Box]]] = []
        waiting: list[Box] = []
        for k in range(len(boxes) - 1, -1, -1):
            waiting.append(boxes[k])
            since = 1 + self.reached[boxes[k - 1].id] if k else 0
            arrows = [arrow for box in waiting for arrow in self.into[box.id]]
            if all(self.earliest(arrow.flow) >= since for arrow in arrows if isinstance(arrow.flow, Quantity)):
                groups.append((since, waiting))
                waiting = []
        return groups

    def earliest(self, flow: Quantity) -> int:
        """The place of the first Value made of those through which it flows"""
        if flow.kind in ("product", "norm"):
            return min(map(self.earliest, flow.of))
        places = [len(self.place)]
        for edge in edges_behind(flow, self.snapshot):
            through = self.coded.edges[self.coded.edge(edge)][2]
            places += [self.place[edge.user], *(through if isinstance(through, list) else [])]
        return min(places)

    # ------------------------------------------------------------------ sentences

    def computed(self, box: Box) -> Text:
        """z₁ = x₁·w_i + o₀·w_h = 0.5 + 0 = 0.5"""
        values = self.values(box)
        if len(values) == 1:
            return equation(values[0], self.snapshot)
        tails = dict.fromkeys(self.titles[arrow.tail.split(":")[0]] for arrow in self.into[box.id])
        return Text((f"{self.titles[box.id]} is computed from {', '.join(filter(None, tails))}",))

    def sent(self, group: list[Box], got: set[str]) -> tuple[Text, tuple[str, ...]]:
        """from o₂: z₂ gets −0.4953 × 0.6965 = −0.345; with what it had before, and has then.  And the arrows in use"""
        parts: list[str | Quantity] = []
        arrows = [arrow for box in group for arrow in self.into[box.id] if isinstance(arrow.flow, Quantity)]
        tails = [arrow.tail.split(":")[0] for arrow in arrows]
        for arrow, tail in zip(arrows, tails):
            if self.titles[tail] and tails.count(tail) == 1:
                parts += ["; ", *self.got_by(arrow, tail, tail in got)]
            got.add(tail)
        for tail in dict.fromkeys(tail for tail in tails if self.titles[tail] and tails.count(tail) > 1):
            parts += ["; ", f"{self.titles[tail]} gets ", *self.total_of(tail)]       # through several boxes
        names = ", ".join(self.titles[box.id] for box in group)
        account = Text((f"from {names}: ", *(parts[1:] or ["nothing that is shown"])))
        return account, tuple(arrow.id for arrow in arrows)

    def total_of(self, tail: str) -> list[str | Quantity]:
        """What a box has by then"""
        shown = [q for q in self.pills[tail] if q.kind in ("gradient", "norm")]
        return ["in all ", *shown] if shown else ["its share"]

    def got_by(self, arrow: Arrow, tail: str, again: bool) -> list[str | Quantity]:
        flow = arrow.flow
        assert isinstance(flow, Quantity)
        if flow.kind == "contribution" and len(flow.of) == 1:
            [edge] = flow.of
            upstream = Quantity("gradient", (edge.user,), edge.upstream)
            slope, total = Quantity("partial", (edge,), edge.partial), Quantity("gradient", (edge.operand,), edge.total)
            rest: list[str | Quantity] = [" (with the rest ", total, ")"] if again else []
            return [f"{self.titles[tail]} gets ", upstream, " × ", slope, " = ", flow, *rest]
        norm = "a gradient of norm " if flow.kind == "norm" else ""
        return [f"{self.titles[tail]} gets {norm}", flow]


def title_of(box: Box, snapshot: Snapshot) -> str:
    """What the first cell of a box says: o₂, ‖h₂‖; of a ledger its weight or matrix"""
    if box.kind in ("bar", "staircase"):
        [first, *others] = box.shows
        return on_paper(first.label.partition("[")[0]) if others else snapshot.name[first]
    texts = [text for _, cell in cells_of(box) for text in cell.texts]
    return "".join(part for part in texts[0].parts if isinstance(part, str)) if texts else ""


def equation(node: Value, snapshot: Snapshot) -> Text:
    """o₂ = tanh(z₂) = tanh(0.6197) = 0.5509, down to what has a name, or is the number of a leaf"""
    stops = {v for v in snapshot.order if v in snapshot.label or not v.operands} - {node}
    inside = [v for v in topological_order(node, stops) if v not in stops]
    if len(inside) > MAX_OPERATIONS:
        stops, inside = {*node.operands}, [node]
    quantities: list[Quantity] = []
    symbols: dict[Any, str] = {}
    numbers: dict[Any, str] = {}
    for v in inside:
        for operand in v.operands:
            if operand not in symbols:
                symbols[operand] = snapshot.name.get(operand, "…")
                constant = not operand.operands and operand not in snapshot.label
                numbers[operand] = symbols[operand] if constant else f"{MARK}{len(quantities)}{END}"
                quantities += [] if constant else [Quantity("data", (operand,), operand.data)]
        for written in (symbols, numbers):
            words = [written[operand] for operand in v.operands]
            power = v.op.startswith("**") and len(words) == 1 and " " in words[0]
            written[v] = formula(v.op, [f"({words[0]})"] if power else words)
    name, total = snapshot.name[node], folded_name(node, list(stops), snapshot.loss)
    ways = [symbols[node], numbers[node]]
    if total == "BCE":
        operands = sorted([v for v in symbols if v in stops and v in snapshot.label], key=lambda v: not v.operands)
        ways = [f"BCE({', '.join(written[v] for v in operands)})" for written in (symbols, numbers)]
    quantities.append(Quantity("data", (node,), node.data))
    return Text(marked(" = ".join(dict.fromkeys([name, *ways, f"{MARK}{len(quantities) - 1}{END}"])), quantities))


def marked(written: str, quantities: list[Quantity]) -> tuple[str | Quantity, ...]:
    """Words with marks as the parts of a Text"""
    parts: list[str | Quantity] = []
    for k, piece in enumerate(written.split(MARK)):
        place, end, words = piece.partition(END)
        parts += [quantities[int(place)], words] if k and end else [piece]
    return tuple(part for part in parts if part != "")
