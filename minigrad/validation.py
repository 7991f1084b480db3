"""What a Value can hold, and the messages for what it cannot hold or compute.

A number is an int, a float, a Fraction, or a Value; NaN and infinity are refused.  Numbers are checked when a leaf is
made, when the result of an operation is not a float, and, all at once, at the start of backward().
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from numbers import Real
from typing import Any, TypeAlias

Number: TypeAlias = Any                               # an int, a float, a Fraction; or a Value, for second derivatives

MAX_NESTING = 100                                     # Values in Values: derivatives of that order
HINTS = {
    "bool": "Write 1 or 0.",
    "str": "Convert it with float(…).",
    "Decimal": "Convert it with float(…) or Fraction(…).",
    "complex": "Only real numbers have a gradient here.",
    "NoneType": "Was a result forgotten?",
    "ndarray": "Make one Value of each number of array.tolist().",
}

# ---------------------------------------------------------------------- one number


def validate_number(data: Number, operands: Iterable[Any] = ()) -> Number:
    """data, if a Value can hold it; a NumPy scalar as a float.  operands: the Values that data was computed from.

    Raises TypeError if data, or the .data of an operand, is not a number; ValueError for NaN and infinity.
    """
    if type(data) is int or (type(data) is float and math.isfinite(data)) or is_value(data):
        return data
    if type(data) is Fraction and type(data.numerator) is int:
        return data
    check_operands(operands)
    if isinstance(data, bool) or not isinstance(data, Real):
        raise TypeError(invalid_number_message(data))
    if isinstance(data, (int, Fraction)):
        return data
    if not math.isfinite(data):
        raise ValueError(f"a Value cannot hold {data}: its gradient would be meaningless")
    return float(data)


def check_operands(operands: Iterable[Any]) -> None:
    """Raises TypeError that names an operand whose .data was set to something a Value cannot compute with, such as a
    NumPy scalar: −np.uint8(3) is 253, and np.float32(0.1) has half of the digits."""
    for operand in operands:
        if type(operand.data) is float:
            continue
        data = unwrap(operand)
        if type(data) not in (float, int, bool) and not isinstance(data, Fraction):
            name, kind = truncate(str(operand.label)) or "a Value", type(data).__name__
            raise TypeError(f"{name} holds {short_repr(data)}, a {kind}: set its .data to an int, float or Fraction")


def invalid_number_message(data: object) -> str:
    """Why a Value cannot hold data, and what to do"""
    kind = type(data).__name__
    hint = HINTS.get(kind, "Make one Value of each number.")
    if isinstance(data, (list, tuple)) and data and is_value(data[0]):
        hint = "Write [0] after it." if len(data) == 1 else "Take its Values one by one."
    return f"{short_repr(data)} is of type {kind}; a Value holds one int, float or Fraction. {hint}"


def leaf_error_message(op: str, label: object) -> str:
    """Why a leaf cannot have this op, or this label, which is not a str"""
    if op:
        return f"Value: the op {op!r} has no operands; to name a leaf write label={op!r}"
    return f"Value: the label {short_repr(label)} is of type {type(label).__name__}; it must be a str, such as 'w_h'"


def require_number(function: str, x: Number) -> Number:
    """x, if it is a plain number.  Raises TypeError that names the function if it is not."""
    if type(x) is float or isinstance(x, Real):
        return x
    raise TypeError(f"{function}: {invalid_number_message(x)}")


def is_value(x: Number) -> bool:
    """Whether x is a Value"""
    return hasattr(x, "operands")                     # not isinstance: value.py imports this file


def unwrap(x: Number) -> Number:
    """The plain number in a Value of Values; NaN for a Value whose .data was set to itself"""
    for _ in range(MAX_NESTING):
        if not is_value(x):
            return x
        x = x.data
    return math.nan


# ---------------------------------------------------------------------- all numbers of a graph


def is_finite(x: Number) -> bool:
    """Whether the plain number in x is finite"""
    x = unwrap(x)
    return not isinstance(x, float) or math.isfinite(x)


def norm_is_finite(numbers: Collection[Number]) -> bool:
    """True only if every number is finite; False may also mean that √Σx² overflows, or that the numbers are Values.
    One call in C, fast enough for every backward()."""
    try:
        return math.isfinite(math.hypot(*numbers))
    except (OverflowError, TypeError):                # an int too large for a float; a Value
        return False


def check_data(values: Sequence[Any]) -> None:
    """Raises ValueError that names the first Value that is not finite.  values: a whole graph, latest made first."""
    if norm_is_finite([value.data for value in values]):
        return
    for value in reversed(values):
        if not is_finite(value.data):
            remedy = "the numbers are too large for a float: scale the inputs or the weights down"
            edited = f"{value!r} is not finite: set its .data to an int, float or Fraction"
            raise ValueError(domain_error_message(value.op, value.operands, remedy) if value.op else edited)


def check_gradients(values: Sequence[Any]) -> None:
    """Raises OverflowError if a gradient is not finite, naming the first edge of the backward pass that made one so.

    values   a whole graph, latest made first
    """
    if norm_is_finite([value.grad for value in values]):
        return
    for node in values:
        for operand, partial in zip(node.operands, node.partials):
            if not all(map(is_finite, (partial, partial * node.grad, operand.grad))):
                raise OverflowError(
                    f"the gradient of {truncate(operand.label) or 'a Value'} is not finite: at "
                    f"{domain_error_message(node.op, node.operands, f'the local derivative is {short_str(partial)}')}, "
                    f"the gradient that arrives {short_str(node.grad)}; zero the gradients before going on"
                )


# ---------------------------------------------------------------------- messages


def evaluate(function: Callable[[Number], Number], value: Any) -> Number:
    """function(value.data).  If that raises, the error names the function and the Value."""
    if type(value.data) is not float:
        check_operands((value,))
    try:
        return function(value.data)
    except OverflowError:
        remedy = "a number here is too large for a float"
        raise OverflowError(domain_error_message(function.__name__, (value,), remedy)) from None
    except ValueError:
        raise ValueError(domain_error_message(function.__name__, (value,), "it is undefined for this number")) from None


def domain_error_message(op: str, operands: Iterable[Any], remedy: str) -> str:
    """Why an operation is undefined: its name, the labels and numbers of its operands, what to do"""
    named = [f"{truncate(v.label)} = {short_str(v.data)}" if v.label else short_str(v.data) for v in operands]
    if len(named) > 6:
        named = [*named[:3], f"… {len(named) - 4} more …", named[-1]]
    return f"{op} of {', '.join(named)}: {remedy}"


def short_repr(x: object) -> str:
    """The repr of x in at most 40 characters, without an address"""
    return f"<{type(x).__name__}>" if " at 0x" in repr(x) else truncate(repr(x))


def short_str(x: Number) -> str:
    """The plain number in x, in at most 40 characters"""
    try:
        return truncate(str(unwrap(x)))
    except ValueError:                                # Python does not convert an int of more than 4300 digits
        return "a number of more than 4300 digits"


def truncate(text: str) -> str:
    """The text in at most 40 characters"""
    return text if len(text) <= 40 else text[:37] + "…"
