"""A Value of Values of Values: derivatives of any order, exact in Fractions and to the last digits in floats."""

import math
from fractions import Fraction
from math import factorial
from typing import Any

import pytest
from conftest import close

from minigrad import Value, dot, log_sum_exp, relu, sigmoid, tanh
from minigrad.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)
from minigrad.validation import unwrap

X = Fraction(2, 3)


def derivatives(f, x, order: int) -> list:
    """[f(x), f′(x), …] up to that order, each from one backward() of the order before"""
    for _ in range(order):
        x = Value(x)
    found: list = []
    node, leaf = f(x), x
    for _ in range(order):
        found.append(unwrap(node))
        if not isinstance(node, Value):               # a constant, such as the 1 of a sum: its derivatives are 0
            node = 0
            continue
        node.backward()
        node, leaf = leaf.grad, leaf.data
    return [*found, unwrap(node)]


def falling(n: int, k: int) -> int:
    """n·(n−1)·…, k factors"""
    return math.prod(n - i for i in range(k))


@pytest.mark.parametrize(("f", "exact"), [
    (lambda x: x * x * x / 3, lambda k: falling(3, k) * X ** (3 - k) / 3),
    (lambda x: 1 / x, lambda k: (-1) ** k * factorial(k) / X ** (k + 1)),
    (lambda x: 5 / (x * 2), lambda k: Fraction(5, 2) * (-1) ** k * factorial(k) / X ** (k + 1)),
    (lambda x: x / (x + 1), lambda k: X / (X + 1) if k == 0 else -((-1) ** k) * factorial(k) / (X + 1) ** (k + 1)),
    (lambda x: x**5, lambda k: falling(5, k) * X ** (5 - k)),
    (lambda x: x**-3, lambda k: falling(-3, k) * X ** (-3 - k)),
    (lambda x: (x - 1) ** 2, lambda k: [(X - 1) ** 2, 2 * (X - 1), 2, 0, 0][k]),
    (lambda x: -x + 2 - (+x), lambda k: [2 - 2 * X, -2, 0, 0, 0][k]),
    (lambda x: abs(-x) * x, lambda k: [X**2, 2 * X, 2, 0, 0][k]),
    (lambda x: relu(x) * relu(-x) + relu(x) * x, lambda k: [X**2, 2 * X, 2, 0, 0][k]),
    (lambda x: dot([x, 3], [x, x]), lambda k: [X**2 + 3 * X, 2 * X + 3, 2, 0, 0][k]),
    (lambda x: mse_loss([x, x * x, 1], [0, 1, x]),
     lambda k: X / 2 * [X**2 + (X**2 - 1) ** 2 + (1 - X) ** 2, 4 * X**3 - 2, 12 * X**2, 24 * X, Fraction(24)][k]),
])  # fmt: skip
def test_four_derivatives_of_what_fractions_can_compute_are_exact(f, exact):
    found = derivatives(f, X, 4)
    assert found == [exact(k) for k in range(5)] and not any(isinstance(number, float) for number in found)


def softmax_reference(gap: float) -> list[float]:
    """ln(1 + e⁻ᵍ) and its first two derivatives by g, where e⁻ᵍ is small: the series ±e⁻ᵍ ∓ e⁻²ᵍ/2 …"""
    e = math.exp(-gap)
    return [math.log1p(e), -e / (1 + e), e / (1 + e) ** 2]


CROSS_ENTROPY, SWAPPED = lambda g: cross_entropy([g, g * 0], 0), lambda g: cross_entropy([g * 0, -g], 0)
OF_LOGITS = lambda g: binary_cross_entropy_with_logits(g, 1)
DIFFERENCE = lambda g: log_sum_exp([g, g * 0]) - g    # which loses the digits itself where g is large


@pytest.mark.parametrize(("loss", "gap"), [
    *[(loss, gap) for loss in (CROSS_ENTROPY, SWAPPED, OF_LOGITS) for gap in (0.5, 5.0, 50.0, 300.0)],
    (DIFFERENCE, 0.5), (DIFFERENCE, 3.0),
])  # fmt: skip
def test_losses_keep_their_digits_at_every_depth(loss, gap):
    found, reference = derivatives(loss, gap, 2), softmax_reference(gap)
    assert all(close(number, exact, 1e-13) for number, exact in zip(found, reference, strict=True))


@pytest.mark.parametrize("x", [-30.0, -0.3, 0.0, 0.2, 1.3, 40.0])
def test_the_second_derivatives_of_tanh_and_sigmoid_are_their_formulas(x):
    t, e = 1 / math.cosh(x) ** 2, math.exp(-abs(x))
    s = e / (1 + e) ** 2
    _, first, second = derivatives(tanh, x, 2)
    assert close(first, t, 1e-14) and close(second, -2 * math.tanh(x) * t, 1e-13)
    _, first, second = derivatives(sigmoid, x, 2)
    assert close(first, s, 1e-14) and close(second, -math.copysign((1 - e) / (1 + e), x) * s, 1e-13)


def test_the_lectures_loss_is_differentiable_twice_through_its_own_graph():
    y_hat = 0.3
    _, first, second = derivatives(lambda p: binary_cross_entropy(p, 1), y_hat, 2)
    assert close(first, -1 / y_hat) and close(second, 1 / y_hat**2)


def test_a_division_nested_nine_deep_takes_operations_in_proportion_to_two_to_the_depth():
    def made(depth: int) -> int:
        x: Any = 2.0
        for _ in range(depth):
            x = Value(x)
        first = Value(0).made
        x / x
        return Value(0).made - first

    assert made(9) < 2.6 ** 2 * made(7)


def test_a_division_by_0_says_so_at_every_depth():
    for x in (Value(1.0, label="x"), Value(Value(1.0), label="x"), Value(Value(Value(1.0)), label="x")):
        with pytest.raises(ZeroDivisionError, match=r"x = 1\.0, 0\.0: the divisor must not be 0"):
            x / (x - 1)
