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

from minigrad.differences import Limit, Probe, Rung, Table, extrapolated, ladder, limit, probe
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
    jump = limit(jumps, 1) or Limit(math.inf, 0.0, 0)
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


def mean_value_violation(rungs: list[Rung], slopes: Table) -> Limit | None:
    """A numerical slope that is clearly outside the gradients from x − h to x + h.  By the mean value theorem it must
    be one of them.  This finds a derivative that is 0 by mistake, which also hides the rounding errors."""
    for entry in extrapolated(slopes, 2):
        error, value, row = entry
        if 100 * error < abs(value):
            between = [point.gradient for rung in rungs[row:] for point in (rung.low, rung.high)]
            if not min(between) - 100 * error <= value <= max(between) + 100 * error:
                return entry
    return None


def varies_unseen(rungs: list[Rung], here: Probe, difference: float) -> bool:
    """Whether the gradient near x varies by about `difference` where D(h) does not show it"""
    finest, quarter = rungs[-4:], difference / 4
    sides = [[rung.low.gradient for rung in finest], [rung.high.gradient for rung in finest]]
    if any(max(side) - min(side) > quarter for side in sides):            # in the last bits of x
        return True
    if not min(map(min, sides)) - quarter <= here.gradient <= max(map(max, sides)) + quarter:        # at x alone
        return True
    if abs(here.gradient) * finest[-1].h > 2 * max(max(abs(rung.low.data), abs(rung.high.data)) for rung in rungs):
        return True                                   # between two floats
    bends = [(rung.low.gradient + rung.high.gradient - sides[0][-1] - sides[1][-1]) / 2 for rung in rungs]
    readable = [bend for rung, bend in zip(rungs, bends) if rung.noise <= difference / 16]
    if len(readable) > 1 and abs(readable[-1]) > max(quarter, abs(readable[-2]) / 4):
        return True                                   # also at the smallest h where D(h) is not hidden
    return any(                                       # where rounding hides D(h); a smooth f bends like h²
        below.noise > difference / 16 and abs(smaller - larger * (below.h / above.h) ** 2) > difference / 16
        for above, below, larger, smaller in zip(rungs, rungs[1:], bends, bends[1:])
    )
