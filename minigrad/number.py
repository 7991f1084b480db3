"""What a Value can hold, and what to say where there is no answer.

A number is an int, a float, a Fraction, or a Value again; NaN and infinity are none.
"""

import math
from fractions import Fraction
from numbers import Real
from typing import Any, TypeAlias

Number: TypeAlias = Any                               # an int, a float, a Fraction; or a Value, for second derivatives

DEEPEST = 100                                         # Values in Values in Values; a derivative of that order
REMEDY = {
    "bool": "Write 1 or 0.",
    "str": "Convert it with float(…).",
    "Decimal": "Convert it with float(…) or Fraction(…).",
    "complex": "Only real numbers have a gradient here.",
    "NoneType": "Was a result forgotten?",
    "ndarray": "Make one Value of each number of array.tolist().",
}


def checked(data: Number, operands=()) -> Number:
    """data, if a Value can hold it; a scalar of numpy as a float.  operands: what it was computed from, if it was

    Raises TypeError for what is no number, ValueError for NaN and infinity.
    """
    if type(data) is int or (type(data) is float and math.isfinite(data)) or is_value(data):
        return data
    if isinstance(data, bool) or not isinstance(data, Real):
        raise TypeError(unfit(data, operands))
    if isinstance(data, (int, Fraction)):
        return data
    if not math.isfinite(data):
        raise ValueError(f"a Value cannot hold {data}: its gradient would be meaningless")
    return float(data)


def unfit(data, operands=()) -> str:
    """Why a Value cannot hold data, and what to do; or which operand's .data was set to what no Value can hold"""
    for v in operands:
        if not isinstance(innermost(v), Real):
            what = f"{shown(innermost(v))}, a {type(innermost(v)).__name__}"
            return f"{shortened(str(v.label)) or 'a Value'} holds {what}: set its .data to a number"
    kind = type(data).__name__
    remedy = REMEDY.get(kind, "Make one Value of each number.")
    if isinstance(data, (list, tuple)) and data and is_value(data[0]):
        remedy = "Write [0] after it." if len(data) == 1 else "Take its Values one by one."
    return f"{shown(data)} is a {kind}; a Value holds one int, float or Fraction. {remedy}"


def shown(x) -> str:
    """The repr of what is no number, in at most 40 characters and without an address"""
    return f"<{type(x).__name__}>" if " at 0x" in repr(x) else shortened(repr(x))


def plain(function: str, x: Number) -> Number:
    """x, if it is a plain number.  Raises TypeError that names the function which was given something else."""
    if type(x) is float or isinstance(x, Real):
        return x
    raise TypeError(f"{function}: {unfit(x)}")


def is_value(x: Number) -> bool:
    """Whether x is a Value"""
    return hasattr(x, "operands")                     # not isinstance: value.py imports this file


def innermost(x: Number) -> Number:
    """The plain number in a Value of Values; NaN for a Value that was made its own data by hand"""
    for _ in range(DEEPEST):
        if not is_value(x):
            return x
        x = x.data
    return math.nan


def is_finite(x: Number) -> bool:
    """Whether the plain number in x is finite"""
    x = innermost(x)
    return not isinstance(x, float) or math.isfinite(x)


def surely_finite(numbers: list) -> bool:
    """Whether their sum is finite: it is not if one of them is not.  (It may overflow though all of them are.)"""
    try:
        return math.isfinite(math.fsum(numbers))
    except (OverflowError, TypeError, ValueError):    # one is too large for a float; or a Value; or both ∞ and −∞
        return False


def refuse_infinite_data(order, found) -> None:
    """Raises ValueError that names the first Value in the order, or first operand of one, that is not finite.

    found: all of them, each once
    """
    if surely_finite([node.data for node in found]):
        return
    for user in order or found:
        for node in (*user.operands, user):
            if not is_finite(node.data):
                why = "the numbers are too large for a float: scale the inputs or the weights down"
                edited = f"{node!r} is not finite: set its .data to a number"
                raise ValueError(no_answer(node.op, node.operands, why) if node.op else edited)


def refuse_infinite_grad(order, found) -> None:
    """Raises OverflowError if a gradient is not finite; it names the edge of the backward pass where that began."""
    if surely_finite([node.grad for node in found]):
        return
    for node in reversed(order):
        for operand, partial in zip(node.operands, node.partials):
            if not all(map(is_finite, (partial, partial * node.grad, operand.grad))):
                raise OverflowError(
                    f"the gradient of {shortened(operand.label) or 'a Value'} is not finite: at "
                    f"{no_answer(node.op, node.operands, f'the local derivative is {written(partial)}')}, "
                    f"the gradient that arrives {written(node.grad)}; zero the gradients before going on"
                )


def answer(function, x) -> Number:
    """function(x.data); where Python refuses that, an error that names the function and the Value x"""
    try:
        return function(x.data)
    except OverflowError:
        raise OverflowError(no_answer(function.__name__, (x,), "a number here is too large for a float")) from None
    except ValueError:
        raise ValueError(no_answer(function.__name__, (x,), "it has no answer there")) from None


def no_answer(op: str, operands, remedy: str) -> str:
    """The message of an operation that cannot answer: its name, its operands' labels and numbers, what to do"""
    named = [f"{shortened(v.label)} = {written(v.data)}" if v.label else written(v.data) for v in operands]
    if len(named) > 6:
        named = [*named[:3], f"… {len(named) - 4} more …", named[-1]]
    return f"{op} of {', '.join(named)}: {remedy}"


def written(x: Number) -> str:
    """The plain number in x, in at most 40 characters"""
    try:
        return shortened(str(innermost(x)))
    except ValueError:                                # Python writes no int of more than 4300 digits
        return "a number of more than 4300 digits"


def shortened(text: str) -> str:
    """At most 40 characters of the text"""
    return text if len(text) <= 40 else text[:37] + "…"
