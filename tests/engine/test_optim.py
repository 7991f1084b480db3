"""Optimizers: w := w − η·∂L/∂w."""

import math
import sys
from fractions import Fraction

import pytest

from minigrad import Value, tanh
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
        ([Value(1)], 0, ValueError, "finite number above 0"),
        ([Value(1)], math.nan, ValueError, "finite number above 0"),
        ([Value(1)], math.inf, ValueError, "finite number above 0"),
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


# (w₁, w₂, w₃) after each of six steps in PyTorch 2.13, in float64
TORCH = {
    "SGD": (lambda w: SGD(w, lr=0.02), [
        (0.4146209573984994, -1.0238483829593998, 1.8610919944469877),
        (0.3538070369723506, -0.8640865832711061, 1.774089336677295),
        (0.3062993910981568, -0.7416441657259589, 1.7148066656266092),
        (0.26734318336385743, -0.6433812821489253, 1.672458571102445),
        (0.23450454445644528, -0.5621949167005075, 1.64129310584325),
        (0.20635275092733318, -0.4937862469056071, 1.6178911004927012),
    ]),
    "SGD with momentum": (lambda w: SGD(w, lr=0.02, momentum=0.9), [
        (0.4146209573984994, -1.0238483829593998, 1.8610919944469877),
        (0.27696589863100013, -0.6605501279345658, 1.6490721316795838),
        (0.11949859313518699, -0.2522948847337852, 1.4257736212512921),
        (-0.03420276870793368, 0.13906039707704143, 1.2205716274346687),
        (-0.167771143322337, 0.482158333323889, 1.034850580760995),
        (-0.2712275822234782, 0.7667974541697761, 0.8564571298512603),
    ]),
    "Adam": (lambda w: Adam(w, lr=0.05), [
        (0.45000000011712477, -1.2000000000442181, 1.9500000000719901),
        (0.4002292482760874, -1.1501960171881878, 1.9002264566176434),
        (0.35084452235458125, -1.1007246757446445, 1.8508406489953388),
        (0.301999609786738, -1.051724252533472, 1.802008365829563),
        (0.25384233080098845, -1.0033325808729858, 1.7538969067866637),
        (0.2065133233823356, -0.9556851218321143, 1.706671844113279),
    ]),
    "Adam with betas and eps": (lambda w: Adam(w, lr=0.05, betas=(0.8, 0.9), eps=1e-3), [
        (0.4500117097331485, -1.2000044214212777, 1.9500071979727631),
        (0.40027204299063995, -1.1502216505750127, 1.9002598214934499),
        (0.350949862823135, -1.1007989606498618, 1.8509318024072876),
        (0.30220971433529253, -1.0518842520132052, 1.8022014665134873),
        (0.25420824826050087, -1.0036235236470172, 1.7542484545329606),
        (0.20709283471089485, -0.9561586817363061, 1.7072505274331091),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("make, expected", TORCH.values(), ids=TORCH)
def test_six_steps_are_those_of_pytorch(make, expected):
    """On L = tanh(w₁w₂)·w₃ + (w₁ − w₂w₃)²"""
    a, b, c = parameters = [Value(0.5), Value(-1.25), Value(2.0)]
    optimizer = make(parameters)
    for row in expected:
        optimizer.zero_grad()
        (tanh(a * b) * c + (a - b * c) ** 2).backward()
        optimizer.step()
        assert [w.data for w in parameters] == pytest.approx(row, rel=1e-13, abs=1e-15)


def test_momentum_adds_up_the_past_gradients_exactly():
    """After k steps v = Σ μʲ·g_{k−j}: sums of powers of two, in which floats round nothing"""
    w = Value(0.25)
    optimizer, gradients = SGD([w], lr=1, momentum=0.5), [0.75, -2.5, 1.0, 0.0]
    expected = Fraction(1, 4)
    for k, g in enumerate(gradients):
        w.grad = g
        optimizer.step()
        expected -= sum(Fraction(past) / 2 ** (k - j) for j, past in enumerate(gradients[: k + 1]))
        assert w.data == expected


def test_without_momentum_a_fraction_stays_one():
    w = Value(Fraction(1, 3))
    w.grad = Fraction(1, 7)
    SGD([w], lr=1).step()
    assert w.data == Fraction(4, 21) and type(w.data) is Fraction


@pytest.mark.parametrize(
    "make", [lambda w: SGD(w, lr=10, momentum=0.5), lambda w: Adam(w, lr=1e308)], ids=["SGD", "Adam"]
)
def test_a_refused_step_leaves_the_optimizer_as_it_was(make):
    """The step after it is the one that a fresh optimizer takes."""
    refused, fresh = [Value(1.0), Value(1e308)], [Value(1.0), Value(1e308)]
    optimizer = make(refused)
    refused[1].grad = -1e308
    with pytest.raises(OverflowError):
        optimizer.step()
    other = make(fresh)
    for parameters, one in ((refused, optimizer), (fresh, other)):
        parameters[0].grad, parameters[1].grad = 0.25, 0
        one.lr = 0.5
        one.step()
    assert [w.data for w in refused] == [w.data for w in fresh] != [1.0, 1e308]


@pytest.mark.parametrize("momentum", [-0.1, 1, math.nan, "0.9"])
def test_momentum_that_never_forgets_is_refused(momentum):
    with pytest.raises(ValueError, match="it must lie from 0 to below 1"):
        SGD([Value(1)], lr=0.1, momentum=momentum)


def test_clipping_takes_a_shared_parameter_once_and_refuses_what_is_not_finite():
    w = Value(1.0)
    w.grad = 10.0
    assert clip_grad_norm([w, w], 1.0) == 10 and w.grad == 1
    for grad in (math.inf, math.nan):
        w.grad = grad
        with pytest.raises(OverflowError, match="clip_grad_norm: the norm is not finite"):
            clip_grad_norm([w], 1.0)


def test_descent_with_fractions_is_exact():
    w = Value(Fraction(1, 3))
    w.grad = Fraction(1, 7)
    SGD([w], lr=Fraction(1, 2), momentum=Fraction(1, 2)).step()
    assert w.data == Fraction(1, 3) - Fraction(1, 14)


@pytest.mark.parametrize("call", [lambda ws: SGD(ws, lr=1), lambda ws: Adam(ws), lambda ws: clip_grad_norm(ws, 1)])
def test_a_matrix_of_weights_is_refused_with_the_way_out(call):
    with pytest.raises(TypeError, match=r"write \[w for row in rnn.w_h for w in row\]"):
        call([[Value(1.0)]])


# ---------------------------------------------------------------------- whole or not at all


class Stopped(BaseException):
    """What stands for Ctrl-C"""


def stopped_before(moment: int, work) -> bool:
    """Runs work(), interrupted before the instruction of that number; whether it came to that"""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
            if count == moment:
                raise Stopped
        return trace

    kept = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Stopped:
        return True
    finally:
        sys.settrace(kept)
    return False


OPTIMIZERS = {
    "SGD": lambda w: SGD(w, lr=0.25),
    "SGD with momentum": lambda w: SGD(w, lr=0.25, momentum=0.5),
    "Adam": lambda w: Adam(w, lr=0.25),
}


def ready(make):
    """An optimizer before its first step"""
    weights = [Value(1.0), Value(-2.0), Value(3.0)]
    for w, g in zip(weights, (0.5, 4.0, -1.0)):
        w.grad = g
    return make(weights)


def everything(optimizer):
    """All the numbers that a step changes"""
    return [w.data for w in optimizer.parameters], *[getattr(optimizer, name, None) for name in ("m", "v", "steps")]


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_step_interrupted_before_any_instruction_of_python_is_taken_whole_or_not_at_all(make):
    before, whole = everything(ready(make)), ready(make)
    stopped_before(0, whole.step)                     # never: Python 3.12 traces from the second run on
    taken: list[bool] = []
    stopped = True
    while stopped:
        optimizer = ready(make)
        stopped = stopped_before(len(taken) + 1, optimizer.step)
        assert everything(optimizer) in (before, everything(whole)), len(taken)
        taken.append(everything(optimizer) != before)
    assert len(taken) > 100 and taken == sorted(taken) and taken[-1]


class Scalar(float):
    """As numpy's float64: a float whose results are of its own kind"""

    def __mul__(self, other):
        return Scalar(float(self) * float(other))

    __rmul__ = __mul__

    def __truediv__(self, other):
        return Scalar(float(self) / float(other))


def test_every_setting_may_be_a_real_number_of_any_kind_and_the_parameters_stay_plain_floats():
    for make in (lambda w: SGD(w, lr=Scalar(0.25), momentum=Scalar(0.5)),
                 lambda w: Adam(w, lr=Scalar(0.25), betas=(Scalar(0.5), Scalar(0.75)), eps=Scalar(1e-8))):
        w = Value(1.0)
        optimizer = make([w])
        w.grad = 0.5
        optimizer.step()
        optimizer.lr = Scalar(0.125)                  # as a schedule does
        optimizer.step()
        w.grad = 8.0
        clip_grad_norm([w], Scalar(1))
        assert type(w.data) is type(w.grad) is float


def test_with_numpys_scalars_a_parameter_stays_a_plain_float():
    numpy = pytest.importorskip("numpy")
    for kind in (numpy.float64, numpy.float32, numpy.int64):
        w = Value(1.0)
        w.grad = 0.5
        SGD([w], lr=kind(1), momentum=numpy.float64(0.5)).step()
        Adam([w], lr=kind(1), betas=(numpy.float64(0.5), numpy.float32(0.75))).step()
        assert type(w.data) is float


@pytest.mark.parametrize("make", [lambda w: SGD(w, lr=0.1), lambda w: SGD(w, lr=0.1, momentum=0.9), Adam])
def test_a_rate_that_a_schedule_took_from_numpy_is_computed_with_in_full(make):
    numpy = pytest.importorskip("numpy")
    moved = []
    for rate in (numpy.float32(0.1), float(numpy.float32(0.1))):
        w = Value(1.0)
        optimizer = make([w])
        optimizer.lr, w.grad = rate, 0.3
        optimizer.step()
        moved.append(w.data)
    assert moved[0] == moved[1]


@pytest.mark.parametrize("make", [lambda w: SGD(w, lr=0.1), lambda w: SGD(w, lr=0.1, momentum=0.9), Adam])
@pytest.mark.parametrize(("attribute", "said"), [("data", "w holds"), ("grad", "the gradient of Value")])
def test_a_step_refuses_a_scalar_of_few_digits_and_changes_nothing(make, attribute, said):
    numpy = pytest.importorskip("numpy")
    w, other = Value(1.0, label="w"), Value(2.0)
    w.grad = other.grad = 0.3
    optimizer = make([other, w])
    setattr(w, attribute, numpy.float32(0.1))
    with pytest.raises(TypeError, match=f"{said}.*float32: set its .{attribute}"):
        optimizer.step()
    assert other.data == 2.0 and getattr(optimizer, "steps", 0) == 0
