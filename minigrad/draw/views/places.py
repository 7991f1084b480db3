"""Where the boxes of a whole network stand, from what each was computed from: columns for time, rows for layers.

A network that reads the states of another is a row above it; one that starts from its last state stands to its right;
one that reads the same inputs is a row above, its time from right to left if it reads them from their end.  The
outputs are above them all, and the loss at their end.
"""

import re
from itertools import pairwise
from typing import NamedTuple

from minigrad.graph import topological_order
from minigrad.nn import Unrolled
from minigrad.snapshot import Snapshot
from minigrad.value import Value

WIDE = 7                                              # columns that leave no room for another


class Vector(NamedTuple):
    """Values that are one vector, its name, and where it stands.

    kind    "input", "one-hot", "start" (a given o_0), "state", "made" (an input that was computed), "output" or "loss"
    row     the states' from 0, below which their inputs stand; the outputs' from 0 above all states
    owner   the place of its Unrolled in the list, from 1; of an output 0
    """

    key: str
    values: list[Value]
    title: str
    kind: str
    column: float
    row: int
    owner: int


def rows(unrolled: Unrolled) -> list[tuple[str, list[list[Value]]]]:
    """What has a row of boxes of its own, from below: its letter, and its vectors at t = 0 … n"""
    return list(zip(unrolled.state_symbols, (unrolled.states, unrolled.cells)))


