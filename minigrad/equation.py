"""The chain rule of a gradient as text and as LaTeX.

    ∂L/∂w = Σ over the routes from L back to w of the product of the derivatives along the route

A factor is ∂o_3/∂o_2.  ∂⁺ marks an immediate derivative: the operand also reaches the node by a longer route, which is
another term.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

from minigrad.notation import added, carried_name, count, index_of, latex, name, number, series
from minigrad.validation import Number

MOST_TERMS, MOST_FACTORS = 12, 7                      # of more, only the first and the last are printed


class Factor(NamedTuple):
    """∂numerator/∂denominator, by their labels, and its value; immediate: all other operands held fixed (∂⁺)"""

    numerator: str
    denominator: str
    immediate: bool
    value: Number

    def __str__(self) -> str:
        return f"∂{'⁺' if self.immediate else ''}{name(self.numerator)}/∂{name(self.denominator)}"

    def latex(self) -> str:
        """The same as a fraction in LaTeX"""
        plus = "^{+}" if self.immediate else ""
        return rf"\frac{{\partial{plus} {latex(self.numerator)}}}{{\partial {latex(self.denominator)}}}"


class Term(NamedTuple):
    """A term of ∂L/∂w: one route, or with a step t all routes through the uses of w at step t (0: outside the steps).

    product   the value of the term
    norm      ‖∂o_n/∂o_t‖, the Frobenius norm, for a step
    """

    route: tuple[Factor, ...]
    product: Number
    t: int | None = None
    norm: float | None = None

    def __repr__(self) -> str:
        return f"Term({abbreviate(self.route, str, ' · ')} = {number(self.product)})"

    @property
    def labels(self) -> tuple[str, ...]:
        """("∂L/∂ŷ", "∂ŷ/∂o₃", …)"""
        return tuple(map(str, self.route))

    @property
    def user(self) -> str:
        """The label of the user of w: o_3 in ∂⁺o₃/∂w_h"""
        return self.route[-1].numerator

    @property
    def factors(self) -> tuple[Number, ...]:
        """The values of the factors"""
        return tuple(factor.value for factor in self.route)


@dataclass(frozen=True, repr=False)
class ChainRule:
    """∂numerator/∂denominator as a sum of terms.  str() and latex() write it out; a notebook shows the LaTeX.

    routes    the number of routes from the numerator back to the denominator
    symbols   the state symbols, if the terms are those of time steps
    """

    numerator: str
    denominator: str
    terms: list[Term]
    routes: int
    total: Number
    symbols: tuple[str, ...] = ("o",)

    @property
    def grouped(self) -> bool:
        """Whether the terms are those of time steps, because there are too many routes"""
        return self.terms[0].t is not None

    def __repr__(self) -> str:
        gradient = f"∂{name(self.numerator)}/∂{name(self.denominator)}"
        return f"ChainRule({gradient}: {len(self.terms)} terms, sum {number(self.total)})"

    def __str__(self) -> str:
        return self.by_step() if self.grouped else "\n\n".join(filter(None, [self.by_route(), self.compact()]))

    def by_route(self) -> str:
        """The equation: a line of symbols for each route, then the numbers"""
        left = f"∂{name(self.numerator)}/∂{name(self.denominator)} "
        if self.terms[0].labels == (left.strip(),):
            return f"{left}= {number(self.total)}"
        lines = abbreviated_lines(self.terms, lambda term: abbreviate(term.route, str, " · "), "… {} more terms")
        indent = "\n" + " " * len(left)
        return f"{left}= {f'{indent}+ '.join(lines)}{indent}= {' = '.join(self.results())}"

    def results(self) -> list[str]:
        """(−2.074)(0.2996) + …, the product of the first term, or of both; −0.3411 − 0.1594 + 0, the sum of all; the
        total"""
        products = [term.product for term in self.terms]
        first, *rest = [abbreviate(term.factors, lambda x: f"({number(x)})", "") for term in self.terms[:2]]
        if len(products) == 1:
            return [first, number(self.total)]
        some = f"{added(products[:3])} … {added(products[-1:], leading=True)}"
        first += f" + {rest[0]}" if len(products) == 2 else " + …"
        return [first, added(products) if len(products) <= MOST_TERMS else some, number(self.total)]

    def compact(self) -> str:
        """Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_h, if the users of w_h are states o_1, o_2, …; nothing if they are not.
        ∂ŷ/∂o_j is the sum over all routes from ŷ back to o_j."""
        through: dict[str, list[Term]] = {}
        for term in self.terms:
            through.setdefault(term.user, []).append(term)
        of_series = {series(user) for user in through}
        if len(through) < 2 or len(of_series) > 1 or of_series == {""}:
            return ""
        columns = zip(*[term.route for term in self.terms])
        ends = {*through, self.denominator}           # the first factors that all routes share, up to a user of w
        shared = takewhile(lambda factors: len({*factors}) == 1 and factors[0].denominator not in ends, columns)
        common = [factors[0] for factors in shared]
        state = of_series.pop().replace("·", "j")
        plus = "⁺" if self.terms[0].route[-1].immediate else ""
        start = common[-1].denominator if common else self.numerator
        symbols = [*map(str, common), f"∂{name(start)}/∂{state}", f"∂{plus}{state}/∂{name(self.denominator)}"]

        def row(user: str) -> str:
            between = sum(math.prod(term.factors[len(common) : -1]) for term in through[user])
            numbers = [*[factor.value for factor in common], between, through[user][0].route[-1].value]
            product = sum(term.product for term in through[user])
            return f"  j = {index_of(user)}:  {''.join(f'({number(x)})' for x in numbers)} = {number(product)}"

        head = f"∂{name(self.numerator)}/∂{name(self.denominator)} = Σ_j {' · '.join(symbols)}"
        return "\n".join([head, *abbreviated_lines(list(through), row, "  … {} more")])

    def by_step(self) -> str:
        """The sum over the time steps, if there are too many routes to list"""
        of, by, last = name(self.numerator), name(self.denominator), carried_name(self.symbols, self.terms[0].t or 0)

        def row(term: Term) -> str:
            where = f"t = {term.t}" if term.t else "elsewhere"
            norm = f"   ‖∂{last}/∂{carried_name(self.symbols, term.t)}‖ = {number(term.norm)}" if term.t else ""
            return f"  {where}:  {number(term.product):>10}{norm}"

        lines = [
            f"∂{of}/∂{by} = Σ_t of its uses at step t",
            f"  {count(self.routes)} routes lead from {of} back to {by}: "
            "their products are added up for each time step.",
            f"  ‖·‖ is the Frobenius norm of the Jacobian of {last} with respect to the state of a step.",
            *abbreviated_lines(self.terms, row, "  … {} more"),
            f"  = {' = '.join(self.results()[1:])}",
        ]
        return "\n".join(lines)

    def latex(self) -> str:
        """LaTeX for a displayed formula; it needs no package"""
        left = rf"\frac{{\partial {latex(self.numerator)}}}{{\partial {latex(self.denominator)}}}"
        if self.grouped:
            write = lambda term: rf"{with_powers(number(term.product))} \quad (t = {term.t})"
        else:
            write = lambda term: abbreviate(term.route, Factor.latex, r" \cdot ")
        lines = [rf"\displaystyle {line}" for line in abbreviated_lines(self.terms, write, r"\cdots")]
        results = self.results() if len(self.terms[0].route) > 1 else self.results()[1:]
        rows = [rf"\displaystyle {left} & = & {lines[0]}", *[f"& + & {line}" for line in lines[1:]],
                *[f"& = & {with_powers(result)}" for result in results]]
        body = " \\\\[2ex]\n".join(rows).replace("−", "-").replace("…", r"\cdots")
        return f"\\begin{{array}}{{rcl}}\n{body}\n\\end{{array}}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"


def with_powers(numbers: str) -> str:
    r"""5.8e−7 → 5.8 \times 10^{−7}"""
    return re.sub(r"(?<=\d)e(−?\d+)", r" \\times 10^{\1}", numbers)


# ---------------------------------------------------------------------- long lists, abbreviated


def abbreviate(items: Sequence[Any], write: Callable[[Any], str], between: str) -> str:
    """The items on one line; of more than MOST_FACTORS, the first three and the last two"""
    if len(items) > MOST_FACTORS:
        return between.join([*map(write, items[:3]), "…", *map(write, items[-2:])])
    return between.join(map(write, items))


def abbreviated_lines(items: Sequence[Any], write: Callable[[Any], str], hidden: str) -> list[str]:
    """A line for each item; of more than MOST_TERMS, the first three, the number of the hidden, and the last"""
    if len(items) > MOST_TERMS:
        return [*map(write, items[:3]), hidden.format(len(items) - 4), write(items[-1])]
    return list(map(write, items))
