"""Are the derivatives right?  backward() against central differences, extrapolated to h = 0:

    D(h) = (f(x+h) − f(x−h)) / 2h = f′(x) + c₂h² + c₄h⁴ + …
    D(h), D(h/2), D(h/4), …  combined so that c₂, c₄, … cancel   (Richardson 1911; the table of Ridders 1982)

That gives ten to twelve digits, so that an error of 1e−8 in a derivative shows, where |x·f′(x)| is comparable with
|f(x)|; where rounding leaves fewer digits, the report says so.
"""

import math
import sys
from typing import NamedTuple

from minigrad.notation import number
from minigrad.number import innermost
from minigrad.value import Value, as_value

CAUGHT = 3e-9                                         # relative difference that counts as an error
ROWS = 12                                             # of the table; h is halved from each to the next


class Slope(NamedTuple):
    """A numerical derivative and how far it may be off"""

    value: float
    off: float


class Check(NamedTuple):
    """One input: its derivative by backward() and numerically.  verdict: right, wrong, kink or unclear"""

    name: str
    at: float
    backward: float
    numeric: float
    off: float
    verdict: str
    note: str

    def __str__(self) -> str:
        line = f"{self.name} = {number(self.at, 6)}: backward() {self.backward!r}, numerically {self.numeric!r}"
        return f"{line}, difference {number(self.backward - self.numeric, 2)}: {self.verdict}{self.note}"


class GradCheck(NamedTuple):
    """What gradcheck() found, input by input.  True if nothing is wrong; str() is the report."""

    checks: list[Check]

    def __bool__(self) -> bool:
        return not any(check.verdict == "wrong" for check in self.checks)

    def __str__(self) -> str:
        return "\n".join(map(str, self.checks))

    def __repr__(self) -> str:
        counts = [check.verdict for check in self.checks]
        return f"GradCheck({', '.join(f'{counts.count(v)} {v}' for v in dict.fromkeys(counts))})"


def gradcheck(f, inputs) -> GradCheck:
    """Checks ∂f/∂x for every x in inputs, numbers or Values, which are not changed; f takes as many Values, gives one.

    A kink, such as relu at 0, is named, and is no error if backward() gives a slope between those of the two sides.
    Where rounding leaves too few digits for a verdict it is "unclear", and no error.  Raises TypeError if f gives no
    Value, or the inputs are no list.
    """
    if not hasattr(inputs, "__iter__"):
        raise TypeError(f"gradcheck: the inputs are {inputs!r}; they must be a list of numbers or Values, as in [0.5]")
    leaves = [Value(float(innermost(x)), label=as_value(x).label) for x in inputs]
    result = f(*leaves)
    if not isinstance(result, Value):
        raise TypeError(f"gradcheck: f gave a {type(result).__name__}; it must give a Value")
    result.backward()
    return GradCheck([check(f, leaves, k) for k in range(len(leaves))])


def check(f, leaves: list[Value], k: int) -> Check:
    """The verdict on ∂f/∂leaf k"""
    at, grad = leaves[k].data, float(leaves[k].grad)
    name = leaves[k].label or f"input {k}"

    def g(x: float) -> float:
        """f as a function of that one number"""
        return float(innermost(f(*[Value(x if i == k else leaf.data) for i, leaf in enumerate(leaves)])))

    left, right = one_sided(g, at, -1), one_sided(g, at, +1)
    if left and right and abs(left.value - right.value) > 100 * (left.off + right.off):
        low, high = sorted((left.value, right.value))
        inside = low - left.off - right.off <= grad <= high + left.off + right.off
        note = f" ({number(left.value, 3)} from the left, {number(right.value, 3)} from the right)"
        return Check(name, at, grad, (low + high) / 2, left.off + right.off, "kink" if inside else "wrong", note)
    slope = derivative(g, at)
    if slope is None:
        return Check(name, at, grad, math.nan, math.inf, "unclear", " (f has no answer on both sides)")
    difference, bound = abs(grad - slope.value), CAUGHT * abs(slope.value)
    if difference <= bound and slope.off <= bound:
        return Check(name, at, grad, *slope, "right", "")
    if difference > max(bound, 10 * slope.off):
        return Check(name, at, grad, *slope, "wrong", "")
    few = f" (rounding: the numerical slope may be off by {number(slope.off, 2)})"
    small = slope.off <= sys.float_info.epsilon * max(1.0, abs(g(at)))       # both are zero, as far as can be seen
    return Check(name, at, grad, *slope, "right" if small else "unclear", "" if small else few)


def derivative(g, x: float) -> Slope | None:
    """g′(x) from the table with the smallest error, of several with different h; None where g has no answer"""
    starts = {abs(x) / 4, abs(x) / 64, 0.25, 1 / 64} - {0.0}
    found = [slope for h in sorted(starts) if (slope := extrapolated(g, x, h))]
    return min(found, key=lambda slope: slope.off, default=None)


def extrapolated(g, x: float, h: float) -> Slope | None:
    """The best entry of the table of D(h), D(h/2), …: it differs least from its neighbours, rounding included"""
    best, before = None, list[float]()
    for row in range(ROWS):
        up, down = x + h / 2**row, x - h / 2**row
        try:
            high, low = g(up), g(down)
        except (ValueError, ArithmeticError):
            if before:
                return best
            continue                                  # x ± h lies outside of the domain: a smaller h may not
        if up == down:
            return best
        rounding = sys.float_info.epsilon * max(abs(high), abs(low)) / (up - down)
        entries = [(high - low) / (up - down)]
        for column, above in enumerate(before, start=1):
            entries.append(entries[-1] + (entries[-1] - above) / (4**column - 1))
            off = max(abs(entries[-1] - entries[-2]), abs(entries[-1] - above)) + 2 * rounding
            if best is None or off < best.off:
                best = Slope(entries[-1], off)
        before = entries
    return best


def one_sided(g, x: float, side: int) -> Slope | None:
    """The slope of g at x from one side, to a few digits"""
    try:
        h = max(abs(x), 1.0) * 1e-5 * side
        start, once, half = g(x), g(x + h), g(x + h / 2)
    except (ValueError, ArithmeticError):
        return None
    slope = 2 * (half - start) / (h / 2) - (once - start) / h
    rounding = 8 * sys.float_info.epsilon * max(abs(start), abs(once)) / abs(h)
    return Slope(slope, abs(slope - (once - start) / h) * 0.1 + rounding + 1e-7 * abs(slope))
