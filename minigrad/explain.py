"""The chain rule, written out by the graph itself, in the lecture's notation and with numbers.

    ∂L/∂w = Σ over the routes from L back to w of the product of the derivatives along the route

The graph is folded to its named Values, so a factor is ∂o_3/∂o_2 and not the product, sum and tanh between them.
∂⁺ marks an immediate derivative: the operand also reaches the node by a longer route, which is a term of its own.
"""

import math
import re
from typing import NamedTuple

from minigrad.bptt import finite_gradients, ledgers, state_jacobians
from minigrad.bptt import labels as labels_of_unrolled
from minigrad.graph import count_paths, fold, paths
from minigrad.nn import Unrolled
from minigrad.notation import added, carried_name, count, latex, name, number, printable
from minigrad.number import Number, innermost, shortened
from minigrad.value import Value

MOST_ROUTES = 2000                                    # more are grouped by time step
MOST_TERMS, MOST_FACTORS = 12, 7                      # more are not all printed; the terms hold them all


class Factor(NamedTuple):
    """∂of/∂by, a number; immediate: with everything else that `of` was computed from held fixed"""

    of: str
    by: str
    immediate: bool
    value: Number

    def __str__(self) -> str:
        return f"∂{'⁺' if self.immediate else ''}{name(self.of)}/∂{name(self.by)}"

    def latex(self) -> str:
        """The same as a fraction in LaTeX"""
        plus = "^{+}" if self.immediate else ""
        return rf"\frac{{\partial{plus} {latex(self.of)}}}{{\partial {latex(self.by)}}}"


class Term(NamedTuple):
    """One route, or with a step t all the routes through the uses of w at step t; product is its share of ∂L/∂w.

    norm is that of ∂o_n/∂o_t (the root of the sum of squares), for a term of a step alone.
    """

    route: tuple[Factor, ...]
    product: Number
    t: int | None = None
    norm: float | None = None

    def __repr__(self) -> str:
        return f"Term({elided(self.route, str, ' · ')} = {number(self.product)})"

    @property
    def labels(self) -> tuple[str, ...]:
        """("∂L/∂ŷ", "∂ŷ/∂o₃", …)"""
        return tuple(map(str, self.route))

    @property
    def user(self) -> str:
        """What w was used for: o₃ of ∂⁺o₃/∂w_h, by its label"""
        return self.route[-1].of

    @property
    def factors(self) -> tuple[Number, ...]:
        """The numbers of the factors, whose product is `product`"""
        return tuple(factor.value for factor in self.route)


