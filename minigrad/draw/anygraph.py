"""Any graph of Values, laid out by dot from left to right: every operation a box, every operand an edge.

A weight that is used many times is a small gold stub at each use, holding the contribution of that use, and its ledger
stands apart.  With `fold` only the named Values are boxes, and an edge carries the derivative along all ways between.
"""

import graphviz

from minigrad.bptt import cells, ledgers, steps_of_uses
from minigrad.draw import theme
from minigrad.draw.bars import amount, ids
from minigrad.draw.sheet import EVERYTHING, Sheet
from minigrad.graph import fold, gradients, topological_order
from minigrad.nn import Unrolled
from minigrad.notation import number, operation
from minigrad.number import Number
from minigrad.replay import all_names
from minigrad.value import Value

MOST_BOXES = 200
MOST_EDGES_OF_A_LEAF = 3                              # more of them, and the leaf is drawn as stubs


def anygraph(loss: Value, unrolled: Unrolled | None = None, keep=None, showing=EVERYTHING) -> "AnyGraph":
    """The picture.  Raises ValueError, with the way out, for more than 200 boxes."""
    refuse_too_many(loss, unrolled, keep)
    return AnyGraph(loss, unrolled, keep, showing)


def refuse_too_many(loss: Value, unrolled: Unrolled | None, keep) -> None:
    boxes = len(topological_order(loss) if keep is None else fold(loss, keep))
    if boxes > MOST_BOXES:
        way = "view='folded'" if unrolled else "fold=[…] with fewer Values, or unrolled= for an RNN"
        raise ValueError(f"draw: view 'graph' would have {boxes} boxes, more than {MOST_BOXES}; use {way}")


