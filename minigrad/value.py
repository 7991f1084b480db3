"""A number that remembers how it was computed, and from that memory finds its derivatives.

y = f(x₁, …, xₙ)         y.data      the number
                         y.op        the name of f; "" for a leaf, a Value that was not computed
                         y.operands  (x₁, …, xₙ), in order, repeats kept
                         y.partials  (∂y/∂x₁, …, ∂y/∂xₙ), numbers, taken when y was computed
                         y.grad      ∂L/∂y, after L.backward()

The numbers are floats, ints, Fractions (exact gradients) or Values again (second derivatives): the engine only
adds, multiplies and compares them.
"""

import math
import sys
from fractions import Fraction
from operator import mul

from minigrad.graph import topological_order
from minigrad.number import (
    Number,
    answer,
    checked,
    innermost,
    no_answer,
    plain,
    refuse_infinite_data,
    refuse_infinite_grad,
    shortened,
    shown,
    written,
)


class Value:
    """One number in a computation, and how it was computed.  Users write Value(0.8, label="w_h").

    v < 3 and the like compare the numbers; == asks for identity, so that Values can be kept in sets and dicts.

    Raises TypeError for data that is no number (bool, complex, str, containers, arrays), ValueError for NaN and ±∞.
    """

    __slots__ = ("__weakref__", "data", "grad", "label", "op", "operands", "partials")
    __array_ufunc__ = None                            # so that numpy hands `array * value` over to the method here

    def __init__(self, data: Number, op="", operands=(), partials=(), *, label=""):
        self.data: Number = data if type(data) is float and operands else checked(data, operands)
        self.grad: Number = 0                         # the int: 0.0 would turn a Fraction into a float
        self.op = op
        self.operands: tuple[Value, ...] = operands
        self.partials: tuple[Number, ...] = partials
        self.label = label
        if not operands and (op or not isinstance(label, str)):
            raise TypeError(wrong_leaf(op, label))

    # ------------------------------------------------------------------ the chain rule

    def backward(self) -> None:
        """∂self/∂v into v.grad, for every Value v that self was computed from.

        ∂L/∂operand = Σ over its uses of ∂user/∂operand · ∂L/∂user, users before operands.  Interior gradients start
        from 0; leaf gradients add up over calls until they are zeroed.  Raises ValueError before it touches a gradient
        if a number of the forward pass is not finite, OverflowError at the end if a gradient is not.
        """
        order = topological_order(self, leaves=False)
        found = {self}.union(*[node.operands for node in order])
        refuse_infinite_data(order, found)
        zero(order)
        self.grad += 1                                # ∂L/∂L
        for node in reversed(order):
            for operand, partial in zip(node.operands, node.partials):
                operand.grad += partial * node.grad   # every use adds its contribution
        refuse_infinite_grad(order, found)

    # ------------------------------------------------------------------ arithmetic

    def __add__(self, other: Number) -> "Value":      # self + other
        """x + y;  ∂/∂x = 1,  ∂/∂y = 1"""
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, "+", (self, other), (1, 1))

    def __sub__(self, other: Number) -> "Value":      # self - other
        """x − y;  ∂/∂x = 1,  ∂/∂y = −1"""
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data - other.data, "-", (self, other), (1, -1))

    def __mul__(self, other: Number) -> "Value":      # self * other
        """x·y;  ∂/∂x = y,  ∂/∂y = x"""
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, "*", (self, other), (other.data, self.data))

    def __truediv__(self, other: Number) -> "Value":  # self / other
        """x/y;  ∂/∂x = 1/y,  ∂/∂y = −x/y².  Raises ZeroDivisionError where y = 0, naming the Values."""
        other = other if isinstance(other, Value) else Value(other)
        x, y = self.data, other.data
        try:
            return Value(x / y, "/", (self, other), (inverse(y, x), quotient_slope(x, y)))
        except ZeroDivisionError:
            raise ZeroDivisionError(no_answer("/", (self, other), "the divisor must not be 0")) from None
        except OverflowError:
            raise OverflowError(no_answer("/", (self, other), "the result is too large for a float")) from None

    def __pow__(self, other: Number) -> "Value":      # self ** other
        """xⁿ for a plain number n, which is no operand;  d/dx = n·xⁿ⁻¹, and 0 for n = 0.

        xʸ for a Value y, x > 0;  ∂/∂x = y·xʸ⁻¹,  ∂/∂y = xʸ·ln x;  0ʸ = 0 for y > 0.
        The derivative is right to 4 ulp for a whole n; else to the conditioning of the formula (|(y−1)·ln x| ulp).
        Raises ValueError for a negative base with a fractional n or a Value y, ZeroDivisionError for 0 to a
        negative power, OverflowError; each names the Values.
        """
        if isinstance(other, Value):
            return power_of_values(self, other)
        x, n = self.data, checked(other)
        op, whole = f"**{n}", n == n // 1
        slope: Number = 0
        if x < 0 and not whole:
            raise ValueError(no_answer(op, (self,), "a negative base needs a whole exponent"))
        try:
            if whole and n != 0:
                half = (n - 1) // 2                   # in two halves: xⁿ⁻¹ can underflow where n·xⁿ⁻¹ does not
                slope = n * x**half * x ** (n - 1 - half)
            elif not whole:
                slope = n * x ** (n - 1) if x > 0 or n > 1 else math.inf
            return Value(x**n, op, (self,), (slope,))
        except ZeroDivisionError:
            raise ZeroDivisionError(no_answer(op, (self,), "0 has no negative power")) from None
        except OverflowError:
            raise OverflowError(no_answer(op, (self,), "the result is too large for a float")) from None

    def __neg__(self) -> "Value":                     # -self
        """−x;  d/dx = −1"""
        return Value(-self.data, "neg", (self,), (-1,))

    def __pos__(self) -> "Value":                     # +self
        """+x;  d/dx = 1"""
        return Value(+self.data, "pos", (self,), (1,))

    def __abs__(self) -> "Value":                     # abs(self)
        """|x|;  d/dx = −1, 0, 1 for x < 0, x = 0, x > 0"""
        return Value(abs(self.data), "abs", (self,), ((self.data > 0) - (self.data < 0),))

    def __radd__(self, other: Number) -> "Value":     # other + self
        return as_value(other) + self

    def __rsub__(self, other: Number) -> "Value":     # other - self
        return as_value(other) - self

    def __rmul__(self, other: Number) -> "Value":     # other * self
        return as_value(other) * self

    def __rtruediv__(self, other: Number) -> "Value":  # other / self
        return as_value(other) / self

    def __rpow__(self, other: Number) -> "Value":     # other ** self
        return as_value(other) ** self

    # ------------------------------------------------------------------ functions

    def exp(self) -> "Value":
        """eˣ;  d/dx = eˣ.  Raises OverflowError where eˣ is too large for a float (x > 709.78), naming the Value."""
        y = answer(exp, self)
        return Value(y, "exp", (self,), (y,))

    def log(self) -> "Value":
        """ln x;  d/dx = 1/x   (DLMF 4.2.2).  Raises ValueError where x ≤ 0, naming the Value."""
        if self.data <= 0:
            raise ValueError(no_answer("log", (self,), "it needs a number above 0"))
        return Value(answer(log, self), "log", (self,), (1 / self.data,))

    def sqrt(self) -> "Value":
        """√x;  d/dx = 1/(2√x), which is ∞ at 0: backward() through that raises.  Raises ValueError where x < 0."""
        if self.data < 0:
            raise ValueError(no_answer("sqrt", (self,), "it needs a number that is not negative"))
        y = answer(sqrt, self)
        return Value(y, "sqrt", (self,), (0.5 / y if y > 0 else math.inf,))

    def sin(self) -> "Value":
        """sin x, x in radians;  d/dx = cos x"""
        return Value(answer(sin, self), "sin", (self,), (cos(self.data),))

    def cos(self) -> "Value":
        """cos x, x in radians;  d/dx = −sin x"""
        return Value(answer(cos, self), "cos", (self,), (-sin(self.data),))

    def tanh(self) -> "Value":
        """tanh x;  d/dx = 1 − tanh²x = 4·σ′(2x)   (DLMF 4.28)"""
        x = self.data
        y = math.tanh(x) if type(x) is float else answer(tanh, self)
        return Value(y, "tanh", (self,), (4 * sigmoid_slope(2 * x),))

    def sigmoid(self) -> "Value":
        """σ(x) = 1/(1 + e⁻ˣ);  d/dx = σ(x)·σ(−x)"""
        return Value(answer(sigmoid, self), "sigmoid", (self,), (sigmoid_slope(self.data),))

    def relu(self) -> "Value":
        """max(x, 0);  d/dx = 1 for x > 0, else 0"""
        return Value(relu(self.data), "relu", (self,), (1 if self.data > 0 else 0,))

    def detach(self) -> "Value":
        """A leaf of the same number and label: no gradient flows back through it (as detach() in PyTorch)"""
        return Value(self.data, label=self.label)

    # ------------------------------------------------------------------ what Python asks of a number

    def __lt__(self, other: Number) -> bool:
        return self.data < number_of(other)

    def __le__(self, other: Number) -> bool:
        return self.data <= number_of(other)

    def __gt__(self, other: Number) -> bool:
        return self.data > number_of(other)

    def __ge__(self, other: Number) -> bool:
        return self.data >= number_of(other)

    def __repr__(self) -> str:
        parts = [written(self.data), f"grad={written(self.grad)}"]
        parts += [f"op={self.op!r}"] if self.op else []
        parts += [f"label={shortened(self.label)!r}"] if self.label else []
        return f"Value({', '.join(parts)})"

    def __format__(self, spec: str) -> str:
        number = innermost(self.data)                 # a Fraction has a format of its own only from Python 3.12 on
        return format(number if isinstance(number, int) else float(number), spec) if spec else repr(self)

    def __bool__(self):
        raise TypeError(f"{self!r} is neither true nor false: compare it, as in v > 0, or write bool(v.data)")

    def __float__(self):
        raise TypeError(f"{self!r} would lose its gradient as a float: use minigrad's exp, log, …, or write v.data")

    __int__ = __index__ = __complex__ = __float__

    def __reduce__(self):
        if self.operands:
            raise TypeError(f"{self!r} was computed, and its graph cannot be copied or pickled: save the parameters")
        return restored_leaf, (self.data, self.grad, self.label)


