"""Networks: what their formulas say, on plain numbers, and what they refuse."""

import math
from typing import Any

import pytest
from conftest import close

from minigrad import Value
from minigrad.graph import topological_order
from minigrad.nn import RNN, Linear, Module, Step, Unrolled

FUNCTIONS = {
    "tanh": math.tanh,
    "identity": lambda z: z,
    "relu": lambda z: max(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}
W_I, W_H, W_O = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]], [[0.7, -0.8], [0.9, 0.2]], [[1.1, -0.3], [0.2, 0.6]]
B_H, B_O = [0.05, -0.15], [0.25, -0.35]
XS = [[1, 0.5, -1], [0.2, -0.4, 0.6]]


def by_hand(xs, f):
    """The states and the last readout of the formulas in nn.py, on floats"""
    state, states = [0.0, 0.0], []
    for x in xs:
        state = [
            f(sum(w * v for w, v in zip(W_I[r], x)) + sum(w * v for w, v in zip(W_H[r], state)) + B_H[r])
            for r in range(2)
        ]
        states.append(state)
    return states, [sum(w * v for w, v in zip(W_O[r], state)) + B_O[r] for r in range(2)]


def numbers(values):
    return [value.data for value in values]


def inputs_of(step):
    assert not isinstance(step.x, int)
    return step.x


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_unroll_and_readout_are_the_formulas(activation, fused):
    rnn = RNN.from_weights(W_I, W_H, W_O, B_H, B_O, activation=activation, fused=fused)
    unrolled = rnn.unroll(XS)
    states, readout = by_hand(XS, FUNCTIONS[activation])
    for step, expected in zip(unrolled, states, strict=True):
        assert all(close(a, b) for a, b in zip(numbers(step.state), expected, strict=True))
    assert all(close(a, b) for a, b in zip(numbers(rnn.readout(unrolled.state)), readout, strict=True))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("one_hot", [False, True])
def test_fused_and_unfused_have_the_same_gradients(bias, one_hot):
    found = []
    for fused in (False, True):
        rnn = RNN(4, 3, bias=bias, fused=fused, seed=5)
        xs = [2, 0, 3, 2] if one_hot else [[0.1, 0.2, -0.3, 0.4], [0.5, -0.6, 0.7, 0.8], [1, 0, 0, 0]]
        (rnn.readout(rnn.unroll(xs).state)[0] ** 2).backward()
        found.append([w.grad for w in rnn.parameters()])
    assert all(close(a, b) for a, b in zip(*found, strict=True))
    assert any(found[0])


@pytest.mark.parametrize("fused", [False, True])
def test_an_index_is_the_one_hot_vector_without_its_zeros(fused):
    rnn = RNN(4, 3, fused=fused, seed=1)
    by_index = rnn.unroll([2, 0])
    by_vector = rnn.unroll([[0, 0, 1, 0], [1, 0, 0, 0]])
    assert all(close(a, b) for a, b in zip(numbers(by_index.state), numbers(by_vector.state)))
    assert len(topological_order(by_index.state[0])) < len(topological_order(by_vector.state[0]))
    assert rnn.w_i[0][1] not in topological_order(by_index.state[0])


def test_fused_builds_one_dot_and_one_activation_for_each_unit_and_step():
    rnn = RNN(4, 3, bias=True, fused=True)
    unrolled = rnn.unroll([[0.1] * 4] * 5)
    interior = [node for node in topological_order(rnn.readout(unrolled.state)[0]) if node.operands]
    assert len(interior) == 2 * 3 * 5 + 1


def test_weights_are_shared_by_all_steps():
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]])
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    for step in unrolled:
        products = step.state[0].operands[0].operands
        assert products[0].operands[1] is rnn.w_i[0][0] and products[1].operands[1] is rnn.w_h[0][0]


def test_the_cell_is_a_pure_function():
    rnn = RNN(2, 2, seed=3)
    state = [Value(0.1), Value(0.2)]
    first, second = rnn.cell([1, 2], state), rnn.cell([1, 2], state)
    assert numbers(first) == numbers(second) and first[0] is not second[0]
    assert numbers(state) == [0.1, 0.2] and state[0].label == ""


