"""Compares the derivatives of backward() with central differences, extrapolated to h = 0:

    D(h) = (f(x+h) − f(x−h)) / 2h → f′(x)

This gives ten to twelve digits, so an error of 1e−8 in a derivative shows, if |x·f′(x)| is comparable with |f(x)|.
A derivative is called wrong only if nothing else explains the difference:

    rounding       each node has a rounding error, which the graph carries to the result
    a coarse h     D(h) of every smaller h must agree with the limit, up to rounding
    a fine f       where rounding hides D(h), the gradients at x ± h must be constant
    a kink         the jump of the slope is the limit of (f(x+h) − 2f(x) + f(x−h)) / h, found in the same way
"""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from minigrad.differences import (
    Limit,
    Probe,
    Rung,
    Table,
    extrapolated,
    ladder,
    limit,
    mean_value_violation,
    probe,
    varies_unseen,
)
from minigrad.notation import number
from minigrad.validation import Number, unwrap
from minigrad.value import Value, as_value

RELATIVE_TOLERANCE = 3e-9                             # a larger difference counts as an error
SAFETY = 10                                           # a difference this many times the error bound is an error


class Check(NamedTuple):
    """One input: its derivative by backward(), and numerically.  verdict: right, wrong, kink or unclear"""

    name: str
    at: float
    backward: float
    numeric: float
    error_bound: float
    verdict: str
    note: str

    def __str__(self) -> str:
        line = f"{self.name} = {number(self.at, 6)}: backward() {self.backward!r}, numerically {self.numeric!r}"
        return f"{line}, difference {number(self.backward - self.numeric, 2)}: {self.verdict}{self.note}"


class GradCheck(NamedTuple):
    """The checks of all inputs.  True if none is wrong; str() is the report."""

    checks: list[Check]

    def __bool__(self) -> bool:
        return not any(check.verdict == "wrong" for check in self.checks)

    def __str__(self) -> str:
        return "\n".join(map(str, self.checks))

    def __repr__(self) -> str:
        verdicts = [check.verdict for check in self.checks]
        return f"GradCheck({', '.join(f'{verdicts.count(v)} {v}' for v in dict.fromkeys(verdicts))})"


def gradcheck(f: Callable[..., Value], inputs: Iterable[Number]) -> GradCheck:
    """Checks ∂f/∂x for every x in inputs, numbers or Values, which it does not change.  f takes n Values, returns one.

    A kink, such as relu at 0, is reported; it is right if backward() gives a slope between those of the two sides.
    "unclear", with a reason, is not an error.  Raises TypeError if f does not return a Value, or inputs is not a list.
    """
    if not hasattr(inputs, "__iter__"):
        raise TypeError(f"gradcheck: the inputs are {inputs!r}; they must be a list of numbers or Values, as in [0.5]")
    leaves = [Value(float(unwrap(x)), label=as_value(x).label) for x in inputs]
    result = f(*leaves)
    if not isinstance(result, Value):
        raise TypeError(f"gradcheck: f returned an object of type {type(result).__name__}; it must return a Value")
    result.backward()
    return GradCheck([check(f, leaves, k) for k in range(len(leaves))])


def check(f: Callable[..., Value], leaves: list[Value], k: int) -> Check:
    """The verdict on ∂f/∂leaf k"""
    name, at, gradient = leaves[k].label or f"input {k}", leaves[k].data, float(unwrap(leaves[k].grad))
    here, rungs = probe(f, leaves, k, at), ladder(f, leaves, k)
    slopes = [(rung.h, rung.slope, rung.noise) for rung in rungs]
    slope = limit(slopes, 2)
    if here is None or slope is None:
        reason = "f is not defined on both sides" if not rungs else "f changes faster than floats can follow"
        return Check(name, at, gradient, math.nan, math.inf, "unclear", f" ({reason})")
    jumps = [(rung.h, rung.jump(here), 2 * rung.noise + 2 * here.noise / rung.h) for rung in rungs]
    jump = limit(jumps, 1) or Limit(0.0, math.inf, 0)
    verdict, note = judge(gradient, slope, jump, here, rungs, slopes)
    if verdict == "right" and (chord := mean_value_violation(rungs, slopes[: slope.row])):
        slope, verdict = chord, "wrong"
    return Check(name, at, gradient, slope.value, slope.error_bound, verdict, note)


def judge(
    gradient: float, slope: Limit, jump: Limit, here: Probe, rungs: list[Rung], slopes: Table
) -> tuple[str, str]:
    """The verdict, and a note.  The slopes of the two sides are slope ∓ jump/2."""
    tolerance = RELATIVE_TOLERANCE * abs(slope.value)
    outside = max(0.0, abs(gradient - slope.value) - abs(jump.value) / 2)
    differs = outside > max(tolerance, SAFETY * (slope.error_bound + jump.error_bound / 2 + here.slack))
    kink = abs(jump.value) > max(SAFETY * jump.error_bound, tolerance)
    finer, coarser = rungs[max(0, slope.row - 1) :], slopes[: slope.row]
    if (kink or differs) and varies_unseen(finer, here, max(abs(jump.value) if kink else 0.0, outside)):
        return "unclear", " (f changes faster than floats can follow)"
    if differs and any(100 * error < min(outside, abs(gradient)) and abs(gradient - value) < 2 * error
                       for error, value, _ in extrapolated(coarser, 2)):
        return "unclear", " (the numerical slope depends on h: f may lose digits inside an operation)"
    if kink:
        left, right = slope.value - jump.value / 2, slope.value + jump.value / 2
        sides = f" ({number(left, 3)} from the left, {number(right, 3)} from the right)"
        return "wrong" if differs else "kink", sides
    if differs:
        return "wrong", ""
    if abs(gradient - slope.value) <= tolerance and (slope.error_bound <= tolerance or gradient == slope.value == 0):
        return "right", ""
    return "unclear", f" (rounding: the slopes may be off by {number(max(slope.error_bound, here.slack), 2)})"