# ---------------------------------------------------------------------- the same functions, also for plain numbers


def exp(x: Number) -> Number:
    """eˣ of a Value or a plain number"""
    return x.exp() if isinstance(x, Value) else math.exp(plain("exp", x))


def log(x: Number) -> Number:
    """ln x of a Value or a plain number"""
    return x.log() if isinstance(x, Value) else math.log(plain("log", x))


def sqrt(x: Number) -> Number:
    """√x of a Value or a plain number"""
    return x.sqrt() if isinstance(x, Value) else math.sqrt(plain("sqrt", x))


def sin(x: Number) -> Number:
    """sin x of a Value or a plain number"""
    return x.sin() if isinstance(x, Value) else math.sin(plain("sin", x))


def cos(x: Number) -> Number:
    """cos x of a Value or a plain number"""
    return x.cos() if isinstance(x, Value) else math.cos(plain("cos", x))


def tanh(x: Number) -> Number:
    """tanh x of a Value or a plain number"""
    return x.tanh() if isinstance(x, Value) else math.tanh(plain("tanh", x))


def sigmoid(x: Number) -> Number:
    """σ(x) = 1/(1 + e⁻ˣ) of a Value or a plain number; e⁻ˣ is never taken where it would overflow"""
    if isinstance(x, Value):
        return x.sigmoid()
    e = math.exp(-abs(plain("sigmoid", x)))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def relu(x: Number) -> Number:
    """max(x, 0) of a Value or a plain number"""
    if isinstance(x, Value):
        return x.relu()
    return x if plain("relu", x) > 0 else x - x       # a zero of its own kind: a Fraction stays one


