"""A whole network, of one Unrolled or of several, as textbooks draw it: one box for each state, over time.

    below    the inputs
    above    the outputs, and the loss that they end in

Where a box stands, places.py finds from the graph.  A vector is shown by its norm; the weights are not shown.  An LSTM
has two rows, c_t over h_t: the two ways of its gradient.
"""

import math
import re
from itertools import pairwise

from minigrad.draw.options import Options
from minigrad.draw.picture import Legend, Picture, Point, Quantity, Text, size_of
from minigrad.draw.views.parts import folded_name
from minigrad.draw.views.places import Places, Vector, nearest
from minigrad.draw.views.sketch import ALL_WAYS, Sketch, cell, data
from minigrad.graph import gradients
from minigrad.notation import name, number
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

MAX_STEPS, MAX_COLUMNS, MAX_READABLE_STEPS = 40, 12, 8
PITCH, ROW, INPUT = 124, 92, 70                       # from column to column, row to row, an input to its state
WIDTH, HEIGHT = 104, 56                               # of a box and some air, for arrows to go around it
LANES = [PITCH / 2 + 5 * k for k in (0, -1, 1, -2, 2)]         # of arrows around it: the middle first, clear of the
                                                      # heads of arrows from column to column
STATES = ("state", "start")
FRAMES = {"state": "mid", "made": "mid", "output": "mid", "loss": "loss"}      # all else is an input
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "shape" of draw().  Raises ValueError for too many steps or columns, and for a loss of no state."""
    check_size(sum(len(unrolled) for unrolled in snapshot.unrolleds), "steps", MAX_STEPS)
    for unrolled in snapshot.unrolleds:
        if snapshot.gradient.keys().isdisjoint(o for step in unrolled for o in step.carried):
            loss = f"{snapshot.loss!r} was not computed from a state of {unrolled!r}"
            raise ValueError(f"draw: {loss}, or only across a cut")
    return Shape(snapshot, options).finish()


def check_size(count: int, what: str, most: int) -> None:
    if count > most:
        way_out = "view='folded' draws one Unrolled of any length"
        raise ValueError(f"draw: view 'shape' cannot show this: {count} {what} are more than {most}; {way_out}")


class Shape(Sketch):
    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        places = Places(snapshot)
        self.vectors, self.vector_of, self.picked = places.boxes, places.box_of, places.picked
        check_size(1 + int(max(box.column for box in self.vectors)), "columns", MAX_COLUMNS)
        inputs = places.of_kind("input", "one-hot")
        if options.captions and len(options.captions) != len(inputs):
            raise ValueError(f"draw: {len(options.captions)} captions for {len(inputs)} inputs; it needs one for each")
        self.caption_of = dict(zip([box.key for box in inputs], options.captions))
        self.lifted = {box.row for box in places.of_kind("input", "one-hot", "made")}      # rows with inputs below
        self.top = max(box.row for box in places.of_kind("state"))
        self.states = places.of_kind("state", "start")
        owners = {(letter(box), box.owner) for box in self.vectors}
        self.several = {name_ for name_, owner in owners if any((name_, other) in owners for other in range(1, owner))}
        self.cuts = {leaf: cut for unrolled in snapshot.unrolleds for leaf, cut in unrolled.cuts.items()}
        self.led: list[tuple[Point, ...]] = []       # the corners of the arrows drawn so far
        self.entered: set[tuple[str, str]] = set()    # (box, side) where an arrow from a state beside and below ends

    def finish(self) -> Picture:
        for box in self.vectors:
            self.draw(box)
        for box in self.vectors:
            self.arrows_to(box)
        for x, state, t in self.picked:
            self.lead(self.vector_of[x], self.vector_of[state], "input", (), (("input", t),))
        return self.picture([self.sent_to(box) for box in self.states], legends=self.legends(), size=11)

    def xy(self, box: Vector) -> Point:
        """The middle of a box, in points"""
        row = box.row + self.top + 1 if box.kind in ("output", "loss") else box.row
        y = ROW * row + INPUT * len([lifted for lifted in self.lifted if lifted <= row])
        return PITCH * box.column, y - INPUT * (box.kind in ("input", "one-hot", "made"))

    # ------------------------------------------------------------------ boxes

    def sent_to(self, box: Vector) -> Quantity:
        """∂L/∂ of a vector: its norm"""
        return size_of([self.gradient(value) for value in box.values])

    def title_of(self, box: Vector) -> str:
        """o₂, or o₂⁽¹⁾ where another Unrolled calls its own o too"""
        owner = f"⁽{box.owner}⁾".translate(SUPERSCRIPTS) if box.owner and letter(box) in self.several else ""
        return name(box.title) + owner

    def draw(self, box: Vector) -> None:
        title, gradient, shows = self.title_of(box), self.sent_to(box), tuple[object, ...](box.values)
        words: str | Quantity = size_of([data(value) for value in box.values])
        if box.kind == "loss":
            loss = self.snapshot.loss
            title += " BCE" if folded_name(loss, nearest(loss.operands, self.vector_of), loss) == "BCE" else ""
        elif box.kind in ("input", "one-hot"):
            numbers = [value.data for value in box.values]
            shows = tuple(dict.fromkeys(("input", t) for x, _, t in self.picked if x in box.values)) or shows
            if box.kind == "one-hot":
                words = f"#{numbers[0]}"
            elif len(numbers) > 1:
                words = f"[{' '.join(number(x, 2) for x in numbers)}]"
            words = self.caption_of.get(box.key, words)
        elif len(box.values) > 1:
            title = f"‖{title}‖"
        head = cell(title, bold=True, align="LEFT"), cell(words, digits=3, longest=14, align="RIGHT")
        pill = gradient if box.kind not in ("input", "one-hot") else None
        self.compact(box.key, FRAMES.get(box.kind, "input"), head, pill, self.xy(box), shows,
                     Text((f"{title} ", words), digits=3), width=72)

    # ------------------------------------------------------------------ arrows

    def arrows_to(self, head: Vector) -> None:
        """From each box that this one was computed from with none between, by the gradient that flows back"""
        through: dict[str, list[Edge]] = {}
        cut: dict[str, list[tuple[Value, Value]]] = {}
        for node in head.values:
            for operand, slope in gradients(node, self.vector_of).items():
                tail = self.vector_of.get(operand)
                was = self.vector_of.get(self.cuts.get(operand, operand))
                if tail is None and was is not None:  # where it was cut, and nothing flows back
                    cut.setdefault(was.key, []).append((node, operand))
                if tail is not None and tail is not head:
                    through.setdefault(tail.key, []).append(self.edge(node, operand, ALL_WAYS, slope))
        for tail in self.vectors:
            if tail.key in cut and tail.key not in through:
                self.lead(tail, head, "nothing", (" (cut)",), tuple(cut[tail.key]))
        for tail in self.vectors:
            if tail.key in through:
                back = self.back_to(tail.values, through[tail.key])
                pairs = tuple((node, operand) for node in head.values for operand in tail.values)
                self.lead(tail, head, "input" if tail.kind == "input" else back, (": ", back) if self.gradients else (),
                          pairs)

    def lead(self, tail: Vector, head: Vector, flow: Quantity | str, words: tuple, shows: tuple) -> None:
        """An arrow that leads around the boxes between"""
        way = self.way(tail, head)
        out, into = self.sides(tail, head, way)
        tip = Text((f"{self.title_of(head)} → {self.title_of(tail)}", *words))  # as in every picture: the way back
        self.arrow(f"{tail.key}:{out}", f"{head.key}:{into}", flow, shows, tooltip=tip, via=way)

    def sides(self, tail: Vector, head: Vector, way: tuple[Point, ...]) -> tuple[str, str]:
        """Where an arrow leaves its tail, and where it enters its head"""
        (x, y), (to_x, to_y) = self.xy(tail), self.xy(head)
        sides = ("e", "w") if x < to_x else ("w", "e")
        if y < to_y and way:                          # clear of what leads from c_t down to h_t
            side = "e" if way[0][0] > x else "w"
            entered = any((head.key, other) in self.entered for other in sides)
            return "n" + side * (tail.kind in STATES), "s" + side * entered
        if y < to_y and x != to_x and tail.kind in STATES and head.kind in STATES:        # h_t → c_{t+1}
            self.entered.add((head.key, sides[1]))
            return "n" + sides[0], "s" + sides[1]
        if y < to_y:
            return "n", "s"
        if y > to_y:
            return ("s", "n") if x == to_x else (sides[0], "n" + sides[1])
        return ("n", "n") if way else sides

    def way(self, tail: Vector, head: Vector) -> tuple[Point, ...]:
        """The corners of an arrow: none where the straight line meets no box, else beside the tail's column and apart
        from other arrows there, or over or under its row"""
        (x, y), (to_x, to_y) = self.xy(tail), self.xy(head)
        ways: list[tuple[Point, ...]] = [()]
        edge = math.copysign(HEIGHT / 2 - 4, to_y - y) if y != to_y else 0         # of the box, where the arrow begins
        if y == to_y:
            ways += [((x, y + rise), (to_x, y + rise)) for rise in (HEIGHT, -HEIGHT)]
        else:                                         # from an input on the left, clear of those from the states
            rise = math.copysign(HEIGHT / 2 + 6, to_y - y)
            first = 1 if x < to_x or tail.kind in STATES or (head.key, "w") in self.entered else -1
            sides = [side * lane for side in (first, -first) for lane in LANES]
            ways += [((x + side, y + rise), (x + side, to_y - rise)) for side in sides]
        others = [self.xy(box) for box in self.vectors if box not in (tail, head)]
        ends = (x, y + edge), (to_x, to_y - edge)
        free = [way for way in ways if not any(meet([ends[0], *way, ends[1]], other) for other in others)]
        apart = [way for way in free if not any(beside(way, other) for other in self.led)]
        self.led.append([*apart, *free, ()][0])
        return self.led[-1]

    def legends(self) -> tuple[Legend, ...]:
        vector = any(len(box.values) > 1 for box in self.states)
        words = ["arrow: forward"]
        if self.gradients:
            words = ["box: value / gradient", "arrow: forward, coloured by the gradient that flows back"]
        if self.cuts:
            words[-1] += "; dashed: nothing, or cut" if self.gradients else "; dashed: cut"
        if vector:
            words.append("‖·‖: the norm of a vector")
        if self.several:
            words.append("⁽²⁾: of the second Unrolled")
        middle, y = max(self.xy(box)[0] for box in self.vectors) / 2, -HEIGHT / 2 - 30
        described = Legend(tuple(words), (middle, y), colours=False)
        colours = Legend((), (middle, y - 28), norm=vector, open_ended=True)
        return (described, colours) if self.gradients else (described,)


def letter(box: Vector) -> str:
    """The name of a box without its time step"""
    return re.sub(r"_\d+$", "", box.title)


def beside(way: tuple[Point, ...], other: tuple[Point, ...]) -> bool:
    """Whether the upright parts of two arrows that lead around boxes would lie on one another"""
    if not way or not other or way[0][0] != way[1][0] or other[0][0] != other[1][0]:
        return False
    (low, high), (other_low, other_high) = (sorted(y for _, y in corners) for corners in (way, other))
    return way[0][0] == other[0][0] and low < other_high and other_low < high


def meet(corners: list[Point], box: Point) -> bool:
    """Whether a line through the corners passes a box around the point"""
    for (x, y), (to_x, to_y) in pairwise(corners):
        for k in range(41):
            across, up = x + (to_x - x) * k / 40 - box[0], y + (to_y - y) * k / 40 - box[1]
            if abs(across) < WIDTH / 2 and abs(up) < HEIGHT / 2:
                return True
    return False
