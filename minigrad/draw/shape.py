"""A whole network, of one Unrolled or of several, as textbooks draw it: one box for each state, over time.

    below    the inputs
    above    the outputs, and the loss that they end in

Where a box stands, places.py finds from the graph.  A vector is shown by its norm; the weights are not shown.  An LSTM
has two rows, c_t over h_t: the two roads of its gradient.
"""

import math
import re
from itertools import pairwise

from minigrad.draw import theme
from minigrad.draw.parts import folded_name
from minigrad.draw.places import Box, Places, nearest
from minigrad.graph import gradients, topological_order
from minigrad.nn import Unrolled
from minigrad.notation import name, number, signed
from minigrad.number import Number, innermost
from minigrad.value import Value

MOST_STEPS, MOST_COLUMNS, READ_AT_ONCE = 40, 12, 8
PITCH, ROW, INPUT = 124, 92, 70                       # from column to column, row to row, an input to its state
WIDTH, HEIGHT = 104, 56                               # of a box and some air, for arrows to go around it
LANES = [PITCH / 2 + 5 * k for k in (0, -1, 1, -2, 2)]         # of arrows around it: the middle first, clear of the
                                                      # heads of arrows from column to column
STATES = ("state", "start")
FRAMES = {"state": "mid", "made": "mid", "output": "mid", "loss": "loss"}      # all else is an input
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Shape:
    """view "shape" of draw()"""

    def __init__(self, loss: Value, unrolleds: list[Unrolled], captions: list[str]):
        self.loss, self.backward_ran = loss, theme.has_gradient(loss)
        self.refuse(sum(len(unrolled) for unrolled in unrolleds), "steps", MOST_STEPS)
        reached = set(topological_order(loss))
        for unrolled in unrolleds:
            if reached.isdisjoint(o for step in unrolled for o in step.carried):
                raise ValueError(f"draw: {loss!r} was not computed from a state of {unrolled!r}, or only across a cut")
        places = Places(loss, unrolleds)
        self.gradient, self.boxes, self.box_of = places.graph, places.boxes, places.box_of
        self.refuse(1 + int(max(box.column for box in self.boxes)), "columns", MOST_COLUMNS)
        given = places.of_kind("input", "one-hot")
        if captions and len(captions) != len(given):
            raise ValueError(f"draw: {len(captions)} captions for {len(given)} inputs; it needs one for each")
        self.captions = dict(zip([box.key for box in given], captions))
        self.lifted = {box.row for box in places.of_kind("input", "one-hot", "made")}      # rows with inputs below
        self.top = max(box.row for box in places.of_kind("state"))
        states = places.of_kind("state", "start")
        self.scale = theme.Scale([self.sent_to(box) for box in states] if self.backward_ran else [])
        self.vector = any(len(box.values) > 1 for box in states)
        owners = {(letter(box), box.owner) for box in self.boxes}
        self.several = {name_ for name_, owner in owners if any((name_, other) in owners for other in range(1, owner))}
        self.picked = places.picked
        self.cuts = {leaf: cut for unrolled in unrolleds for leaf, cut in unrolled.cuts.items()}
        self.ways: list[list[tuple[float, float]]] = []                # the corners of the arrows drawn so far
        self.entered: set[tuple[str, str]] = set()    # (box, side) where an arrow from a state beside and below ends
        self.elements: dict = {}                      # {Value or edge: the ids of the elements that show it}
        self.picture = theme.canvas("minigrad", "edgesfirst", 11)

    def refuse(self, found: int, what: str, most: int) -> None:
        if found > most:
            reason = f"{found} {what} are more than {most}"
            way_out = "view='folded' draws one Unrolled of any length"
            raise ValueError(f"draw: view 'shape' cannot show this: {reason}; {way_out}")

    def source(self) -> str:
        for box in self.boxes:
            self.draw(box)
        for box in self.boxes:
            self.arrows_to(box)
        for x, state, t in self.picked:
            self.shows(self.box_of[x].key, ("input", t))
            self.arrow(self.box_of[x], self.box_of[state], theme.INPUT_LINE, "", [("input", t)])
        self.legend()
        return self.picture.source

    def xy(self, box: Box) -> tuple[float, float]:
        """The middle of a box, in points"""
        row = box.row + self.top + 1 if box.kind in ("output", "loss") else box.row
        y = ROW * row + INPUT * len([lifted for lifted in self.lifted if lifted <= row])
        return PITCH * box.column, y - INPUT * (box.kind in ("input", "one-hot", "made"))

    def shows(self, key: str, what) -> None:
        self.elements.setdefault(what, []).append(key)

    # ------------------------------------------------------------------ boxes

    def sent_to(self, box: Box) -> Number:
        """∂L/∂ of a box; of a vector its norm"""
        return size([self.gradient.get(value, 0) for value in box.values])

    def name(self, box: Box) -> str:
        """o₂, or o₂⁽¹⁾ where another Unrolled calls its own o too"""
        owner = f"⁽{box.owner}⁾".translate(SUPERSCRIPTS) if box.owner and letter(box) in self.several else ""
        return name(box.title) + owner

    def draw(self, box: Box) -> None:
        numbers, title, hue = [value.data for value in box.values], self.name(box), hue_of(box.values)
        written = number(size(numbers), 3)
        if box.kind == "loss":
            read = nearest(self.loss.operands, self.box_of)
            title += " BCE" if folded_name(self.loss, read, self.loss) == "BCE" else ""
        elif box.kind == "one-hot":
            written = self.captions.get(box.key, f"#{numbers[0]}")
        elif box.kind == "input":
            vector = f"[{' '.join(number(x, 2) for x in numbers)}]" if hue else number(numbers[0], 3)
            written = self.captions.get(box.key, vector)
        elif hue:
            title = f"‖{title}‖"
        cells = [theme.cell(theme.font(theme.text(title), bold=True), align="LEFT")]
        lines = [theme.row(*cells, theme.cell(theme.text(written, 14), align="RIGHT"))]
        if self.backward_ran and box.kind not in ("input", "one-hot"):
            gradient = self.sent_to(box)
            words, fill = number(gradient, 3) if hue else signed(gradient, 3), self.scale.fill(gradient, hue)
            lines.append(theme.row(theme.cell(words, colspan=2, bgcolor=fill, style="ROUNDED", width=72)))
        for value in box.values:
            self.shows(box.key, value)
        kind = FRAMES.get(box.kind, "input")
        self.picture.node(box.key, label=theme.box(*lines, **theme.frame(kind)), id=box.key, **{"class": f"v {kind}"},
                          pos=theme.at(*self.xy(box)), tooltip=theme.tooltip(f"{title} {written}"))

    # ------------------------------------------------------------------ arrows

    def arrows_to(self, head: Box) -> None:
        """From each box that this one was computed from with none between, by the gradient that flows back"""
        through: dict[str, dict[Value, Number]] = {}
        cut: dict[str, list[tuple[Value, Value]]] = {}
        for node in head.values:
            for operand, slope in gradients(node, self.box_of).items():
                tail = self.box_of.get(operand)
                was = self.box_of.get(self.cuts.get(operand, operand))
                if tail is None and was is not None:  # where it was cut, and nothing flows back
                    cut.setdefault(was.key, []).append((node, operand))
                if tail is not None and tail is not head:
                    found = through.setdefault(tail.key, {})
                    found[operand] = found.get(operand, 0) + slope * self.gradient.get(node, 0)
        for tail in [box for box in self.boxes if box.key in cut and box.key not in through]:
            self.arrow(tail, head, theme.NOTHING_LINE, " (cut)", cut[tail.key])
        for tail in [box for box in self.boxes if box.key in through]:
            back = size([through[tail.key].get(value, 0) for value in tail.values])
            seen = self.backward_ran and tail.kind != "input"
            line = self.scale.line(back, hue_of(tail.values)) if seen else theme.INPUT_LINE
            edges = [(node, operand) for node in head.values for operand in tail.values]
            self.arrow(tail, head, line, f": {number(back)}" if self.backward_ran else "", edges)

    def arrow(self, tail: Box, head: Box, line: dict, words: str, edges: list) -> None:
        """An arrow that leads around the boxes between"""
        (x, y), (to_x, to_y), way = self.xy(tail), self.xy(head), self.way(tail, head)
        sides = ("e", "w") if x < to_x else ("w", "e")
        if y < to_y and way:                          # clear of what leads from c_t down to h_t
            side = "e" if way[0][0] > x else "w"
            entered = any((head.key, other) in self.entered for other in sides)
            ports = "n" + side * (tail.kind in STATES), "s" + side * entered
        elif y < to_y and x != to_x and tail.kind in STATES and head.kind in STATES:        # h_t → c_{t+1}
            ports = "n" + sides[0], "s" + sides[1]
            self.entered.add((head.key, sides[1]))
        elif y < to_y:
            ports = "n", "s"
        elif y > to_y:
            ports = ("s", "n") if x == to_x else (sides[0], "n" + sides[1])
        else:
            ports = ("n", "n") if way else sides
        key, stops = f"e{tail.key}_{head.key}", [f"{tail.key}:{ports[0]}"]
        for k, corner in enumerate(way):
            stops.append(f"{key}_{k}")
            self.picture.node(stops[-1], label="", id=stops[-1], shape="point", color=line["color"], tooltip=" ",
                              width=f"{float(line['penwidth']) / theme.POINTS:.3f}", pos=theme.at(*corner))
        stops.append(f"{head.key}:{ports[1]}")
        ids = [*[f"{key}to{k}" for k in range(len(way))], key]
        for part, (start, stop) in zip(ids, pairwise(stops)):
            tip = theme.tooltip(f"{self.name(head)} → {self.name(tail)}{words}")     # as in every picture: the way back
            point = {} if part == key else {"arrowhead": "none"}
            self.picture.edge(start, stop, id=part, **{"class": "e"}, tooltip=tip, **point, **line)
        for edge in edges:
            for shown in [*ids, *stops[1:-1]]:
                self.shows(shown, edge)

    def way(self, tail: Box, head: Box) -> list[tuple[float, float]]:
        """The corners of an arrow: none where the straight line meets no box, else beside the tail's column and apart
        from other arrows there, or over or under its row"""
        (x, y), (to_x, to_y) = self.xy(tail), self.xy(head)
        ways: list[list[tuple[float, float]]] = [[]]
        edge = math.copysign(HEIGHT / 2 - 4, to_y - y) if y != to_y else 0         # of the box, where the arrow begins
        if y == to_y:
            ways += [[(x, y + rise), (to_x, y + rise)] for rise in (HEIGHT, -HEIGHT)]
        else:                                         # from an input on the left, clear of those from the states
            rise = math.copysign(HEIGHT / 2 + 6, to_y - y)
            first = 1 if x < to_x or tail.kind in STATES or (head.key, "w") in self.entered else -1
            sides = [side * lane for side in (first, -first) for lane in LANES]
            ways += [[(x + side, y + rise), (x + side, to_y - rise)] for side in sides]
        others = [self.xy(box) for box in self.boxes if box not in (tail, head)]
        ends = (x, y + edge), (to_x, to_y - edge)
        free = [way for way in ways if not any(meet([ends[0], *way, ends[1]], other) for other in others)]
        apart = [way for way in free if not any(beside(way, other) for other in self.ways)]
        self.ways.append([*apart, *free, []][0])
        return self.ways[-1]

    def legend(self) -> None:
        right = max(self.xy(box)[0] for box in self.boxes)
        words = ["arrow: forward"]
        if self.backward_ran:
            words = ["box: value / gradient", "arrow: forward, coloured by the gradient that flows back"]
        if self.cuts:
            words[-1] += "; dashed: nothing, or cut" if self.backward_ran else "; dashed: cut"
        if self.vector:
            words.append("‖·‖: the norm of a vector")
        if self.several:
            words.append("⁽²⁾: of the second Unrolled")
        lines = [theme.legend(words, theme.Scale([]))]
        if self.backward_ran:
            lines.append(theme.legend([], self.scale, theme.NORM if self.vector else "", open_ended=True))
        for k, line in enumerate(lines):
            key, y = f"legend{k}", -HEIGHT / 2 - 30 - 28 * k
            self.picture.node(key, label=line, id=key, pos=theme.at(right / 2, y))