def test_unroll_takes_up_a_given_state():
    rnn = RNN(2, 2, seed=3)
    xs = [[1, 2], [3, 4], [-1, 0.5]]
    whole, first = rnn.unroll(xs), rnn.unroll(xs[:2])
    assert numbers(rnn.unroll(xs[2:], state=first.state).state) == numbers(whole.state)


def test_labels_are_the_lectures():
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]])
    unrolled = rnn.unroll([[1], [0.5]])
    assert [w.label for w in rnn.parameters()] == ["w_i", "w_h", "w_o"]
    assert [o.label for [o] in unrolled.states] == ["o_0", "o_1", "o_2"]
    assert [x.label for step in unrolled for x in inputs_of(step)] == ["x_1", "x_2"]
    vector = RNN(3, 2, bias=True)
    assert vector.b_h and vector.b_o
    assert vector.w_h[1][0].label == "w_h[1][0]" and vector.b_h[1].label == "b_h[1]" and vector.b_o[0].label == "b_o"
    assert [o.label for o in vector.unroll([[1, 2, 3]]).state] == ["o_1[0]", "o_1[1]"]


def test_fused_labels_on_request_and_a_label_already_there_is_kept():
    rnn = RNN(1, 1, fused=True)
    unrolled = rnn.unroll([[Value(1, label="price")], [Value(2)], [3]])
    assert unrolled.state[0].label == ""
    unrolled.label()
    labels = [x.label for step in list(unrolled)[:2] for x in step.inputs]
    assert labels == ["price", "x_2"] and unrolled.state[0].label == "o_3"


def test_a_plain_input_of_a_fused_network_is_a_constant_without_an_edge_and_a_value_is_not():
    rnn, given = RNN.from_weights([[0.5, 0.25]], [[0.8]], [[1.2]], b_h=[0.1], fused=True), [1.0, 2]
    unrolled = rnn.unroll([given, [Value(3.0), 0.5]])
    given[0] = 100.0                                  # the numbers were copied
    (w_1, w_2), [w_h], [b] = rnn.w_i[0], rnn.w_h[0], rnn.b_h or []
    first, second = (step.state[0].operands[0] for step in unrolled)
    assert unrolled[0].x == (1.0, 2)
    assert first.operands == (b, w_1, w_2, w_h, unrolled.initial[0]) and first.partials == (1, 1.0, 2, 0, 0.8)
    assert second.operands == (b, w_1, w_2, w_h, *unrolled[1].inputs, unrolled[0].state[0])
    assert close(first.data, 0.1 + 0.5 + 0.25 * 2) and len(unrolled[1].inputs) == 2


def test_a_fused_network_with_constants_has_the_gradients_of_the_unfused_one_with_values():
    weights: dict = {"w_i": [[0.5, -0.3]], "w_h": [[0.8]], "w_o": [[1.2]], "b_h": [0.1], "b_o": [-0.2]}
    gradients = []
    for fused in (False, True):
        rnn = RNN.from_weights(**weights, fused=fused)
        (rnn.readout(rnn.unroll([[1.0, 0.5], [-1, 2], [0.25, 3.0]]).state)[0]).tanh().backward()
        gradients.append([w.grad for w in rnn.parameters()])
    assert all(close(a, b) for a, b in zip(*gradients))


def test_from_weights_makes_a_subclass_by_its_own_init():
    class Noted(RNN):
        def __init__(self, *args, **settings):
            super().__init__(*args, **settings)
            self.note = "mine"

    rnn = Noted.from_weights([[0.5]], [[0.8]], [[1.2]], b_h=[0.1])
    assert type(rnn) is Noted and rnn.note == "mine" and rnn.b_h is not None and rnn.b_o is None


def test_from_weights_uses_values_as_they_are():
    w = Value(0.8, label="mine")
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[w]], w_o=[[1.2]])
    assert rnn.w_h[0][0] is w and w.label == "mine"


def test_a_seed_gives_the_same_weights_and_another_gives_others():
    first, same, other = (numbers(RNN(3, 4, bias=True, seed=s).parameters()) for s in (7, 7, 8))
    assert first == same != other
    assert all(abs(w) <= 1 / math.sqrt(4) for w in first)


def test_an_unrolled_is_iterable_and_knows_its_length_and_last_state():
    unrolled = RNN(1, 1).unroll([[1], [2]])
    assert len(unrolled) == 2 and [step.t for step in unrolled] == [1, 2]
    assert unrolled.state is unrolled[1].state and isinstance(unrolled[0], Step)
    assert Unrolled([Value(0)], []).state[0].data == 0