class AnyGraph(Sheet):
    def __init__(self, loss: Value, unrolled: Unrolled | None = None, keep=None, showing=EVERYTHING):
        gradient = gradients(loss)
        picture = graphviz.Digraph("minigrad")
        picture.attr(
            "graph", layout="dot", rankdir="LR", newrank="true", nodesep=".16", ranksep=".32", splines="true",
            bgcolor="white", pad=".15", fontname=theme.FONT,
        )
        picture.attr("node", shape="plain", fontname=theme.FONT, fontsize="12", fontcolor=theme.INK, tooltip=" ")
        picture.attr("edge", fontname=theme.FONT, fontsize="10", arrowsize=".55")
        if keep is None:
            self.into = {node: tuple(zip(node.operands, node.partials)) for node in gradient}
        else:
            self.into = fold(loss, keep)
        names = all_names(loss, unrolled)
        super().__init__(picture, loss, names, gradient, self.into, showing)
        self.unrolled, self.folded = unrolled, keep is not None
        self.uses: dict[Value, list[tuple[Value, Number]]] = {node: [] for node in self.into}
        for node, edges in self.into.items():
            for operand, partial in edges:
                self.uses[operand].append((node, partial))
        self.given = unrolled.given if unrolled else set()           # leaves that are no weights
        self.step_of: dict[Value, int] = {}
        if unrolled and not self.folded:
            cell_of, steps = cells(unrolled), steps_of_uses(loss, unrolled)
            self.step_of = {node: steps[node] if node in cell_of else len(unrolled) + 1 for node in steps}

    def source(self) -> str:
        for weight in self.into:
            if self.is_stubbed(weight):
                self.ledger(weight)
        last = len(self.unrolled) + 1 if self.unrolled else 0
        for t in range(last + 1):
            inside = [node for node in self.into if self.step_of_box(node) == t and not self.is_stubbed(node)]
            if not inside:
                continue
            whole = self.picture
            if t:
                self.picture = self.band(t, last)
            for node in inside:
                self.node(node)
                for position, (operand, partial) in enumerate(self.into[node]):
                    if self.is_stubbed(operand):      # beside its user, and on the same ground
                        contribution = partial * self.gradient[node]
                        self.small(self.stub(node, operand, position), operand, "weight", contribution, node)
            if t:
                whole.subgraph(self.picture)
                self.picture = whole
        for node, edges in self.into.items():
            for position, (operand, partial) in enumerate(edges):
                self.one_edge(node, operand, partial, position)
        if self.backward_ran:
            words = ["box: value / gradient", "gold: weight", "arrow: × local derivative, in bold what it sends back"]
            self.picture.attr("graph", label=theme.legend(words, self.scale, stacked=True), labelloc="b")
        return self.picture.source

    def band(self, t: int, last: int) -> graphviz.Digraph:
        """The grey ground of a step, or of the output"""
        cluster = graphviz.Digraph(f"cluster_{t}")
        cluster.attr(
            label="output" if t == last else f"t = {t}", labeljust="l", labelloc="t", fontsize="13", margin="8",
            fontcolor=theme.GREY, style="rounded,filled", color=theme.BAND_RULE, fillcolor=theme.BAND, tooltip=" ",
        )
        return cluster

    def step_of_box(self, node: Value) -> int:
        """The step whose ground a box stands on: its own, or for a leaf that of its only user; 0 for none"""
        users = {self.step_of.get(user, 0) for user, _ in self.uses[node]}
        if node in self.step_of or node.operands:
            return self.step_of.get(node, max(users, default=0) if len(users) == 1 else 0)
        return users.pop() if len(users) == 1 and not self.is_weight(node) else 0

    def is_weight(self, leaf: Value) -> bool:
        """Gold, with its gradient; other leaves are inputs (x…), targets (y…), initial states and plain constants"""
        if leaf.operands or leaf in self.given:
            return False
        return leaf.label[:1] not in ("", "x", "y") or len(self.uses[leaf]) > MOST_EDGES_OF_A_LEAF

    def is_stubbed(self, leaf: Value) -> bool:
        most = 1 if self.unrolled else MOST_EDGES_OF_A_LEAF
        return self.is_weight(leaf) and len(self.uses[leaf]) > most and not self.folded

    # ------------------------------------------------------------------ pieces

    def node(self, node: Value) -> None:
        if node is self.loss:
            self.box(node, self.corner(node), "loss", width=62)
        elif node.operands:
            self.box(node, self.corner(node), width=62)
        elif self.is_weight(node):
            self.box(node, "", "weight", width=62)
        else:
            self.small(self.id[node], node)

    def corner(self, node: Value) -> str:
        """The operation; where several are folded into one box, nothing"""
        own = {operand for operand, _ in self.into[node]} == set(node.operands)
        return operation(node.op) if own or not self.folded else ""

    def one_edge(self, node: Value, operand: Value, partial: Number, position: int) -> None:
        key = f"e{self.id[operand]}_{self.id[node]}" + (f"_{position}" if operand in node.operands[:position] else "")
        if self.is_stubbed(operand):
            self.edge(self.stub(node, operand, position), node, operand, partial, key=key)
        elif operand.operands or self.is_weight(operand):
            contribution = partial * self.gradient[node]
            color = theme.GREY if self.is_blank(contribution) else self.scale.line(contribution)["color"]
            given = {"label": self.chip(node, operand, partial, color)} if self.backward_ran else {}
            given["weight"] = "5" if operand.operands else "1"
            self.edge(self.id[operand], node, operand, partial, key=key, **given)
        else:
            self.edge(self.id[operand], node, operand, partial, key=key, plain=True)

    def stub(self, node: Value, operand: Value, position: int) -> str:
        """The id of the small box that stands for one use of a weight"""
        return f"{self.id[operand]}use{self.id[node][1:]}_{position}"

    def ledger(self, weight: Value) -> None:
        """∂L/∂w = the sum of what its uses send back: by time step, or by user"""
        uses = self.uses[weight]
        if self.unrolled:
            found = ledgers(self.loss, self.unrolled, [weight])[0]
            steps = range(1, len(self.unrolled) + 1)
            users = [[user for user, _ in uses if self.step_of.get(user) == t] for t in steps]
            terms = [(f"t = {t}" + (", cut" if cut else ""), term, users[t - 1])
                     for t, (term, cut) in enumerate(zip(found.terms, found.cut), start=1)]
            terms += [("elsewhere", found.elsewhere, [])] if found.elsewhere else []
        else:
            terms = [(f"via {self.name(user)}", partial * self.gradient[user], [user]) for user, partial in uses]
        name, total = theme.text(self.names[weight]), self.total(weight)
        cells = [theme.cell(f"{theme.font(name, bold=True)}<BR/>{theme.text(number(weight.data))}")]
        if self.backward_ran:
            self.pills[weight] = [f"a_g{self.id[weight]}"]
            title = f"∂{theme.text(self.names[self.loss])}/∂{name}"
            shown = self.gradient[weight] if total is None else total
            cells.append(amount(self, title, shown, total is not None, **ids(self, f"g{self.id[weight]}")))
            for k, (words, term, users_here) in enumerate(terms):
                cells.append(theme.cell(theme.font("+" if k else "=", bold=True), width=10))
                seen = all(self.has_flowed(user, weight) for user in users_here)
                given = ids(self, f"c{self.id[weight]}_{k}") if users_here else {}
                if given:                             # the first of the users is the last that sends something back
                    self.elements.setdefault((users_here[0], weight), []).append(f"a_{given['id']}")
                cells.append(amount(self, theme.text(words), term, seen, **given))
        html = theme.box(theme.row(*cells), **theme.frame("weight"), spacing=3, padding=3)
        self.put(self.id[weight], weight, html, "weight bar")
