"""Optimizers: w := w − η·∂L/∂w."""

import math

import pytest

from minigrad import Value
from minigrad.optim import SGD, Adam, clip_grad_norm


def test_a_step_is_the_lectures_update_and_zero_grad_makes_ready_for_the_next():
    w = Value(2.0)
    optimizer = SGD([w], lr=0.25)
    (w * w).backward()
    optimizer.step()
    assert w.data == 2 - 0.25 * 4
    optimizer.zero_grad()
    assert w.grad == 0


def test_descent_finds_the_minimum():
    x, y = Value(5.0), Value(-3.0)
    optimizer = SGD([x, y], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        ((x - 1) ** 2 + 2 * (y + 2) ** 2).backward()
        optimizer.step()
    assert abs(x.data - 1) < 1e-12 and abs(y.data + 2) < 1e-12


def test_a_step_that_would_overflow_is_refused_with_nothing_changed():
    a, b = Value(1.0), Value(1e308, label="b")
    a.grad, b.grad = 1.0, -1e308
    with pytest.raises(OverflowError, match=r"label='b'.*learning rate below 10"):
        SGD([a, b], lr=10).step()
    assert (a.data, b.data) == (1.0, 1e308)


@pytest.mark.parametrize(
    ("parameters", "lr", "error", "message"),
    [
        ([], 0.1, ValueError, "no parameters"),
        ([Value(1)], 0, ValueError, "must be above 0"),
        ([Value(1)], math.nan, ValueError, "must be above 0"),
        ([1.0], 0.1, TypeError, "not a leaf Value"),
        ([Value(1) * 2], 0.1, TypeError, "not a leaf Value"),
    ],
)
def test_bad_arguments_are_refused(parameters, lr, error, message):
    with pytest.raises(error, match=message):
        SGD(parameters, lr=lr)


def test_clipping_keeps_the_direction_and_bounds_the_norm():
    a, b = Value(0.0), Value(0.0)
    a.grad, b.grad = 3.0, -4.0
    assert clip_grad_norm([a, b], 1.0) == 5.0
    assert math.isclose(a.grad, 0.6) and math.isclose(b.grad, -0.8)
    assert math.isclose(clip_grad_norm([a, b], 10), 1.0) and math.isclose(a.grad, 0.6)
    with pytest.raises(ValueError, match="must be above 0"):
        clip_grad_norm([a], 0)


def test_adams_first_steps_are_its_formulas():
    w = Value(1.0)
    optimizer = Adam([w], lr=0.1)
    m = v = 0.0
    expected = 1.0
    for k, g in enumerate([0.5, -2.0, 1e-3], start=1):
        w.grad = g
        optimizer.step()
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected -= 0.1 * (m / (1 - 0.9**k)) / (math.sqrt(v / (1 - 0.999**k)) + 1e-8)
        assert math.isclose(w.data, expected, rel_tol=1e-14)


def test_adam_takes_a_step_of_its_rate_whatever_the_size_of_the_first_gradient():
    for g in (1e-6, 1.0, 1e6):
        w = Value(0.0)
        w.grad = g
        Adam([w], lr=0.25).step()
        assert math.isclose(w.data, -0.25, rel_tol=0.02)


def test_adam_refuses_betas_that_never_forget():
    with pytest.raises(ValueError, match="betas must lie from 0 to below 1"):
        Adam([Value(1)], betas=(1, 0.999))
