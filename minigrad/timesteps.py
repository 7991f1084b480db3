"""The time step of each node of a graph.

    cell of step t       the nodes that o_t was computed from, and x_1 … x_t, o_0 and the earlier states were not
    readout of step t    the nodes that were computed from o_t and from no state of another step

`order` lists nodes, the earliest made first.  A state passed on unchanged is a state of several steps.  The leaf of a
cut counts as the state that it replaces.
"""

from collections.abc import Sequence
from itertools import pairwise

from minigrad.graph import gradients
from minigrad.nn import Unrolled
from minigrad.validation import Number
from minigrad.value import Value


def cell_steps(order: Sequence[Value], unrolled: Unrolled) -> dict[Value, int]:
    """{node: t} for each computed node in the cell of a step.

    A node that depends on no state and no input, such as 2·w, is in the cell of the only step that uses it.  It is in
    no cell if several steps or a node outside the cells use it, or if it was made before the state of the step before.
    """
    needed = {o: t for t, carried in reversed(list(enumerate(unrolled.carried))) for o in carried}  # the first t wins
    known = dict.fromkeys(unrolled.carried[0], 0)             # before the cell of that step computes anything
    for step in unrolled:
        for x in step.inputs:
            known.setdefault(x, step.t)
    moving = needed.keys() | known.keys() | unrolled.cuts.keys()          # states, inputs and what depends on them
    for node in reversed(order):                              # an operand is needed, and known, as early as its users
        for first in (needed, known):
            if node in first:
                t = first[node]
                for operand in node.operands:
                    if operand.operands and first.get(operand, t) >= t:
                        first[operand] = t
    cell_step = {node: needed[node] for node in order
                 if node.operands and node in needed and known.get(node, needed[node] + 1) > needed[node]}
    for node in order:
        if not moving.isdisjoint(node.operands):
            moving.add(node)
    start = [0, *completed(unrolled)]                         # when step t = 1 … can begin
    shared: set[Value] = set()                                # nodes with a user in another cell, or in none
    for node in reversed(order):
        if node not in moving and (node in shared or node.made < start[cell_step.get(node, 0)]):
            cell_step.pop(node, None)
        for operand in node.operands:
            if operand.operands and cell_step.get(operand) != cell_step.get(node):
                shared.add(operand)
    return cell_step


def steps_of_nodes(order: Sequence[Value], unrolled: Unrolled, cell_step: dict[Value, int]) -> dict[Value, int]:
    """{node: t} for each computed node of the cell or the readout of step t; {node: 0} for a node computed from the
    states of several steps, or from o_0 alone.  A node that depends on no state has no entry.

    A node that reads a state of several steps belongs to the step whose other states it meets, else to the first that
    has the state; not to a step whose state was completed after the node was made.
    """
    complete = completed(unrolled)
    held: dict[Value, set[int]] = {}                          # the steps whose state a Value is or depends on
    for t, carried in enumerate(unrolled.carried):
        for o in carried:
            held.setdefault(o, set()).add(t)
    for leaf, state in unrolled.cuts.items():
        held[leaf] = held.get(leaf, set()) | held.get(state, set())
    steps: dict[Value, set[int]] = {}
    for node in order:
        if node in cell_step:
            steps[node] = {cell_step[node]}
        elif read := [held[operand] for operand in node.operands if operand in held]:
            common = set.intersection(*read)
            steps[node] = {t for t in common if complete[t] < node.made} or common
        if node in steps:
            held.setdefault(node, steps[node])
    met: dict[Value, set[int]] = {}                           # the steps of a node's users
    for node in reversed(order):
        if node in steps and node not in cell_step:
            steps[node] = steps[node] & met.get(node, steps[node]) or steps[node]
            for operand in node.operands:
                if steps[node] and len(steps.get(operand, ())) > 1:
                    met[operand] = met.get(operand, steps[node]) & steps[node]
    return {node: min(possible - {0}, default=0) for node, possible in steps.items()}


def completed(unrolled: Unrolled) -> list[int]:
    """.made of the last Value of the states at t = 0 … n"""
    return [max((o.made for o in carried), default=0) for carried in unrolled.carried]


def state_jacobians(unrolled: Unrolled, outside: set[Value]) -> list[list[list[Number]]]:
    """[t−1][r][c] = ∂o_t[r]/∂o_{t−1}[c]: see bptt.state_jacobians.  outside: the Values of no step"""
    stops, jacobians = outside | set(unrolled.carried[0]), []
    for before, after in pairwise(unrolled.carried):
        rows = []
        for o in after:
            gradient = {o: 1} if o in stops else gradients(o, stops)         # passed on unchanged, or computed
            rows.append([gradient.pop(value, 0) for value in before])        # a Value at two places counts once
        jacobians.append(rows)
        stops.update(after)
    return jacobians
