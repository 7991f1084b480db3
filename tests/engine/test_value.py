"""The engine: what it promises about values, derivatives, exactness, refusals and size."""

import copy
import gc
import itertools
import math
import os
import pickle
import random
import subprocess
import sys
import weakref
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from conftest import close
from reference import SCALAR

import minigrad
from minigrad import Value, cos, dot, exp, log, log_sum_exp, relu, sigmoid, sin, sqrt, tanh
from minigrad.value import as_value

# ---------------------------------------------------------------------- values and local derivatives

# op, function, arguments, value, partials: computed from the exact binary arguments with 400-bit arithmetic
FROZEN: list[tuple] = [
    ("+", lambda x, y: x + y, (0.7, -1.3), -0.60000000000000009, (1, 1)),
    ("-", lambda x, y: x - y, (0.7, -1.3), 2.0, (1, -1)),
    ("*", lambda x, y: x * y, (0.7, -1.3), -0.90999999999999997, (-1.3, 0.7)),
    ("/", lambda x, y: x / y, (0.7, -1.3), -0.53846153846153841, (-0.76923076923076920, -0.41420118343195261)),
    ("**", lambda x, y: x**y, (0.7, -1.3), 1.5899100258580595, (-2.9526900480221108, -0.56708106934055203)),
    ("**2", lambda x: x**2, (0.7,), 0.48999999999999994, (1.3999999999999999,)),
    ("**3", lambda x: x**3, (-1.3,), -2.1970000000000002, (5.0700000000000003,)),
    ("**-2", lambda x: x**-2, (-1.3,), 0.59171597633136091, (0.91033227127901675,)),
    ("**-1.5", lambda x: x**-1.5, (0.7,), 1.7074694419062768, (-3.6588630897991648,)),
    ("neg", lambda x: -x, (0.7,), -0.7, (-1,)),
    ("pos", lambda x: +x, (0.7,), 0.7, (1,)),
    ("abs", abs, (0.7,), 0.7, (1,)),
    ("abs", abs, (-1.3,), 1.3, (-1,)),
    ("exp", exp, (-1.3,), 0.27253179303401259, (0.27253179303401259,)),
    ("log", log, (0.7,), -0.35667494393873244, (1.4285714285714287,)),
    ("sqrt", sqrt, (0.7,), 0.83666002653407552, (0.59761430466719684,)),
    ("sin", sin, (0.7,), 0.64421768723769102, (0.76484218728448845,)),
    ("sin", sin, (1e22,), -0.85220084976718880, (0.52321478539513895,)),
    ("cos", cos, (-1.3,), 0.26749882862458736, (0.96355818541719298,)),
    ("tanh", tanh, (0.7,), 0.60436777711716347, (0.63473958998245862,)),
    ("tanh", tanh, (-19.0,), -0.99999999999999994, (1.2556531168192118e-16,)),
    ("sigmoid", sigmoid, (-1.3,), 0.21416501695744138, (0.16829836246906023,)),
    ("sigmoid", sigmoid, (40.0,), 1.0, (4.2483542552915890e-18,)),
    ("sigmoid", sigmoid, (-40.0,), 4.2483542552915890e-18, (4.2483542552915890e-18,)),
    ("relu", relu, (0.7,), 0.7, (1,)),
    ("relu", relu, (-1.3,), 0.0, (0,)),
    ("dot", lambda *v: dot(v[:2], v[2:]), (0.7, -1.3, 2.5, 0.3), 1.36, (2.5, 0.3, 0.7, -1.3)),
    ("log_sum_exp", lambda *v: log_sum_exp(v), (0.7, -1.3, 2.5), 2.6719931183659007,
     (0.13917917900737235, 0.018835853611601956, 0.84198496738102570)),
]  # fmt: skip
every_operation = pytest.mark.parametrize("op, function, arguments, value, partials", FROZEN)
BINARY = {name: function for name, function, arguments, _, _ in FROZEN[:5]}


def ulps(got, want) -> float:
    """|got − want| in units in the last place of want, a Fraction or a Decimal"""
    return float(abs(Fraction(got) - Fraction(want)) / Fraction(math.ulp(float(want))))


@every_operation
def test_each_operation_is_one_node_with_the_right_value_and_partials(op, function, arguments, value, partials):
    operands = tuple(Value(x) for x in arguments)
    y = function(*operands)
    assert (y.op, y.operands) == (op, operands)
    assert ulps(y.data, value) <= 4
    assert len(y.partials) == len(partials)
    assert all(ulps(got, want) <= 4 for got, want in zip(y.partials, partials))