class Places:
    """boxes: in the order in which they were placed;  box_of: {Value: its box}"""

    def __init__(self, snapshot: Snapshot):
        self.snapshot, self.loss, self.unrolleds = snapshot, snapshot.loss, snapshot.unrolleds
        self.boxes: list[Vector] = []
        self.box_of: dict[Value, Vector] = {}
        self.read: list[tuple[list, list]] = []       # the inputs of an Unrolled, and the Values shown for them
        self.picked: list[tuple[Value, Value, int]] = []    # what stands for an input without Values, a state, its t
        for unrolled in self.in_order():
            self.place(unrolled)
        self.place_outputs()
        self.place_loss()

    def in_order(self) -> list[Unrolled]:
        """The Unrolleds, those that others read or start from before them"""
        made_from = [after(self.snapshot.order, [unrolled]) for unrolled in self.unrolleds]

        def makers(unrolled: Unrolled) -> int:
            states = [o for step in unrolled for o in step.carried]
            return sum(not computed.isdisjoint(states) for computed in made_from)

        return sorted(self.unrolleds, key=makers)

    def box(self, values: list[Value], title: str, kind: str, column: float, row: int, owner=0) -> None:
        """A box of those of the Values that are in none yet, under the name that they have, or else the title"""
        fresh = [value for value in values if value not in self.box_of]
        if fresh:
            box = Vector(f"b{len(self.boxes)}", fresh, base(fresh[0].label) or title, kind, column, row, owner)
            self.boxes.append(box)
            self.box_of.update(dict.fromkeys(fresh, box))

    def of_kind(self, *kinds: str) -> list[Vector]:
        return [box for box in self.boxes if box.kind in kinds]

    def feeding(self, values: list[Value]) -> list[Vector]:
        """The boxes that the Values are in, or else were computed from with no other box between"""
        return list({self.box_of[node].key: self.box_of[node] for node in nearest(values, self.box_of)}.values())

    def place(self, unrolled: Unrolled) -> None:
        start_from = unrolled.carried[0]
        owner, before = self.unrolleds.index(unrolled) + 1, self.feeding(start_from)
        xs = self.inputs(unrolled, shared=not before)
        columns, row = self.over(xs, states=bool(before)) or self.beside(unrolled, xs, before)
        start = columns[0] - (columns[1] - columns[0] if len(columns) > 1 else 1)
        tracks, taken = rows(unrolled), {(box.column, box.row) for box in self.of_kind("state", "start")}
        given = [o for o in start_from if o not in self.box_of]
        needed = [start, *columns] if given else columns
        while any((column, row + k) in taken for column in needed for k in range(len(tracks))):
            row += 1
        made_of = [v for o in given for v in topological_order(o, self.box_of)]
        for k, (letter, vectors) in enumerate(tracks):
            for t, (vector, column) in enumerate(zip(vectors, [start, *columns])):
                kind = "state" if any(o.operands for o in vector) else "start"
                self.box(vector, f"{letter}_{t}", kind, column, row + k, owner)
        inputs = [v for v in dict.fromkeys(made_of) if self.snapshot.role.get(v) == "input"]
        self.box(inputs, "x", "input", start, row, owner)
        own = after(self.snapshot.order, [unrolled])
        for t, (step, x, column) in enumerate(zip(unrolled, xs, columns), start=1):
            if own.isdisjoint(x):                     # else it is an output, fed back
                kind = "one-hot" if isinstance(step.x, int) else "made" if any(v.operands for v in x) else "input"
                self.box(x, f"x_{step.t}", kind, column, row, owner)
            if not step.inputs:
                self.picked += [(x[0], vectors[t][0], step.t) for _, vectors in tracks]

    def inputs(self, unrolled: Unrolled, shared: bool) -> list[list[Value]]:
        """x_1 … x_n, with Values standing for one-hot inputs and constants.  shared: those of an Unrolled that read the
        same, in this order or from the end"""
        given = [step.x for step in unrolled]
        for earlier, shown in self.read if shared else []:
            for way in (1, -1):
                if given == earlier[::way]:
                    return shown[::way]
        shown = [step.inputs or [Value(x) for x in (step.x if isinstance(step.x, tuple) else [step.x])]
                 for step in unrolled]
        self.read.append((given, shown))
        return shown

    def over(self, xs: list[list[Value]], states: bool) -> tuple[list[float], int] | None:
        """For each step the column of what it reads, and the row above; None if that is not side by side, or nothing.
        states: what it reads must be states, not inputs that another reads too"""
        read = [self.feeding(x) for x in xs]
        found = [box for boxes in read for box in boxes if box.kind == "state" or not states]
        columns = [max([box.column for box in boxes], default=-1.0) for boxes in read]
        if not found or min(columns) < 0 or {b - a for a, b in pairwise(columns)} not in (set(), {1.0}, {-1.0}):
            return None
        return columns, 1 + max(box.row for box in found)

    def beside(self, unrolled: Unrolled, xs: list[list[Value]], before: list[Vector]) -> tuple[list[float], int]:
        """Columns to the right of what it starts from or reads; in a row of its own without any"""
        read = [box for box in [*before, *self.feeding([v for x in xs for v in x])] if box.kind in ("state", "start")]
        first = 1 + max([box.column for box in read], default=-1.0)
        first += any(o not in self.box_of for o in unrolled.carried[0])
        row = min([box.row for box in read], default=1 + max([box.row for box in self.boxes], default=-1))
        return [first + t for t in range(len(unrolled))], row

    def place_outputs(self) -> None:
        """What has a name, or is a σ, and is in no cell: over the last of the states that it was computed from"""
        computed = after(self.snapshot.order, self.unrolleds)
        inside = {*self.snapshot.cell_step, self.loss, *self.box_of}
        place = {value: (box.column, -1) for value, box in self.box_of.items()}
        vectors: dict[tuple, list[Value]] = {}
        for node in self.snapshot.order:
            if node in computed and node not in inside and (node.label or node.op == "sigmoid"):
                read = [place[found] for found in nearest(node.operands, place)]
                place[node] = max(column for column, _ in read), 1 + max(row for _, row in read)
                unit = base(node.label) != node.label or not node.label          # of the vector that its label names
                vectors.setdefault((base(node.label), *place[node], None if unit else node), []).append(node)
        unnamed = [key for key in vectors if not key[0]]
        for key, vector in vectors.items():
            title = f"y_hat_{unnamed.index(key) + 1}" if key in unnamed and len(unnamed) > 1 else "y_hat"
            row = key[2]
            while any((box.column, box.row) == (key[1], row) for box in self.of_kind("output")):
                row += 1
            self.box(vector, title, "output", key[1], row)

    def place_loss(self) -> None:
        """To the right of a single output, where there is room; else above what it reads"""
        read, outputs = self.feeding([self.loss]), self.of_kind("output")
        columns = [box.column for box in read if box.kind != "input"]         # it may compare an output with an input
        if len(outputs) == 1 and columns == [outputs[0].column] and columns[0] < WIDE:
            self.box([self.loss], "L", "loss", columns[0] + 1, outputs[0].row)
        else:
            left, right = min(columns), max(columns)
            row = 1 + int(right - left) // 6 + max([box.row for box in outputs], default=-1)   # the wider the higher
            self.box([self.loss], "L", "loss", (left + right) / 2, row)


def base(label: str) -> str:
    """A label without the places of a unit: o_2[0] → o_2"""
    return re.sub(r"(\[\d+\])+$", "", label)


def nearest(values, kept) -> list[Value]:
    """Those of the kept that the values are, or were computed from with no other of them between"""
    ways = [[value] if value in kept else topological_order(value, kept) for value in values]
    return list(dict.fromkeys(node for way in ways for node in way if node in kept))


def after(order, unrolleds) -> set[Value]:
    """The states, and what was computed from them"""
    found = {o for unrolled in unrolleds for step in unrolled for o in step.carried}
    for node in order:                                # operands first
        if not found.isdisjoint(node.operands):
            found.add(node)
    return found
