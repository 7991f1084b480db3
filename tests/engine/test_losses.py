"""Losses against their formulas, and where they are hard."""

import math
from fractions import Fraction

import pytest
from conftest import close

from minigrad import Value, sigmoid
from minigrad.graph import topological_order
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss


@pytest.mark.parametrize("y", [0, 1, 0.3])
@pytest.mark.parametrize("p", [1e-9, 0.2, 0.5, 0.999])
def test_binary_cross_entropy_is_the_lectures_formula(p, y):
    y_hat = Value(p, label="y_hat")
    loss = binary_cross_entropy(y_hat, y)
    loss.backward()
    assert close(loss.data, -y * math.log(p) - (1 - y) * math.log(1 - p))
    assert close(y_hat.grad, -y / p + (1 - y) / (1 - p))


def test_binary_cross_entropy_is_built_of_primitives_that_read_like_the_formula():
    y_hat = Value(0.5, label="y_hat")
    ops = sorted(node.op for node in topological_order(binary_cross_entropy(y_hat, 1)) if node.operands)
    assert ops == ["*", "*", "-", "-", "-", "log", "log", "neg"]


@pytest.mark.parametrize("y", [0, 1, 0.25])
@pytest.mark.parametrize("s", [-3.0, -0.1, 0.0, 2.5])
def test_the_logits_form_is_the_same_loss(s, y):
    logit, other = Value(s), Value(s)
    binary_cross_entropy_with_logits(logit, y).backward()
    loss = binary_cross_entropy(sigmoid(other), y)
    loss.backward()
    assert close(binary_cross_entropy_with_logits(s, y).data, loss.data)
    assert close(logit.grad, other.grad)


@pytest.mark.parametrize(
    ("s", "y", "loss", "slope"),
    [
        (-800.0, 1, 800.0, -1.0),
        (800.0, 0, 800.0, 1.0),
        (800.0, 1, 0.0, 0.0),
        (40.0, 1, 4.248354255291589e-18, -4.248354255291589e-18),     # e⁻⁴⁰; 1 − σ(40) would be 0
        (-40.0, 0, 4.248354255291589e-18, 4.248354255291589e-18),
    ],
)
def test_the_logits_form_keeps_every_digit_where_the_sigmoid_is_full(s, y, loss, slope):
    logit = Value(s)
    found = binary_cross_entropy_with_logits(logit, y)
    found.backward()
    assert close(found.data, loss, 1e-15) and close(logit.grad, slope, 1e-15)


def test_the_logits_form_is_one_node_and_has_a_gradient_for_its_target():
    s, y = Value(0.7), Value(0.4)
    loss = binary_cross_entropy_with_logits(s, y)
    assert loss.operands == (s, y)
    loss.backward()
    assert y.grad == -0.7


@pytest.mark.parametrize("s", [-2.0, 0.0, 3.0])
def test_the_logits_form_has_second_derivatives(s):
    outer = Value(Value(s))
    binary_cross_entropy_with_logits(outer, 1).backward()
    outer.grad.backward()
    p = 1 / (1 + math.exp(-s))
    assert close(outer.grad.data, p - 1, 1e-14) and close(outer.data.grad, p * (1 - p), 1e-14)


@pytest.mark.parametrize("s", [-2.0, 0.0, 3.0])
def test_the_logits_form_of_a_value_of_values_has_the_right_first_derivative_inside(s):
    inner = Value(s)
    loss = binary_cross_entropy_with_logits(Value(inner), 1)
    loss.data.backward()
    assert close(inner.grad, 1 / (1 + math.exp(-s)) - 1, 1e-14)


@pytest.mark.parametrize("p", [0.0, 1.0, 1.5, -0.1])
def test_a_probability_that_is_none_is_refused_and_the_remedy_named(p):
    with pytest.raises(ValueError, match=r"y_hat is .*use binary_cross_entropy_with_logits\(s, y\)"):
        binary_cross_entropy(Value(p), 1)


@pytest.mark.parametrize("loss", [binary_cross_entropy, binary_cross_entropy_with_logits])
@pytest.mark.parametrize("y", [2, -1, 1.01])
def test_a_target_outside_0_to_1_is_refused(loss, y):
    with pytest.raises(ValueError, match="the target y is"):
        loss(Value(0.5), y)


def test_mse_is_the_mean_of_squares_exactly():
    outputs = [Value(Fraction(1, 2)), Value(Fraction(-1, 3))]
    loss = mse_loss(outputs, [Fraction(1), Fraction(1, 6)])
    loss.backward()
    assert loss.data == Fraction(1, 4)
    assert [o.grad for o in outputs] == [Fraction(-1, 2), Fraction(-1, 2)]
    assert mse_loss(Value(3), 1).data == 4


@pytest.mark.parametrize(("outputs", "targets"), [([1], [1, 2]), ([], []), (1, [1, 2])])
def test_mse_of_lists_that_do_not_pair_is_refused(outputs, targets):
    with pytest.raises(ValueError, match="it needs as many of each"):
        mse_loss(outputs, targets)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_is_minus_the_log_of_the_softmax(target):
    s = [0.3, -1.2, 2.0]
    logits = [Value(x) for x in s]
    loss = cross_entropy(logits, target)
    loss.backward()
    p = [math.exp(x) / sum(map(math.exp, s)) for x in s]
    assert close(loss.data, -math.log(p[target]), 1e-14)
    assert all(close(v.grad, p[j] - (j == target), 1e-14) for j, v in enumerate(logits))


def test_cross_entropy_of_two_classes_is_the_logits_form():
    a, b = Value(-40.0), Value(-40.0)
    cross_entropy([Value(0.0), a], 0).backward()
    binary_cross_entropy_with_logits(b, 0).backward()
    assert close(a.grad, b.grad, 1e-15) and a.grad > 0


def test_cross_entropy_never_overflows_and_keeps_its_digits():
    logits = [Value(1000.0), Value(960.0)]
    loss = cross_entropy(logits, 0)
    loss.backward()
    assert close(loss.data, 4.248354255291589e-18, 1e-15)
    assert close(logits[0].grad, -4.248354255291589e-18, 1e-15) and close(logits[1].grad, 4.248354255291589e-18, 1e-15)
    assert cross_entropy([1000.0, 1001.0], 0).data == pytest.approx(1.3132616875182228, rel=1e-12)


def test_cross_entropy_has_second_derivatives():
    outer = [Value(Value(x)) for x in (0.5, -0.25)]
    cross_entropy(outer, 1).backward()
    outer[0].grad.backward()
    p = 1 / (1 + math.exp(-0.75))
    assert close(outer[0].grad.data, p, 1e-14) and close(outer[0].data.grad, p * (1 - p), 1e-14)


@pytest.mark.parametrize("target", [-1, 2, 0.0, True, "0"])
def test_a_target_that_is_no_class_is_refused(target):
    with pytest.raises(ValueError, match="it must be an index from 0 to 1"):
        cross_entropy([1, 2], target)