@every_operation
def test_editing_data_afterwards_does_not_change_the_gradient(op, function, arguments, value, partials):
    operands = [Value(x) for x in arguments]
    y = function(*operands)
    for v in (*operands, y):
        v.data = 99.0
    y.backward()
    assert all(ulps(v.grad, want) <= 4 for v, want in zip(operands, partials))


@pytest.mark.parametrize("op", BINARY)
def test_numbers_on_either_side_give_the_same_value_and_partial(op):
    x, y, f = 0.7, 1.3, BINARY[op]
    both, left, right = f(Value(x), Value(y)), f(x, Value(y)), f(Value(x), y)
    assert both.data == left.data == right.data
    assert left.partials == both.partials and [v.data for v in left.operands] == [x, y]
    if op == "**":                                    # a plain exponent is no operand
        assert (right.op, right.partials, len(right.operands)) == ("**1.3", both.partials[:1], 1)
    else:
        assert right.partials == both.partials and [v.data for v in right.operands] == [x, y]


def anywhere(rng: random.Random) -> float:
    """A float of any size from the subnormals to the largest, either sign, never 0"""
    return math.ldexp(rng.uniform(0.5, 1), rng.randint(-1073, 1024)) * rng.choice([1, -1])


def test_binary_operations_are_bit_equal_to_pythons():
    rng = random.Random(1)
    numbers = [3, -7, 10**25, 2**53 + 1, *(f(rng) for f in (anywhere, lambda r: r.uniform(-9, 9)) for _ in range(300))]
    for _ in range(5000):
        x, y = rng.choice(numbers), rng.choice(numbers)
        for got, want in [(Value(x) + y, x + y), (x - Value(y), x - y), (Value(x) * y, x * y), (x / Value(y), x / y)]:
            assert (got.data, type(got.data)) == (want, type(want)), (x, got.op, y)


def test_partials_of_arithmetic_to_4_ulp_from_subnormal_to_huge():
    rng = random.Random(2)
    for _ in range(10_000):
        y, slope = anywhere(rng), anywhere(rng)
        x = rng.choice([anywhere(rng), y * y * slope, y * slope])     # so that x/y² often has the size of slope
        if not math.isfinite(x):
            continue
        assert (Value(x) + y).partials == (1, 1) and (Value(x) - y).partials == (1, -1)
        assert (Value(x) * y).partials == (y, x)
        exact = [1 / Fraction(y), -Fraction(x) / Fraction(y) ** 2]
        for got, want in zip((Value(x) / y).partials, exact):
            if abs(want) < sys.float_info.max:
                assert ulps(got, want) <= 4, (x, y)


def test_partials_of_whole_powers_to_4_ulp_from_subnormal_to_huge():
    rng = random.Random(3)
    for _ in range(5000):
        n = rng.choice([-1, 1]) * rng.choice([1, 2, 3, rng.randint(4, 40), rng.randint(41, 400)])
        x = rng.choice([-1, 1]) * 2 ** max(-1021.0, min(1021.0, rng.uniform(-1073, 1021) / n))
        want = n * Fraction(x) ** (n - 1)
        if abs(want) < sys.float_info.max:
            assert ulps((Value(x) ** n).partials[0], want) <= 4, (x, n)
            assert (Value(x) ** n).data == x**n


def logistic_slope(x: Decimal) -> Decimal:
    e = (-abs(x)).exp()
    return e / (1 + e) ** 2


def pi_to_the_precision() -> Decimal:
    """Gauss and Legendre's means"""
    a, b, t, p = Decimal(1), 1 / Decimal(2).sqrt(), Decimal("0.25"), 1
    for _ in range(10):
        a, b, t, p = (a + b) / 2, (a * b).sqrt(), t - p * ((a - b) / 2) ** 2, 2 * p
    return (a + b) ** 2 / (4 * t)


def sine(x: Decimal, quarters: int) -> Decimal:
    """sin(x + quarters·π/2), its series after taking out whole turns; 420 digits, for 309 before the point"""
    with localcontext(prec=420):
        pi = PI.setdefault("π", pi_to_the_precision())
        angle = (x + quarters * pi / 2) % (2 * pi)
    with localcontext(prec=100):
        term = total = +angle
        for k in range(2, 200, 2):
            term = -term * angle * angle / (k * (k + 1))
            total += term
        return total


PI: dict[str, Decimal] = {}
SLOPES: dict[str, tuple] = {  # derivative, least and greatest argument
    "abs": (abs, lambda x: abs(x) / x, -math.inf, math.inf),
    "relu": (relu, lambda x: Decimal(int(x > 0)), -math.inf, math.inf),
    "exp": (exp, lambda x: x.exp(), -math.inf, 709.78),
    "log": (log, lambda x: 1 / x, 0, math.inf),
    "sqrt": (sqrt, lambda x: 1 / (2 * x.sqrt()), 0, math.inf),
    "sin": (sin, lambda x: sine(x, 1), -math.inf, math.inf),
    "cos": (cos, lambda x: -sine(x, 0), -math.inf, math.inf),
    "tanh": (tanh, lambda x: 4 * logistic_slope(2 * x), -math.inf, math.inf),
    "sigmoid": (sigmoid, logistic_slope, -math.inf, math.inf),
}


