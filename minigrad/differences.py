"""f at x − h and x + h for smaller and smaller h, with bounds on the rounding errors, and the limit at h = 0.

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
    """f and its gradient at a point, with bounds on the rounding error of each: noise, slack"""

    data: float
    noise: float
    gradient: float
    slack: float


def probe(f: Callable[..., Value], leaves: list[Value], k: int, x: float) -> Probe | None:
    """f where leaf k is x and the others stay; None where f is not defined or not finite.

    The rounding error of a node is multiplied by |∂result/∂node|, which is at most the sum of |products| over the
    routes.
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
        point = Probe(float(unwrap(root)), noise, gradient.get(x_node, 0.0), slack.get(x_node, 0.0))
    except (ValueError, ArithmeticError):
        return None
    return point if all(map(math.isfinite, point)) else None


def rounding_error(node: Value) -> float:
    """A bound on the rounding error of one operation, its operands taken as exact"""
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
        """The slope of the right side minus that of the left"""
        return ((self.high.data - here.data) - (here.data - self.low.data)) / self.h


def ladder(f: Callable[..., Value], leaves: list[Value], k: int) -> list[Rung]:
    """The rungs where f is defined on both sides, from the largest h down to the distance of two floats at x"""
    x, rungs = leaves[k].data, []
    for h in step_sizes(x):
        high, low = probe(f, leaves, k, x + h), probe(f, leaves, k, x - h)
        if high and low:
            noise = (high.noise + low.noise) / (2 * h)
            if (x + h) - h != x or (x - h) + h != x:  # x ± h is rounded
                moved = sys.float_info.epsilon * (abs(x) + h)
                noise += moved * (abs(high.gradient) + abs(low.gradient)) / (2 * h)
            slope = (high.data - low.data) / (2 * h)
            noise += sys.float_info.epsilon * abs(slope)
            if math.isfinite(noise + slope):
                rungs.append(Rung(h, low, high, slope, noise))
    return rungs


def step_sizes(x: float) -> Iterator[float]:
    """Powers of two, each a quarter of the one before, from |x|/8 to the last bit of x; before them, if |x| is small,
    12 from 1/4 on, and pairs of them down to |x|/8."""
    exponent = math.frexp(x)[1] if x else -1071
    wide = range(-2, exponent - 2, -2)
    for k, power in enumerate(wide):
        if k < 12 or k % 20 < 2:
            yield math.ldexp(1.0, power)
    first = exponent - 3 if not wide else wide[-1] - 2
    for power in range(first, max(exponent - 54, -1075), -2):
        yield math.ldexp(1.0, power)


# ---------------------------------------------------------------------- limits of a table


class Limit(NamedTuple):
    """A number extrapolated to h = 0, a bound on its error, and the last row of the table that it uses"""

    error_bound: float
    value: float
    row: int


def extrapolated(table: Table, power: int) -> list[Limit]:
    """Every entry extrapolated from value(h) = limit + c·h^p + c′·h^(p+2) + …, sorted by error.
    The error of an entry is about its difference from its neighbours."""
    entries, above = list[Limit](), list[float]()
    for row, (h, value, noise) in enumerate(table):
        if row and h * RATIO != table[row - 1][0]:
            above = []
        line = [value]
        for column, before in enumerate(above):
            line.append(line[-1] + (line[-1] - before) / (RATIO ** (power + 2 * column) - 1))
            error = max(abs(line[-1] - line[-2]), abs(line[-1] - before)) + 2 * noise
            entries.append(Limit(error, line[-1], row))
        above = line
    return sorted(entries)


def limit(table: Table, power: int) -> Limit | None:
    """The best extrapolated entry with which the rows of all smaller h agree"""
    return next((entry for entry in extrapolated(table, power) if agrees(table, power, entry)), None)


def agrees(table: Table, power: int, best: Limit) -> bool:
    """Whether the rows below differ from the limit by at most rounding, its error, and the remaining c·h^p"""
    above = table[max(0, best.row - 1) : best.row + 1]

    def remaining(h: float) -> float:
        """c·h^p, estimated from the rows above"""
        return max(abs(value - best.value) * (h / larger) ** power for larger, value, _ in above)

    return all(abs(value - best.value) <= 2 * noise + best.error_bound + 2 * remaining(h)
               for h, value, noise in table[best.row + 1 :])
