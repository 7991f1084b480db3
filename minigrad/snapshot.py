"""One loss and its Unrolleds, read once.

Text, pictures, the page and the player are functions of a Snapshot.  Each public call makes one and does not keep it,
because .data and .grad change.  Nothing here writes to a Value.

Where the gradient is truncated, a leaf stands in for a state.  The gradient that arrives at the leaf is the one that
the earlier steps miss: continuing the backward pass from that state gives the terms that were cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from minigrad import naming, stored
from minigrad.edges import ALL_WAYS, Edge, check_finite, edges_of
from minigrad.folding import LossBox, loss_boxes
from minigrad.graph import fold_order, gradients, topological_order
from minigrad.ledger import Ledger, Ledgers
from minigrad.nn import Unrolled
from minigrad.timesteps import cell_steps, state_jacobians, steps_of_nodes
from minigrad.validation import Number, unwrap
from minigrad.value import Value

__all__ = ["ALL_WAYS", "Edge", "Ledger", "Snapshot"]


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot:
    """What a loss was computed from, and how its gradient flows back, at the moment of the call.

    grads     "computed"   the gradients of this graph, whatever .grad holds
              "stored"     .grad as it is, also in the middle of backward(); 0 where nothing has arrived
              None         data alone: gradient is empty
    roles     {Value or label: role}, where the default is wrong; see naming.roles
    finite    whether NaN and infinity raise; if not, they are read as they are

    order     every Value that the loss was computed from, the earliest made first
    beyond    the other Values of the Unrolleds: steps beyond a cut, states that the loss does not read
    data      {Value: its number}, for both
    gradient  {Value: ∂L/∂Value}, for the Values of order

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
        vars(self).update(unrolleds=unrolleds, order=tuple(order), gradient=gradient)
        beyond = not_reached(order, self.states)
        vars(self).update(beyond=tuple(beyond), data={node: node.data for node in (*beyond, *order)})
        if self.roles:
            _ = self.role                                     # raises for an unknown role or label

    def __repr__(self) -> str:
        return f"Snapshot(of {self.loss!r}, {len(self.order)} Values, {len(self.unrolleds)} Unrolleds)"

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge, in the order of backward()"""
        return tuple(edges_of(self.order, self.gradient))

    @cached_property
    def losses(self) -> dict[Value, LossBox]:
        """{node: its box} for each BCE and MSE that is written out in primitives"""
        return {node: box for node, box in loss_boxes(self.order).items() if box.inside.isdisjoint(self.states)}

    @cached_property
    def edges_of_boxes(self) -> tuple[Edge, ...]:
        """The edges where each of these losses is one operation: ∂L/∂ŷ = −2.074 is one edge"""
        return tuple(edges_of(self.order, self.gradient, self.losses))

    @cached_property
    def uses(self) -> dict[Value, list[Edge]]:
        """{Value: the edges to it}, in the order of backward(); [] for the loss"""
        uses: dict[Value, list[Edge]] = {node: [] for node in self.order}
        for edge in self.edges:
            uses[edge.operand].append(edge)
        return uses

    @cached_property
    def states(self) -> dict[Value, None]:
        """The states of the Unrolleds, and the cells of an LSTM"""
        return dict.fromkeys(o for unrolled in self.unrolleds for carried in unrolled.carried for o in carried)

    @cached_property
    def named(self) -> list[Value]:
        """The labelled Values and the states, operands first"""
        return [node for node in self.order if node.label or node in self.states]

    @cached_property
    def folded(self) -> dict[Value, tuple[tuple[Value, Number], ...]]:
        """The graph contracted to its named Values: {node: ((operand, ∂node/∂operand), …)}, operands first"""
        return self.fold(self.named)

    def fold(self, keep: Iterable[Value]) -> dict[Value, tuple[tuple[Value, Number], ...]]:
        """graph.fold(): the graph contracted to the loss and the Values to keep"""
        return fold_order(self.order, keep)

    @cached_property
    def computed(self) -> dict[Value, Number]:
        """{Value: ∂L/∂Value} of the graph itself, also where `gradient` is what memory holds"""
        return self.gradient if self.grads == "computed" else gradients(self.loss)

    @property
    def backward_ran(self) -> bool:
        """Whether backward() ran: .grad of the loss is not 0"""
        return bool(unwrap(self.loss.grad))

    @cached_property
    def unlike_memory(self) -> list[Value]:
        """The Values whose .grad is not ∂L/∂Value: while backward() runs, or leaves that it added to"""
        return [value for value, gradient in self.computed.items() if not stored.holds(value, gradient)]

    @cached_property
    def edges_added(self) -> int | None:
        """The number of `edges` whose contribution is in .grad: 0 before backward(), all after it, between in a running
        one.  None if .grad is not that of such a pass, for example after the backward() of another loss.

        Edges that change nothing count as added: a contribution of 0, and the next edges to leaves that held other
        gradients before.
        """
        return stored.edges_added(self.loss, self.order, self._computed_edges)

    @cached_property
    def held_before(self) -> set[Value]:
        """The leaves whose .grad is not the sum of what this pass has added to it so far"""
        return stored.held_before(self.order, self._computed_edges[:self.edges_added or 0])

    @cached_property
    def _computed_edges(self) -> Sequence[Edge]:
        return self.edges if self.grads == "computed" else edges_of(self.order, self.computed)

    @cached_property
    def cell_step(self) -> dict[Value, int]:
        """{node: t} for each computed node in the cell of step t"""
        return {node: t for cell_step, _ in reversed(self._times) for node, t in cell_step.items()}

    @cached_property
    def step(self) -> dict[Value, int]:
        """{node: t} for each computed node of the cell or the readout of step t; 0 for a node computed from the states
        of several steps.  The first Unrolled that has the node counts."""
        return {node: t for _, step in reversed(self._times) for node, t in step.items()} | self.cell_step

    @cached_property
    def _times(self) -> list[tuple[dict[Value, int], dict[Value, int]]]:
        """(cell_step, step) of each Unrolled alone"""
        order = sorted((*self.order, *self.beyond), key=lambda node: node.made)
        times = []
        for unrolled in self.unrolleds:
            cell_step = cell_steps(order, unrolled)
            times.append((cell_step, steps_of_nodes(order, unrolled, cell_step)))
        return times

    def reads(self, unrolled: Unrolled) -> bool:
        """Whether the loss was computed from a state of a step"""
        reached = set(self.order)
        return any(o in reached for step in unrolled for o in step.carried)

    @cached_property
    def role(self) -> dict[Value, str]:
        """{Value: input, target, weight, state, cell, gate, output, loss, constant or interior}; see naming.roles"""
        return naming.roles(self.order, self.unrolleds, self.cell_step, self.step, self.roles)

    @cached_property
    def label(self) -> dict[Value, str]:
        """{Value: its label, or the lecture's}: z_2, s, x_1·w_i; see naming.labels"""
        return naming.labels(self.order, self.unrolleds, self.cell_step, self.step)

    @cached_property
    def name(self) -> dict[Value, str]:
        """{Value: its name on paper} for every Value: z₂, s, x₁·w_i, a + b, v₇; see naming.names"""
        return naming.names(self.order, self.label, self.role)

    @cached_property
    def ledgers(self) -> dict[Value, Ledger]:
        """{weight: its ledger}"""
        return {node: self.ledger(node) for node, role in self.role.items() if role == "weight"}

    def ledger(self, weight: Value) -> Ledger:
        """The ledger of any Value"""
        return self._ledgers.of(weight)

    @cached_property
    def _ledgers(self) -> Ledgers:
        (_, step), unrolled = self._times[0], self.unrolleds[0]
        return Ledgers(self.uses, self.gradient, step, len(unrolled), unrolled.cuts)

    @cached_property
    def jacobians(self) -> list[list[list[Number]]]:
        """[t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c]: see bptt.state_jacobians"""
        _, step = self._times[0]
        return state_jacobians(self.unrolleds[0], {node for node in self.data if node not in step})


def not_reached(order: Sequence[Value], states: Iterable[Value]) -> list[Value]:
    """The Values that the states were computed from, and the loss was not"""
    reached = set(order)
    missing = tuple([o for o in states if o not in reached])
    if not missing:
        return []
    root = Value(0, "states", missing, (0,) * len(missing))
    return [node for node in topological_order(root, reached) if node is not root and node not in reached]
