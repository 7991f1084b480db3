"""The graph: orders, gradients, uses and folds, on graphs small enough to see and on long and random ones."""

import math
import random
from fractions import Fraction
from itertools import count, pairwise

import pytest
from conftest import close, lecture
from reference import SCALAR

from minigrad import Value, dot, exp, log_sum_exp, sin, tanh
from minigrad.graph import count_paths, fold, gradients, paths, topological_order, uses


class Node:
    """All that the graph asks of a node"""

    making = count()

    def __init__(self, *operands, partials=()):
        self.operands, self.partials = operands, partials or (1,) * len(operands)
        self.made = next(Node.making)


def random_graph(seed: int, number=float, size=40) -> tuple[list[Value], Value]:
    """(every Value, the root) of a random graph with shared parts, repeated operands and unused ones"""
    rng = random.Random(seed)
    values = [Value(number(rng.randint(-9, 9)) / rng.randint(1, 9)) for _ in range(4)]
    operations = [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b / (1 + a * a),
        lambda a, b: a * a / (2 + b * b),
        lambda a, b: dot([a, b, a], [b, 1, 1]) / (3 + b**2),
    ]
    if number is float:
        operations += [lambda a, b: tanh(a), lambda a, b: sin(a * b), lambda a, b: log_sum_exp([a, b, a]) / (1 + b * b)]
    for _ in range(size):
        a, b = rng.choices(values[-12:], k=2)
        values.append(rng.choice(operations)(a, b))
    root = values[-1] * values[-2] + values[-1]
    return [*values, root], root


def reachable(root) -> set:
    found, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        found.add(node)
        waiting += node.operands
    return found


# ---------------------------------------------------------------------- topological_order


def test_a_diamond_is_ordered_once_each_with_operands_before_users():
    x = Node()
    left, right = Node(x), Node(x)
    root = Node(left, right, left)
    order = topological_order(root)
    assert order[0] is x and order[3] is root and {*order[1:3]} == {left, right} and len(order) == 4


def test_a_leaf_is_its_own_order():
    leaf = Node()
    assert topological_order(leaf) == [leaf] and gradients(leaf) == {leaf: 1}


@pytest.mark.parametrize("seed", range(10))
def test_operands_come_before_users_without_repeats_and_nothing_is_missing(seed):
    _, root = random_graph(seed)
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) and place.keys() == reachable(root) and order[-1] is root
    assert all(place[operand] < place[node] for node in order for operand in node.operands)


@pytest.mark.parametrize("seed", range(10))
def test_the_order_is_that_of_making(seed):
    values, root = random_graph(seed)                 # made in this order, with steps between that are not listed
    order = topological_order(root)
    assert [value for value in values if value in set(order)] == [value for value in order if value in set(values)]
    assert all(earlier.made < later.made for earlier, later in pairwise(order))


def test_of_the_uses_of_a_weight_the_latest_made_sends_its_contribution_first():
    w = Value(1.0)
    first, second, third = w * 1.0, w * 1e16, w * -1e16
    root = first + (second + third)                   # `first` is nearer to the root, and was made before the others
    root.backward()
    assert w.grad == (-1e16 + 1e16) + 1.0 != (1.0 - 1e16) + 1e16
    assert gradients(root)[w] == w.grad


def test_the_walk_stops_where_it_is_told_to_but_not_at_the_root():
    a = Node()
    b = Node(a)
    c = Node(b)
    root = Node(c, b)
    assert topological_order(root, stop_at={b, root}) == [b, c, root]
    assert gradients(root, stop_at={b, root}) == {b: 2, c: 1, root: 1}


@pytest.mark.slow
def test_two_hundred_thousand_nodes_in_a_row_need_no_recursion():
    x = root = Node()
    for _ in range(200_000):
        root = Node(root, x)
    order = topological_order(root)
    assert (order[0], order[-1], len(order)) == (x, root, 200_001)
    assert gradients(root)[x] == len(uses(root, x)) == 200_001
    assert fold(root, [x]) == {x: (), root: ((x, 200_001),)}


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("walk", [topological_order, gradients, lambda v: uses(v, v), lambda v: fold(v, [])])
def test_a_cycle_is_refused(walk, size):
    ring = [Node() for _ in range(size)]
    for node, following in zip(ring, ring[1:] + ring[:1]):
        node.operands, node.partials = (following,), (1,)
    for root in (ring[0], Node(Node(), Node(ring[0]))):
        with pytest.raises(ValueError, match="cycle"):
            walk(root)


