"""What is computed after .data was set by hand: right, or refused by the name of the Value that holds it."""

from fractions import Fraction

import pytest
from conftest import close

from minigrad import Value, cos, dot, exp, log, log_sum_exp, relu, sigmoid, sin, sqrt, tanh
from minigrad.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)
from minigrad.nn import RNN
from minigrad.optim import SGD

OPERATIONS = {
    "neg": lambda v: -v, "pos": lambda v: +v, "abs": abs, "v + v": lambda v: v + v, "v − 0.5": lambda v: v - 0.5,
    "0.5·v": lambda v: 0.5 * v, "v·v": lambda v: v * v, "1/v": lambda v: 1 / v, "v/3": lambda v: v / 3,
    "v²": lambda v: v**2, "vᵛ": lambda v: v**v, "v^½": lambda v: v**0.5,
    "exp": exp, "log": log, "sqrt": sqrt, "sin": sin, "cos": cos, "tanh": tanh, "sigmoid": sigmoid, "relu": relu,
    "dot": lambda v: dot([v, 0.5], [1.0, v]), "log_sum_exp": lambda v: log_sum_exp([v, 1.0, 200]),
    "cross_entropy": lambda v: cross_entropy([v, 1.0], 1),
    "bce_with_logits": lambda v: binary_cross_entropy_with_logits(v, 1),
    "mse_loss": lambda v: mse_loss([v], [1]),
    "an RNN": lambda v: RNN.from_weights([[v]], [[0.8]], [[1.2]], fused=True).unroll([[1.0], [2.0]]).state[0],
}  # fmt: skip


def holding(data) -> Value:
    v = Value(0.5, label="w_h")
    v.data = data
    return v


@pytest.mark.filterwarnings("ignore::RuntimeWarning")    # numpy's own, of an overflow
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "uint8", "int8", "int64", "array"])
def test_a_scalar_of_numpy_is_refused_by_name(operation, kind):
    numpy = pytest.importorskip("numpy")
    data = getattr(numpy, kind)(0.5 if "float" in kind or kind == "array" else 100)
    with pytest.raises(TypeError, match=r"^w_h holds .*: set its \.data to an int, float or Fraction$"):
        operation(holding(data))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("data", ["1", None, 1j, [0.5], b"1"], ids=repr)
def test_what_is_not_a_number_is_refused(operation, data):
    with pytest.raises((TypeError, AttributeError)):
        operation(holding(data))


@pytest.mark.parametrize("data", [0.25, Fraction(1, 4), True])
def test_a_number_is_computed_with(data):
    v = holding(data)
    (v * v + v / 2).backward()
    assert close(float(v.grad), 2 * data + 0.5)


def test_infinity_is_named_by_backward_before_a_gradient_is_touched():
    v = holding(float("inf"))
    y = relu(-v) * 2.0
    with pytest.raises(ValueError, match="w_h"):
        y.backward()
    assert v.grad == y.grad == 0


def test_a_learning_rate_of_numpy_leaves_plain_numbers():
    numpy = pytest.importorskip("numpy")
    w = Value(1.0, label="w")
    (w * w).backward()
    SGD([w], lr=numpy.float64(0.1)).step()
    assert type(w.data) is float and w.data == 0.8


def test_the_slope_of_a_power_keeps_its_digits_where_the_power_underflows():
    x, y = Value(1 - 7.4e-13), Value(1e15)
    z = x**y                                          # reference: 50 digits, mpmath
    assert close(z.partials[0], 4.34381950408265322312355291456e-307, 1e-13)
    fractional = Value(1 - 7.4e-13) ** (1e15 + 0.5)
    assert close(fractional.partials[0], 4.34381950408104601e-307, 1e-9)
