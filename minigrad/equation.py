"""How the chain rule of a gradient is written: as text and as LaTeX.

    ∂L/∂w = Σ over the routes from L back to w of the product of the derivatives along the route

A factor is ∂o_3/∂o_2.  ∂⁺ marks an immediate derivative: the operand also reaches the node by a longer route, which is
a term of its own.  Labels are ASCII with indices, and written as on paper or in LaTeX.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from minigrad.notation import added, carried_name, count, index_of, latex, name, number, series
from minigrad.validation import Number

MOST_TERMS, MOST_FACTORS = 12, 7                      # more are not all printed; the terms hold them all


class Factor(NamedTuple):
    """∂numerator/∂denominator, a number; immediate: everything else that the numerator was computed from held fixed"""

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
    """One route, or with a step t all the routes through the uses of w at step t; product is its share of ∂L/∂w.

    norm is that of ∂o_n/∂o_t (the root of the sum of squares), for a term of a step alone.
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
        """What w was used for: o₃ of ∂⁺o₃/∂w_h, by its label"""
        return self.route[-1].numerator

    @property
    def factors(self) -> tuple[Number, ...]:
        """The numbers of the factors, whose product is `product`"""
        return tuple(factor.value for factor in self.route)


@dataclass(frozen=True, repr=False)
class ChainRule:
    """∂numerator/∂denominator as a sum of terms.  str() and latex() write it out; a notebook shows the LaTeX.

    routes    how many lead from the numerator back to the denominator
    symbols   what the state is called, where the terms are those of time steps
    """

    numerator: str
    denominator: str
    terms: list[Term]
    routes: int
    total: Number
    symbols: tuple[str, ...] = ("o",)

    @property
    def grouped(self) -> bool:
        """Whether the terms are those of time steps, because the routes are too many"""
        return self.terms[0].t is not None

    def __repr__(self) -> str:
        gradient = f"∂{name(self.numerator)}/∂{name(self.denominator)}"
        return f"ChainRule({gradient}: {len(self.terms)} terms, sum {number(self.total)})"

    def __str__(self) -> str:
        return self.by_step() if self.grouped else "\n\n".join(filter(None, [self.by_route(), self.compact()]))

    def by_route(self) -> str:
        """The equation: symbols, a line for each route, then numbers, then the sum"""
        left = f"∂{name(self.numerator)}/∂{name(self.denominator)} "
        if self.terms[0].labels == (left.strip(),):
            return f"{left}= {number(self.total)}"
        lines = abbreviated_lines(self.terms, lambda term: abbreviate(term.route, str, " · "), "… {} more terms")
        values = f"= {self.sum_of_products()} " if len(self.terms) > 1 else ""
        indent = " " * len(left)
        written = f"{left}= {lines[0]}\n" + "".join(f"{indent}+ {line}\n" for line in lines[1:])
        return f"{written}{indent}= {self.first_product()} {values}= {number(self.total)}"

    def first_product(self) -> str:
        """(−2.074)(0.2996)(0.549) + …"""
        written = abbreviate(self.terms[0].factors, lambda x: f"({number(x)})", "")
        return written + (" + …" if len(self.terms) > 1 else "")

    def sum_of_products(self) -> str:
        """−0.3411 − 0.1594 + 0"""
        products = [term.product for term in self.terms]
        if len(products) > MOST_TERMS:
            return f"{added(products[:3])} … {added(products[-1:], leading=True)}"
        return added(products)

    def compact(self) -> str:
        """The sum over j, where every route ends at a state that differs only in its index:
        Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_h, ∂ŷ/∂o_j along all routes between"""
        users = list(dict.fromkeys(term.user for term in self.terms))
        of_series = {series(user) for user in users}
        if len(users) < 2 or len(of_series) > 1 or of_series == {""}:
            return ""
        common = self.common_prefix(set(users))
        state = of_series.pop().replace("·", "j")
        plus = "⁺" if self.terms[0].route[-1].immediate else ""
        start = common[-1].denominator if common else self.numerator
        symbols = [*map(str, common), f"∂{name(start)}/∂{state}", f"∂{plus}{state}/∂{name(self.denominator)}"]
        through: dict[str, list[Term]] = {user: [] for user in users}
        for term in self.terms:
            through[term.user].append(term)

        def row(user: str) -> str:
            between = sum(math.prod(term.factors[len(common) : -1]) for term in through[user])
            numbers = [*[factor.value for factor in common], between, through[user][0].route[-1].value]
            product = sum(term.product for term in through[user])
            written = "".join(f"({number(x)})" for x in numbers)
            return f"  j = {index_of(user)}:  {written} = {number(product)}"

        head = f"∂{name(self.numerator)}/∂{name(self.denominator)} = Σ_j {' · '.join(symbols)}"
        return "\n".join([head, *abbreviated_lines(users, row, "  … {} more")])

    def common_prefix(self, users: set[str]) -> list[Factor]:
        """The factors with which every route begins, up to the first user of w"""
        found: list[Factor] = []
        for column in zip(*[term.route for term in self.terms]):
            if any(factor != column[0] for factor in column) or column[0].denominator in users | {self.denominator}:
                break
            found.append(column[0])
        return found

    def by_step(self) -> str:
        """The sum over the time steps, where there are too many routes to list"""
        of, by, last = name(self.numerator), name(self.denominator), carried_name(self.symbols, self.terms[0].t or 0)

        def row(term: Term) -> str:
            where = f"t = {term.t}" if term.t else "elsewhere"
            norm = f"   ‖∂{last}/∂{carried_name(self.symbols, term.t)}‖ = {number(term.norm)}" if term.t else ""
            return f"  {where}:  {number(term.product):>10}{norm}"

        routes = count(self.routes)
        lines = [
            f"∂{of}/∂{by} = Σ_t of its uses at step t",
            f"  {routes} routes lead from {of} back to {by}: their products are added up for each time step.",
            f"  ‖·‖ is the norm (root of the sum of squares) of the Jacobian from {last} back to the state of a step.",
            *abbreviated_lines(self.terms, row, "  … {} more"),
            f"  = {self.sum_of_products()} = {number(self.total)}",
        ]
        return "\n".join(lines)

    def latex(self) -> str:
        """The same as LaTeX for a displayed formula; it needs no package"""
        left = rf"\frac{{\partial {latex(self.numerator)}}}{{\partial {latex(self.denominator)}}}"
        if self.grouped:
            write = lambda term: rf"{with_powers(number(term.product))} \quad (t = {term.t})"
        else:
            write = lambda term: abbreviate(term.route, Factor.latex, r" \cdot ")
        lines = abbreviated_lines(self.terms, write, r"\cdots")
        rows = [rf"\displaystyle {left} & = & \displaystyle {lines[0]}"]
        rows += [rf"& + & \displaystyle {line}" for line in lines[1:]]
        if not self.grouped and len(self.terms[0].route) > 1:
            rows.append(f"& = & {with_powers(self.first_product())}")
        if len(self.terms) > 1:
            rows.append(f"& = & {with_powers(self.sum_of_products())}")
        rows.append(f"& = & {with_powers(number(self.total))}")
        body = " \\\\[2ex]\n".join(rows).replace("−", "-").replace("…", r"\cdots")
        return f"\\begin{{array}}{{rcl}}\n{body}\n\\end{{array}}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"


def with_powers(numbers: str) -> str:
    """5.8e−7 → 5.8 \\times 10^{−7}"""
    return re.sub(r"(?<=\d)e(−?\d+)", r" \\times 10^{\1}", numbers)


# ---------------------------------------------------------------------- not all of a long list


def abbreviate(items: Sequence[Any], write: Callable[[Any], str], between: str) -> str:
    """The items written one after the other; where they are too many, only the first three and the last two"""
    if len(items) > MOST_FACTORS:
        return between.join([*map(write, items[:3]), "…", *map(write, items[-2:])])
    return between.join(map(write, items))


def abbreviated_lines(items: Sequence[Any], write: Callable[[Any], str], hidden: str) -> list[str]:
    """The items written, one a line; where they are too many, the first three, a word on the hidden, and the last"""
    if len(items) > MOST_TERMS:
        return [*map(write, items[:3]), hidden.format(len(items) - 4), write(items[-1])]
    return list(map(write, items))
