"""The LSTM and the GRU: their numbers against PyTorch's, one step against the formulas, and what they refuse."""

import copy
import math

import pytest
import torch_reference as reference
from conftest import close

from minigrad import Value, sigmoid
from minigrad.graph import topological_order
from minigrad.nn import GRU, LSTM, Unrolled

KINDS: dict = {"LSTM": LSTM, "GRU": GRU}
EXPECTED = {"LSTM": reference.LSTM, "GRU": reference.GRU}


def numbers(nested):
    return [numbers(item) for item in nested] if isinstance(nested, list) else nested.data


def grads(nested):
    return [grads(item) for item in nested] if isinstance(nested, list) else nested.grad


def assert_all_close(got, expected, relative=1e-12):
    if isinstance(expected, list):
        assert len(got) == len(expected)
        for a, b in zip(got, expected):
            assert_all_close(a, b, relative)
    else:
        assert close(got, expected, relative), (got, expected)


def worked_example(kind, fused):
    """(network, its inputs, its initial state h_0 (and c_0), unrolled, s, L) of torch_reference.py"""
    network = KINDS[kind].from_weights(**reference.WEIGHTS[kind], fused=fused)
    xs = [[Value(x) for x in row] for row in reference.XS]
    given = [[Value(x) for x in vector] for vector in (reference.H_0, reference.C_0)]
    unrolled = network.unroll(xs, given if kind == "LSTM" else given[0])
    s = network.readout(unrolled.state)
    return network, xs, given, unrolled, s, -sigmoid(s[0]).log()


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_states_and_all_gradients_are_pytorchs(kind, fused):
    network, xs, given, unrolled, s, loss = worked_example(kind, fused)
    expected = EXPECTED[kind]
    loss.backward()
    assert_all_close(numbers(unrolled.states[1:]), expected["h"])
    assert_all_close(numbers(s), expected["s"])
    assert_all_close(loss.data, expected["L"])
    found = {**vars(network), "x": xs, "h_0": given[0], "c_0": given[1]}
    for name, gradient in expected["gradients"].items():
        assert_all_close(grads(found[name]), gradient)
    assert reference.WEIGHTS[kind].keys() <= expected["gradients"].keys()        # none is left out


def test_the_cell_of_an_lstm_is_pytorchs():
    unrolled = worked_example("LSTM", False)[3]
    assert_all_close(numbers(unrolled.cell), reference.LSTM["c_n"])
    assert numbers(unrolled.cells[0]) == reference.C_0 and len(unrolled.cells) == 4
    assert worked_example("GRU", False)[3].cells == [[], [], [], []]


def test_one_step_of_an_lstm_is_its_formula():
    def logistic(z):
        return 1 / (1 + math.exp(-z))

    lstm = LSTM.from_weights(
        [[0.1]], [[0.2]], [[0.3]], [[0.4]], [[0.5]], [[0.6]], [[0.7]], [[0.8]], [[1.0]], [0.05], [0.15], [0.25], [0.35]
    )
    x, h, c = 0.9, -0.4, 0.3
    i, f = logistic(0.1 * x + 0.5 * h + 0.05), logistic(0.2 * x + 0.6 * h + 0.15)
    g, o = math.tanh(0.3 * x + 0.7 * h + 0.25), logistic(0.4 * x + 0.8 * h + 0.35)
    (new_h,), (new_c,) = lstm.cell([x], ([h], [c]))
    assert close(new_c.data, f * c + i * g) and close(new_h.data, o * math.tanh(f * c + i * g))


def test_one_step_of_a_gru_is_its_formula():
    def logistic(z):
        return 1 / (1 + math.exp(-z))

    gru = GRU.from_weights(
        [[0.1]], [[0.2]], [[0.3]], [[0.5]], [[0.6]], [[0.7]], [[1.0]], [0.05], [0.15], [0.25], [0.35]
    )
    x, h = 0.9, -0.4
    r, z = logistic(0.1 * x + 0.5 * h + 0.05), logistic(0.2 * x + 0.6 * h + 0.15)
    n = math.tanh(0.3 * x + 0.25 + r * (0.7 * h + 0.35))
    assert close(gru.cell([x], [h])[0].data, (1 - z) * n + z * h)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("network", KINDS.values())
def test_an_index_is_the_one_hot_vector_without_its_zeros(network, fused, bias):
    net = network(4, 2, bias=bias, fused=fused, seed=1)
    by_index, by_vector = net.unroll([2, 0]), net.unroll([[0, 0, 1, 0], [1, 0, 0, 0]])
    assert_all_close(numbers(by_index.state), numbers(by_vector.state))
    nodes = topological_order(by_index.state[0])
    assert len(nodes) < len(topological_order(by_vector.state[0]))
    unused = [w for w in nodes if w.label.startswith("w_i") and not w.label.endswith(("[2]", "[0]"))]
    assert unused == []


