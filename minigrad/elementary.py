"""exp, log, sqrt, sin, cos, tanh, sigmoid, relu of plain numbers and of Values, and the derivatives that need care:
the textbook formula loses digits or overflows where these do not.

An int or a Fraction can be too large, too small or too exact for a float; these functions are right there too, or
raise.  Only sin and cos round it to a float first.
"""

import math
import sys
from fractions import Fraction

from minigrad.validation import Number, is_value, require_number, short_str, unwrap

# ---------------------------------------------------------------------- functions


def exp(x: Number) -> Number:
    """eˣ of a Value or a plain number"""
    if is_value(x):
        return x.exp()
    rounded = as_float("exp", x)
    y = math.exp(rounded)
    if y == math.inf:                                 # math.exp(inf) does not raise, and a large int becomes inf
        raise OverflowError("exp: the number is too large")
    return y if x == rounded or y == 0 else y * (1 + float(x - Fraction(rounded)))


def log(x: Number) -> Number:
    """ln x of a Value or a plain number"""
    if is_value(x):
        return x.log()
    if isinstance(x, Fraction) and x > 0:
        if abs(x - 1) < 0.5:
            return math.log1p(x - 1)                  # as a float x may be 1
        scaled, k = scaled_to_float(x)
        return math.log(scaled) + k * math.log(2)
    if require_number("log", x) <= 0:
        raise ValueError(f"log of {short_str(x)}: it requires x > 0")
    return math.log(x)


def sqrt(x: Number) -> Number:
    """√x of a Value or a plain number"""
    if is_value(x):
        return x.sqrt()
    if isinstance(x, (int, Fraction)) and x > 0:
        scaled, k = scaled_to_float(x)
        return math.ldexp(math.sqrt(scaled), k // 2)
    if require_number("sqrt", x) < 0:
        raise ValueError(f"sqrt of {short_str(x)}: it requires x ≥ 0")
    return math.sqrt(x)


def sin(x: Number) -> Number:
    """sin x of a Value or a plain number"""
    return x.sin() if is_value(x) else math.sin(float(require_number("sin", x)))


def cos(x: Number) -> Number:
    """cos x of a Value or a plain number"""
    return x.cos() if is_value(x) else math.cos(float(require_number("cos", x)))


def tanh(x: Number) -> Number:
    """tanh x of a Value or a plain number"""
    return x.tanh() if is_value(x) else math.tanh(as_float("tanh", x))


def sigmoid(x: Number) -> Number:
    """σ(x) = 1/(1 + e⁻ˣ) of a Value or a plain number; only e^−|x| is computed, which cannot overflow"""
    if is_value(x):
        return x.sigmoid()
    e = math.exp(-abs(x)) if type(x) is float else exp(-abs(require_number("sigmoid", x)))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def relu(x: Number) -> Number:
    """max(x, 0) of a Value or a plain number"""
    if is_value(x):
        return x.relu()
    return x if require_number("relu", x) > 0 else x - x        # a zero of the same type: a Fraction stays one


def as_float(function: str, x: Number) -> float:
    """x as a float, ±∞ if it is too large.  Raises TypeError that names the function if x is not a number."""
    if type(x) is float:
        return x
    try:
        return float(require_number(function, x))
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def scaled_to_float(x: int | Fraction) -> tuple[float, int]:
    """(m, k) with x = m·2ᵏ, k even, for x > 0 of any size; k = 0 if x itself fits a float"""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    k = 0 if abs(k) < 1000 else k - k % 2
    return (x.numerator << max(-k, 0)) / (x.denominator << max(k, 0)), k


# ---------------------------------------------------------------------- derivatives


def sigmoid_derivative(x: Number) -> Number:
    """σ′(x) = e/(1 + e)² with e = exp(−|x|); accurate where 1 − σ(x) has lost every digit"""
    if type(x) is float:
        e = math.exp(-abs(x))
    else:
        e = exp(x if x < 0 else -x)                   # not abs(x), which has no derivative at 0: x may be a Value
    return e / (1 + e * (2 + e))


def quotient(x: Number, y: Number) -> tuple[Number, tuple[Number, Number]]:
    """(x/y, (1/y, −x/y²)); exact for Fractions, also where y is an int.  An error says what x and y must be."""
    one = Fraction(1) if isinstance(unwrap(x), Fraction) else 1
    try:
        ratio, inverse = x / y, one / y
        if not isinstance(ratio, float):
            return ratio, (inverse, -ratio * inverse)
        if 0 < abs(ratio) < sys.float_info.min:       # it has lost digits, and y² can overflow
            return ratio, (inverse, -x * (inverse / y))
        return ratio, (inverse, -ratio / y)
    except ZeroDivisionError:
        raise ZeroDivisionError("the divisor must not be 0") from None
    except OverflowError:
        raise OverflowError("the result is too large for a float") from None


def power_of_number(x: Number, n: Number) -> tuple[Number, tuple[Number, ...]]:
    """(xⁿ, (n·xⁿ⁻¹,)); the derivative is 0 for n = 0.  An error says what x and n must be."""
    derivative: Number = 0
    whole = n == n // 1
    if x < 0 and not whole:
        raise ValueError("a negative base needs a whole exponent")
    if x == 0 and n < 0:
        raise ZeroDivisionError("0 has no negative power")
    try:
        if whole and n != 0:
            half = (n - 1) // 2                       # in two halves: xⁿ⁻¹ can underflow where n·xⁿ⁻¹ does not
            derivative = n * whole_power(x, half) * whole_power(x, n - 1 - half)
        elif n != 0:
            derivative = times_power(n, x, n - 1) if x > 0 or n > 1 else math.inf
        return whole_power(x, n) if whole else x**n, (derivative,)
    except OverflowError:
        raise OverflowError("the result is too large for a float") from None


def whole_power(x: Number, n: Number) -> Number:
    """xⁿ.  Python rounds n to a float if x is one, and then does not know whether a large n is odd."""
    return -((-x) ** n) if type(x) is float and x < 0 and n % 2 == 1 else x**n


def times_power(factor: Number, x: Number, y: Number) -> Number:
    """factor·xʸ, in two halves if xʸ alone would underflow and lose digits"""
    power = x**y
    if isinstance(power, float) and abs(power) < sys.float_info.min:
        return factor * x ** (y / 2) * x ** (y / 2)
    return factor * power


def power_of_values(x: Number, y: Number) -> tuple[Number, tuple[Number, ...]]:
    """(xʸ, (y·xʸ⁻¹, xʸ·ln x)) for x > 0, or for x = 0 and y > 0.  An error says what x and y must be."""
    if x < 0:
        raise ValueError("a negative base needs a plain whole number as exponent")
    try:
        if x > 0:
            return x**y, (times_power(y, x, y - 1), times_power(log(x), x, y))
        if not y > 0:
            raise ValueError("a base of 0 needs an exponent above 0")
        return x**y, (y * x ** (y - 1) if y > 1 else math.inf if y < 1 else 1, 0)
    except OverflowError:
        raise OverflowError("the result is too large for a float") from None