def test_backward_of_a_cycle_touches_no_gradient():
    x = Value(2.0)
    h = x * 3
    y = h + x
    h.operands = (y, x)
    with pytest.raises(ValueError, match=r"cycle through Value\("):
        y.backward()
    assert x.grad == h.grad == y.grad == 0


# ---------------------------------------------------------------------- gradients, uses


@pytest.mark.parametrize("seed", range(20))
def test_gradients_are_those_of_backward_to_the_bit_and_touch_no_grad(seed):
    values, root = random_graph(seed)
    for value in values:
        value.grad = 123.0                            # what .grad holds is neither read nor written
    found = gradients(root)
    assert all(value.grad == 123.0 for value in values)
    for value in reachable(root):
        value.grad = 0
    root.backward()
    assert found == {value: value.grad for value in reachable(root)}


@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_central_differences(seed):
    leaves = [Value(x) for x in (0.3, -0.7, 1.1, 0.2)]

    def function(a, b, c, d):
        h = tanh(a * b + c)
        return sin(h * d) * h / (1 + exp(a)) + h * h * b

    leaf, step = seed % 4, 1e-5
    up, down = ([v.data + sign * step * (i == leaf) for i, v in enumerate(leaves)] for sign in (1, -1))
    difference = (function(*map(Value, up)).data - function(*map(Value, down)).data) / (2 * step)
    assert close(gradients(function(*leaves))[leaves[leaf]], difference, 1e-8)


def test_every_use_is_listed_in_order_and_repeats_are_kept():
    x, w = Value(2.0), Value(3.0)
    first = x * x
    second = dot([w, x], [first, x])
    root = second + x
    assert uses(root, x) == [(first, 0), (first, 1), (second, 1), (second, 3), (root, 1)]
    assert uses(root, w) == [(second, 0)]
    assert uses(root, root) == uses(root, Value(2.0)) == []


# ---------------------------------------------------------------------- fold


def test_a_diamond_made_by_hand_folds_to_sums_of_products():
    x = Node()
    h = Node(x, partials=(2,))
    left, right = Node(h, h, partials=(3, 4)), Node(h, x, partials=(5, 6))
    root = Node(left, right, x, partials=(7, 8, 9))
    assert fold(root, []) == {root: ()}
    assert fold(root, [x]) == {x: (), root: ((x, (7 * (3 + 4) + 8 * 5) * 2 + 8 * 6 + 9),)}
    assert list(fold(root, {h, x, Node()})) == [x, h, root]
    assert fold(root, [x, h]) == {x: (), h: ((x, 2),), root: ((x, 8 * 6 + 9), (h, 7 * (3 + 4) + 8 * 5))}
    assert fold(root, [left]) == {left: (), root: ((left, 7),)}
    everything = fold(root, [x, h, left, right, root])
    assert everything[left] == ((h, 3 + 4),) and dict(everything[root]) == {left: 7, right: 8, x: 9}


@pytest.mark.parametrize("seed", range(20))
def test_the_chain_rule_on_a_folded_graph_gives_the_gradients_of_the_whole_exactly(seed):
    values, root = random_graph(seed, Fraction, size=8)
    keep = random.Random(seed).sample(values, 6)
    folded = fold(root, keep)
    assert folded.keys() == {root, *keep} & reachable(root)
    gradient: dict = dict.fromkeys(folded, 0)
    gradient[root] = 1
    for node in reversed(folded):
        for operand, derivative in folded[node]:
            gradient[operand] += derivative * gradient[node]
    assert gradient == {value: number for value, number in gradients(root).items() if value in folded}


def test_fold_changes_nothing():
    values, root = random_graph(0)
    before = [(v.data, v.grad, v.label, v.operands, v.partials) for v in values]
    fold(root, values[::3])
    assert [(v.data, v.grad, v.label, v.operands, v.partials) for v in values] == before