@pytest.mark.parametrize("network", KINDS.values())
def test_fused_is_a_smaller_graph_with_the_same_gradients(network):
    found = []
    for fused in (False, True):
        net = network(3, 2, bias=True, fused=fused, seed=4)
        state = net.unroll([[0.1, -0.5, 0.9], [1, 0.2, -0.3]]).state
        loss = net.readout(state)[0].tanh()
        loss.backward()
        found.append((len(topological_order(loss)), [w.grad for w in net.parameters()]))
    assert found[1][0] < found[0][0] / 1.7
    assert_all_close(found[1][1], found[0][1])


def test_a_step_is_still_three_things_and_knows_its_gates_and_its_cell():
    lstm = LSTM(1, 2).unroll([[1], [0.5]])
    t, x, state = lstm[1]
    assert (t, x, state) == (2, lstm[1].x, lstm.state)
    assert list(lstm[1].gates) == ["i", "f", "g", "o"] and lstm[1].cell == lstm.cell
    assert lstm[1].carried == [*lstm.state, *lstm.cell]
    gru = GRU(1, 2).unroll([[1], [0.5]])
    assert list(gru[0].gates) == ["r", "z", "n"] and gru[0].cell == [] and gru[0].carried == gru[0].state


def test_the_gates_of_a_step_make_its_cell_and_its_state():
    unrolled = LSTM(1, 1, bias=True, seed=2).unroll([[1], [-2]])
    for step, before in zip(unrolled, unrolled.cells):
        i, f, g, o = (step.gates[gate][0].data for gate in "ifgo")
        assert close(step.cell[0].data, f * before[0].data + i * g)
        assert close(step.state[0].data, o * math.tanh(step.cell[0].data))


def test_labels_are_pytorchs_letters_and_gates_have_none():
    unrolled = LSTM(1, 1).unroll([[1], [0.5]])
    assert [v.label for carried in unrolled.carried for v in carried] == ["h_0", "c_0", "h_1", "c_1", "h_2", "c_2"]
    assert unrolled[0].gates["i"][0].label == ""
    assert [v.label for v in GRU(1, 2).unroll([[1]]).state] == ["h_1[0]", "h_1[1]"]
    fused = LSTM(1, 2, fused=True).unroll([[1]])
    assert fused.cell[0].label == "" and fused.label().cell[1].label == "c_1[1]"


def test_the_forget_gate_starts_open():
    lstm = LSTM(3, 4, bias=True, seed=5)
    assert lstm.b_hf and [b.data for b in lstm.b_hf] == [1.0] * 4
    others = [w.data for w in lstm.parameters() if w not in lstm.b_hf]
    assert all(abs(w) <= 0.5 for w in others) and [w.data for w in LSTM(3, 4, bias=True, seed=6).w_ii[0]] != others[:3]


def test_a_state_is_taken_up_where_it_was_left():
    lstm, xs = LSTM(2, 2, seed=3), [[1, 2], [3, 4], [-1, 0.5]]
    whole, first = lstm.unroll(xs), lstm.unroll(xs[:2])
    assert numbers(lstm.unroll(xs[2:], (first.state, first.cell)).cell) == numbers(whole.cell)


def test_an_unrolled_made_by_hand_has_cells():
    lstm = LSTM(1, 1, seed=3)
    h, c = [Value(0)], [Value(0)]
    unrolled = Unrolled(h, [], c)
    for t, x in enumerate([[Value(1)], [Value(0.5)]], start=1):
        step = lstm.step(t, x, [*h, *c], lstm.weighted_sums())
        h, c = step.state, step.cell
        unrolled.steps.append(step)
    assert numbers(unrolled.carried) == numbers(lstm.unroll([[1], [0.5]]).carried)


def test_what_does_not_fit_is_refused_by_name():
    ones: dict = {name: [[1]] if name.startswith("w_") else [1] for name in reference.WEIGHTS["LSTM"]}
    for name, wrong, message in (
        ("w_if", [[1, 2]], "LSTM.from_weights: w_if has the size 1 × 2; it must be 1 × 1"),
        ("w_hg", [[1], [2]], "LSTM.from_weights: w_hg has the size 2 × 1; it must be 1 × 1"),
        ("w_o", [[1, 2], [3, 4]], "LSTM.from_weights: w_o has the size 2 × 2; it must be 2 × 1"),
        ("b_hf", [1, 2], "LSTM.from_weights: b_hf has the size 2; it must be 1"),
        ("b_o", [1, 2], "LSTM.from_weights: b_o has the size 2; it must be 1"),
        ("w_ho", 0.5, "w_ho is 0.5; it must be a list of rows"),
    ):
        with pytest.raises(ValueError, match=message):
            LSTM.from_weights(**ones | {name: wrong})
    with pytest.raises(ValueError, match=r"LSTM: the state is \[0\]; it must be a pair \(h, c\)"):
        LSTM(1, 1).unroll([[1]], [0])
    with pytest.raises(ValueError, match=r"LSTM: the state is \(0, 0\); it must be a pair"):
        LSTM(1, 1).cell([1], (0, 0))
    with pytest.raises(ValueError, match="GRU: hidden_size is 0"):
        GRU(1, 0)


def test_a_step_of_a_gated_network_can_be_copied():
    step = LSTM(1, 1).unroll([[1]])[0]
    copied = copy.copy(step)
    assert tuple(copied) == tuple(step) and copied.gates == step.gates and copied.cell == step.cell
