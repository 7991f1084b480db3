"""A number that remembers how it was computed, so that it can compute its derivatives.

y = f(x₁, …, xₙ)         y.data      the number
                         y.op        the name of f; "" for a leaf, a Value that was not computed
                         y.operands  (x₁, …, xₙ), in order, repeats kept
                         y.partials  (∂y/∂x₁, …, ∂y/∂xₙ), numbers, taken when y was computed
                         y.grad      ∂L/∂y, after L.backward()
                         y.made      how many Values were made before y: every xᵢ is older than y

The numbers are floats, ints, Fractions (exact gradients) or Values (second derivatives): the engine only adds,
multiplies and compares them.
"""

import math
from itertools import count

from minigrad import elementary
from minigrad.display import one_line
from minigrad.elementary import power_of_number, power_of_values, quotient, sigmoid_derivative
from minigrad.graph import latest_first
from minigrad.validation import (
    Number,
    check_data,
    check_gradients,
    check_operands,
    domain_error_message,
    evaluate,
    leaf_error_message,
    unwrap,
    validate_number,
)

order_of_making = count()


class Value:
    """One number in a computation, and how it was computed.  Users write Value(0.8, label="w_h").

    <, <=, > and >= compare numbers; == compares identity, so that Values can be kept in sets and dicts.

    Raises TypeError for data that is not a number (bool, complex, str, containers, arrays), ValueError for NaN and ±∞.
    If .data is set to one of these, the next operation or backward() raises.  An int or a Fraction may be too large for
    a float: + − * of the two then raise Python's own OverflowError.
    """

    __slots__ = ("__weakref__", "data", "grad", "label", "made", "op", "operands", "partials")
    __array_ufunc__ = None                            # NumPy then leaves `array * value` to __rmul__

    def __init__(
        self, data: Number, op: str = "", operands: "tuple[Value, ...]" = (), partials: tuple[Number, ...] = (),
        *, label: str = "",
    ) -> None:
        self.data: Number = data if operands and type(data) is float else validate_number(data, operands)
        self.grad: Number = 0                         # the int: 0.0 would turn a Fraction into a float
        self.op = op
        self.operands = operands
        self.partials = partials
        self.label = label
        self.made = next(order_of_making)
        if not operands and (op or type(label) is not str):
            raise TypeError(leaf_error_message(op, label))

    # ------------------------------------------------------------------ the chain rule

    def backward(self) -> None:
        """Adds ∂self/∂v to v.grad, for every Value v that self was computed from.

        ∂L/∂operand = Σ over its uses of ∂user/∂operand · ∂L/∂user, users before operands.  Interior gradients start
        from 0; leaf gradients add up over calls until they are zeroed.  Raises ValueError, with no gradient changed, if
        a number of the forward pass is not finite; OverflowError at the end if a gradient is not.

        Not safe in two threads whose graphs share a Value, because it writes .grad.
        """
        order = ready_for_backward(self)
        self.grad += 1                                # ∂L/∂L
        for node in order:                            # every Value, the latest made first
            for operand, partial in zip(node.operands, node.partials):
                operand.grad += partial * node.grad   # every use adds its contribution
        check_gradients(order)

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
        """x/y;  ∂/∂x = 1/y,  ∂/∂y = −x/y².  Raises ZeroDivisionError if y = 0, naming the Values."""
        other = other if isinstance(other, Value) else Value(other)
        try:
            data, partials = quotient(self.data, other.data)
        except ArithmeticError as error:
            raise type(error)(domain_error_message("/", (self, other), str(error))) from None
        return Value(data, "/", (self, other), partials)

    def __pow__(self, other: Number) -> "Value":      # self ** other
        """xⁿ for a plain number n, which is not an operand;  d/dx = n·xⁿ⁻¹, and 0 for n = 0.

        xʸ for a Value y, x > 0;  ∂/∂x = y·xʸ⁻¹,  ∂/∂y = xʸ·ln x;  0ʸ = 0 for y > 0.
        The derivative is right to 4 ulp for a whole n up to 2⁵³; else to the conditioning of the formula, about
        4 + |(y−1)·ln x| ulp.  Raises ValueError for a negative base with a fractional n or a Value y, ZeroDivisionError
        for 0 to a negative power, OverflowError for a result too large for a float; each names the Values.
        """
        both = isinstance(other, Value)
        other = other if both else validate_number(other)
        op, operands = ("**", (self, other)) if both else (f"**{other}", (self,))
        check_operands(operands)
        try:
            data, partials = power_of_values(self.data, other.data) if both else power_of_number(self.data, other)
        except (ArithmeticError, ValueError) as error:
            raise type(error)(domain_error_message(op, operands, str(error))) from None
        return Value(data, op, operands, partials)

    def __neg__(self) -> "Value":                     # -self
        """−x;  d/dx = −1"""
        return Value(-self.data, "neg", (self,), (-1,))

    def __pos__(self) -> "Value":                     # +self
        """+x;  d/dx = 1"""
        return Value(+self.data, "pos", (self,), (1,))

    def __abs__(self) -> "Value":                     # abs(self)
        """|x|;  d/dx = −1, 0, 1 for x < 0, x = 0, x > 0"""
        x = self.data
        return Value(evaluate(abs, self), "abs", (self,), (1 if x > 0 else -1 if x < 0 else 0,))

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
        """eˣ;  d/dx = eˣ.  Raises OverflowError if eˣ is too large for a float (x > 709.78), naming the Value."""
        y = evaluate(elementary.exp, self)
        return Value(y, "exp", (self,), (y,))

    def log(self) -> "Value":
        """ln x;  d/dx = 1/x   (DLMF 4.2.2).  Raises ValueError if x ≤ 0, naming the Value."""
        if self.data <= 0:
            raise ValueError(domain_error_message("log", (self,), "it requires x > 0"))
        return Value(evaluate(elementary.log, self), "log", (self,), (1 / self.data,))

    def sqrt(self) -> "Value":
        """√x;  d/dx = 1/(2√x), which is ∞ at 0, so backward() raises there.  Raises ValueError if x < 0."""
        if self.data < 0:
            raise ValueError(domain_error_message("sqrt", (self,), "it requires x ≥ 0"))
        y = evaluate(elementary.sqrt, self)
        return Value(y, "sqrt", (self,), (0.5 / y if y > 0 else math.inf,))

    def sin(self) -> "Value":
        """sin x, x in radians;  d/dx = cos x"""
        return Value(evaluate(elementary.sin, self), "sin", (self,), (elementary.cos(self.data),))

    def cos(self) -> "Value":
        """cos x, x in radians;  d/dx = −sin x"""
        return Value(evaluate(elementary.cos, self), "cos", (self,), (-elementary.sin(self.data),))

    def tanh(self) -> "Value":
        """tanh x;  d/dx = 1 − tanh²x = 4·σ′(2x)   (DLMF 4.28).  The first form is used where |tanh x| < 0.7, to 3 ulp;
        near 1 it loses every digit."""
        x = self.data
        y = math.tanh(x) if type(x) is float else evaluate(elementary.tanh, self)
        return Value(y, "tanh", (self,), (1 - y * y if -0.7 < y < 0.7 else 4 * sigmoid_derivative(2 * x),))

    def sigmoid(self) -> "Value":
        """σ(x) = 1/(1 + e⁻ˣ);  d/dx = σ(x)·σ(−x)"""
        return Value(evaluate(elementary.sigmoid, self), "sigmoid", (self,), (sigmoid_derivative(self.data),))

    def relu(self) -> "Value":
        """max(x, 0);  d/dx = 1 for x > 0, else 0"""
        return Value(evaluate(elementary.relu, self), "relu", (self,), (1 if self.data > 0 else 0,))

    def detach(self) -> "Value":
        """A leaf with the same number and label: no gradient flows back through it (as detach() in PyTorch)"""
        return Value(self.data, label=self.label)

    def __lt__(self, other: Number) -> bool:
        return bool(self.data < number_of(other))

    def __le__(self, other: Number) -> bool:
        return bool(self.data <= number_of(other))

    def __gt__(self, other: Number) -> bool:
        return bool(self.data > number_of(other))

    def __ge__(self, other: Number) -> bool:
        return bool(self.data >= number_of(other))

    def __repr__(self) -> str:
        return one_line(self)

    def __format__(self, spec: str) -> str:
        number = unwrap(self.data)                    # a Fraction can be formatted only since Python 3.12
        return format(number if isinstance(number, int) else float(number), spec) if spec else repr(self)

    def __bool__(self) -> bool:
        raise TypeError(f"{self!r} is neither true nor false: compare it, as in v > 0, or write bool(v.data)")

    def __float__(self) -> float:
        raise TypeError(f"{self!r} would lose its gradient as a float: use minigrad's exp, log, …, or write v.data")

    __int__ = __index__ = __complex__ = __float__

    def __reduce__(self) -> tuple[object, ...]:
        if self.operands:
            raise TypeError(f"{self!r} was computed, and its graph cannot be copied or pickled: save the parameters")
        return type(self), (self.data,), (None, {"grad": self.grad, "label": self.label})


def ready_for_backward(root: Value) -> list[Value]:
    """Every Value that root was computed from, the latest made first, checked; interior gradients are set to 0."""
    order = latest_first(root)
    check_data(order)
    for node in order:
        if node.operands:                             # leaves keep theirs: the gradients of several losses add up
            node.grad = 0
    return order


def as_value(x: Number, label: str = "") -> Value:
    """x itself if it is a Value, else a new leaf"""
    return x if isinstance(x, Value) else Value(x, label=label)


def number_of(x: Number) -> Number:
    """x.data if x is a Value, else x itself"""
    return x.data if isinstance(x, Value) else x