@pytest.mark.parametrize("fused", [False, True])
def test_the_folded_lecture_has_the_lectures_derivatives_on_its_edges(fused):
    rnn, unrolled, y_hat, loss = lecture(fused)
    w_i, w_h, w_o = rnn.w_i[0][0], rnn.w_h[0][0], rnn.w_o[0][0]
    states = [unrolled.initial[0], *(step.state[0] for step in unrolled)]
    folded = fold(loss, [w_i, w_h, w_o, y_hat, *states])
    for t, x in enumerate([1, 0.5, -1], start=1):
        edges = dict(folded[states[t]])
        slope = 1 - states[t].data ** 2               # tanh′
        assert edges.keys() == {w_i, w_h, states[t - 1]}
        assert close(edges[states[t - 1]], slope * 0.8) and close(edges[states[t - 1]], SCALAR["do_t_do_prev"][t - 1])
        assert close(edges[w_i], slope * x) and close(edges[w_i], SCALAR["immediate_do_dw_i"][t - 1])
        assert close(edges[w_h], slope * states[t - 1].data)
        assert close(edges[w_h], SCALAR["immediate_do_dw_h"][t - 1])
    to_y_hat, to_loss = dict(folded[y_hat]), dict(folded[loss])
    assert to_y_hat.keys() == {w_o, states[3]} and to_loss.keys() == {y_hat}
    assert close(to_y_hat[states[3]], SCALAR["dy_hat_ds"] * 1.2)
    assert close(to_y_hat[w_o], SCALAR["dy_hat_ds"] * SCALAR["o"][3])
    assert close(to_loss[y_hat], SCALAR["dL_dy_hat"])


def test_the_lectures_weights_are_used_once_at_each_step():
    rnn, unrolled, _, loss = lecture(fused=True)
    products = [step.state[0].operands[0] for step in unrolled]
    assert [user for user, _ in uses(loss, rnn.w_h[0][0])] == products
    assert [user for user, _ in uses(loss, rnn.w_i[0][0])] == products


def test_folding_reads_edges_in_proportion_to_the_steps():
    def edges_read(steps):
        w, root = CountingNode(), CountingNode()
        keep = [w]
        for _ in range(steps):
            root = CountingNode(CountingNode(root, w))
            keep.append(root)
        CountingNode.read = 0
        fold(root, keep)
        return CountingNode.read

    assert edges_read(4000) < 8.1 * edges_read(500)   # it would be 64 times as many if it were quadratic


class CountingNode:
    """A node that counts how often the operands of any are read"""

    read = 0

    def __init__(self, *operands):
        self.of, self.partials, self.made = operands, (1,) * len(operands), next(Node.making)

    @property
    def operands(self):
        CountingNode.read += 1
        return self.of


# ---------------------------------------------------------------------- paths


@pytest.mark.parametrize("seed", range(20))
def test_the_products_along_all_paths_add_up_to_the_gradient_exactly(seed):
    values, root = random_graph(seed, Fraction, size=6)
    folded, gradient = fold(root, values), gradients(root)
    for target in folded:
        routes = list(paths(folded, root, target))
        assert count_paths(folded, root, target) == len(routes) == len({tuple(route) for route in routes})
        for route in routes:                          # each from the root to the target without a gap
            assert [route[0][0], *(edge[1] for edge in route)] == [root, *(edge[0] for edge in route[1:]), target]
        if target is not root:
            assert sum(math.prod(edge[2] for edge in route) for route in routes) == gradient[target]


def test_the_paths_of_the_lecture_to_w_h_are_the_terms_of_its_sum():
    rnn, unrolled, y_hat, loss = lecture()
    w_h = rnn.w_h[0][0]
    folded = fold(loss, [w_h, y_hat, *(step.state[0] for step in unrolled), unrolled.initial[0]])
    terms = {len(route): math.prod(edge[2] for edge in route) for route in paths(folded, loss, w_h)}
    assert terms.keys() == {3, 4, 5}                  # from o_3, o_2, o_1
    assert all(close(terms[6 - t], term) for t, term in enumerate(SCALAR["contributions_w_h"], start=1))


def test_paths_are_counted_and_taken_one_by_one_where_they_are_too_many_to_list():
    x = root = Node()
    for _ in range(2000):
        root = Node(Node(root), Node(root))
    folded = fold(root, topological_order(root))
    assert count_paths(folded, root, x) == 2**2000
    assert len(next(paths(folded, root, x))) == 4000
    assert count_paths(folded, root, root) == len(list(paths(folded, root, root))) == 0
    with pytest.raises(ValueError, match="keep it"):
        count_paths(folded, root, Node())
