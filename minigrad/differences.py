"""f at x − h and x + h for smaller and smaller h, how far rounding may have moved each number, and what that can tell.

    D(h) = (f(x+h) − f(x−h)) / 2h = f′(x) + c₂h² + c₄h⁴ + …
    D(h), D(h/4), D(h/16), …  combined so that c₂, c₄, … cancel   (Richardson 1911; the table of Ridders 1982)
"""

import math
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minigrad.graph import topological_order
from minigrad.validation import unwrap
from minigrad.value import Value

ROUNDING = 4 * sys.float_info.epsilon                 # of one operation, relative to its result
SMALLEST = 5e-324                                     # the distance of two floats near 0
RATIO = 4                                             # of each h to the next


Table = list[tuple[float, float, float]]               # rows (h, value, noise), the largest h first


class Probe(NamedTuple):
    """f and its gradient at a point, and how far rounding may have moved each"""

    data: float
    noise: float
    gradient: float
    slack: float


def probe(f: Callable[..., Value], leaves: list[Value], k: int, x: float) -> Probe | None:
    """f where leaf k is x and the others stay; None where f has no answer, or not a finite one.

    A node's rounding error reaches the result by |∂result/∂node|, bounded by the sum of |products| over the routes.
    """
    inputs = [Value(x if i == k else leaf.data) for i, leaf in enumerate(leaves)]
    try:
        root = f(*inputs)
        order = topological_order(root)
        gradient, reach, slack = (dict.fromkeys(order, 0.0) for _ in range(3))
        gradient[root] = reach[root] = 1.0
        noise = 0.0
        for node in reversed(order):
            noise += reach[node] * rounding_error(node)
            for operand, partial in zip(node.operands, node.partials):
                local = float(unwrap(partial))
                gradient[operand] += local * gradient[node]
                reach[operand] += abs(local) * reach[node]
                slack[operand] += abs(local) * (slack[node] + ROUNDING * reach[node]) + SMALLEST
        x_node = inputs[k]
        found = Probe(float(unwrap(root)), noise, gradient.get(x_node, 0.0), slack.get(x_node, 0.0))
    except (ValueError, ArithmeticError):
        return None
    return found if all(map(math.isfinite, found)) else None


def rounding_error(node: Value) -> float:
    """How far the number of a node may be from that of its operation on the numbers of its operands"""
    if not node.operands:
        return 0.0
    error = ROUNDING * abs(float(unwrap(node))) + SMALLEST
    if len(node.operands) > 1 and node.op not in ("+", "-", "*", "/"):    # its terms may be larger than their sum
        terms = [abs(float(unwrap(p)) * float(unwrap(v))) for v, p in zip(node.operands, node.partials)]
        error += ROUNDING * len(terms) * sum(terms)
    return error


class Rung(NamedTuple):
    """f at x − h and x + h"""

    h: float
    low: Probe
    high: Probe
    slope: float
    noise: float

    def jump(self, here: Probe) -> float:
        """The slope of the right side less that of the left one"""
        return ((self.high.data - here.data) - (here.data - self.low.data)) / self.h


def ladder(f: Callable[..., Value], leaves: list[Value], k: int) -> list[Rung]:
    """The rungs where f has an answer on both sides, from the largest h down to the distance of two floats at x"""
    x, rungs = leaves[k].data, []
    for h in step_sizes(x):
        high, low = probe(f, leaves, k, x + h), probe(f, leaves, k, x - h)
        if high and low:
            noise = (high.noise + low.noise) / (2 * h)
            if (x + h) - h != x or (x - h) + h != x:  # then they do not lie at x ± h
                moved = sys.float_info.epsilon * (abs(x) + h)
                noise += moved * (abs(high.gradient) + abs(low.gradient)) / (2 * h)
            slope = (high.data - low.data) / (2 * h)
            noise += sys.float_info.epsilon * abs(slope)
            if math.isfinite(noise + slope):
                rungs.append(Rung(h, low, high, slope, noise))
    return rungs


