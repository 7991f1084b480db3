"""One loss and its Unrolleds, read once.

Text, pictures, the page and the player are functions of a Snapshot.  It is made in each public call and never kept,
because .data and .grad change.  Nothing here writes to a Value.

Where the gradient is truncated, a leaf stands for the state that it was cut from.  What arrives at the leaf is what the
earlier steps would have got: from there the same sums go on, and give the terms that were cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

from minigrad import naming
from minigrad.edges import ALL_WAYS, Edge, beyond_the_cuts, check_finite, edges_carried, edges_of
from minigrad.folding import LossBox, loss_boxes
from minigrad.graph import gradients, topological_order
from minigrad.nn import Unrolled
from minigrad.notation import added, number
from minigrad.timesteps import cell_steps, steps_of_nodes
from minigrad.validation import Number, truncate, unwrap
from minigrad.value import Value

__all__ = ["ALL_WAYS", "Edge", "Ledger", "Snapshot"]


DIGITS_ALIKE = 9                                      # numbers that agree in so many are the same but for rounding


class Ledger(NamedTuple):
    """The contributions to one weight: terms[t−1] is step t's, elsewhere those of no step, total their sum.

    cut[t−1] is what step t would have added but for the cuts of a truncated gradient, cut_elsewhere what no step would;
    full = total + all that was cut: ∂L/∂w without the cuts of this Unrolled.
    """

    weight: Value
    terms: list[Number]
    elsewhere: Number
    total: Number
    cut: list[Number]
    cut_elsewhere: Number
    full: Number

    @property
    def truncation_error(self) -> Number:
        """How far the truncated gradient is from the full one: |full − total|"""
        return abs(self.full - self.total)

    def __repr__(self) -> str:
        terms = f"{added(self.terms[:3])}{' …' if len(self.terms) > 3 else ''}"
        terms += f" {added([self.elsewhere], leading=True)} elsewhere" if unwrap(self.elsewhere) else ""
        full = f", in full {number(self.full)}" if unwrap(self.full) != unwrap(self.total) else ""
        return f"Ledger({truncate(self.weight.label) or 'weight'}: {terms} = {number(self.total)}{full})"


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot:
    """What a loss was computed from, and how its gradient flows back, at the moment of the call.

    grads     "computed"   the gradients of this graph, whatever .grad holds
              "stored"     the .grad that memory holds, also in the middle of backward(): a Value that nothing has
                           arrived at has 0
              None         data alone: gradient is empty
    roles     {Value or label: role} where the graph and the Unrolleds do not tell it; see naming.roles
    finite    whether NaN and infinity are refused; if not, they are read as they are, to be shown

    order     every Value that the loss was computed from, the earliest made first
    beyond    what else the Unrolleds hold: the steps beyond a cut, states that the loss does not read
    data      {Value: its number}, of both
    gradient  {Value: ∂L/∂Value}, of the order

    Raises ValueError or OverflowError where backward() would, TypeError for a loss that is not a Value.
    """

    loss: Value
    unrolleds: Sequence[Unrolled] = ()
    grads: Literal["computed", "stored"] | None = "computed"
    roles: Mapping[Value | str, str] = field(default_factory=dict)
    finite: bool = True
    order: tuple[Value, ...] = field(init=False)
    beyond: tuple[Value, ...] = field(init=False)
    data: dict[Value, Number] = field(init=False)
    gradient: dict[Value, Number] = field(init=False)

    def __post_init__(self) -> None:
        if self.grads not in ("computed", "stored", None):
            raise ValueError(f'Snapshot: grads is {self.grads!r}; it must be "computed", "stored" or None')
        gradient = gradients(self.loss) if self.grads == "computed" else {}
        order = list(gradient) or topological_order(self.loss)
        unrolleds = tuple(self.unrolleds)
        if isinstance(self.unrolleds, Unrolled) or not all(isinstance(one, Unrolled) for one in unrolleds):
            raise TypeError("Snapshot: unrolleds must be a list of Unrolleds, as in Snapshot(loss, [unrolled])")
        if self.grads == "computed" and self.finite:
            check_finite(gradient)
        if self.grads == "stored":
            gradient = {node: node.grad for node in order}
        beyond = not_reached(order, unrolleds)
        for name, value in (
            ("order", tuple(order)), ("unrolleds", unrolleds), ("gradient", gradient),
            ("beyond", tuple(beyond)), ("data", {node: node.data for node in (*beyond, *order)}),
        ):
            object.__setattr__(self, name, value)
        if self.roles:
            _ = self.role                                     # refuses an unknown role or label here

    def __repr__(self) -> str:
        return f"Snapshot(of {self.loss!r}, {len(self.order)} Values, {len(self.unrolleds)} Unrolleds)"

    # ------------------------------------------------------------------ the graph

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge, in the order of backward()"""
        return tuple(edges_of(self.order, self.gradient if self.grads else None))

    @cached_property
    def losses(self) -> dict[Value, LossBox]:
        """{node: its box} for each BCE and MSE that is written out in primitives"""
        states = {o for unrolled in self.unrolleds for carried in unrolled.carried for o in carried}
        return {node: box for node, box in loss_boxes(self.order).items() if box.inside.isdisjoint(states)}

    @cached_property
    def edges_of_boxes(self) -> tuple[Edge, ...]:
        """The edges where each of these losses is one operation: ∂L/∂ŷ = −2.074 is one edge"""
        return tuple(edges_of(self.order, self.gradient if self.grads else None, self.losses))

    @cached_property
    def uses(self) -> dict[Value, list[Edge]]:
        """{Value: its edges}, the first that backward() visits first; [] for the loss"""
        uses: dict[Value, list[Edge]] = {node: [] for node in self.order}
        for edge in self.edges:
            uses[edge.operand].append(edge)
        return uses

    @cached_property
    def named(self) -> list[Value]:
        """The Values with a label of their own, and the states, operands first"""
        states = {o for unrolled in self.unrolleds for carried in unrolled.carried for o in carried}
        return [node for node in self.order if node.label or node in states]

    @cached_property
    def folded(self) -> dict[Value, tuple[tuple[Value, Number], ...]]:
        """The graph contracted to its named Values: {node: ((operand, ∂node/∂operand), …)}, operands first"""
        return self.fold(self.named)

    def fold(self, keep: Iterable[Value]) -> dict[Value, tuple[tuple[Value, Number], ...]]:
        """The graph contracted to the Values to keep and the loss, as by graph.fold"""
        kept, folded = {*keep, self.loss}, {}
        for node in self.order:
            if node in kept:
                local = gradients(node, kept)
                folded[node] = tuple([(end, local[end]) for end in local if end in kept and end is not node])
        return folded

    # ------------------------------------------------------------------ gradients

    @cached_property
    def computed(self) -> dict[Value, Number]:
        """{Value: ∂L/∂Value} of the graph itself, also where `gradient` is what memory holds"""
        return self.gradient if self.grads == "computed" else gradients(self.loss)

    @cached_property
    def unlike_memory(self) -> list[Value]:
        """The Values whose .grad is not ∂L/∂Value: while backward() runs, or leaves that it added to"""
        return [value for value, slope in self.computed.items() if unwrap(value.grad) != unwrap(slope)
                and number(value.grad, DIGITS_ALIKE) != number(slope, DIGITS_ALIKE)]

    @cached_property
    def held_before(self) -> set[Value]:
        """The leaves whose .grad is not the sum of what this pass has added to it so far"""
        added: dict[Value, Number] = {}
        for edge in edges_of(self.order, self.computed)[:self.carried or 0]:
            added[edge.operand] = edge.total
        return {value for value in self.order if not value.operands
                and number(value.grad, DIGITS_ALIKE) != number(added.get(value, 0), DIGITS_ALIKE)}

    @property
    def backward_ran(self) -> bool:
        """Whether memory holds gradients of this loss: its .grad is not 0"""
        return bool(unwrap(self.loss.grad))

    @cached_property
    def carried(self) -> int | None:
        """How many of `edges`, from the first on, a running backward() has added to the .grad of their operands; all
        after it has ended, 0 before it.  None if memory holds no moment of such a pass, as after that of another loss.

        Read from memory alone: each computed Value holds its running total, because its gradient starts from 0.  An
        edge to a leaf is told from its .grad too, if that was 0 before.  Edges between which memory does not change
        count as carried: those of a contribution of 0, and those next in turn to leaves that held other gradients.
        """
        return edges_carried(self.loss, self.order, self.computed)

    # ------------------------------------------------------------------ time

    @cached_property
    def cell_step(self) -> dict[Value, int]:
        """{node: t} for each computed node in the cell of step t"""
        return self._times[0]

    @cached_property
    def step(self) -> dict[Value, int]:
        """{node: t} for each computed node of the cell or of the readout of step t; 0 for what was computed from the
        states of several steps.  Of several Unrolleds, the first that has the node."""
        return self._times[1]

    @cached_property
    def _times(self) -> tuple[dict[Value, int], dict[Value, int]]:
        order = sorted((*self.order, *self.beyond), key=lambda node: node.made)
        cells, steps = dict[Value, int](), dict[Value, int]()
        for unrolled in self.unrolleds:
            cell_step = cell_steps(order, unrolled)
            cells = cell_step | cells
            steps = steps_of_nodes(order, unrolled, cell_step) | steps
        return cells, steps | cells

    def reads(self, unrolled: Unrolled) -> bool:
        """Whether the loss was computed from a state of a step"""
        reached = set(self.order)
        return any(o in reached for step in unrolled for o in step.carried)

    # ------------------------------------------------------------------ roles and names

    @cached_property
    def role(self) -> dict[Value, str]:
        """{Value: input, target, weight, state, cell, gate, output, loss, constant or interior}; see naming.roles"""
        return naming.roles(self.order, self.unrolleds, self.cell_step, self.step, self.roles)

    @cached_property
    def label(self) -> dict[Value, str]:
        """{Value: its label, or the one that it has in the lecture}: z_2, s, x_1·w_i; see naming.labels"""
        return naming.labels(self.order, self.unrolleds, self.cell_step, self.step)

    @cached_property
    def name(self) -> dict[Value, str]:
        """{Value: what it is called on paper} for every Value: z₂, s, x₁·w_i, a + b, v₇; see naming.names"""
        return naming.names(self.order, self.label, self.role)

    # ------------------------------------------------------------------ sums by time step, for the first Unrolled

    @cached_property
    def ledgers(self) -> dict[Value, Ledger]:
        """{weight: its ledger}"""
        return {node: self.ledger(node) for node, role in self.role.items() if role == "weight"}

    def ledger(self, weight: Value) -> Ledger:
        """The contributions to any Value by time step"""
        missed, missed_edges = self._cut
        stand_ins = [leaf for leaf, state in self.unrolleds[0].cuts.items() if state is weight]
        lost = list(missed_edges.get(weight, ()))             # what did not arrive
        for leaf in stand_ins:                                # the list grows while it is read: a leaf can be cut again
            lost += [*self.uses.get(leaf, ()), *missed_edges.get(leaf, ())]
            stand_ins += [later for later, state in self.unrolleds[0].cuts.items() if state is leaf]
        terms, cut, total = self._by_step(self.uses.get(weight, ())), self._by_step(lost), self.gradient.get(weight, 0)
        return Ledger(weight, terms[1:], terms[0], total, cut[1:], cut[0], total + missed.get(weight, 0))

    def _by_step(self, edges: Iterable[Edge]) -> list[Number]:
        """The sums of the contributions at steps 1 … n; at place 0 those of no step"""
        terms: list[Number] = [0] * (len(self.unrolleds[0]) + 1)
        for edge in edges:
            terms[self.step.get(edge.user, 0)] += edge.contribution
        return terms

    @cached_property
    def _cut(self) -> tuple[dict[Value, Number], dict[Value, list[Edge]]]:
        missed = beyond_the_cuts(self.gradient, self.unrolleds[0].cuts)
        by_operand: dict[Value, list[Edge]] = {}
        for edge in edges_of(list(missed), missed):
            by_operand.setdefault(edge.operand, []).append(edge)
        return missed, by_operand

    @cached_property
    def jacobians(self) -> list[list[list[Number]]]:
        """[t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c], along all ways that pass no other earlier state: bptt.state_jacobians"""
        carried = self.unrolleds[0].carried
        stops = {node for node in self.data if node not in self.step} | set(carried[0])
        found = []
        for before, after in pairwise(carried):
            column: dict[Value, int] = {}
            for c, o in enumerate(before):
                column.setdefault(o, c)                       # of a Value at two places, the first
            rows = []
            for o in after:
                slopes = {o: 1} if o in stops else gradients(o, stops)       # handed on, or computed
                row: list[Number] = [0] * len(before)
                for value, c in column.items():
                    row[c] = slopes.get(value, 0)
                rows.append(row)
            found.append(rows)
            stops.update(after)
        return found


def not_reached(order: Sequence[Value], unrolleds: Iterable[Unrolled]) -> list[Value]:
    """What the states of the Unrolleds were computed from, and the loss was not"""
    reached = set(order)
    states = [o for unrolled in unrolleds for carried in unrolled.carried for o in carried if o not in reached]
    if not states:
        return []
    root = Value(0, "states", tuple(states), (0,) * len(states))
    return [node for node in topological_order(root, reached) if node is not root and node not in reached]
