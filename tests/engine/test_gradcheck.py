"""gradcheck catches a planted relative error of 1e−8 in any operation, is quiet on right ones, clear about kinks."""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest

from minigrad import Value, cos, dot, exp, log, log_sum_exp, relu, sigmoid, sin, sqrt, tanh
from minigrad.gradcheck import gradcheck
from minigrad.losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss
from minigrad.nn import RNN

OPERATIONS: dict = {
    "+": (lambda a, b: a + b, 2), "-": (lambda a, b: a - b, 2), "*": (lambda a, b: a * b, 2),
    "/": (lambda a, b: a / b, 2), "** Value": (lambda a, b: abs(a) ** b, 2), "**3": (lambda a: a**3, 1),
    "**-2": (lambda a: a**-2, 1), "**0.5": (lambda a: abs(a) ** 0.5, 1), "neg": (lambda a: -a, 1),
    "abs": (abs, 1), "exp": (exp, 1), "log": (lambda a: log(abs(a)), 1), "sqrt": (lambda a: sqrt(abs(a)), 1),
    "sin": (sin, 1), "cos": (cos, 1), "tanh": (tanh, 1), "sigmoid": (sigmoid, 1), "relu": (lambda a: relu(abs(a)), 1),
    "dot": (lambda a, b: dot([a, b], [b, a]), 2), "log_sum_exp": (lambda a, b: log_sum_exp([a, b]), 2),
    "bce": (lambda s: binary_cross_entropy_with_logits(s, 1), 1),
    "cross_entropy": (lambda a, b: cross_entropy([a, b], 0), 2),
}


