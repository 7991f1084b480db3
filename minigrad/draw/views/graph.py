"""Any graph of Values, laid out by dot from left to right: every operation a box, every operand an edge.

A weight that is used many times is a small gold stub at each use, holding the contribution of that use, and its ledger
stands apart.  With `fold` only the named Values are boxes, and an edge carries the derivative along all ways between.
"""

from minigrad.draw.options import Options
from minigrad.draw.picture import Box, Group, Legend, Picture
from minigrad.draw.views.pieces import contribution, partial
from minigrad.draw.views.places import base
from minigrad.draw.views.sketch import Sketch
from minigrad.edges import ways_back
from minigrad.notation import name as printed
from minigrad.notation import operation
from minigrad.snapshot import Edge, Snapshot
from minigrad.value import Value

MAX_BOXES = 200
MAX_ARROWS_OF_A_WEIGHT = 3                            # more of them, and the weight is drawn as stubs


def kept_values(snapshot: Snapshot, fold) -> list[Value]:
    """The Values that `fold` names, by themselves or by their label; o_2 is also each o_2[i].

    Raises TypeError for what is neither, ValueError for what is not in the graph.
    """
    if not isinstance(fold, (list, tuple, set)):
        raise TypeError(f"draw: fold={fold!r} is not a list; write fold=[w_h, 'o_1', …], or fold=False to fold nothing")
    kept = []
    for item in fold:
        if not isinstance(item, (Value, str)):
            raise TypeError(f"draw: fold={item!r} is neither a Value nor a label")
        labels = {item, printed(item)} if isinstance(item, str) and item else set()
        found = [value for value in snapshot.order if value is item or labels & {
            value.label, base(value.label), snapshot.label.get(value), snapshot.name[value]}]
        if not found:
            known = ", ".join(dict.fromkeys(base(value.label) for value in snapshot.order if value.label))
            raise ValueError(f"draw: fold: {item!r} is not in the graph of {snapshot.loss!r}; its labels are {known}")
        kept += found
    return kept


