"""A network of layers: one box for each neuron, which folds its weighted sum, and the weights as tables.

    neuron   f(Σ w·x + b): products of a weight and an input, added up, and perhaps one function of the sum
    layer    the neurons that are equally far from the inputs, in the order in which they were made

The arrow from an input to a neuron has the colour of the contribution that flows back along it.
"""

from typing import NamedTuple

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Cell, Picture, Quantity
from minigrad.draw.slide import corners
from minigrad.draw.views.pieces import cell, data
from minigrad.draw.views.sketch import ALL_WAYS, Sketch
from minigrad.notation import operation
from minigrad.snapshot import Snapshot
from minigrad.value import Value

MAX_NEURONS, MAX_LAYERS = 8, 5                        # in a layer; layers
PITCH, ROW, NUMBER = 96, 66, 50                       # between a table and the next; of neurons; a number in a table
FUNCTIONS = ("tanh", "sigmoid", "relu", "exp", "sin", "cos", "abs", "log", "sqrt")


class Neuron(NamedTuple):
    """out: what it hands on;  total: its sum;  pairs: (weight, input);  biases: the weights that are only added"""

    out: Value
    total: Value
    pairs: tuple[tuple[Value, Value], ...]
    biases: tuple[Value, ...]


def obstacle(snapshot: Snapshot) -> str:
    """Why this view cannot be drawn, or "" """
    layers = layers_of(snapshot)
    if len(layers) < 2 or max(map(len, layers)) < 2:
        return "there are no two layers of neurons f(Σ w·x + b) in the graph"
    if max(map(len, layers)) > MAX_NEURONS or len(layers) > MAX_LAYERS:
        return f"it has more than {MAX_NEURONS} neurons in a layer, or more than {MAX_LAYERS} layers"
    neurons = [neuron for layer in layers for neuron in layer]
    used = [weight for neuron in neurons for weight in (*[w for w, _ in neuron.pairs], *neuron.biases)]
    shared = {edge.operand for edge in snapshot.edges if snapshot.role[edge.operand] == "weight"}
    shares = [weight for weight in dict.fromkeys(used) if len(snapshot.uses[weight]) > 1]
    if shares:
        uses = len(snapshot.uses[shares[0]])
        return f"{snapshot.name[shares[0]]} is used {uses} times, and the tables have one place for each weight"
    if shared - set(used):
        return "a weight is used outside the neurons"
    outs = {neuron.out for neuron in neurons}
    rest = [x for neuron in neurons for _, x in neuron.pairs if x.operands and x not in outs]
    return "something stands between two layers" if rest else ""


def layers_of(snapshot: Snapshot) -> list[list[Neuron]]:
    """The neurons by layer, from the inputs on"""
    users: dict[Value, list[Value]] = {}
    for node in snapshot.order:
        for operand in node.operands:
            users.setdefault(operand, []).append(node)
    totals = {node: terms for node in snapshot.order if (terms := terms_of(snapshot, node))}
    inside = {operand for node in totals for operand in node.operands if operand in totals and node.op == "+"}
    layer_of: dict[Value, int] = {}
    layers: list[list[Neuron]] = []
    for total, (pairs, biases) in totals.items():
        if total in inside or not pairs:
            continue
        after = users.get(total, [])
        out = after[0] if len(after) == 1 and after[0].op in FUNCTIONS else total
        layer = max([layer_of.get(x, -1) for _, x in pairs]) + 1
        layer_of[out] = layer
        layers += [[] for _ in range(layer + 1 - len(layers))]
        layers[layer].append(Neuron(out, total, tuple(pairs), tuple(biases)))
    return layers


def terms_of(snapshot: Snapshot, node: Value) -> tuple[list, list] | None:
    """((weight, input), …) and the biases of a weighted sum, or None; found from its terms on, without recursion"""
    role, pairs, biases, waiting = snapshot.role, list[tuple[Value, Value]](), list[Value](), [node]
    while waiting:
        term = waiting.pop()
        weights = [v for v in term.operands if role[v] == "weight"]
        if term.op == "+":
            waiting += reversed(term.operands)
        elif term.op == "*" and len(weights) == 1:
            [x] = [v for v in term.operands if v is not weights[0]]
            pairs.append((weights[0], x))
        elif term.op == "dot" and len(weights) >= len(term.operands) - len(weights) > 0:
            xs = term.operands[len(weights):]
            biases += weights[: len(weights) - len(xs)]
            pairs += zip(weights[-len(xs):], xs)
        elif role[term] == "weight":
            biases.append(term)
        elif term.op or role[term] != "constant":
            return None
    return pairs, biases