@pytest.mark.parametrize("name", SLOPES)
def test_partials_of_functions_to_4_ulp_from_subnormal_to_huge(name):
    function, slope, least, greatest = SLOPES[name]
    rng = random.Random(4)
    count = 300 if name in ("sin", "cos") else 2000
    xs = [5e-324, -5e-324, 1e-310, -1e-310, 19.0, -19.0, 372.5, -372.5, 745.1, -745.1, sys.float_info.max, -1e308]
    xs += [x for _ in range(count) for x in (anywhere(rng), rng.uniform(-750, 750), rng.uniform(-20, 20))]
    with localcontext(prec=60):
        for x in xs:
            if least < x < greatest and abs(want := slope(Decimal(x))) < sys.float_info.max:
                assert ulps(function(Value(x)).partials[0], want) <= 4, x


@pytest.mark.parametrize("x", [
    1 + Fraction(1, 10**20), 1 - Fraction(7, 10**18), Fraction(701_997, 1000), Fraction(-5617, 10),
    Fraction(267_638, 1000), Fraction(1, 3), Fraction(-1, 10**17), 2**53 + 1, Fraction(10**400 + 1, 10**400),
], ids=lambda x: str(x)[:20])  # fmt: skip
def test_what_no_float_holds_has_its_functions_and_their_derivatives_to_4_ulp(x):
    with localcontext(prec=500):
        X = Decimal(x.numerator) / x.denominator
        if x < 709:
            y = Value(x).exp()
            assert ulps(y.data, X.exp()) <= 4 and ulps(y.partials[0], X.exp()) <= 4
        if x > 0:
            assert ulps(log(x), X.ln()) <= 4 and ulps(Value(x).log().data, X.ln()) <= 4
        y = Value(x).sigmoid()
        assert ulps(y.data, 1 / (1 + (-X).exp())) <= 4 and ulps(y.partials[0], logistic_slope(X)) <= 4
        assert ulps(Value(x).tanh().partials[0], 4 * logistic_slope(2 * X)) <= 4


def test_partials_of_other_powers_are_right_to_the_conditioning_of_their_formula():
    rng = random.Random(5)
    with localcontext(prec=60):
        for _ in range(2000):
            x, y = 2 ** rng.uniform(-110, 110), rng.uniform(-8, 8)
            ln, n = Decimal(x).ln(), Decimal(y)
            exact = [n * ((n - 1) * ln).exp(), (n * ln).exp() * ln]
            for got, want in zip((*(Value(x) ** Value(y)).partials, *(Value(x) ** y).partials), [*exact, exact[0]]):
                assert ulps(got, want) <= 4 + abs((y - 1) * math.log(x)), (x, y)


def test_partials_of_log_sum_exp_are_right_to_the_distance_from_the_largest():
    rng = random.Random(6)
    with localcontext(prec=60):
        for scale in (1, 30, 1000, 1e6, 1e17):
            for _ in range(200):
                middle = rng.uniform(-scale, scale)
                xs = [middle + rng.uniform(-40, 40) for _ in range(4)]
                exact = [(Decimal(x) - Decimal(max(xs))).exp() for x in xs]
                for x, got, want in zip(xs, log_sum_exp(xs).partials, exact):
                    assert ulps(got, want / sum(exact)) <= 4 + (max(xs) - x), xs


def test_derivatives_at_0_are_the_documented_ones():
    x = Value(0.0)
    assert relu(x).partials == abs(x).partials == (x**0).partials == (0,)
    assert (x**1).partials == tanh(x).partials == (1,) and (x**2).partials == (x**3).partials == (0,)


@pytest.mark.parametrize("x, n, value, slope", [
    (-3, 2, 9, -6), (-3, 3, -27, 27), (-2, 4.0, 16, -32), (0, 0, 1, 0), (0, 1, 0, 1), (5, 0, 1, 0), (0.0, 1.5, 0, 0),
    (-2.0, -1, -0.5, -0.25), (Fraction(-2, 3), -2, Fraction(9, 4), Fraction(27, 4)), (4, Fraction(1, 2), 2, 0.25),
])  # fmt: skip
def test_a_plain_exponent_is_no_operand_and_whole_ones_take_any_base(x, n, value, slope):
    base = Value(x)
    y = base**n
    assert (y.op, y.operands, y.data, y.partials) == (f"**{n}", (base,), value, (slope,))


