"""The role, the label and the name of each Value of a graph.

    role    input, target, weight, state, cell, gate, output, loss, constant or interior
    label   ASCII with indices, the Value's own or the lecture's: o_2, z_2, s, y_hat, x_1·w_i; not every Value has one
    name    the label as on paper, or a formula, the number of a constant, v₇: every Value has one

Nothing here writes to a Value.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from minigrad.nn import Unrolled
from minigrad.notation import formula, number
from minigrad.notation import name as on_paper
from minigrad.value import Value

ROLES = ("input", "target", "weight", "state", "cell", "gate", "output", "loss", "constant", "interior")
LONGEST_NAME, LONGEST_LABEL = 16, 24                          # of a formula; of a label
BY_LABEL = {"x": "input", "y": "target", "y_hat": "output", "L": "loss", "loss": "loss"}


# ---------------------------------------------------------------------- roles


def roles(order: Sequence[Value], unrolleds: Iterable[Unrolled], cell_step: Mapping[Value, int],
          step: Mapping[Value, int], asked: Mapping[Value | str, str] | None = None) -> dict[Value, str]:
    """{Value: its role} for every Value in the order, whose last is the loss.

    asked: {Value or label: role}, which overrides everything else; the label "w" includes w_1 and w[0].
    Inputs, states, cells and gates are known from the unrolleds.  A leaf used in the cells of several steps is a
    weight.  Otherwise the label decides: x, x_1, x[0] is an input; y, y_1 a target, y_hat an output, L or loss a loss.
    A leaf with any other label is a weight, without one a constant.  Raises ValueError for an unknown role or label.
    """
    asked = dict(asked or {})
    keys = {base(value.label) for value in order} | {value.label for value in order} | set(order)
    for key, role in asked.items():
        if role not in ROLES:
            raise ValueError(f"roles: {role!r} is not a role; the roles are {', '.join(ROLES)}")
        if key == "" or key not in keys:
            raise ValueError(f"roles: {key!r} is not a Value of the graph or the label of one")
    known = roles_of_unrolleds(unrolleds, step)
    used_at: dict[Value, set[int]] = {}
    for node, t in cell_step.items():
        for operand in node.operands:
            if operand not in step and operand not in known:
                used_at.setdefault(operand, set()).add(t)
    role_of: dict[Value, str] = {}
    for value in order:
        by_label = BY_LABEL.get(base(value.label), "")
        asked_role = asked.get(value) or asked.get(value.label) or asked.get(base(value.label))
        if asked_role:
            role_of[value] = asked_role
        elif value is order[-1] and value.operands:
            role_of[value] = "loss"
        elif value in known:
            role_of[value] = known[value]
        elif not value.operands and by_label in ("input", "target"):
            role_of[value] = by_label
        elif value in used_at and (value.label or len(used_at[value]) > 1):
            role_of[value] = "weight"
        elif not value.operands:
            role_of[value] = "weight" if value.label else "constant"
        elif by_label in ("output", "loss"):
            role_of[value] = by_label
        else:
            in_readout = value in step and value not in cell_step
            role_of[value] = "output" if in_readout and (value.label or value.op == "sigmoid") else "interior"
    return role_of


def roles_of_unrolleds(unrolleds: Iterable[Unrolled], step: Mapping[Value, int]) -> dict[Value, str]:
    """The roles known from Unrolleds; a state that is read as an input is a state, a readout fed back an output"""
    known: dict[Value, str] = {}
    for unrolled in unrolleds:
        for vectors, role in ((unrolled.states, "state"), (unrolled.cells, "cell")):
            known |= {value: role for vector in vectors for value in vector}
        known |= dict.fromkeys(unrolled.cuts, "state")
        for one in unrolled:
            for gate in one.gates.values():
                known |= dict.fromkeys(gate, "gate")
    for unrolled in unrolleds:
        for one in unrolled:
            for x in one.inputs:
                known.setdefault(x, "output" if x in step else "input")
    return known


def base(label: str) -> str:
    """A label without its indices: x of x, x_1, x1, x_1[0] and x[0]; y_scale and w_h stay"""
    return re.sub(r"(?<=.)(?:_?\d+)?(?:\[\d+\])*\Z", "", label, count=1)


# ---------------------------------------------------------------------- names


def labels(order: Sequence[Value], unrolleds: Iterable[Unrolled], cell_step: Mapping[Value, int],
           step: Mapping[Value, int]) -> dict[Value, str]:
    """{Value: its label, or the lecture's}, all different: a second w is w′.  A long label has … in the middle.

    The lecture's: the states are o_2, the sum in a cell z_2, the output σ is y_hat and its argument s, a product of two
    labelled Values x_1·w_i, the last of the order L.  In gated networks the states are h_2, the cells c_2, the gates
    i_2, f_2, g_2, o_2 or r_2, z_2, n_2.  The leaf of a cut after o_2 is cut(o_2).
    """
    label_of = {value: shorten(value.label) for value in order if value.label}
    label_of.setdefault(order[-1], "L")
    for unrolled in unrolleds:
        for value, label in cell_labels(unrolled, cell_step):
            label_of.setdefault(value, label)
        label_of |= {leaf: f"cut({label_of.get(state, 'state')})" for leaf, state in unrolled.cuts.items()}
    outputs = [node for node in order
               if node in step and node not in cell_step and node.op in ("sigmoid", "bce_with_logits")]
    for k, node in enumerate(outputs, start=1):
        index = f"_{k}" if len(outputs) > 1 else ""
        label_of.setdefault(node.operands[0], f"s{index}")
        if node.op == "sigmoid":
            label_of.setdefault(node, f"y_hat{index}")
    for node in order:
        if node.op == "*" and node not in label_of and all(factor in label_of for factor in node.operands):
            product = "·".join(label_of[factor] for factor in node.operands)
            if len(product) <= 2 * LONGEST_LABEL:             # else a long product of products
                label_of[node] = product
    own = [value for value in order if value.label]
    return distinct(label_of, [*own, *[value for value in label_of if not value.label]])


def cell_labels(unrolled: Unrolled, cell_step: Mapping[Value, int]) -> Iterable[tuple[Value, str]]:
    """(Value, the lecture's label) for the states, cells, gates and sums of the cells"""
    for symbol, vectors in zip(unrolled.state_symbols, (unrolled.states, unrolled.cells)):
        for t, vector in enumerate(vectors):
            for i, value in enumerate(vector):
                place = f"_{t}[{i}]" if len(vector) > 1 else f"_{t}"
                yield value, symbol + place
                if len(value.operands) == 1 and cell_step.get(value.operands[0]) == t:
                    yield value.operands[0], "z" + place
    for one in unrolled:
        for letter, gate in one.gates.items():
            for i, value in enumerate(gate):
                yield value, f"{letter}_{one.t}" + (f"[{i}]" if len(gate) > 1 else "")


def names(order: Sequence[Value], label: Mapping[Value, str], role: Mapping[Value, str]) -> dict[Value, str]:
    """{Value: its name} for every Value in the order, different except for constants: the label as on paper; a short
    formula of the names of the operands; the number of a leaf; else v₇, the seventh in the order."""
    name_of = distinct({value: on_paper(text) for value, text in label.items()}, label)
    taken = set(name_of.values())
    for k, node in enumerate(order):
        if node in name_of:
            continue
        text = formula(node.op, [name_of[operand] for operand in node.operands]) if node.operands else number(node.data)
        clash = text in taken and role[node] != "constant"
        if not text or len(text) > LONGEST_NAME or clash:
            text = first_free(on_paper(f"v_{k}"), taken)
        name_of[node] = text
        taken.add(text)
    return name_of


def distinct(texts: Mapping[Value, str], order: Iterable[Value]) -> dict[Value, str]:
    """The texts, made different: the second w is w′"""
    distinct_texts: dict[Value, str] = {}
    taken: set[str] = set()
    times = Counter[str]()
    for value in order:
        distinct_texts[value] = first_free(texts[value], taken, times[texts[value]])
        times[texts[value]] += 1
        taken.add(distinct_texts[value])
    return distinct_texts


def first_free(text: str, taken: set[str], k: int = 0) -> str:
    """text with k primes, or more if that is taken: w, w′, w′′, w′′′, w′4"""
    while (free := text + ("′" * k if k < 4 else f"′{k}")) in taken:
        k += 1
    return free


def shorten(label: str, longest: int = LONGEST_LABEL) -> str:
    """At most `longest` characters of a label: its beginning, …, and its end, where the indices are"""
    end = longest // 3
    return label if len(label) <= longest else f"{label[:longest - end - 1]}…{label[-end:]}"