class Layers(Sketch):
    longest, dashed = 9, True
    obstacle = staticmethod(obstacle)

    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.layers, self.number = layers_of(snapshot), NUMBER + 7 * self.further
        self.neurons = [neuron.out for layer in self.layers for neuron in layer]
        given = {x for layer in self.layers for neuron in layer for _, x in neuron.pairs}.difference(self.neurons)
        self.inputs = [v for v in snapshot.order if v in given]
        self.row = ROW + 6
        self.tall = max(len(self.inputs), *[len(layer) for layer in self.layers])

    def finish(self) -> Picture:
        x = 0.0
        for k, value in enumerate(self.inputs):
            self.small(self.ids[value], value, at=(x, self.y(k, len(self.inputs))))
        lowest = below = -self.row * self.tall / 2 - 16
        for k, layer in enumerate(self.layers):
            columns = list(dict.fromkeys(x for neuron in layer for _, x in neuron.pairs))
            width = (len(columns) + any(neuron.biases for neuron in layer) + 1) * (self.number + 2) + 14
            x += max(width, 110) / 2 + PITCH / 2
            lowest = min(lowest, below - self.tables(k, layer, columns, x, below))
            x += max(width, 110) / 2 + PITCH / 2 - 44
            for i, neuron in enumerate(layer):
                corner = operation(neuron.out.op) if neuron.out is not neuron.total else "Σ"
                self.value(neuron.out, "mid", corner, (x, self.y(i, len(layer))))
            for neuron in layer:
                slope = neuron.out.partials[0] if neuron.out is not neuron.total else 1
                for weight, x_i in neuron.pairs:
                    edge = self.edge(neuron.out, x_i, ALL_WAYS, slope * weight.data)
                    self.edge_arrow(f"{self.ids[x_i]}:e", f"{self.ids[neuron.out]}:w", edge)
        if self.loss not in self.neurons:
            x = self.loss_box(x + 130)
        return self.finished(x, lowest)

    def y(self, i: int, n: int) -> float:
        return self.row * ((n - 1) / 2 - i)

    def loss_box(self, x: float) -> float:
        """The loss, and the targets that it reads"""
        targets = [v for v in self.snapshot.order if not v.operands and v.label and self.snapshot.role[v] == "target"]
        into = self.snapshot.fold([self.loss, *self.neurons, *targets])
        ways = self.ways(self.loss, into)
        self.value(self.loss, "loss", self.folded_name(self.loss, ways), (x, 0.0))
        for edge in ways:
            if edge.operand in self.neurons:
                self.edge_arrow(f"{self.ids[edge.operand]}:e", f"{self.ids[self.loss]}:w", edge)
        for k, target in enumerate(targets):
            self.small(self.ids[target], target, at=(x + 64 * (k - (len(targets) - 1) / 2), self.row))
            self.arrow(f"{self.ids[target]}:s", f"{self.ids[self.loss]}:n", "input", (target,))
        return x

    def tables(self, k: int, layer: list[Neuron], columns: list[Value], x: float, top: float) -> float:
        """The weights of a layer, and their gradients; gives how high that is"""
        weights = tuple(w for neuron in layer for w in (*[w for w, _ in neuron.pairs], *neuron.biases))
        grids = [(self.grid(f"weights into layer {k + 1}", layer, columns, data, False),)]
        if self.gradients:
            title = f"their gradients ∂{self.name(self.loss)}/∂w"
            grids.append((self.grid(title, layer, columns, self.gradient, True),))
        height = 20 * (len(grids) * (len(layer) + 1) + 1) + 14 * len(grids)
        self.put(Box(f"table{k}", "bar", tuple(grids), (x, top - height / 2), weights, spacing=3, padding=0))
        return height

    def grid(self, title: str, layer: list[Neuron], columns: list[Value], number, is_gradient: bool) -> Cell:
        """A row for each neuron, a column for each input and one for the bias"""
        biased = any(neuron.biases for neuron in layer)
        rows: list[tuple[Cell, ...]] = [(cell(title, 10, "faint", span=len(columns) + biased + 1),)]
        heads = [self.name(value) for value in columns] + ["b"] * biased
        if not is_gradient:                           # which stands under the weights
            rows.append((cell("from", 10, "grey", align="RIGHT"), *[cell(head, 10, "grey") for head in heads]))
        for neuron in layer:
            of = {x: weight for weight, x in neuron.pairs}
            entries = [of.get(x) for x in columns] + [next(iter(neuron.biases), None)] * biased
            rows.append((cell(f"to {self.name(neuron.out)}", 10, "grey", align="RIGHT"),
                         *[self.entry(number(w), is_gradient) if w is not None else cell(" ", 10) for w in entries]))
        return Cell(grid=tuple(rows))

    def entry(self, quantity: Quantity, is_gradient: bool) -> Cell:
        return cell(quantity, 10, digits=2 if is_gradient else 3, signed=is_gradient, width=self.number,
                    fill=quantity if is_gradient else "box")

    def finished(self, right: float, lowest: float) -> Picture:
        legend = self.legend("neuron, function / value", ", coloured by the contribution sent back",
                             (right / 2, lowest - 32), open_ended=True, stacked=True)
        bottom = lowest - (60 if self.options.legend else 0)
        frame = corners(-34, bottom, right + 40, self.row * self.tall / 2, self.slide)
        return self.picture([self.gradient(value) for value in self.neurons], legends=(legend,), corners=frame)
