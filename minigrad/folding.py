"""A loss that is written out in primitives is one operation to its reader.

    BCE    −y·log ŷ − (1−y)·log(1−ŷ)       binary_cross_entropy       of ŷ and y
    MSE    1/n · Σ (output − target)²      mse_loss                   of the outputs and the targets

Pictures and the replay show it as one box, with the derivatives along all routes through it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from minigrad.value import Value


class LossBox(NamedTuple):
    """name: BCE or MSE;  operands: what the loss was computed from;  inside: what its box hides, with its constants"""

    name: str
    operands: tuple[Value, ...]
    inside: frozenset[Value]


def loss_boxes(order: Sequence[Value]) -> dict[Value, LossBox]:
    """{node: its box} for every loss written out in the order; not for one with a part that is used, or named, for
    itself"""
    users: dict[Value, set[Value]] = {}
    candidates = {node: box for node in order if (box := loss_box(node))}
    for node in order if candidates else ():
        for operand in node.operands:
            users.setdefault(operand, set()).add(node)
    return {node: box for node, box in candidates.items()
            if not any(value.label or not users[value] <= box.inside | {node} for value in box.inside)}


def loss_box(node: Value) -> LossBox | None:
    """The box of a node that is the end of a BCE or an MSE, by the operations alone"""
    return bce_box(node) if node.op == "-" else mse_box(node) if node.op == "/" else None


def bce_box(node: Value) -> LossBox | None:
    """(−y)·log ŷ − (1−y)·log(1−ŷ)"""
    first, second = node.operands
    if not first.op == second.op == "*":
        return None
    minus_y, log_p = first.operands
    one_minus_y, log_q = second.operands
    if [minus_y.op, log_p.op, one_minus_y.op, log_q.op] != ["neg", "log", "-", "log"]:
        return None
    [y], [y_hat], [rest] = minus_y.operands, log_p.operands, log_q.operands
    if rest.op != "-" or one_minus_y.operands[1] is not y or rest.operands[1] is not y_hat:
        return None
    ones = one_minus_y.operands[0], rest.operands[0]
    if any(one.operands or one.data != 1 for one in ones):
        return None
    return LossBox("BCE", (y_hat, y), frozenset([first, second, minus_y, log_p, one_minus_y, log_q, rest, *ones]))


def mse_box(node: Value) -> LossBox | None:
    """((o₁−t₁)² + (o₂−t₂)² + …)/n"""
    total, n = node.operands
    sums, squares = [], [total]
    while squares[-1].op == "+":                      # the first two are added first
        sums.append(squares.pop())
        squares += reversed(sums[-1].operands)
    if n.operands or n.data != len(squares) or any(square.op != "**2" for square in squares):
        return None
    differences = [square.operands[0] for square in reversed(squares)]
    if any(difference.op != "-" for difference in differences):
        return None
    pairs = [difference.operands for difference in differences]
    operands = dict.fromkeys([output for output, _ in pairs] + [target for _, target in pairs])
    return LossBox("MSE", tuple(operands), frozenset([*sums, *squares, *differences, n]))
