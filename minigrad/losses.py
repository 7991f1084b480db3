"""Losses.  y the target, ŷ the prediction, s the logit: ŷ = σ(s)."""

import math
from collections.abc import Iterable, Sequence

from minigrad.elementary import exp, log, relu, sigmoid
from minigrad.functions import numbers_of, softmax_parts
from minigrad.validation import Number, check_operands, is_value, unwrap
from minigrad.value import Value, as_value


def binary_cross_entropy(y_hat: Value, y: Number) -> Value:
    """L = −y·log ŷ − (1−y)·log(1−ŷ), one node for each operation, so that the graph reads like the formula;
    ∂L/∂ŷ = −y/ŷ + (1−y)/(1−ŷ).

    y: a number from 0 to 1, or a Value; a number becomes a leaf labelled y.
    Raises ValueError unless 0 < ŷ < 1 and 0 ≤ y ≤ 1.
    """
    y_hat, y = as_value(y_hat), as_value(y, label="y")
    check_target("binary_cross_entropy", y)
    if not 0 < y_hat < 1:
        raise ValueError(
            f"binary_cross_entropy: y_hat is {unwrap(y_hat)}; it must lie strictly between 0 and 1.  "
            "If it is σ(s), rounded, use binary_cross_entropy_with_logits(s, y)"
        )
    loss: Value = -y * log(y_hat) - (1 - y) * log(1 - y_hat)
    return loss


def binary_cross_entropy_with_logits(s: Value, y: Number) -> Value:
    """L = −y·log σ(s) − (1−y)·log σ(−s) = max(s, 0) − y·s + log(1 + e^−|s|), one node that never overflows;
    ∂L/∂s = σ(s) − y = (1−y)·σ(s) − y·σ(−s),  ∂L/∂y = −s.

    y: a number from 0 to 1, or a Value; a number becomes a leaf labelled y.  Raises ValueError unless 0 ≤ y ≤ 1.
    """
    s, y = as_value(s), as_value(y, label="y")
    check_target("binary_cross_entropy_with_logits", y)
    check_operands((s, y))
    derivative = (1 - y.data) * sigmoid(s.data) - y.data * sigmoid(-s.data)
    if is_value(s.data) or is_value(y.data):
        data = binary_cross_entropy_with_logits(s.data, y.data)
    else:
        data = relu(s.data) - y.data * s.data + math.log1p(exp(-abs(s.data)))
    return Value(data, "bce_with_logits", (s, y), (derivative, -s.data))


def cross_entropy(logits: Iterable[Number], target: int) -> Value:
    """L = −log softmax(s)[target] = ln Σ exp(sⱼ) − s[target], one node that never overflows, for one of n classes;
    ∂L/∂sⱼ = pⱼ for j ≠ target,  ∂L/∂s[target] = −Σ_{j ≠ target} pⱼ,  p = softmax(s).

    logits: n ≥ 1 numbers or Values.  Raises ValueError for a target that is not an index from 0 to n−1.
    """
    logits = tuple([as_value(s) for s in logits])
    if isinstance(target, bool) or not isinstance(target, int) or not 0 <= target < len(logits):
        raise ValueError(f"cross_entropy: the target is {target!r}; it must be an index from 0 to {len(logits) - 1}")
    check_operands(logits)
    xs = numbers_of(logits)
    top, rest, derivatives = softmax_parts(xs)
    others = derivatives[:target] + derivatives[target + 1 :]
    derivatives[target] = -sum(others)                # not p − 1, which has lost every digit where p is nearly 1
    data = cross_entropy(xs, target) if any(map(is_value, xs)) else (top - xs[target]) + math.log1p(rest)
    return Value(data, "cross_entropy", logits, tuple(derivatives))


def mse_loss(outputs: Number | Sequence[Number], targets: Number | Sequence[Number]) -> Value:
    """L = 1/n · Σ (output − target)²;  ∂L/∂output = 2/n·(output − target).

    Two lists of n numbers or Values, or two single ones.  Raises ValueError if the lengths differ, or n = 0.
    """
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    targets = targets if isinstance(targets, (list, tuple)) else [targets]
    if len(outputs) != len(targets) or not outputs:
        raise ValueError(f"mse_loss: {len(outputs)} outputs and {len(targets)} targets; it needs as many of each")
    squares: list[Value] = [(as_value(output) - target) ** 2 for output, target in zip(outputs, targets)]
    return sum(squares[1:], squares[0]) / len(squares)


def check_target(name: str, y: Value) -> None:
    """Raises ValueError for a target outside 0 to 1."""
    if not 0 <= y.data <= 1:
        raise ValueError(f"{name}: the target y is {unwrap(y)}; it must lie from 0 to 1")
