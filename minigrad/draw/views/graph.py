"""Any graph of Values, laid out by dot from left to right: every operation a box, every operand an edge.

A weight that is used many times is a small gold stub at each use, holding the contribution of that use, and its ledger
stands apart.  With `fold` only the named Values are boxes, and an edge carries the derivative along all ways between.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Group, Legend, Picture, Quantity
from minigrad.snapshot import Edge, Snapshot
from minigrad.draw.views.sketch import Sketch, contribution
from minigrad.notation import operation
from minigrad.value import Value

MOST_BOXES = 200
MOST_ARROWS_OF_A_WEIGHT = 3                           # more of them, and the weight is drawn as stubs


def layout(snapshot: Snapshot, options: Options) -> Picture:
    """view "graph" of draw().  Raises ValueError, with the way out, for more than 200 boxes."""
    into = None if options.fold is None else snapshot.fold(options.fold)
    boxes = len(snapshot.order if into is None else into)
    if boxes > MOST_BOXES:
        way = "view='folded'" if snapshot.unrolleds else "fold=[…] with fewer Values, or unrolled= for an RNN"
        raise ValueError(f"draw: view 'graph' would have {boxes} boxes, more than {MOST_BOXES}; use {way}")
    return Graph(snapshot, into, options).picture()


class Graph:
    def __init__(self, snapshot: Snapshot, into: dict | None, options: Options):
        self.snapshot, self.sketch = snapshot, Sketch(snapshot, options.gradients)
        self.folded, sketch = into is not None, self.sketch
        nodes = snapshot.order if into is None else list(into)
        self.edges = {node: sketch.edges(node) if into is None else sketch.ways(node, into) for node in nodes}
        self.uses: dict[Value, list[Edge]] = {node: [] for node in nodes}
        for edges in self.edges.values():
            for edge in edges:
                self.uses[edge.operand].append(edge)
        self.last = len(snapshot.unrolleds[0]) + 1 if snapshot.unrolleds and not self.folded else 0

    def picture(self) -> Picture:
        sketch = self.sketch
        for weight in self.edges:
            if self.is_stubbed(weight):
                self.ledger(weight)
        grounds: dict[int, list[str]] = {t: [] for t in range(1, self.last + 1)}
        for node, edges in self.edges.items():
            if not self.is_stubbed(node):
                keys = [self.box(node)]
                for edge in edges:
                    if self.is_stubbed(edge.operand):                  # beside its user, and on the same ground
                        keys.append(sketch.small(self.stub(edge), edge.operand, "weight", contribution(edge)))
                grounds.get(self.step_of_box(node), []).extend(keys)
        for edges in self.edges.values():
            for edge in edges:
                self.arrow(edge)
        groups = [Group(str(t), f"t = {t}" if t < self.last else "output", tuple(keys))
                  for t, keys in grounds.items() if keys]
        words = "box: value / gradient", "gold: weight", "arrow: × local derivative, in bold what it sends back"
        return sketch.picture([sketch.gradient(node) for node in self.edges], groups=tuple(groups), pinned=False,
                              legends=(Legend(words),) if sketch.gradients else ())

    def ground(self, node: Value) -> int:
        """The step of a node in its cell; the output's for one that comes after the cells; 0 for neither"""
        snapshot = self.snapshot
        if not self.last or node not in snapshot.step:
            return 0
        return snapshot.step[node] if node in snapshot.cell_step else self.last

    def step_of_box(self, node: Value) -> int:
        """The step whose ground a box stands on: its own, or for a leaf that of its only user; 0 for none"""
        users = {self.ground(edge.user) for edge in self.uses[node]}
        if node.operands:
            return self.ground(node) or (max(users, default=0) if len(users) == 1 else 0)
        return users.pop() if len(users) == 1 and not self.is_weight(node) else 0

    def is_weight(self, value: Value) -> bool:
        """Gold, with its gradient; another leaf of many uses too, so that its arrows do not cover the picture"""
        many = not self.snapshot.unrolleds and len(self.uses[value]) > MOST_ARROWS_OF_A_WEIGHT
        return not value.operands and (many or self.snapshot.role[value] == "weight")

    def is_stubbed(self, leaf: Value) -> bool:
        most = 1 if self.snapshot.unrolleds else MOST_ARROWS_OF_A_WEIGHT
        return self.is_weight(leaf) and len(self.uses[leaf]) > most and not self.folded

    def stub(self, edge: Edge) -> str:
        """The id of the small box that stands for one use of a weight"""
        return f"{self.sketch.id(edge.operand)}use{self.sketch.id(edge.user)[1:]}_{edge.position}"

    def box(self, node: Value) -> str:
        sketch = self.sketch
        if node is self.snapshot.loss or node.operands:
            own = {edge.operand for edge in self.edges[node]} == set(node.operands)
            corner = operation(node.op) if own or not self.folded else ""      # "" where several are folded into one
            return sketch.value(node, "loss" if node is self.snapshot.loss else "mid", corner, width=62, formulas=True)
        if self.is_weight(node):
            return sketch.value(node, "weight", width=62, formulas=True)
        return sketch.small(sketch.id(node), node)

    def arrow(self, edge: Edge) -> None:
        sketch, operand, head = self.sketch, edge.operand, self.sketch.id(edge.user)
        again = operand in edge.user.operands[: edge.position or 0]
        key = f"e{sketch.id(operand)}_{head}" + (f"_{edge.position}" if again else "")
        if self.is_stubbed(operand):
            sketch.arrow(self.stub(edge), head, [edge], key)
        elif operand.operands or self.is_weight(operand):
            chip = sketch.chip(edge) if sketch.gradients else ()
            sketch.arrow(sketch.id(operand), head, [edge], key, label=chip, pull=5 if operand.operands else 1)
        else:
            sketch.arrow(sketch.id(operand), head, [edge], key, plain=True)

    def ledger(self, weight: Value) -> None:
        """∂L/∂w = the sum of what its uses send back: by time step, or by user"""
        sketch, snapshot = self.sketch, self.snapshot
        if not snapshot.unrolleds:
            terms = [sketch.term(f"via {snapshot.name[edge.user]}", contribution(edge)) for edge in self.uses[weight]]
        else:
            ledger = snapshot.ledger(weight)
            terms = [sketch.term(f"t = {t}" + (", cut" if cut else ""), Quantity("term", (weight, (t,)), term))
                     for t, (term, cut) in enumerate(zip(ledger.terms, ledger.cut), start=1)]
            if ledger.elsewhere:
                terms.append(sketch.term("elsewhere", Quantity("term", (weight, (0,)), ledger.elsewhere)))
        sketch.ledger(weight, terms if sketch.gradients else [])