class ChainRule:
    """∂of/∂by as a sum of terms.  str() and latex() write it out; a notebook shows the LaTeX."""

    def __init__(self, of: str, by: str, terms: list[Term], routes: int, total: Number, letters="o"):
        self.of, self.by, self.terms, self.routes, self.total, self.letters = of, by, terms, routes, total, letters

    @property
    def grouped(self) -> bool:
        """Whether the terms are those of time steps, because the routes are too many"""
        return self.terms[0].t is not None

    def __repr__(self) -> str:
        return f"ChainRule(∂{name(self.of)}/∂{name(self.by)}: {len(self.terms)} terms, sum {number(self.total)})"

    def __str__(self) -> str:
        return self.by_step() if self.grouped else "\n\n".join(filter(None, [self.by_route(), self.compact()]))

    def by_route(self) -> str:
        """The equation: symbols, a line for each route, then numbers, then the sum"""
        left = f"∂{name(self.of)}/∂{name(self.by)} "
        if self.terms[0].labels == (left.strip(),):
            return f"{left}= {number(self.total)}"
        lines = few(self.terms, lambda term: elided(term.route, str, " · "), "… {} more terms")
        values = f"= {self.sum_of_products()} " if len(self.terms) > 1 else ""
        indent = " " * len(left)
        written = f"{left}= {lines[0]}\n" + "".join(f"{indent}+ {line}\n" for line in lines[1:])
        return f"{written}{indent}= {self.first_product()} {values}= {number(self.total)}"

    def first_product(self) -> str:
        """(−2.074)(0.2996)(0.549) + …"""
        written = elided(self.terms[0].factors, lambda x: f"({number(x)})", "")
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
        start = common[-1].by if common else self.of
        symbols = [*map(str, common), f"∂{name(start)}/∂{state}", f"∂{plus}{state}/∂{name(self.by)}"]
        through: dict[str, list[Term]] = {user: [] for user in users}
        for term in self.terms:
            through[term.user].append(term)

        def row(user: str) -> str:
            between = sum(math.prod(term.factors[len(common) : -1]) for term in through[user])
            numbers = [*[factor.value for factor in common], between, through[user][0].route[-1].value]
            product = sum(term.product for term in through[user])
            written = "".join(f"({number(x)})" for x in numbers)
            return f"  j = {index_of(user)}:  {written} = {number(product)}"

        head = f"∂{name(self.of)}/∂{name(self.by)} = Σ_j {' · '.join(symbols)}"
        return "\n".join([head, *few(users, row, "  … {} more")])

    def common_prefix(self, users: set[str]) -> list[Factor]:
        """The factors with which every route begins, up to the first user of w"""
        found: list[Factor] = []
        for column in zip(*[term.route for term in self.terms]):
            if any(factor != column[0] for factor in column) or column[0].by in users | {self.by}:
                break
            found.append(column[0])
        return found

    def by_step(self) -> str:
        """The sum over the time steps, where there are too many routes to list"""
        of, by, last = name(self.of), name(self.by), carried_name(self.letters, self.terms[0].t)

        def row(term: Term) -> str:
            where = f"t = {term.t}" if term.t else "elsewhere"
            norm = f"   ‖∂{last}/∂{carried_name(self.letters, term.t)}‖ = {number(term.norm)}" if term.t else ""
            return f"  {where}:  {number(term.product):>10}{norm}"

        lines = [
            f"∂{of}/∂{by} = Σ_t of its uses at step t",
            f"  {count(self.routes)} routes lead from {of} back to {by}: "
            "their products are added up for each time step.",
            f"  ‖·‖ is the norm (root of the sum of squares) of the Jacobian from {last} back to the state of a step.",
            *few(self.terms, row, "  … {} more"),
            f"  = {self.sum_of_products()} = {number(self.total)}",
        ]
        return "\n".join(lines)

    def latex(self) -> str:
        """The same as LaTeX for a displayed formula; it needs no package"""
        left = rf"\frac{{\partial {latex(self.of)}}}{{\partial {latex(self.by)}}}"
        if self.grouped:
            lines = few(self.terms, lambda term: rf"{number(term.product)} \quad (t = {term.t})", r"\cdots")
        else:
            lines = few(self.terms, lambda term: elided(term.route, Factor.latex, r" \cdot "), r"\cdots")
        rows = [rf"\displaystyle {left} & = & \displaystyle {lines[0]}"]
        rows += [rf"& + & \displaystyle {line}" for line in lines[1:]]
        if not self.grouped and len(self.terms[0].route) > 1:
            rows.append(f"& = & {self.first_product()}")
        if len(self.terms) > 1:
            rows.append(f"& = & {self.sum_of_products()}")
        rows.append(f"& = & {number(self.total)}")
        body = " \\\\[2ex]\n".join(rows)
        body = re.sub(r"(?<=\d)e(−?\d+)", r" \\times 10^{\1}", body).replace("−", "-").replace("…", r"\cdots")
        return f"\\begin{{array}}{{rcl}}\n{body}\n\\end{{array}}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"


def chain_rule(loss: Value, w: Value, unrolled: Unrolled | None = None, keep=None) -> ChainRule:
    """The chain rule for ∂loss/∂w, one term for each route through the kept Values, the last time step first.

    keep       the Values to name; by default those with a label
    unrolled   the time steps: where the routes are too many to list, the terms are then those of the steps

    Raises TypeError if w is no Value, ValueError if it is not in the graph of loss, or if the routes are too many and
    there is no `unrolled`.
    """
    if not isinstance(w, Value):
        needed = "the Value, not its label" if isinstance(w, str) else "one Value, such as rnn.w_h[0][0]"
        raise TypeError(f"chain_rule: {shortened(repr(w))} is a {type(w).__name__}; pass {needed}")
    order = list(finite_gradients(loss))
    if w is loss or w not in set(order):
        raise ValueError(f"chain_rule: {w!r} is not in what {loss!r} was computed from")
    labels = labels_of_unrolled(loss, unrolled) if unrolled else {v: v.label for v in order if v.label}
    labels[loss], labels[w] = labels.get(loss) or "L", labels.get(w) or "w"
    if keep is None:
        states = {o for carried in unrolled.carried for o in carried} if unrolled else set()
        kept = [v for v in order if v.label or v in states]
    else:
        kept = list(keep)
    folded = fold(loss, [*kept, w])
    routes = count_paths(folded, loss, w)
    if unrolled and not w.operands and routes > most_routes(unrolled):
        return grouped_by_step(loss, w, unrolled, labels, routes)
    if routes > MOST_ROUTES:
        raise ValueError(
            f"chain_rule: {count(routes)} routes lead from {printable(labels[loss])} "
            f"back to {printable(labels[w])}, too many to list; "
            "pass `unrolled` to add those of a weight up by time step, or keep fewer Values"
        )
    seen: dict[str, int] = {}
    for k, v in enumerate(folded):
        label = labels.setdefault(v, f"{v.op or 'constant'}_{k}")
        seen[label] = seen.get(label, 0) + 1
        labels[v] = label + "′" * (seen[label] - 1)   # two Values of one label are two
    immediate = immediate_edges(folded, labels)
    factor = {
        (node, operand): Factor(labels[node], labels[operand], (node, operand) in immediate, derivative)
        for node, edges in folded.items()
        for operand, derivative in edges
    }
    terms = []
    for path in paths(folded, loss, w):
        route = tuple([factor[node, operand] for node, operand, _ in path])
        terms.append(Term(route, math.prod([f.value for f in route])))
    if len({series(term.user) for term in terms}) == 1 and series(terms[0].user):
        terms.sort(key=lambda term: -int(index_of(term.user)))           # the last time step first
    return ChainRule(labels[loss], labels[w], terms, routes, sum(term.product for term in terms))