def points(arity, seed):
    source = random.Random(seed)
    return [[source.choice((-1, 1)) * source.uniform(0.3, 2) for _ in range(arity)] for _ in range(20)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_is_quiet_on_every_right_derivative(name):
    f, arity = OPERATIONS[name]
    for xs in points(arity, name):
        report = gradcheck(f, xs)
        assert report, (xs, str(report))
        assert all(check.verdict == "right" for check in report.checks), (xs, str(report))


@pytest.mark.parametrize("error", [1e-8, -1e-8, 1e-4, 0.5])
@pytest.mark.parametrize("name", OPERATIONS)
def test_it_catches_a_planted_error(name, error):
    f, arity = OPERATIONS[name]

    def planted(*values):
        result = f(*values)
        result.partials = tuple(partial * (1 + error) for partial in result.partials)
        return result

    for xs in points(arity, name):
        report = gradcheck(planted, xs)
        assert not report and all(check.verdict == "wrong" for check in report.checks if check.backward), str(report)


def test_it_catches_a_sign_a_zero_and_a_lost_use():
    def with_partials(result, *partials):
        result.partials = partials
        return result

    assert not gradcheck(lambda a, b: with_partials(a - b, 1, 1), [2, 3])
    assert not gradcheck(lambda a: with_partials(a.exp(), 0), [0.5])
    assert not gradcheck(lambda a: Value(a.data**2, "*", (a,), (a.data,)), [3])


@pytest.mark.parametrize(
    ("f", "slopes"), [(relu, "(0 from the left, 1 from the right)"), (abs, "(−1 from the left, 1 from")]
)
def test_a_kink_is_named_and_is_no_error(f, slopes):
    report = gradcheck(f, [0.0])
    assert report and report.checks[0].verdict == "kink" and slopes in str(report)
    assert not gradcheck(lambda a: Value(abs(a.data), "abs", (a,), (3,)), [0.0])


def test_the_report_names_the_input_both_numbers_and_the_difference():
    w = Value(2.0, label="w_h")
    report = gradcheck(lambda v: Value(v.data**2, "**2", (v,), (4.1,)), [w])
    assert str(report).startswith("w_h = 2: backward() 4.1, numerically 4.0, difference 0.1: wrong")
    assert w.grad == 0 and repr(report) == "GradCheck(1 wrong)"


def test_where_rounding_leaves_too_few_digits_it_says_so_and_nothing_is_wrong():
    report = gradcheck(lambda a: a * 1e-9 + 1e6, [1.0])
    assert report and report.checks[0].verdict == "unclear" and "rounding" in str(report)


def test_it_stays_within_the_domain_of_f():
    assert [check.verdict for check in gradcheck(log, [1e-12]).checks] == ["right"]
    assert [check.verdict for check in gradcheck(lambda p: binary_cross_entropy(p, 1), [0.999]).checks] == ["right"]


def test_a_whole_network_is_checked_input_by_input():
    xs = [[0.5, -1], [0.3, 0.2], [1, 0]]

    def loss(*weights):
        w = list(weights)
        rnn = RNN.from_weights([w[0:2], w[2:4]], [w[4:6], w[6:8]], [w[8:10]])
        return mse_loss(rnn.readout(rnn.unroll(xs).state), [0.3])

    report = gradcheck(loss, [0.1 * k - 0.45 for k in range(10)])
    assert report and len(report.checks) == 10 and all(check.verdict == "right" for check in report.checks)


def test_a_function_that_gives_no_value_is_refused():
    with pytest.raises(TypeError, match=r"f returned .*float; it must return a Value"):
        gradcheck(lambda a: a.data, [1])


# ---------------------------------------------------------------------- a check that needs no tolerance


class Dual:
    """x + x′·ε with ε² = 0, in fractions: forward differentiation by the rules of school, sharing nothing with Value"""

    def __init__(self, x, slope=0):
        self.x, self.slope = Fraction(x), Fraction(slope)

    def __add__(self, other):
        return Dual(self.x + other.x, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.x - other.x, self.slope - other.slope)

    def __mul__(self, other):
        return Dual(self.x * other.x, self.slope * other.x + self.x * other.slope)

    def __truediv__(self, other):
        return Dual(self.x / other.x, (self.slope * other.x - self.x * other.slope) / other.x**2)

    def __pow__(self, n):
        return Dual(self.x**n, n * self.x ** (n - 1) * self.slope)

    def __neg__(self):
        return Dual(-self.x, -self.slope)


def rational(numbers, seed):
    """A random program of the rational operations, on whatever kind of numbers it is given"""
    source, made = random.Random(seed), list(numbers)
    for _ in range(12):
        a, b, n = source.choice(made), source.choice(made), source.choice((-2, -1, 2, 3))
        operation = source.choice("+-*/^~")
        if operation == "/" or (operation == "^" and n < 0):
            b = b * b + made[0] * made[0]             # above 0, for the first number is not 0
            made.append(a / b if operation == "/" else b**n)
        else:
            made.append({"+": a + b, "-": a - b, "*": a * b, "^": a**abs(n), "~": -a}[operation])
    total = made[-1]
    for number in made[:-1]:
        total = total + number
    return total


@pytest.mark.parametrize("seed", range(100))
def test_in_fractions_the_rational_operations_have_exactly_the_gradients_of_dual_numbers(seed):
    numbers = [Fraction(3, 2), Fraction(-2, 5), Fraction(1, 3)]
    leaves = [Value(x) for x in numbers]
    rational(leaves, seed).backward()
    for k, leaf in enumerate(leaves):
        dual = rational([Dual(x, i == k) for i, x in enumerate(numbers)], seed)
        assert leaf.grad == dual.slope and isinstance(leaf.grad, (int, Fraction))


# ---------------------------------------------------------------------- where the numbers make it hard


def size(source, low, high):
    """A positive number of any size from 10^low to 10^high"""
    return 10 ** source.uniform(low, high)


def signed(source, low, high):
    return source.choice((-1, 1)) * size(source, low, high)


def chaotic(a, n):
    for _ in range(n):
        a = 3.9 * a * (1 - a)
    return a


def expm1_by_hand(a):
    """A right derivative on a number that has lost its digits"""
    return Value(math.exp(a.data) - 1, "expm1", (a,), (math.exp(a.data),))


def hard_point(source):
    """(name, f, inputs): a right derivative that differences can hardly see"""
    c, d, x = size(source, 0, 20), signed(source, -300, 300), source.uniform(0.1, 1)
    near_x = x * (1 + signed(source, -17, -1))
    ripple, steep, n = size(source, -19, -3), size(source, 3, 19), source.randint(2, 60)
    return source.choice([
        ("1/a at 1e±150", lambda a: 1 / a, [signed(source, -150, 150)]),
        ("1/a near 0", lambda a: 1 / a, [signed(source, -12, -1)]),
        ("1/(a − 1) near 1", lambda a: 1 / (a - 1), [1 + signed(source, -15, -1)]),
        (f"sin({c}a)", lambda a: sin(a * c), [source.uniform(-3, 3)]),
        (f"|sin({c}a)|", lambda a: abs(sin(a * c)), [source.uniform(-3, 3)]),
        ("sin(1/a)", lambda a: sin(1 / a), [signed(source, -12, 0)]),
        ("sin of a large number", sin, [signed(source, 0, 300)]),
        (f"a·{d}", lambda a: a * d, [signed(source, -24, 3)]),
        (f"a·{d}/{d}", lambda a: a * d / d, [signed(source, -20, 3)]),
        ("a·1e−300·1e−300·1e300", lambda a: a * 1e-300 * 1e-300 * 1e300, [signed(source, -3, 3)]),
        (f"relu(a·{d}) at 0", lambda a: relu(a * d), [0.0]),
        ("relu", relu, [signed(source, -320, 3)]),
        ("|a − 1| near 1", lambda a: abs(a - 1), [1 + signed(source, -16, -1)]),
        ("three slopes at 1", lambda a: relu(a - 1) + 0.001 * relu(1 - a) + a, [1.0]),
        (f"a + {ripple}·relu(a − {x})", lambda a: a + ripple * relu(a - x), [near_x]),
        (f"a + {ripple}·sin({steep}a)", lambda a: a + ripple * sin(steep * a), [x]),
        (f"a + {ripple}·tanh({steep}(a − {x}))", lambda a: a + ripple * tanh(steep * (a - x)), [near_x]),
        (f"a − {c} + {c}", lambda a: (a - c) + c, [signed(source, -3, 3)]),
        ("a·1e16 − a·1e16 + a", lambda a: (a * 1e16 - a * 1e16) + a, [signed(source, -3, 3)]),
        ("1 − cos a", lambda a: 1 - cos(a), [signed(source, -20, 1)]),
        ("eᵃ − 1", lambda a: exp(a) - 1, [signed(source, -20, 0)]),
        ("expm1 by hand", expm1_by_hand, [signed(source, -12, 1)]),
        ("log", log, [size(source, -300, 300)]),
        ("log(1 + a)", lambda a: log(1 + a), [source.choice((signed(source, -20, -1), size(source, -15, -1) - 1))]),
        ("sqrt(1 − a²) near 1", lambda a: sqrt(1 - a * a), [1 - size(source, -15, -1)]),
        ("bce near 0 or 1", lambda p: binary_cross_entropy(p, 1), [source.choice((size(source, -300, -1), 1 - 1e-15))]),
        ("bce of logits", lambda s: binary_cross_entropy_with_logits(s, 1), [signed(source, -10, 3)]),
        ("log_sum_exp", lambda a, b: log_sum_exp([a, b]), [signed(source, -5, 3), signed(source, -5, 3)]),
        (f"a^{n}", lambda a: a**n, [signed(source, -3, 3)]),
        ("aᵇ", lambda a, b: a**b, [size(source, -3, 3), source.uniform(-5, 5)]),
        ("(a + b) − a", lambda a, b: (a + b) - a, [signed(source, -10, 17), signed(source, -10, 10)]),
        (f"dot beside {c}", lambda a, b: dot([a, b, c], [b, a, 1.0]), [signed(source, -9, 9), signed(source, -9, 9)]),
        ("tanh", lambda a: tanh(a * c), [signed(source, -20, 2)]),
        (f"{n % 30} steps of chaos", lambda a: chaotic(a, n % 30), [source.uniform(0.01, 0.99)]),
    ])


def check_hard_points(seed, many):
    source = random.Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(many):
        name, f, inputs = hard_point(source)
        try:
            report = gradcheck(f, inputs)
        except (ValueError, ArithmeticError):
            seen["refused"] += 1                      # by backward(): its number is not finite
            continue
        assert report, (name, inputs, str(report))
        assert all("(" in check.note for check in report.checks if check.verdict == "unclear"), str(report)
        seen.update(check.verdict for check in report.checks)
    assert seen["right"] > 0.3 * many and seen["refused"] < 0.1 * many, seen


def test_a_right_derivative_is_never_called_wrong_at_200_hard_points():
    check_hard_points("hard", 200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_right_derivative_is_never_called_wrong_at_many_hard_points(seed):
    check_hard_points(seed, 3000)


@pytest.mark.parametrize("x", [1e-10, 1e-5, 0.37, 3.0, 2e5])
@pytest.mark.parametrize("error", [-1, 1e-4, 0.5, 1e6])
def test_a_gross_error_is_caught_at_any_size_of_the_input_and_behind_any_other_operation(x, error):
    """A derivative of 0 also hides the rounding errors of what lies before it."""
    for f in (lambda a: log(1 + a * a / (x * x)), lambda a: exp(-a / x) * 1e-5, lambda a: tanh(a * (1 / x)) + 3):
        def planted(a, f=f):
            node = inner = f(a)
            while inner.operands[0].operands:         # the last operation on the way back to a
                inner = inner.operands[0]
            inner.partials = tuple(partial * (1 + error) for partial in inner.partials)
            return node

        report = gradcheck(planted, [x])
        assert report.checks[0].verdict == "wrong", str(report)


def test_a_wave_between_two_floats_is_unclear_where_its_slope_is_hidden_but_for_one_readable_h():
    report = gradcheck(lambda a: sin(exp(a) * 1e150), [5e-324])
    assert report.checks[0].verdict == "unclear", str(report)
