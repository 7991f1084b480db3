"""What each Value of a graph is, and what it is called.

    role    input, target, weight, state, cell, gate, output, loss, constant or interior
    label   ASCII with indices, the Value's own or the lecture's: o_2, z_2, s, y_hat, x_1·w_i; not every Value has one
    name    the label as on paper, or a formula, a constant's number, v₇: every Value has one

Nothing here writes to a Value.
"""

import re
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
          step: Mapping[Value, int], told: Mapping[Value | str, str] | None = None) -> dict[Value, str]:
    """{Value: its role} for every Value in the order, whose last is the loss.

    told: {Value or label: role}, which comes before all else; the label "w" also speaks of w_1 and w[0].
    The unrolleds tell the inputs, states, cells and gates.  A leaf that the cells of several steps use is a weight.  Of
    the others the label decides: x, x_1, x[0] is an input; y, y_1 a target, y_hat an output, L or loss a loss.  Any
    other label of a leaf says weight, no label constant.  Raises ValueError for an unknown role or label.
    """
    told = dict(told or {})
    bases = {base(value.label) for value in order} | {value.label for value in order} | set(order)
    for key, role in told.items():
        if role not in ROLES:
            raise ValueError(f"roles: {role!r} is not a role; the roles are {', '.join(ROLES)}")
        if key == "" or key not in bases:
            raise ValueError(f"roles: no Value in the graph is, or is called, {key!r}")
    known = of_unrolleds(unrolleds, step)
    used_at: dict[Value, set[int]] = {}
    for node, t in cell_step.items():
        for operand in node.operands:
            if operand not in step and operand not in known:
                used_at.setdefault(operand, set()).add(t)
    found: dict[Value, str] = {}
    for value in order:
        of_label = BY_LABEL.get(base(value.label), "")
        told_role = told.get(value) or told.get(value.label) or told.get(base(value.label))
        if told_role:
            found[value] = told_role
        elif value is order[-1] and value.operands:
            found[value] = "loss"
        elif value in known:
            found[value] = known[value]
        elif not value.operands and of_label in ("input", "target"):
            found[value] = of_label
        elif value in used_at and (value.label or len(used_at[value]) > 1):
            found[value] = "weight"
        elif not value.operands:
            found[value] = "weight" if value.label else "constant"
        elif of_label in ("output", "loss"):
            found[value] = of_label
        else:
            after = value in step and value not in cell_step
            found[value] = "output" if after and (value.label or value.op == "sigmoid") else "interior"
    return found


def of_unrolleds(unrolleds: Iterable[Unrolled], step: Mapping[Value, int]) -> dict[Value, str]:
    """The roles that Unrolleds tell; a state that is read as an input is a state, a readout fed back an output"""
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
    """{Value: its label, or the one that it has in the lecture}, all different: a second w is w′.  Of a long label the
    middle is …

    The states are o_2, the sum in a cell z_2, the output σ is y_hat and its argument s, a product of two Values that
    have a label x_1·w_i, the last of the order L.  Of gated networks the states are h_2, the cells c_2, the gates i_2,
    f_2, g_2, o_2 or r_2, z_2, n_2.  A leaf that was cut from o_2 is cut(o_2).
    """
    found = {value: shorten(value.label) for value in order if value.label}
    found.setdefault(order[-1], "L")
    for unrolled in unrolleds:
        for value, label in of_cells(unrolled, cell_step):
            found.setdefault(value, label)
        found |= {leaf: f"cut({found.get(state, 'state')})" for leaf, state in unrolled.cuts.items()}
    outputs = [node for node in order
               if node in step and node not in cell_step and node.op in ("sigmoid", "bce_with_logits")]
    for k, node in enumerate(outputs, start=1):
        index = f"_{k}" if len(outputs) > 1 else ""
        found.setdefault(node.operands[0], f"s{index}")
        if node.op == "sigmoid":
            found.setdefault(node, f"y_hat{index}")
    for node in order:
        if node.op == "*" and node not in found and all(factor in found for factor in node.operands):
            product = "·".join(found[factor] for factor in node.operands)
            if len(product) <= 2 * LONGEST_LABEL:             # else a long product of products
                found[node] = product
    in_order = [value for value in order if value in found]
    return distinct(found, [*[v for v in in_order if v.label], *[v for v in found if not v.label]])


def of_cells(unrolled: Unrolled, cell_step: Mapping[Value, int]) -> Iterable[tuple[Value, str]]:
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
    """{Value: a name} for every Value in the order, all different but those of constants: its label as on paper; a
    formula of its operands' names if that is short; the number of a leaf; else v₇, the seventh in the order."""
    found = distinct({value: on_paper(text) for value, text in label.items()}, label)
    taken = set(found.values())
    for k, node in enumerate(order):
        if node in found:
            continue
        text = formula(node.op, [found[operand] for operand in node.operands]) if node.operands else number(node.data)
        alike = text in taken and role[node] != "constant"
        if not text or len(text) > LONGEST_NAME or alike:
            text = first_free(on_paper(f"v_{k}"), taken)
        found[node] = text
        taken.add(text)
    return found


def distinct(texts: Mapping[Value, str], order: Iterable[Value]) -> dict[Value, str]:
    """The texts, a second one of the same words with a ′"""
    found: dict[Value, str] = {}
    taken: set[str] = set()
    times: dict[str, int] = {}                                # how often a text was asked for
    for value in order:
        text = texts[value]
        times[text] = times.get(text, 0) + 1
        found[value] = first_free(text, taken, times[text] - 1)
        taken.add(found[value])
    return found


def first_free(text: str, taken: set[str], k: int = 0) -> str:
    """text with k primes, or the first with more that is not taken: w, w′, w′′, w′′′, w′4"""
    while (free := text + ("′" * k if k < 4 else f"′{k}")) in taken:
        k += 1
    return free


def shorten(label: str, longest=LONGEST_LABEL) -> str:
    """At most so many characters of a label: its beginning, …, and its end, where the indices are"""
    end = longest // 3
    return label if len(label) <= longest else f"{label[:longest - end - 1]}…{label[-end:]}"