class Graph(Sketch):
    def __init__(self, snapshot: Snapshot, options: Options):
        super().__init__(snapshot, options)
        self.folded = options.fold is not None and options.fold is not False
        self.losses = {} if options.fold is False else snapshot.losses
        if self.folded:
            into = snapshot.fold(kept_values(snapshot, options.fold))
            self.drawn = {node: self.ways(node, into) for node in into}
        else:
            hidden = set().union(*[box.inside for box in self.losses.values()])
            self.drawn = {node: [self.edge(node, *way) for way in ways_back(node, self.losses)]
                          for node in snapshot.order if node not in hidden}
        self.uses: dict[Value, list[Edge]] = {node: [] for node in self.drawn}
        for edges in self.drawn.values():
            for edge in edges:
                self.uses[edge.operand].append(edge)
        self.last = len(self.unrolled) + 1 if snapshot.unrolleds and not self.folded else 0

    def finish(self) -> Picture:
        if len(self.drawn) > MAX_BOXES:
            way = "view='folded'" if self.snapshot.unrolleds else "fold=[…] with fewer Values, or unrolled= for an RNN"
            raise ValueError(f"draw: view 'graph' would have {len(self.drawn)} boxes, more than {MAX_BOXES}; use {way}")
        for weight in self.drawn:
            if self.is_stubbed(weight):
                self.ledger_of(weight)
        grounds: dict[int, list[str]] = {t: [] for t in range(self.last + 1)}
        for node, edges in self.drawn.items():
            if not self.is_stubbed(node):
                grounds[self.step_of_box(node)] += [self.box(node), *[
                    self.small(self.stub(edge), edge.operand, "weight", contribution(edge))
                    for edge in edges if self.is_stubbed(edge.operand)]]         # beside its user, on the same ground
        for edges in self.drawn.values():
            for edge in edges:
                ground, chips = self.step_of_box(edge.user), self.draw_edge(edge)
                if ground == self.step_of_box(edge.operand):
                    grounds[ground] += chips
        groups = [Group(str(t), f"t = {t}" if t < self.last else "output", tuple(keys))
                  for t, keys in grounds.items() if t and keys]
        self.check_captions("graph")
        gold = "gold: weight" if self.snapshot.unrolleds else "gold: leaf with its gradient"
        words = "box: value / gradient", gold, "arrow: × partial, in bold what it sends back"
        return self.picture([self.gradient(node) for node in self.drawn], groups=tuple(groups), pinned=False,
                            legends=(Legend(words, stacked=True),) if self.gradients else ())

    def ground(self, node: Value) -> int:
        """The step of a node in its cell; the output's for one that comes after the cells; 0 for neither"""
        step, cell_step = self.snapshot.step, self.snapshot.cell_step
        return 0 if not self.last or node not in step else cell_step.get(node, self.last)

    def step_of_box(self, node: Value) -> int:
        """The step whose ground a box stands on: its own, or for a leaf that of its only user; 0 for none"""
        users = {self.ground(edge.user) for edge in self.uses[node]}
        if (own := self.ground(node)) or len(users) != 1:
            return own
        return users.pop()

    def is_weight(self, value: Value) -> bool:
        """Gold, with its gradient; another leaf of many uses too, so that its arrows do not cover the picture"""
        many = not self.snapshot.unrolleds and len(self.uses[value]) > MAX_ARROWS_OF_A_WEIGHT
        return not value.operands and (many or self.snapshot.role[value] == "weight")

    def is_stubbed(self, leaf: Value) -> bool:
        most = 1 if self.snapshot.unrolleds else MAX_ARROWS_OF_A_WEIGHT
        return self.is_weight(leaf) and len(self.uses[leaf]) > most and not self.folded

    def stub(self, edge: Edge) -> str:
        """The id of the small box that stands for one use of a weight"""
        return f"{self.ids[edge.operand]}use{self.ids[edge.user][1:]}_{edge.position}"

    def box(self, node: Value) -> str:
        if node.operands or node is self.loss:
            own = {edge.operand for edge in self.drawn[node]} == set(node.operands)
            corner = operation(node.op) if own else ""         # "" where several are folded into one
            corner = self.losses[node].name if node in self.losses and not self.folded else corner
            return self.value(node, self.kind(node), corner, width=62, formulas=True)
        if self.is_weight(node):
            return self.value(node, "weight", width=62, formulas=True)
        return self.small(self.ids[node], node)

    def draw_edge(self, edge: Edge) -> tuple[str, ...]:
        """Gives the box that the arrow goes through, of its numbers, so that they cannot be taken for another's."""
        operand, tail, head = edge.operand, self.ids[edge.operand], self.ids[edge.user]
        again = operand in edge.user.operands[: max(edge.position, 0)]
        key = f"e{tail}_{head}" + (f"_{edge.position}" if again else "")
        if self.is_stubbed(operand):
            self.edge_arrow(self.stub(edge), head, edge, key)
        elif operand.operands or self.is_weight(operand):
            sent = contribution(edge)
            rows = self.chip(("× ", partial(edge)), sent, sent, signed=True, width=36)
            chips = (self.put(Box(f"l{key}", "chip", rows, shows=(edge,))),) if self.gradients else ()
            self.edge_arrow(tail, head, edge, key, via=chips, pull=5 if operand.operands else 1)
            return chips
        else:
            self.edge_arrow(tail, head, edge, key, plain=True)
        return ()

    def ledger_of(self, weight: Value) -> None:
        """∂L/∂w = the sum of what its uses send back: by time step, or by user"""
        if not self.snapshot.unrolleds:
            terms = [self.amount(f"via {self.name(edge.user)}", contribution(edge)) for edge in self.uses[weight]]
        else:
            cut = self.snapshot.ledgers[weight].cut
            terms = [self.amount(f"t = {t}" + (", cut" if cut[t - 1] else ""), self.term(weight, t))
                     for t in range(1, self.last)]
            if self.term(weight, 0).number:
                terms.append(self.amount("elsewhere", self.term(weight, 0)))
        self.ledger(weight, terms if self.gradients else [])