def size(numbers: list[Number]) -> Number:
    """The number itself; of several the norm √Σx²"""
    return numbers[0] if len(numbers) == 1 else math.hypot(*[float(innermost(x)) for x in numbers])


def letter(box: Box) -> str:
    """The name of a box without its time step"""
    return re.sub(r"_\d+$", "", box.title)


def hue_of(values: list[Value]) -> str:
    """A norm has no sign, and a colour of its own"""
    return theme.NORM if len(values) > 1 else ""


def beside(way: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Whether the upright parts of two arrows that lead around boxes would lie on one another"""
    if not way or not other or way[0][0] != way[1][0] or other[0][0] != other[1][0]:
        return False
    (low, high), (other_low, other_high) = (sorted(y for _, y in corners) for corners in (way, other))
    return way[0][0] == other[0][0] and low < other_high and other_low < high


def meet(corners: list[tuple[float, float]], box: tuple[float, float]) -> bool:
    """Whether a line through the corners passes a box around the point"""
    for (x, y), (to_x, to_y) in pairwise(corners):
        for k in range(41):
            across, up = x + (to_x - x) * k / 40 - box[0], y + (to_y - y) * k / 40 - box[1]
            if abs(across) < WIDTH / 2 and abs(up) < HEIGHT / 2:
                return True
    return False
