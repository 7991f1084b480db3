"""Laws that hold for every program, on random ones; and their gradients against 60-digit arithmetic.

A failure shows the program as text that can be pasted and run.

    python tests/test_random_programs.py 100000       # the accuracy of so many programs
"""

import copy
import html
import math
import pickle
import random
import re
import sys
import time
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

import pytest
from random_programs import ALL, Program, programs

from minigrad import Value, log_sum_exp, relu
from minigrad.draw import draw
from minigrad.graph import count_paths, fold, gradients, paths, topological_order, uses
from minigrad.replay import replay
from minigrad.validation import Number


def holds_for(examples: Callable[[], Iterable[Program]]):
    """The test runs on each program; the first that fails is shown"""

    def test_of(claim):
        def test():
            for program in examples():
                try:
                    claim(program)
                except Exception as error:
                    raise AssertionError(f"{type(error).__name__}: {error}\n\n{program}\n") from error

        test.__name__, test.__doc__ = claim.__name__, claim.__doc__
        return test

    return test_of


def some(count: int) -> Callable[[], Iterable[Program]]:
    """Half of them in floats, half in Fractions"""
    return lambda: (*programs(count // 2), *programs(count // 2, rational=True))


def exact(count: int) -> Callable[[], Iterable[Program]]:
    return lambda: programs(count, rational=True)


def after_backward(program: Program) -> tuple[dict[str, Value], Value]:
    values = program.run()
    values[program.root].backward()
    return values, values[program.root]


def bits(numbers: Iterable[Number]) -> list[tuple]:
    """For ==, to the last bit: 1.0 is not 1, −0.0 is not 0.0"""
    return [(type(x), math.copysign(1, x) if x == 0 else x, x) for x in numbers]


def same(a: Number, b: Number, size: Number) -> bool:
    """Whether a is b: exactly in Fractions, in floats to 1e-12 of the size of what was added up"""
    if isinstance(a, float) or isinstance(b, float):
        return abs(a - b) <= 1e-12 * size
    return a == b


def sizes(root: Value) -> dict[Value, Number]:
    """{node: Σ |products of the partials along the paths from root|}"""
    order = topological_order(root)
    size: dict[Value, Number] = dict.fromkeys(order, 0)
    size[root] = 1
    for node in reversed(order):
        for operand, partial in zip(node.operands, node.partials):
            size[operand] += abs(partial) * size[node]
    return size


def snapshot(root: Value) -> list[tuple]:
    return [(v, *bits([v.data, v.grad, *v.partials]), v.op, v.operands) for v in topological_order(root)]


# ---------------------------------------------------------------------- the programs themselves


def test_the_programs_use_every_operation_and_are_the_same_for_the_same_seed():
    assert {line.op for program in programs(200) for line in program.lines} == set(ALL)
    assert list(map(str, programs(20, first=7))) == [str(p) for p in programs(27)][7:]


@holds_for(some(400))
def test_a_program_pasted_as_text_gives_the_same_numbers(program):
    pasted: dict = {"print": lambda *_: None}
    exec(str(program), pasted)
    values, _ = after_backward(program)
    for name, value in values.items():
        assert bits([pasted[name].data, pasted[name].grad]) == bits([value.data, value.grad])


def test_a_failure_shows_the_program():
    @holds_for(some(2))
    def never(program):
        raise KeyError("no")

    with pytest.raises(AssertionError, match=r"(?s)KeyError: 'no'\n.*from minigrad import.*v\d+\.backward\(\)"):
        never()


# ---------------------------------------------------------------------- gradients


@holds_for(some(600))
def test_what_its_uses_send_back_adds_up_to_the_gradient(program):
    _, root = after_backward(program)
    size = sizes(root)
    for value in topological_order(root)[:-1]:
        sent = sum(user.partials[position] * user.grad for user, position in uses(root, value))
        assert same(sent, value.grad, size[value])


@holds_for(some(600))
def test_gradients_are_those_of_backward_to_the_bit(program):
    values = program.run()
    found = gradients(values[program.root])
    values[program.root].backward()
    assert bits(found.values()) == bits(value.grad for value in found)


@holds_for(some(600))
def test_backward_k_times_gives_k_times_the_leaf_gradients_and_the_same_interior_ones(program):
    _, root = after_backward(program)
    order, size = topological_order(root), sizes(root)
    once = {value: value.grad for value in order}
    for k in (2, 3, 4, 5):
        root.backward()
        for value in order:
            if value.operands:
                assert bits([value.grad]) == bits([once[value]])
            else:
                assert same(value.grad, k * once[value], k * size[value])


@holds_for(some(600))
def test_a_root_scaled_by_a_power_of_two_scales_every_gradient_exactly(program):
    once, root = after_backward(program)
    for k in (-20, -1, 1, 20):
        scale = 2.0**k if isinstance(root.data, float) else Fraction(2) ** k
        for scaled in (lambda x, by: x * by, lambda x, by: by * x, lambda x, by: x / (1 / by)):
            values = program.run()
            scaled(values[program.root], scale).backward()
            assert [value.grad for value in values.values()] == [scale * value.grad for value in once.values()]


@holds_for(some(600))
def test_the_gradients_of_untied_copies_of_a_leaf_add_up_to_its_own(program):
    tied, root = after_backward(program)
    size = sizes(root)
    untied, copies = program.untied()
    values, _ = after_backward(untied)
    for name, its_copies in copies.items():
        assert same(sum(values[one].grad for one in its_copies), tied[name].grad, size.get(tied[name], 0))


@holds_for(some(600))
def test_the_order_in_which_independent_parts_are_made_changes_nothing(program):
    values, root = after_backward(program)
    size = sizes(root)
    for seed in range(3):
        others, _ = after_backward(program.reordered(random.Random(seed)))
        for name, value in values.items():
            assert bits([others[name].data]) == bits([value.data])
            assert same(others[name].grad, value.grad, size.get(value, 0))


class Interruption:
    """A partial at which the pass is interrupted"""

    def __mul__(self, other):
        raise KeyboardInterrupt


@holds_for(some(300))
def test_a_pass_interrupted_at_any_edge_is_right_after_zeroing_the_leaves(program):
    _, root = after_backward(program)
    order = topological_order(root)
    right = snapshot(root)
    for node in order:
        for k in range(len(node.operands)):
            partials = node.partials
            node.partials = (*partials[:k], Interruption(), *partials[k + 1 :])
            with pytest.raises(KeyboardInterrupt):
                root.backward()
            node.partials = partials
            for leaf in order:
                if not leaf.operands:
                    leaf.grad = 0
            root.backward()
            assert snapshot(root) == right


def test_a_relu_that_is_off_keeps_a_program_in_fractions_exact():
    x = Value(Fraction(-1))
    off = relu(x)
    y = off / 3 + Fraction(1, 3)
    y.backward()
    assert y.data == Fraction(1, 3) and off.grad == Fraction(1, 3)


# ---------------------------------------------------------------------- what looks at a graph


LABELS = ["", "w_h", "x_1", "y", "o_2[0]", "<b>", "]; evil [label=<i>", 'x" onload="alert(1)', "\0", "\ud800", "w" * 99]


@pytest.mark.slow
@holds_for(some(200))
def test_drawing_printing_relabelling_and_copying_change_no_number(program):
    values, root = after_backward(program)
    before, rng = snapshot(root), random.Random(0)
    for label in ("", *rng.sample(LABELS, 2)):
        for value in values.values():
            value.label = label or value.label
        assert snapshot(root) == before
        assert draw(root).source and replay(root)
        for value in values.values():
            assert repr(value) and f"{value}" and f"{value:.3f}"
            if not value.operands:
                for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
                    assert twin is not value
                    assert bits([twin.data, twin.grad]) == bits([value.data, value.grad])
                    twin.data, twin.grad, twin.label = 0, 0, "another"
                assert value.label != "another"
        assert snapshot(root) == before


@holds_for(some(400))
def test_the_totals_of_a_replay_are_the_gradients(program):
    _, root = after_backward(program)
    events = replay(root)
    total = {event.operand: event.total for event in events}
    assert bits(total[value] for value in total) == bits(value.grad for value in total)
    assert {root, *total} == set(topological_order(root))
    edges = [(node, k) for node in reversed(topological_order(root)) for k in range(len(node.operands))]
    assert [(event.node, event.position) for event in events] == edges


@holds_for(exact(400))
def test_products_along_all_paths_of_a_folded_program_add_up_to_the_gradient_exactly(program):
    _, root = after_backward(program)
    order = topological_order(root)
    for keep in (order, order[::2], [value for value in order if not value.operands]):
        folded = fold(root, keep)
        for target in {*keep} - {root}:
            routes = list(paths(folded, root, target))
            assert len(routes) == count_paths(folded, root, target)
            assert sum(math.prod(edge[2] for edge in route) for route in routes) == target.grad


# ---------------------------------------------------------------------- pictures


def drawn(source: str) -> tuple[dict[str, dict], list[dict]]:
    """({id: a node}, the edges in order), of each its attributes; "shown" is the list of texts in its label"""
    nodes, edges = {}, []
    for statement in re.findall(r"^\t(\w+(?: -> \w+)? \[.*\])$", source, re.MULTILINE):
        name, _, rest = statement.partition(" [")
        found = dict(re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\w+)', re.sub(r"label=<.*>>", "", rest)))
        label = re.search(r"label=<(.*)>> ", rest)
        found["shown"] = [html.unescape(text) for text in re.findall(r">([^<>]+)<", label[1] if label else "")]
        if "->" in name:
            edges.append(found | {"tail": name.split()[0], "head": name.split()[2]})
        elif name not in ("graph", "node", "edge"):
            nodes[name] = found
    return nodes, edges


def says(text: str, x: Number, digits=(4,)) -> bool:
    """Whether the text, parsed, is the number at one of these numbers of significant digits"""
    parsed = float(re.sub("[×+]", "", text).replace("−", "-"))
    return any(parsed == float(f"{float(x):.{n}g}") for n in digits)


def labelled(program: Program) -> tuple[list[Value], Value]:
    """The program's nodes in order and its root, after backward(), leaves labelled as inputs and weights in turn"""
    values, root = after_backward(program)
    for k, name in enumerate(program.leaves):
        values[name].label = f"{'wx'[k % 2]}_{k}"
    return topological_order(root), root


@pytest.mark.slow
@holds_for(some(300))
def test_a_picture_draws_an_edge_for_every_operand(program):
    order, root = labelled(program)
    _, edges = drawn(draw(root, view="graph").source)
    ids = {node: f"n{k}" for k, node in enumerate(order)}
    wanted = [(ids[operand], ids[node]) for node in order for operand in node.operands]
    assert [(edge["tail"].split("use")[0], edge["head"]) for edge in edges] == wanted


@pytest.mark.slow
@holds_for(some(400))
def test_every_number_in_a_picture_parses_back_to_the_stored_one(program):
    order, root = labelled(program)
    nodes, edges = drawn(draw(root, view="graph").source)
    for k, value in enumerate(order):
        box = nodes[f"n{k}"]
        data, grad = re.findall(r": data (\S+), grad (\S+)\"$", box["tooltip"])[0]
        assert says(data, value.data, [6]) and says(grad, value.grad, [6])
        if value.operands:                            # name, operation, number, gradient
            assert says(box["shown"][-2], value.data) and says(box["shown"][-1], value.grad)
        elif "bar" in box["class"]:                   # w_0, number; ∂L/∂w_0, gradient; = via v₃, term; + …
            _, data, _, grad, *terms = box["shown"]
            sent = [user.partials[position] * user.grad for user, position in uses(root, value)]
            assert says(data, value.data) and says(grad, value.grad)
            assert terms[::3] == ["=", *["+"] * (len(sent) - 1)]
            assert len(terms) == 3 * len(sent) and all(map(says, terms[2::3], sent))
        elif "weight" in box["class"]:
            assert says(box["shown"][-2], value.data) and says(box["shown"][-1], value.grad)
        else:
            assert says(box["shown"][-1], value.data)
    wanted = [(node, partial) for node in order for partial in node.partials]
    assert len(edges) == len(wanted)
    for edge, (node, partial) in zip(edges, wanted):
        numbers = re.findall(r"upstream (\S+) × partial (\S+) = contribution (\S+)\"$", edge["tooltip"])[0]
        assert all(map(says, numbers, (node.grad, partial, partial * node.grad)))
        if edge["shown"]:
            local, contribution = edge["shown"]
            assert says(local, partial, (4, 2, 1)) and says(contribution, partial * node.grad, (4, 2, 1))
        elif "use" in edge["tail"]:
            assert says(nodes[edge["tail"]]["shown"][-1], partial * node.grad)


# ---------------------------------------------------------------------- accuracy


NUDGE = Decimal("1e-25")


class Dual(NamedTuple):
    """A number to 60 digits, its derivatives with respect to the leaves, and for each Σ |products along paths|"""

    x: Decimal
    slopes: list[Decimal]
    sizes: list[Decimal]


def exponential(x: Decimal):
    return x.exp(), [x.exp()]


def tangent(x: Decimal):
    e = (-2 * abs(x)).exp()
    t = ((1 - e) / (1 + e)).copy_sign(x)
    return t, [1 - t * t]


def logistic(x: Decimal):
    s = 1 / (1 + (-x).exp())
    return s, [s * (1 - s)]


def sine_and_cosine(x: Decimal) -> tuple[Decimal, Decimal]:
    """By their power series; |x| ≤ 20, so that of 60 digits at most 9 cancel"""
    sums, term, k = [Decimal(1), Decimal(0)], Decimal(1), 0
    while abs(term) > Decimal("1e-62") or k < abs(x):
        k += 1
        term = term * x / k
        sums[k % 2] += -term if k % 4 in (2, 3) else term
    return sums[1], sums[0]


def sine(x: Decimal):
    sin, cos = sine_and_cosine(x)
    return sin, [cos]


def cosine(x: Decimal):
    sin, cos = sine_and_cosine(x)
    return cos, [-sin]


def power(x: Decimal, y: Decimal):
    """xʸ; with respect to y only for x > 0, since below that y is a plain number"""
    if y == 0:
        return Decimal(1), [Decimal(0), x.ln() if x > 0 else Decimal(0)]
    return x**y, [y * x ** (y - 1), x.ln() * x**y if x > 0 else Decimal(0)]


def weighted_sum(*both: Decimal):
    half = len(both) // 2
    return sum(map(Decimal.__mul__, both[:half], both[half:]), Decimal(0)), [*both[half:], *both[:half]]


def sum_of_exponentials(*xs: Decimal):
    powers = [x.exp() for x in xs]
    total = sum(powers, Decimal(0))
    return total.ln(), [p / total for p in powers]


RULES: dict[str, Callable] = {  # the value and the derivatives, as in a table of derivatives
    "+": lambda x, y: (x + y, [Decimal(1), Decimal(1)]),
    "-": lambda x, y: (x - y, [Decimal(1), Decimal(-1)]),
    "*": lambda x, y: (x * y, [y, x]),
    "/": lambda x, y: (x / y, [1 / y, -x / (y * y)]),
    "**": power,
    "-{}": lambda x: (-x, [Decimal(-1)]),
    "+{}": lambda x: (x, [Decimal(1)]),
    "abs({})": lambda x: (abs(x), [Decimal(1).copy_sign(x)]),
    "relu": lambda x: (max(x, Decimal(0)), [Decimal(int(x > 0))]),
    "dot": weighted_sum,
    "exp": exponential,
    "log": lambda x: (x.ln(), [1 / x]),
    "sqrt": lambda x: (x.sqrt(), [1 / (2 * x.sqrt())]),
    "sin": sine,
    "cos": cosine,
    "tanh": tangent,
    "sigmoid": logistic,
    "log_sum_exp": sum_of_exponentials,
}


def reference(program: Program, nudged="") -> Dual:
    """The root in 60-digit arithmetic, derivatives carried forward: nothing here is minigrad's.

    nudged   the line whose number is made larger by one part in 1/NUDGE
    """
    zeros, known = [Decimal(0)] * len(program.leaves), {}
    for i, (name, number) in enumerate(program.leaves.items()):
        known[name] = Dual(Decimal(number), unit := [Decimal(int(i == k)) for k in range(len(zeros))], unit)
    for line in program.lines:
        duals = [known[x] if isinstance(x, str) else Dual(Decimal(x), zeros, zeros) for x in line.operands]
        x, partials = RULES[line.op](*[dual.x for dual in duals])
        slopes, around = zeros, zeros
        for partial, dual in zip(partials, duals):
            if dual.slopes is not zeros:
                slopes = [s + partial * t for s, t in zip(slopes, dual.slopes)]
                around = [s + abs(partial) * t for s, t in zip(around, dual.sizes)]
        known[line.name] = Dual(x * (1 + NUDGE) if line.name == nudged else x, slopes, around)
    return known[program.root]


def swing(program: Program, leaf: int) -> Decimal:
    """How much the roundings of the lines' numbers, which every float has, are magnified in the gradient of a leaf:
    Σ over the lines of |relative change of the gradient / relative change of the line's number|

    After x = tanh(15.5), for instance, ln x has lost all but three digits.
    """
    right = reference(program).slopes[leaf]
    moved = [reference(program, line.name).slopes[leaf] - right for line in program.lines]
    return sum(map(abs, moved), Decimal(0)) / abs(right) / NUDGE


def test_log_sum_exp_keeps_its_digits_where_it_is_near_0():
    """Found by the program of seed 88085, the only one of 100,000 with a gradient off by more than 1e-12 (5.9e-12)"""
    for x in (-5.0, -11.0, -30.0, -40.0):
        assert math.isclose(log_sum_exp([0.0, x]).data, math.log1p(math.exp(x)), rel_tol=1e-15)
    assert accuracy(programs(1, first=88085)).worst <= 1e-12


class Accuracy(NamedTuple):
    """What was found for the gradients of the leaves of some programs

    well_conditioned   those with Σ |products along paths| ≤ 1000·|gradient|
    excused            of these, those off by more than 1e-12 where a rounding is magnified more than 1000 times
    worst              the largest relative error of the others, and its program
    """

    programs: int
    gradients: int
    well_conditioned: int
    excused: int
    worst: float
    worst_program: Program


def accuracy(examples: Iterable[Program]) -> Accuracy:
    count = found = well = excused = 0
    worst, worst_program = -1.0, Program({}, [])
    with localcontext() as context:
        context.prec = 60
        for program in examples:
            count += 1
            values, _ = after_backward(program)
            root = reference(program)
            for leaf, (name, slope, size) in enumerate(zip(program.leaves, root.slopes, root.sizes)):
                found += 1
                if size > 1000 * abs(slope):
                    continue
                well += 1
                got = Decimal(values[name].grad)
                error = float(abs(got - slope) / abs(slope)) if slope else float(abs(got))
                if error > 1e-12 and slope and swing(program, leaf) > 1000:
                    excused += 1
                elif error > worst:
                    worst, worst_program = error, program
    return Accuracy(count, found, well, excused, worst, worst_program)


@pytest.mark.slow
def test_no_well_conditioned_gradient_of_10_000_programs_is_off_by_more_than_1e_12():
    found = accuracy(programs(10_000))
    assert found.programs == 10_000 and found.well_conditioned > 0.9 * found.gradients
    assert found.excused < 0.001 * found.gradients
    assert found.worst <= 1e-12, f"off by {found.worst:.2g}:\n\n{found.worst_program}\n"


if __name__ == "__main__":
    start = time.perf_counter()
    found = accuracy(programs(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
    print(f"{found.programs} programs in {time.perf_counter() - start:.0f} s: {found.gradients} leaf gradients, "
          f"{found.well_conditioned} of them well-conditioned, {found.excused} of these excused, "
          f"the worst of the others off by {found.worst:.2g}:\n\n{found.worst_program}")