def step_sizes(x: float) -> Iterator[float]:
    """Powers of two, each a quarter of the last: from 1/4, where |x| is small, for 12 steps, then pairs of them down to
    |x|/8; from there to the last bit of x."""
    exponent = math.frexp(x)[1] if x else -1071
    wide = range(-2, exponent - 2, -2)
    for k, power in enumerate(wide):
        if k < 12 or k % 20 < 2:
            yield math.ldexp(1.0, power)
    first = exponent - 3 if not wide else wide[-1] - 2
    for power in range(first, max(exponent - 54, -1075), -2):
        yield math.ldexp(1.0, power)


# ---------------------------------------------------------------------- what the table can tell


class Limit(NamedTuple):
    """A number extrapolated to h = 0, how far it may be off, and the last row of the table that it comes from"""

    value: float
    error_bound: float
    row: int


def extrapolated(table: Table, power: int) -> list[tuple[float, float, int]]:
    """(error, value, row) of every entry extrapolated from value(h) = limit + c·h^p + c′·h^(p+2) + …, in the order of
    their errors.  An entry differs from the limit about as much as from its neighbours."""
    entries, above = list[tuple[float, float, int]](), list[float]()
    for row, (h, value, noise) in enumerate(table):
        if row and h * RATIO != table[row - 1][0]:
            above = []
        line = [value]
        for column, before in enumerate(above):
            line.append(line[-1] + (line[-1] - before) / (RATIO ** (power + 2 * column) - 1))
            error = max(abs(line[-1] - line[-2]), abs(line[-1] - before)) + 2 * noise
            entries.append((error, line[-1], row))
        above = line
    return sorted(entries)


def limit(table: Table, power: int) -> Limit | None:
    """The best extrapolated entry with which the rows of all smaller h agree"""
    for error, value, row in extrapolated(table, power):
        if agrees(table, power, found := Limit(value, error, row)):
            return found
    return None


def agrees(table: Table, power: int, found: Limit) -> bool:
    """Whether the rows below differ from the limit by no more than rounding, its error, and what is left of c·h^p"""
    above = table[max(0, found.row - 1) : found.row + 1]

    def left(h: float) -> float:
        """What is left of c·h^p, as the rows above show it"""
        return max(abs(value - found.value) * (h / larger) ** power for larger, value, _ in above)

    return all(abs(value - found.value) <= 2 * noise + found.error_bound + 2 * left(h)
               for h, value, noise in table[found.row + 1 :])


def mean_value_violation(rungs: list[Rung], slopes: Table) -> Limit | None:
    """A numerical slope that is clearly none of the gradients between x − h and x + h, although the slope of a chord is
    the derivative somewhere in between.  So a derivative that is 0 by mistake, and hides the rounding errors, shows."""
    for error, value, row in extrapolated(slopes, 2):
        if 100 * error < abs(value):
            between = [point.gradient for rung in rungs[row:] for point in (rung.low, rung.high)]
            if not min(between) - 100 * error <= value <= max(between) + 100 * error:
                return Limit(value, error, row)
    return None


def varies_unseen(rungs: list[Rung], here: Probe, difference: float) -> bool:
    """Whether the gradient near x varies by about the difference where D(h) does not show it"""
    finest, quarter = rungs[-4:], difference / 4
    sides = [[rung.low.gradient for rung in finest], [rung.high.gradient for rung in finest]]
    if any(max(side) - min(side) > quarter for side in sides):            # in the last bits of x
        return True
    if not min(map(min, sides)) - quarter <= here.gradient <= max(map(max, sides)) + quarter:        # at x alone
        return True
    if abs(here.gradient) * finest[-1].h > 2 * max(max(abs(rung.low.data), abs(rung.high.data)) for rung in rungs):
        return True                                   # between two floats
    bends = [(rung.low.gradient + rung.high.gradient - sides[0][-1] - sides[1][-1]) / 2 for rung in rungs]
    return any(                                       # where rounding hides D(h); a smooth f bends like h²
        below.noise > difference / 16 and abs(smaller - larger * (below.h / above.h) ** 2) > difference / 16
        for above, below, larger, smaller in zip(rungs, rungs[1:], bends, bends[1:])
    )