def test_zero_to_a_positive_value_is_zero_with_the_limits_as_slopes():
    for exponent, slope in [(2, 0), (1, 1), (3.5, 0)]:
        y = Value(0) ** Value(exponent)
        assert (y.data, y.partials) == (0, (slope, 0))


def test_dot_and_log_sum_exp_on_plain_numbers_and_far_from_1():
    assert log_sum_exp([1000, 1001]).data == pytest.approx(1001.3132616875182, rel=1e-16)
    assert log_sum_exp([Value(-1000), -1001]).partials == pytest.approx((0.73105857863000488, 0.26894142136999512))
    assert (log_sum_exp([-1e308, 1e308]).data, log_sum_exp([7]).data) == (1e308, 7)
    assert (dot([1, 2], [3, 4]).data, dot([], []).data, dot(iter([2]), iter([5])).data) == (11, 0, 10)
    for call in (lambda: dot([1, 2], [3]), lambda: log_sum_exp([])):
        with pytest.raises(ValueError, match="it needs"):
            call()


@pytest.mark.parametrize(
    "op, function, arguments, value, partials", [r for r in FROZEN if r[0] in vars(minigrad) and len(r[2]) == 1]
)
def test_free_functions_give_plain_numbers_for_plain_numbers(op, function, arguments, value, partials):
    y = function(*arguments)
    assert not isinstance(y, Value) and ulps(y, value) <= 4


# ---------------------------------------------------------------------- backward()


def lecture_of_two():
    w, x = Value(2), Value(3)
    h = w * x
    return w, x, h, h * h


def test_interior_gradients_start_from_0_and_leaf_gradients_accumulate():
    w, x, h, y = lecture_of_two()
    seen = []
    for _ in range(2):
        y.backward()
        seen.append((w.grad, x.grad, h.grad, y.grad))
    assert seen == [(36, 24, 12, 1), (72, 48, 12, 1)]


def test_two_roots_that_share_a_part_add_up():
    x = Value(3)
    h = x * x
    y, z = 2 * h, 5 * h
    y.backward()
    z.backward()
    assert x.grad == 42


def test_a_value_used_twice_by_one_operation_counts_twice():
    x = Value(3)
    y = x * x
    assert y.operands == (x, x)
    x.data = 100                                      # too late to matter
    y.backward()
    assert x.grad == 6
    x.data, x.grad = 3, 0
    dot([x, x], [x, 5]).backward()
    assert x.grad == 2 * 3 + 5


class Interruption:
    def __mul__(self, other):
        raise KeyboardInterrupt


def test_a_pass_interrupted_at_any_edge_leaves_nothing_behind_in_interior_gradients():
    w, x, h, y = lecture_of_two()
    for node, k in itertools.product((y, h), (0, 1)):
        partials = node.partials
        node.partials = (*partials[:k], Interruption(), *partials[k + 1 :])
        with pytest.raises(KeyboardInterrupt):
            y.backward()
        node.partials = partials
        w.grad = x.grad = 0
        y.backward()
        assert (w.grad, x.grad) == (36, 24)
        w.grad = x.grad = 0


RULES = [  # an operation on two Values, and its two derivatives at (x, y), exact
    (lambda a, b: a + b, lambda x, y: (1, 1)),
    (lambda a, b: a - b, lambda x, y: (1, -1)),
    (lambda a, b: a * b, lambda x, y: (y, x)),
    (lambda a, b: a / (b * b + 1), lambda x, y: (1 / (y * y + 1), -2 * x * y / (y * y + 1) ** 2)),
    (lambda a, b: (a**2 + 1) ** -1, lambda x, y: (-2 * x / (x * x + 1) ** 2, 0)),
    (lambda a, b: dot([a, b, a], [b, 2, a]), lambda x, y: (y + 2 * x, x + 2)),
    (lambda a, b: relu(a) - abs(-b), lambda x, y: (int(x > 0), (y < 0) - (y > 0))),
]


@pytest.mark.parametrize("seed", range(20))
def test_fraction_gradients_equal_the_derivatives_carried_forward_exactly(seed):
    rng = random.Random(seed)
    leaves = [Value(Fraction(rng.randint(-9, 9), rng.randint(1, 9))) for _ in range(3)]
    known = [(leaf, [int(leaf is other) for other in leaves]) for leaf in leaves]     # a Value, its three derivatives
    for _ in range(7):
        (a, da), (b, db) = rng.choices(known, k=2)
        operation, derivatives = rng.choice(RULES)
        p, q = derivatives(a.data, b.data)
        known.append((operation(a, b), [p * s + q * t for s, t in zip(da, db)]))
    root = dot([v for v, _ in known], [1] * len(known))
    root.backward()
    assert [leaf.grad for leaf in leaves] == [sum(d[i] for _, d in known) for i in range(3)]
    assert isinstance(root.data, Fraction) and all(isinstance(leaf.grad, (int, Fraction)) for leaf in leaves)


