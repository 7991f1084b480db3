"""A whole network, of one Unrolled or of several, as textbooks draw it: one box for each state, over time.

    below    the inputs
    above    the outputs, and the loss that they end in

Where a box stands, places.py finds from the graph.  A vector is shown by its norm; the weights are not shown.  An LSTM
has two rows, c_t over h_t: the two ways of its gradient.
"""

import re

from minigrad.draw.options import Options
from minigrad.draw.picture import Legend, Picture, Point, Quantity, Text, Word, size_of
from minigrad.draw.views.parts import folded_name, vector_parts
from minigrad.draw.views.pieces import cell, data
from minigrad.draw.views.places import Places, Vector, nearest
from minigrad.draw.views.sketch import ALL_WAYS, Sketch
from minigrad.graph import gradients
from minigrad.notation import name
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

MAX_STEPS, MAX_COLUMNS, MAX_READABLE_STEPS = 40, 12, 8
PITCH, ROW, INPUT = 124, 92, 70                       # from column to column, row to row, an input to its state
HEIGHT = 56                                           # of a box and some air
FRAMES = {"state": "mid", "made": "mid", "output": "mid", "loss": "loss"}      # all else is an input
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def check_size(count: int, what: str, most: int) -> None:
    if count > most:
        way_out = "view='folded' draws one Unrolled of any length"
        raise ValueError(f"draw: view 'shape' cannot show this: {count} {what} are more than {most}; {way_out}")