def sigmoid_slope(x: Number) -> Number:
    """σ′(x) = e/(1 + e)² with e = exp(−|x|): to the last digits, where 1 − σ(x) has none left"""
    if type(x) is float:
        e = math.exp(-abs(x))
    else:
        e = exp(x if x < 0 else -x)                   # not abs(x), which has no derivative at 0: x may be a Value
    return e / (1 + e * (2 + e))


def inverse(y: Number, x: Number) -> Number:
    """1/y, in the numbers of x/y: an exact one for a Fraction x and an int y"""
    return Fraction(1, y) if isinstance(x, Fraction) and isinstance(y, int) else 1 / y


def quotient_slope(x: Number, y: Number) -> Number:
    """−x/y², not by y², which overflows too early, nor by a subnormal x/y, which has lost digits"""
    quotient = x / y
    return -x * (1 / y / y) if 0 < abs(quotient) < sys.float_info.min else -quotient / y


def power_of_values(base: Value, exponent: Value) -> Value:
    """xʸ of two Values; described at Value.__pow__"""
    x, y, both = base.data, exponent.data, (base, exponent)
    if x < 0:
        raise ValueError(no_answer("**", both, "a negative base needs a plain whole number as exponent"))
    try:
        if x > 0:
            power = x**y
            return Value(power, "**", both, (y * x ** (y - 1), power * log(x)))
        if not y > 0:
            raise ValueError(no_answer("**", both, "a base of 0 needs an exponent above 0"))
        return Value(x**y, "**", both, (y * x ** (y - 1) if y > 1 else math.inf if y < 1 else 1, 0))
    except OverflowError:
        raise OverflowError(no_answer("**", both, "the result is too large for a float")) from None