def test_ints_stay_ints():
    x = Value(3)
    y = dot([x, 2], [4, x]) + relu(x) * 5 - abs(-x) ** 3
    assert type(x.grad) is int
    y.backward()
    assert [(type(n), n) for n in (y.data, y.grad, x.grad)] == [(int, 18 + 15 - 27), (int, 1), (int, 6 + 5 - 27)]


PROGRAM = """
import random, sys
from minigrad import Value, dot, tanh
scattered = [Value(0) for _ in range(20_000)]
random.Random(sys.argv[1]).shuffle(scattered)
del scattered[1000:]                                  # the Values below lie in memory in another order each time
rng = random.Random(0)
ws = [Value(rng.uniform(-1, 1)) for _ in range(20)]
state = ws
for _ in range(15):
    state = [tanh(dot(rng.sample(ws, 20), state)) * 10 ** rng.randint(-3, 0) for _ in range(20)]
sum(state).backward()
print([w.grad.hex() for w in ws])
"""


def test_gradients_are_bit_identical_in_every_process():
    def output(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.check_output([sys.executable, "-c", PROGRAM, seed], env=environment)

    outputs = {output(seed) for seed in ("0", "1", "4242")}
    assert len(outputs) == 1 and outputs.pop().count(b"0x") == 20


# ---------------------------------------------------------------------- Values of Values


def hessian(function, numbers):
    """Second derivatives: the gradient of each gradient, which a Value of Values has as a graph"""
    inner = [Value(x) for x in numbers]
    outer = [Value(v) for v in inner]
    function(*outer).backward()
    rows = []
    for v in outer:
        for leaf in inner:
            leaf.grad = 0
        as_value(v.grad).backward()
        rows.append([leaf.grad for leaf in inner])
    return rows


def softmax_slopes(*xs):
    p = [math.exp(x) / sum(map(math.exp, xs)) for x in xs]
    return [[p[i] * (i == j) - p[i] * p[j] for j in range(len(xs))] for i in range(len(xs))]


SECOND: dict[str, tuple] = {
    "+": (BINARY["+"], lambda x, y: [[0, 0], [0, 0]]),
    "-": (BINARY["-"], lambda x, y: [[0, 0], [0, 0]]),
    "*": (BINARY["*"], lambda x, y: [[0, 1], [1, 0]]),
    "/": (BINARY["/"], lambda x, y: [[0, -1 / y**2], [-1 / y**2, 2 * x / y**3]]),
    "**": (BINARY["**"], lambda x, y: [
        [y * (y - 1) * x ** (y - 2), x ** (y - 1) * (1 + y * math.log(x))],
        [x ** (y - 1) * (1 + y * math.log(x)), x**y * math.log(x) ** 2]]),
    "dot": (lambda x, y: dot([x, y], [y, x]), lambda x, y: [[0, 2], [2, 0]]),
    "log_sum_exp": (lambda x, y: log_sum_exp([x, y]), softmax_slopes),
    "exp": (exp, lambda x: [[math.exp(x)]]),
    "log": (log, lambda x: [[-1 / x**2]]),
    "sqrt": (sqrt, lambda x: [[-(x**-1.5) / 4]]),
    "sin": (sin, lambda x: [[-math.sin(x)]]),
    "cos": (cos, lambda x: [[-math.cos(x)]]),
    "tanh": (tanh, lambda x: [[-2 * math.sinh(x) / math.cosh(x) ** 3]]),
    "sigmoid": (sigmoid, lambda x: [[-math.tanh(x / 2) / math.cosh(x / 2) ** 2 / 4]]),
    "neg": (lambda x: -x, lambda x: [[0]]),
    "pos": (lambda x: +x, lambda x: [[0]]),
    "abs": (abs, lambda x: [[0]]),
    "relu": (relu, lambda x: [[0]]),
    "**0": (lambda x: x**0, lambda x: [[0]]),
    "**1": (lambda x: x**1, lambda x: [[0]]),
    "**2": (lambda x: x**2, lambda x: [[2]]),
    "**3": (lambda x: x**3, lambda x: [[6 * x]]),
    "**-1": (lambda x: x**-1, lambda x: [[2 / x**3]]),
    "**2.5": (lambda x: x**2.5, lambda x: [[3.75 * x**0.5]]),
}  # fmt: skip
POSITIVE = ("log", "sqrt", "**", "**2.5")                # operations that need a base above 0
AT_ZERO = [(name, [0.0]) for name in SECOND if name not in (*POSITIVE, "**-1", *BINARY, "dot", "log_sum_exp")]
POINTS = [(name, xs) for name in SECOND for xs in ([0.7, 1.3], [-1.3, -0.4]) if xs[0] > 0 or name not in POSITIVE]


@pytest.mark.parametrize("name, numbers", POINTS + AT_ZERO)
def test_second_derivatives_of_a_value_of_values_are_the_closed_formulas(name, numbers):
    function, formula = SECOND[name]
    numbers = numbers if name in (*BINARY, "dot", "log_sum_exp") else numbers[:1]
    for got, want in zip(hessian(function, numbers), formula(*numbers), strict=True):
        assert got == pytest.approx(want, rel=1e-13, abs=1e-15)


def test_second_derivatives_of_the_lectures_loss_are_the_reference_figures():
    def loss(w_i, w_h, w_o):
        o_t = 0
        for x in (1, 0.5, -1):
            o_t = tanh(x * w_i + o_t * w_h)
        return -log(sigmoid(o_t * w_o))

    names, rows = ("w_i", "w_h", "w_o"), hessian(loss, [0.5, 0.8, 1.2])
    for pair, figure in SCALAR["second"].items():
        row, column = map(names.index, pair.split(","))
        assert close(rows[row][column], figure) and close(rows[column][row], figure)


@pytest.mark.parametrize("x", [0.7, -1.3, 0.0])
@pytest.mark.parametrize("function, formula", [
    (tanh, lambda x: (6 * math.tanh(x) ** 2 - 2) / math.cosh(x) ** 2),
    (sigmoid, lambda x: (3 * math.tanh(x / 2) ** 2 - 1) / math.cosh(x / 2) ** 2 / 8),
    (lambda x: x**3, lambda x: 6),
    (sin, lambda x: -math.cos(x)),
    (lambda x: x * exp(x), lambda x: (x + 3) * math.exp(x)),
    (lambda x: 1 / (2 - x), lambda x: 6 / (2 - x) ** 4),
])  # fmt: skip
def test_third_derivatives_of_a_value_of_values_of_values(function, formula, x):
    def derivative(f):
        def slope(number):
            v = Value(number)
            f(v).backward()
            return v.grad
        return slope

    assert derivative(derivative(derivative(function)))(x) == pytest.approx(formula(x), rel=1e-13, abs=1e-15)


# ---------------------------------------------------------------------- refusals

REFUSED = [
    (True, TypeError, "1 or 0"),
    (1j, TypeError, "complex"),
    ("0.5", TypeError, "float"),
    (None, TypeError, "None"),
    ([0.5], TypeError, "list"),
    (Decimal("0.5"), TypeError, "Fraction"),
    (math.nan, ValueError, "nan"),
    (-math.inf, ValueError, "inf"),
]


@pytest.mark.parametrize("data, error, says", REFUSED)
def test_what_is_no_number_is_refused_at_construction_and_as_an_operand(data, error, says):
    with pytest.raises(error, match=says):
        Value(data)
    for operation in BINARY.values():
        for x, y in [(Value(2), data), (data, Value(2))]:
            with pytest.raises(error, match=says):
                operation(x, y)
    for call in (lambda: dot([Value(1)], [data]), lambda: log_sum_exp([Value(1), data])):
        with pytest.raises(error, match=says):
            call()


def named(x) -> Value:
    return Value(x, label="x_1")


@pytest.mark.parametrize("operation, error, says", [
    (lambda: named(0).log(), ValueError, "log of x_1 = 0: .*x > 0"),
    (lambda: log(named(-2.5)), ValueError, r"log of x_1 = -2\.5: "),
    (lambda: named(-1).sqrt(), ValueError, "sqrt of x_1 = -1: .*x ≥ 0"),
    (lambda: named(1) / 0, ZeroDivisionError, "/ of x_1 = 1, 0: .*divisor"),
    (lambda: 2 / named(0.0), ZeroDivisionError, r"/ of 2, x_1 = 0\.0: .*divisor"),
    (lambda: named(1000).exp(), OverflowError, "exp of x_1 = 1000: .*too large"),
    (lambda: named(-8) ** (1 / 3), ValueError, r"\*\*0\.333.* of x_1 = -8: .*whole"),
    (lambda: named(-8) ** Value(3), ValueError, r"\*\* of x_1 = -8, 3: .*whole"),
    (lambda: named(0) ** -1, ZeroDivisionError, r"\*\*-1 of x_1 = 0: .*negative power"),
    (lambda: named(0.0) ** -0.5, ZeroDivisionError, r"\*\*-0\.5 of x_1 = 0\.0: .*negative power"),
    (lambda: named(0) ** Value(0), ValueError, r"\*\* of x_1 = 0, 0: .*above 0"),
    (lambda: named(0) ** Value(-1), ValueError, r"\*\* of x_1 = 0, -1: .*above 0"),
    (lambda: named(1e200) ** 2, OverflowError, r"\*\*2 of x_1 = 1e\+200: .*too large"),
    (lambda: named(1e200) ** Value(2.0), OverflowError, r"\*\* of x_1 = 1e\+200, 2\.0: .*too large"),
    (lambda: (Value(1e308) * 10).sin(), ValueError, "sin of inf: "),
    (lambda: (Value(1e308) * 10).cos(), ValueError, "cos of inf: "),
    (lambda: exp(named(10**400)), OverflowError, "exp of x_1 = "),
    (lambda: sqrt(named(10**700)), OverflowError, "sqrt of x_1 = "),
    (lambda: sin(named(10**400)), OverflowError, "sin of x_1 = "),
    (lambda: named(10**400) / 3, OverflowError, "/ of x_1 = "),
])  # fmt: skip
def test_an_operation_that_cannot_answer_names_itself_its_operands_and_the_remedy(operation, error, says):
    with pytest.raises(error, match=says):
        operation()


LARGE, SMALL = 10**400, Fraction(1, 10**400)          # as floats ∞ and 0


@pytest.mark.parametrize("function, x, y, derivative", [
    (sqrt, LARGE, 1e200, 0.5e-200),
    (sqrt, SMALL, 1e-200, 0.5e200),
    (sqrt, Fraction(10**401, 10), 1e200, 0.5e-200),
    (log, LARGE, 400 * math.log(10), 0),
    (log, SMALL, -400 * math.log(10), LARGE),
    (exp, -LARGE, 0, 0),
    (exp, SMALL, 1, 1),
    (tanh, LARGE, 1, 0),
    (tanh, -LARGE, -1, 0),
    (tanh, SMALL, 0, 1),
    (sigmoid, LARGE, 1, 0),
    (sigmoid, -LARGE, 0, 0),
])  # fmt: skip
def test_an_int_or_a_fraction_that_no_float_holds_has_the_right_answer(function, x, y, derivative):
    value = function(Value(x))
    assert close(value.data, y, 1e-15) and (value.partials == (derivative,) or close(value.partials[0], derivative))
    assert function(x) == value.data


def test_the_sign_of_a_large_power_of_a_negative_number_is_right():
    for n in (2**53 + 1, 2**53 + 2, -(2**53) - 1, 10**30 + 1):
        y = Value(-1.0) ** n
        assert y.data == (-1) ** (n % 2) and close(y.partials[0], n * (-1) ** ((n - 1) % 2))


@pytest.mark.parametrize("operation, first", [
    (lambda x: x + x, r"\+ of x_1 = 1e\+308, x_1 = 1e\+308"),
    (lambda x: -x - x, r"- of -1e\+308, x_1 = 1e\+308"),
    (lambda x: x * 10, r"\* of x_1 = 1e\+308, 10"),
    (lambda x: x / 0.01, r"/ of x_1 = 1e\+308, 0\.01"),
    (lambda x: dot([x, x], [10, -10]), r"dot of x_1 = 1e\+308, x_1 = 1e\+308, 10, -10"),
])  # fmt: skip
def test_overflow_in_the_forward_pass_is_refused_before_a_gradient_is_touched(operation, first):
    x = named(1e308)
    too_large = operation(x)
    h = tanh(too_large) + 1
    y = (too_large - too_large) * h                   # a nan, after the first that is not finite
    x.grad, h.grad = 7, 8
    for root in (y, h):
        with pytest.raises(ValueError, match=f"^{first}: .*scale"):
            root.backward()
    assert (x.grad, h.grad, y.grad) == (7, 8, 0)


def test_data_that_was_made_infinite_by_hand_is_refused_and_named():
    x = named(1.0)
    y = x * 2
    x.data = math.inf
    with pytest.raises(ValueError, match="x_1"):
        y.backward()
    assert (x.grad, y.grad) == (0, 0)


@pytest.mark.parametrize("operation, x, edge", [
    (lambda x: x * 1e200 * 1e200, 1e-200, r"\* of x_1 = 1e-200, 1e\+200"),
    (lambda x: sqrt(x) * 0, 0.0, r"sqrt of x_1 = 0\.0"),
    (lambda x: x**0.5, 0, r"\*\*0\.5 of x_1 = 0"),
    (lambda x: x**-1, 1e-200, r"\*\*-1 of x_1 = 1e-200"),
    (lambda x: 1e-50 / x, 1e-200, r"/ of 1e-50, x_1 = 1e-200"),
])  # fmt: skip
def test_overflow_in_the_backward_pass_is_refused_at_its_end(operation, x, edge):
    with pytest.raises(OverflowError, match=f"x_1 is not finite: at {edge}: .*zero the gradients"):
        operation(named(x)).backward()


def test_a_silent_conversion_is_refused_and_the_message_says_what_to_write():
    v = Value(0.5)
    conversions: list = [float, int, complex, math.exp, math.tanh]
    for conversion in conversions:
        with pytest.raises(TypeError, match=r"gradient.*v\.data"):
            conversion(v)
    with pytest.raises(TypeError, match=r"v > 0.*v\.data"):
        bool(v)


def test_numpy_scalars_are_numbers_and_arrays_are_refused_with_the_remedy():
    numpy = pytest.importorskip("numpy")
    v, array = Value(2.0), numpy.array([1.0, 2.0])
    for refused in (lambda: array * v, lambda: v * array, lambda: array + v, lambda: Value(array)):
        with pytest.raises(TypeError, match=r"tolist\(\)"):
            refused()
    with pytest.raises(TypeError):
        numpy.exp(v)
    for scalar in (numpy.float64(3), numpy.float32(3), numpy.int64(3)):
        assert [type(w.operands[i].data) for w in (scalar * v, v * scalar) for i in (0, 1)] == [float] * 4
        assert (scalar * v).data == 6


# ---------------------------------------------------------------------- what Python asks of a number


def test_equality_and_hash_are_by_identity_and_order_is_by_data():
    a, b, c = Value(1), Value(1), Value(2.5)
    assert a == a and a != b and a != 1 and len({a, b, a}) == 2 and {a: "a"}.get(b) is None
    assert a < c and a <= b and c > a and c >= 2.5 and c > 2 and c < 3 and not a < b and not a > 1
    assert sorted([c, a]) == [a, c] and max(a, c) is c


def test_format_writes_the_data():
    assert f"{Value(0.12345):.3f}|{Value(7):4d}|{Value(Value(0.5)):+.1e}" == "0.123|   7|+5.0e-01"
    assert f"{Value(0.5)}" == str(Value(0.5)) == repr(Value(0.5))


class Unreadable:
    def __getattribute__(self, name):
        raise AssertionError(f"repr looked at an operand: {name}")


@pytest.mark.parametrize("data", [0.1, Value(Value(-2)), Fraction(1, 3**3000), 10**9000], ids=type)
def test_repr_is_one_short_line_and_never_walks(data):
    y = Value(data, "+", (Unreadable(),), (1,), label="a\n" * 10_000)  # type: ignore[arg-type]
    assert repr(y).startswith("Value(") and "op='+'" in repr(y)
    assert "\n" not in repr(y) and len(repr(y)) < 200


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o)),
                                       lambda o: pickle.loads(pickle.dumps(o, protocol=0))])  # fmt: skip
