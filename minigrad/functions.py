"""Functions of many Values, each a single node: dot, log_sum_exp, and the dots of a whole layer at once."""

import math
from collections.abc import Iterable
from operator import mul

from minigrad.elementary import exp
from minigrad.validation import Number, check_operands, is_value
from minigrad.value import Value, as_value


def dot(weights: Iterable[Number], inputs: Iterable[Number]) -> Value:
    """Σ w·x as one node;  ∂/∂wᵢ = xᵢ,  ∂/∂xᵢ = wᵢ.  Operands: the weights, then the inputs.

    Raises ValueError if there are not as many inputs as weights.
    """
    ws, xs = tuple([as_value(w) for w in weights]), tuple([as_value(x) for x in inputs])
    if len(ws) != len(xs):
        raise ValueError(f"dot: {len(ws)} weights and {len(xs)} inputs; it needs as many of each")
    return fused_dots([(ws, numbers_of(ws))], (), xs)[0] if ws else Value(0)        # the sum of nothing


def fused_dots(
    rows: Iterable[tuple[tuple[Value, ...], tuple[Number, ...]]],
    constants: tuple[Number, ...], inputs: tuple[Value, ...],
) -> list[Value]:
    """For every row of weights the one node Σ w·x, x = the constants, then the inputs.  Operands: weights, inputs.

    rows   [(weights, their numbers), …], tuples of len(constants) + len(inputs)

    A constant is a plain number and gets no edge; its weight gets one.  (Since Python 3.12 sum() compensates rounding,
    so the last digits can differ between versions.)
    """
    xs, first = constants + numbers_of(inputs), len(constants)
    return [
        Value(sum(map(mul, numbers, xs)), "dot", weights + inputs, xs + numbers[first:]) for weights, numbers in rows
    ]


def numbers_of(values: Iterable[Value]) -> tuple[Number, ...]:
    """The .data of each Value"""
    return tuple([value.data for value in values])


def log_sum_exp(values: Iterable[Number]) -> Value:
    """ln Σ exp(xᵢ) as one node;  ∂/∂xᵢ = exp(xᵢ − ln Σ exp(xⱼ)), the softmax.

    The largest x is subtracted first, so nothing overflows.  Accurate to the conditioning of the formula: the
    derivative of an x far below the largest has an error of about |xᵢ − max| ulp.  Raises ValueError for an empty list.
    """
    operands = tuple([as_value(x) for x in values])
    if not operands:
        raise ValueError("log_sum_exp: it needs at least one number")
    check_operands(operands)
    xs = numbers_of(operands)
    top, rest, softmax = softmax_parts(xs)
    data = log_sum_exp(xs) if any(map(is_value, xs)) else top + math.log1p(rest)
    return Value(data, "log_sum_exp", operands, tuple(softmax))


def softmax_parts(xs: tuple[Number, ...]) -> tuple[Number, Number, list[Number]]:
    """(max, r, softmax) of numbers, with Σ exp(xⱼ) = exp(max)·(1 + r): nothing overflows, and a small r is kept"""
    largest = max(range(len(xs)), key=xs.__getitem__)
    powers = [exp(x - xs[largest]) if k != largest else 1 for k, x in enumerate(xs)]
    rest = sum(powers[:largest] + powers[largest + 1 :])
    return xs[largest], rest, [power / (1 + rest) for power in powers]