def dot(weights, inputs) -> Value:
    """Σ w·x as one node;  ∂/∂wᵢ = xᵢ,  ∂/∂xᵢ = wᵢ.  Operands: the weights, then the inputs.

    Raises ValueError if there are not as many inputs as weights.
    """
    weights, inputs = [as_value(w) for w in weights], [as_value(x) for x in inputs]
    if len(weights) != len(inputs):
        raise ValueError(f"dot: {len(weights)} weights and {len(inputs)} inputs; it needs as many of each")
    if not weights:
        return Value(0)                               # the sum of nothing
    return layer([gathered(weights)], inputs, [()])[0]


def layer(rows, inputs, offsets) -> list[Value]:
    """For every row of weights the one node Σ w·x + Σ offsets;  ∂/∂offset = 1.

    The dots of a whole layer at once: the numbers of its inputs are gathered once, and those of the `rows` already.
    """
    inputs, xs = gathered(inputs)
    nodes = []
    for (row, ws), extra in zip(rows, offsets):
        total = sum(map(mul, ws, xs))
        for offset in extra:
            total += offset.data
        nodes.append(Value(total, "dot", row + inputs + extra, xs + ws + (1,) * len(extra)))
    return nodes


def gathered(values) -> tuple[tuple[Value, ...], tuple[Number, ...]]:
    """Values, and their numbers"""
    values = tuple(values)
    return values, tuple([value.data for value in values])


def log_sum_exp(values) -> Value:
    """ln Σ exp(xᵢ) as one node;  ∂/∂xᵢ = exp(xᵢ − ln Σ exp(xⱼ)), the softmax.

    The largest x is taken out first, so that nothing overflows.  Right to the conditioning of the formula: an x far
    below the largest has a derivative with an error of about |xᵢ − max| ulp.  Raises ValueError for no values.
    """
    values = tuple([as_value(x) for x in values])
    if not values:
        raise ValueError("log_sum_exp: it needs at least one number")
    top, rest, softmax = softmax_parts([x.data for x in values])
    return Value(top + log_1_plus(rest), "log_sum_exp", values, tuple(softmax))


def softmax_parts(xs: list[Number]) -> tuple[Number, Number, list[Number]]:
    """(max, r, softmax) of numbers, with ln Σ exp(xⱼ) = max + ln(1 + r): nothing overflows, and a small r counts"""
    top = max(xs)
    largest = next(k for k, x in enumerate(xs) if x is top)
    powers = [exp(x - top) for x in xs]
    rest = sum(powers[:largest] + powers[largest + 1 :])
    return top, rest, [power / (1 + rest) for power in powers]


def log_1_plus(x: Number) -> Number:
    """ln(1 + x), which keeps its digits where x is small"""
    return log(1 + x) if isinstance(x, Value) else math.log1p(x)


# ---------------------------------------------------------------------- Values and plain numbers


def as_value(x: Number, label="") -> Value:
    """x itself if it is a Value, else a new leaf"""
    return x if isinstance(x, Value) else Value(x, label=label)


def number_of(x: Number) -> Number:
    """x.data of a Value, x itself of a plain number"""
    return x.data if isinstance(x, Value) else x


def zero(interior) -> None:
    """Sets the gradients of interior Values to 0; leaves keep theirs, so that those of several losses add up."""
    for node in interior:
        node.grad = 0


def wrong_leaf(op: str, label) -> str:
    """What is wrong with a leaf that has an op, or a label that is no str"""
    if op:
        return f"Value: the op {op!r} has no operands; to name a leaf write label={op!r}"
    return f"Value: the label {shown(label)} is a {type(label).__name__}; it must be a str, such as 'w_h'"


def restored_leaf(data: Number, grad: Number, label: str) -> Value:
    """A leaf as it was when it was copied or pickled"""
    leaf = Value(data, label=label)
    leaf.grad = grad
    return leaf