def test_leaves_are_copied_and_pickled_and_sharing_is_kept(duplicate):
    w = Value(Fraction(1, 3), label="w_h")
    w.grad = 5
    one, [other, number] = duplicate([w, [w, Value(Value(0.5))]])
    assert one is other and one is not w
    assert (one.data, one.grad, one.label, one.op, one.operands) == (w.data, 5, "w_h", "", ())
    assert number.data.data == 0.5


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_computed_value_is_not_copied_and_the_error_says_what_to_save(duplicate):
    with pytest.raises(TypeError, match=r"computed.*save the parameters"):
        duplicate(Value(2) * 3)


# ---------------------------------------------------------------------- size


@pytest.mark.slow
def test_a_chain_of_a_million_operations_runs_at_the_default_recursion_limit_and_is_freed_by_del():
    assert sys.getrecursionlimit() <= 1000
    gc.collect()
    gc.disable()
    try:
        x = y = Value(1)
        made = [weakref.ref(y)]
        for _ in range(1_000_000):
            y = y + x
            made.append(weakref.ref(y))
        y.backward()
        assert (y.data, x.grad) == (1_000_001, 1_000_001)
        assert repr(y) == "Value(1000001, grad=1, op='+')"
        with pytest.raises(TypeError, match="save the parameters"):
            copy.deepcopy(y)
        del x, y
        assert all(reference() is None for reference in made)
    finally:
        gc.enable()


@every_operation
def test_no_operation_leaves_a_reference_cycle(op, function, arguments, value, partials):
    gc.disable()
    try:
        y = function(*(Value(Value(x)) for x in arguments))
        y.backward()
        inside = [weakref.ref(v) for v in (y, y.data, y.grad, *y.operands) if isinstance(v, Value)]
        del y
        assert all(reference() is None for reference in inside)
    finally:
        gc.enable()