def most_routes(unrolled: Unrolled) -> int:
    """How many are listed one by one: of a vector one for each step, of an LSTM's two numbers as many as are printed"""
    if len(unrolled.initial) > 1:
        return len(unrolled)
    return MOST_TERMS if unrolled.initial_cell else MOST_ROUTES


def immediate_edges(folded, labels) -> set[tuple[Value, Value]]:
    """The edges (node, operand) whose operand reaches the node by a longer route too.  If that holds for one of the
    nodes o_1, o_2, …, it is taken for all of them: the lecture writes ∂⁺o_j/∂w for every j."""
    users: dict[Value, list[Value]] = {}
    for node, edges in folded.items():
        for operand, _ in edges:
            users.setdefault(operand, []).append(node)
    found = set()
    for operand, using in users.items():
        if len(using) > 1:
            reached = list(dict.fromkeys(later for user in using for later in users.get(user, ())))
            seen = set(reached)
            for node in reached:                      # the list grows while it is read
                for later in users.get(node, ()):
                    if later not in seen:
                        seen.add(later)
                        reached.append(later)
            of_series = {series(labels[user]) for user in using if user in seen} - {""}
            found |= {(user, operand) for user in using if user in seen or series(labels[user]) in of_series}
    return found


def series(label: str) -> str:
    """What the labels of one quantity over time share: o_·[0] for o_3[0]; "" if there is no index"""
    found = re.fullmatch(r"(.+_)\d+((?:\[\d+\])*)", label)
    return f"{found[1]}·{found[2]}" if found else ""


def index_of(label: str) -> str:
    """3 of o_3 and of h1_3[0]"""
    return re.sub(r"(?:\[\d+\])*$", "", label).rpartition("_")[2]


def grouped_by_step(loss: Value, w: Value, unrolled: Unrolled, labels: dict[Value, str], routes: int) -> ChainRule:
    """A term for each time step, and one for the uses of w outside the steps"""
    ledger = ledgers(loss, unrolled, [w])[0]
    hidden = range(len(unrolled.carried[0]))
    product = [[float(r == c) for c in hidden] for r in hidden]
    terms = []
    for t, jacobian in zip(range(len(unrolled), 0, -1), reversed(state_jacobians(unrolled))):
        norm = math.hypot(*[x for row in product for x in row])
        share = ledger.terms[t - 1]
        whole = Factor(labels[loss], labels[w], False, share)
        terms.append(Term((whole,), share, t, norm))
        product = [[sum(row[k] * float(jacobian[k][c]) for k in hidden) for c in hidden] for row in product]
    if innermost(ledger.elsewhere):
        terms.append(Term((Factor(labels[loss], labels[w], True, ledger.elsewhere),), ledger.elsewhere, 0))
    return ChainRule(labels[loss], labels[w], terms, routes, ledger.total, unrolled.letters)


# ---------------------------------------------------------------------- not all of a long list


def elided(items, write, between: str) -> str:
    """The items written one after the other; where they are too many, only the first three and the last two"""
    if len(items) > MOST_FACTORS:
        return between.join([*map(write, items[:3]), "…", *map(write, items[-2:])])
    return between.join(map(write, items))


def few(items, write, hidden: str) -> list[str]:
    """The items written, one a line; where they are too many, the first three, a word on the hidden, and the last"""
    if len(items) > MOST_TERMS:
        return [*map(write, items[:3]), hidden.format(len(items) - 4), write(items[-1])]
    return list(map(write, items))