class Shape(Sketch):
    longest, dashed = 7, True

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        check_size(sum(len(unrolled) for unrolled in snapshot.unrolleds), "steps", MAX_STEPS)
        for unrolled in snapshot.unrolleds:
            if snapshot.gradient.keys().isdisjoint(o for step in unrolled for o in step.carried):
                loss = f"{snapshot.loss!r} was not computed from a state of {unrolled!r}"
                raise ValueError(f"draw: {loss}, or only across a cut")
        places = Places(snapshot)
        self.vectors, self.vector_of, self.picked = places.boxes, places.box_of, places.picked
        check_size(1 + int(max(box.column for box in self.vectors)), "columns", MAX_COLUMNS)
        inputs = places.of_kind("input", "one-hot")
        if options.captions and len(options.captions) != len(inputs):
            raise ValueError(f"draw: {len(options.captions)} captions for {len(inputs)} inputs; it needs one for each")
        self.words_of = dict(zip([box.key for box in inputs], options.captions))
        self.lifted = {box.row for box in places.of_kind("input", "one-hot", "made")}      # rows with inputs below
        self.top = max(box.row for box in places.of_kind("state"))
        self.states = places.of_kind("state", "start")
        owners = {(letter(box), box.owner) for box in self.vectors}
        self.several = {name_ for name_, owner in owners if any((name_, other) in owners for other in range(1, owner))}
        self.beside: list[tuple[str, float, float, float]] = []        # arrows around a column: tail, x, from y to y
        self.cuts = {leaf: cut for unrolled in snapshot.unrolleds for leaf, cut in unrolled.cuts.items()}

    def finish(self) -> Picture:
        for box in self.vectors:
            self.draw(box)
        for box in self.vectors:
            self.arrows_to(box)
        for x, state, t in self.picked:
            self.lead_arrow(self.vector_of[x], self.vector_of[state], "input", (("input", t),))
        return self.picture([self.sent_to(box) for box in self.states], legends=self.legends(), curved=True, size=11)

    def xy(self, box: Vector) -> Point:
        """The middle of a box, in points"""
        row = box.row + self.top + 1 if box.kind in ("output", "loss") else box.row
        y = ROW * row + INPUT * len([lifted for lifted in self.lifted if lifted <= row])
        return PITCH * box.column, y - INPUT * (box.kind in ("input", "one-hot", "made"))

    def sent_to(self, box: Vector) -> Quantity:
        """∂L/∂ of a vector: its norm"""
        return size_of([self.gradient(value) for value in box.values])

    def title_of(self, box: Vector) -> str:
        """o₂, or o₂⁽¹⁾ where another Unrolled calls its own o too"""
        owner = f"⁽{box.owner}⁾".translate(SUPERSCRIPTS) if box.owner and letter(box) in self.several else ""
        return name(box.title) + owner

    def draw(self, box: Vector) -> None:
        whole, gradient, shows, digits = self.title_of(box), self.sent_to(box), tuple[object, ...](box.values), 3
        title = self.short(name(box.title)) + whole.removeprefix(name(box.title))
        words: str | Quantity | tuple = size_of([data(value) for value in box.values])
        if box.kind == "loss":
            loss = self.snapshot.loss
            kind = " BCE" if folded_name(loss, nearest(loss.operands, self.vector_of), loss) == "BCE" else ""
            title, whole = title + kind, whole + kind
        elif box.kind in ("input", "one-hot"):
            shows = tuple(dict.fromkeys(("input", t) for x, _, t in self.picked if x in box.values)) or shows
            if box.kind == "one-hot":
                words = f"#{box.values[0].data}"
            elif len(box.values) > 1:
                words, digits = vector_parts(box.values), 2
            words = self.words_of.get(box.key, words)
            if box.kind == "one-hot":                 # of the first Unrolled that reads it
                words = Word.at(min(t for x, _, t in self.picked if x in box.values), str(words))
        elif len(box.values) > 1:
            title, whole = f"‖{title}‖", f"‖{whole}‖"
        head = cell(title, bold=True, align="LEFT"), cell(words, digits=digits, longest=11, align="RIGHT")
        pill = gradient if box.kind not in ("input", "one-hot") else None
        self.compact(box.key, FRAMES.get(box.kind, "input"), head, pill, self.xy(box), shows,
                     Text((f"{whole} ", *(words if type(words) is tuple else (words,))), digits=digits), width=72)

    def arrows_to(self, head: Vector) -> None:
        """From each box that this one was computed from with none between, by the gradient that flows back"""
        through: dict[str, list[Edge]] = {}
        cut: dict[str, list[tuple[Value, Value]]] = {}
        for node in head.values:
            for operand, slope in gradients(node, self.vector_of).items():
                tail = self.vector_of.get(operand)
                was = self.vector_of.get(self.cuts[operand]) if operand in self.cuts else tail
                if tail is None and was is not None:  # where it was cut, and nothing flows back
                    cut.setdefault(was.key, []).append((node, operand))
                if tail is not None and tail is not head:
                    through.setdefault(tail.key, []).append(self.edge(node, operand, ALL_WAYS, slope))
        for tail in self.vectors:
            if tail.key in cut and tail.key not in through:
                self.lead_arrow(tail, head, "nothing", tuple(cut[tail.key]), " (cut)")
        for tail in self.vectors:
            if tail.key in through:
                back = self.back_to(tail.values, through[tail.key])
                pairs = tuple((node, operand) for node in head.values for operand in tail.values)
                told = self.told(self.title_of(head), self.title_of(tail), back)
                self.lead_arrow(tail, head, "input" if tail.kind == "input" else back, pairs, told)

    def lead_arrow(self, tail: Vector, head: Vector, flow: Quantity | str, shows: tuple, told: Text | str = "") -> None:
        """An arrow; Graphviz leads it around the boxes between.  told: what goes back along it"""
        if isinstance(told, str):
            told = Text((f"from {self.title_of(tail)} to {self.title_of(head)}{told}",))
        out, into = self.sides(tail, head)
        self.arrow(tail.key + out, head.key + into, flow, shows, tooltip=told)

    def sides(self, tail: Vector, head: Vector) -> tuple[str, str]:
        """Where an arrow leaves and enters: on the right, if it would lie on another that goes up the same column"""
        (x, low), (to_x, high) = self.xy(tail), self.xy(head)
        between = any(at[0] == x and low < at[1] < high for at in map(self.xy, self.vectors))
        if x != to_x or not between or tail.kind not in ("state", "start"):
            return "", ""
        lies_on = any(key != tail.key and column == x and bottom < high and low < top
                      for key, column, bottom, top in self.beside)
        self.beside.append((tail.key, x, low, high))
        return (":e", ":e") if lies_on else ("", "")

    def legends(self) -> tuple[Legend, ...]:
        vector = any(len(box.values) > 1 for box in self.states)
        words = ["arrow: forward"]
        if self.gradients:
            words = ["box: value / gradient", "arrow: forward, coloured by the gradient that flows back"]
        words += self.marks(bool(self.cuts))
        if vector:
            words.append("‖·‖: the norm of a vector")
        if self.several:
            words.append("⁽²⁾: of the second network")
        at = max(self.xy(box)[0] for box in self.vectors) / 2, -HEIGHT / 2 - 44
        return (Legend(tuple(words), at, norm=vector, open_ended=True, stacked=True),)


def letter(box: Vector) -> str:
    """The name of a box without its time step"""
    return re.sub(r"_\d+$", "", box.title)