def test_parameters_are_found_once_in_lists_and_in_modules():
    class Two(Module):
        def __init__(self):
            self.rnn = RNN(1, 1)
            self.head = Linear(2, 1)
            self.again = self.rnn.w_h[0][0]

    two = Two()
    found = dict(two.named_parameters())
    assert list(found) == [
        "rnn.w_i[0][0]", "rnn.w_h[0][0]", "rnn.w_o[0][0]", "head.weight[0][0]", "head.weight[0][1]", "head.bias[0]",
    ]
    for w in two.parameters():
        w.grad = 3
    two.zero_grad()
    assert all(w.grad == 0 for w in two.parameters())


def test_linear_is_w_x_plus_b():
    linear = Linear(2, 2, seed=1)
    (a, b), (c, d) = [numbers(row) for row in linear.weight]
    e, f = numbers(linear.bias)
    assert all(close(p, q) for p, q in zip(numbers(linear([3, -2])), [3 * a - 2 * b + e, 3 * c - 2 * d + f]))
    assert Linear(2, 1, bias=False).bias is None


@pytest.mark.parametrize(
    "xs", [[1, 0.5, -1], [0], [[1, 2]], [0.5], ["x"], [[True]], [None], [[1], 0], [], [[[1]]]]
)
def test_inputs_of_another_form_are_refused(xs):
    with pytest.raises((ValueError, TypeError)):
        RNN(1, 1).unroll(xs)


def test_the_error_for_an_input_shows_both_forms():
    with pytest.raises(ValueError, match=r"x_2 is 7; it must be a list of 3 numbers .* or an int from 0 to 2"):
        RNN(3, 2).unroll([1, 7])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"w_h": [[1, 2]]}, "w_h has the size 1 × 2; it must be 1 × 1, to fit w_i"),
        ({"w_i": [[1], [2]]}, "w_h has the size 1 × 1; it must be 2 × 2, to fit w_i"),
        ({"w_o": [[1, 2]]}, "w_o has the size 1 × 2; it must be 1 × 1"),
        ({"b_h": [1, 2]}, "b_h has the size 2; it must be 1"),
        ({"b_o": [1, 2]}, "b_o has the size 2; it must be 1"),
        ({"w_h": 0.8}, "w_h is 0.8; it must be a list of rows"),
        ({"w_i": [[1, 2], [3]]}, "rows of different lengths"),
        ({"activation": "gelu"}, "activation 'gelu' is not one of"),
    ],
)
def test_weights_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        RNN.from_weights(**{"w_i": [[1]], "w_h": [[1]], "w_o": [[1]], **given})


def test_states_and_inputs_of_a_wrong_length_are_refused_and_not_cut():
    rnn = RNN(1, 2)
    for wrong in ([1], [1, 2, 3], 0):
        with pytest.raises(ValueError, match="it must be a list of 2 numbers"):
            rnn.readout(wrong)
        with pytest.raises(ValueError, match="it must be a list of 2 numbers"):
            rnn.unroll([[1]], state=wrong)
    with pytest.raises(ValueError, match="3 inputs; it needs 2"):
        Linear(2, 1)([1, 2, 3])
    with pytest.raises(ValueError, match="hidden_size is 0"):
        RNN(1, 0)


def test_numbers_of_a_module_of_ones_own_are_no_lost_weights():
    class Model(Module):
        def __init__(self):
            self.rnn, self.head, self.w_decay, self.bias, self.w_h = RNN(1, 2, bias=True), Linear(2, 1), 0.1, 0.5, [3]

    class Decaying(RNN):
        w_decay = 0.0

    network = Decaying(1, 1)
    network.w_decay = 0.1
    assert len(network.parameters()) == 3             # w_i, w_h, w_o
    assert len(Model().parameters()) == 2 + 4 + 2 + 2 + 1 + 2 + 1


def test_a_part_that_knows_the_whole_is_walked_once():
    whole: Any = Module()
    part: Any = Module()
    whole.part, part.whole, part.w, whole.w = part, whole, Value(1.0), Value(2.0)
    assert whole.parameters() == [part.w, whole.w]
    assert list(whole.named_parameters()) == [("part.w", part.w), ("w", whole.w)]
