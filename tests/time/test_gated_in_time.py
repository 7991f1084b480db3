"""The LSTM and the GRU through time: their terms by step, their Jacobians, their chain rule, their pictures."""

import math

import pytest
import torch_reference as reference
from conftest import close, with_underscores
from test_gated import KINDS, worked_example

from minigrad import Value, sigmoid
from minigrad.bptt import contributions, gradient_flow, ledgers, state_jacobians
from minigrad.draw import draw, walkthrough
from minigrad.draw.views.parts import matrices
from minigrad.explain import chain_rule
from minigrad.losses import binary_cross_entropy
from minigrad.nn import GRU, LSTM, RNN, Step, Unrolled
from minigrad.replay import replay
from minigrad.snapshot import Snapshot


def with_loss(network, xs):
    unrolled = network.unroll(xs)
    y_hat = sigmoid(network.readout(unrolled.state)[0])
    loss = binary_cross_entropy(y_hat, 1)
    y_hat.label, loss.label = "y_hat", "L"
    return network, unrolled, loss


def nudged(weights, name, r, c, by):
    """The weights of torch_reference.py, with `by` added to one of them"""
    changed = [list(row) if isinstance(row, list) else row for row in weights[name]]
    if c is None:
        changed[r] += by
    else:
        changed[r][c] += by
    return weights | {name: changed}


def loss_of(kind, networks):
    """L of torch_reference.py, with a network of its own for each step"""
    state = (reference.H_0, reference.C_0) if kind == "LSTM" else reference.H_0
    for network, x in zip(networks, reference.XS):
        state = network.cell(x, state)
    h = state[0] if kind == "LSTM" else state
    return -sigmoid(networks[-1].readout(h)[0]).log().data


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_terms_added_from_the_last_step_are_the_gradient_of_every_weight(kind, fused):
    network, _, _, unrolled, _, loss = worked_example(kind, fused)
    loss.backward()
    for ledger in ledgers(loss, unrolled, network.parameters()):
        total = 0
        for term in reversed(ledger.terms):
            total += term
        assert ledger.elsewhere == 0 and close(total, ledger.weight.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_each_term_is_the_gradient_of_the_untied_copy_of_its_step(kind):
    network, _, _, unrolled, _, loss = worked_example(kind, False)
    weights, step = reference.WEIGHTS[kind], 1e-5
    for name in weights.keys() - {"w_o", "b_o"}:
        r, c = 1, None if name.startswith("b_") else 0
        w = vars(network)[name][r] if c is None else vars(network)[name][r][c]
        for t, term in enumerate(contributions(loss, unrolled, w), start=1):
            up, down = (
                loss_of(kind, [KINDS[kind].from_weights(**nudged(weights, name, r, c, sign * step * (s == t)))
                               for s in (1, 2, 3)])
                for sign in (1, -1)
            )
            assert abs(term - (up - down) / (2 * step)) < 1e-10, (name, t)


@pytest.mark.parametrize("kind", KINDS)
def test_the_product_of_the_jacobians_is_the_derivative_by_the_initial_state(kind):
    network, _, _, unrolled, _, _ = worked_example(kind, True)
    size = 4 if kind == "LSTM" else 2
    product = [[float(r == c) for c in range(size)] for r in range(size)]
    for jacobian in state_jacobians(unrolled):
        assert len(jacobian) == size == len(jacobian[0])
        product = [[sum(a * b for a, b in zip(row, column)) for column in zip(*product)] for row in jacobian]

    def last(k, by):
        start = [*reference.H_0, *reference.C_0][:size]
        start[k] += by
        unrolled = network.unroll(reference.XS, (start[:2], start[2:]) if kind == "LSTM" else start)
        return [v.data for v in unrolled.carried[-1]]

    for c in range(size):
        for r, (up, down) in enumerate(zip(last(c, 1e-5), last(c, -1e-5))):
            assert close(product[r][c], (up - down) / 2e-5, 1e-7)


def test_the_flow_is_that_of_the_state_and_on_request_of_the_cell():
    _, _, _, unrolled, _, loss = worked_example("LSTM", True)
    loss.backward()
    gradients = reference.LSTM["gradients"]
    assert close(gradient_flow(loss, unrolled)[0], math.hypot(*gradients["h_0"]))
    assert close(gradient_flow(loss, unrolled, of="cell")[0], math.hypot(*gradients["c_0"]))
    assert close(gradient_flow(loss, unrolled, of="cell")[2], math.hypot(*[c.grad for c in unrolled.cells[2]]))
    _, _, _, gru, _, of_gru = worked_example("GRU", True)
    with pytest.raises(ValueError, match="gradient_flow: of is 'cell'; it must be \"state\"; only an LSTM has a cell"):
        gradient_flow(of_gru, gru, of="cell")


def test_every_weight_of_a_one_hot_step_belongs_to_its_step():
    """Also b_in of a GRU, which is added to a picked weight"""
    for network in KINDS.values():
        net, unrolled, loss = with_loss(network(3, 2, bias=True, seed=1), [2, 0])
        assert all(ledger.elsewhere == 0 for ledger in ledgers(loss, unrolled, net.parameters()))


def test_gates_have_the_names_of_pytorch_without_being_written():
    _, unrolled, loss = with_loss(LSTM(1, 2), [[1], [0.5]])
    found, step = Snapshot(loss, [unrolled]).name, unrolled[1]
    assert [found[step.gates[gate][1]] for gate in "ifgo"] == ["i₂[1]", "f₂[1]", "g₂[1]", "o₂[1]"]
    assert found[step.state[1]] == "h₂[1]" and found[step.cell[1]] == "c₂[1]" and step.gates["i"][1].label == ""
    _, unrolled, loss = with_loss(GRU(1, 1, fused=True), [[1], [0.5]])
    found, step = Snapshot(loss, [unrolled]).name, unrolled[1]
    assert [found[step.gates[gate][0]] for gate in "rzn"] == ["r₂", "z₂", "n₂"] and found[unrolled.state[0]] == "h₂"


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize(("network", "name"), [(LSTM, "w_hf"), (LSTM, "w_io"), (GRU, "w_hn"), (GRU, "b_in")])
def test_the_products_of_the_chain_rule_add_up_to_the_gradient(network, name, fused):
    net, unrolled, loss = with_loss(network(1, 1, bias=True, fused=fused, seed=1), [[1], [0.5], [-1]])
    w = vars(net)[name][0] if name == "b_in" else vars(net)[name][0][0]
    loss.backward()
    rule = chain_rule(loss, w, unrolled)
    assert close(sum(term.product for term in rule.terms), w.grad)
    assert all(label.strip("∂⁺")[0] in "Lŷhc" for term in rule.terms for label in term.labels)      # no gate, no sum


def test_where_the_state_and_the_cell_carry_the_rule_lists_every_way_or_groups_by_step():
    net, unrolled, loss = with_loss(LSTM(1, 1, seed=1), [[1], [0.5], [-1]])
    text = str(chain_rule(loss, net.w_hf[0][0], unrolled))
    assert "∂L/∂ŷ · ∂ŷ/∂h₃ · ∂h₃/∂c₃ · ∂⁺c₃/∂c₂ · ∂⁺c₂/∂w_hf" in text and text.count("\n         + ") == 11
    net, unrolled, loss = with_loss(LSTM(1, 2, seed=1), [[1], [0.5], [-1]])
    rule = chain_rule(loss, net.w_hf[0][0], unrolled)
    assert rule.grouped and "‖∂(h₃, c₃)/∂(h₁, c₁)‖" in str(rule)
    product = state_jacobians(unrolled)[2]
    assert rule.terms[1].norm and close(rule.terms[1].norm, math.hypot(*[x for row in product for x in row]))


@pytest.mark.parametrize("network", KINDS.values())
def test_the_replay_ends_at_the_gradients(network):
    net, unrolled, loss = with_loss(network(1, 1, seed=1), [[1], [0.5], [-1]])
    loss.backward()
    totals = {event.operand: event.total for event in replay(loss, unrolled)}
    assert all(totals[w] == w.grad for w in net.parameters())


@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize("network", KINDS.values())
def test_every_size_can_be_drawn_folded_and_rolled(network, units):
    _, unrolled, loss = with_loss(network(2, units, bias=True, seed=1), [1, 0, 1])
    loss.backward()
    folded, rolled = draw(loss, unrolled, "folded").source, draw(loss, unrolled, "rolled").source
    title = "(h₂, c₂)" if network is LSTM else "h₂"
    assert title in folded and title in rolled and network.__name__ in rolled
    assert draw(loss, unrolled).source                # whatever view fits


def test_only_where_one_number_carries_the_picture_claims_a_product():
    _, unrolled, loss = with_loss(GRU(1, 1, seed=1), [[1], [0.5], [-1]])
    loss.backward()
    assert "∂⁺h₂/∂w_hr" in with_underscores(draw(loss, unrolled).source)
    _, unrolled, loss = with_loss(LSTM(1, 1, seed=1), [[1], [0.5], [-1]])
    loss.backward()
    assert "∂⁺" not in draw(loss, unrolled).source and "staircase" not in draw(loss, unrolled).source


def test_units_of_a_gru_have_a_ledger_for_each_gate_and_those_of_an_lstm_are_folded():
    _, unrolled, loss = with_loss(GRU(3, 2, bias=True, seed=1), [1, 0, 1])
    loss.backward()
    source = with_underscores(draw(loss, unrolled, "units").source)
    assert all(f"/∂{name} (sum)" in source for name in ("w_ir", "w_hr", "w_iz", "w_hz", "w_in", "w_hn", "b_in", "b_hn"))
    _, unrolled, loss = with_loss(LSTM(3, 2, seed=1), [1, 0, 1])
    with pytest.raises(ValueError, match="a cell is handed on beside the state"):
        draw(loss, unrolled, "units")


def test_a_small_lstm_is_played_in_a_page_and_a_large_one_refused_with_the_way_out():
    _, unrolled, loss = with_loss(LSTM(1, 1, seed=1), [[1], [0.5], [-1]])
    page = walkthrough(loss, unrolled).page
    assert all(label in page for label in ('"h_2"', '"c_2"', "f₂·c₁"))
    _, unrolled, loss = with_loss(LSTM(1, 12, seed=1), [[1], [0.5], [-1]])
    with pytest.raises(ValueError, match=r"Values are more than 3000; make it of fewer steps or units"):
        walkthrough(loss, unrolled)


def test_the_letters_of_a_plain_rnn_stay_the_lectures():
    assert [net(1, 1).unroll([[1]]).state_symbols for net in (RNN, GRU, LSTM)] == [("o",), ("h",), ("h", "c")]


def test_an_input_that_four_gates_use_is_no_weight():
    _, unrolled, loss = with_loss(LSTM(1, 1, seed=1), [[0.25], [0.5]])
    loss.backward()
    source = draw(loss, unrolled, "graph").source
    x_1 = [line for line in source.splitlines() if ">x₁<" in line]
    assert len(x_1) == 1 and 'class="v input"' in x_1[0]


def test_a_cell_that_the_state_does_not_read_belongs_to_its_step_all_the_same():
    """c_t = w·c_{t−1},  h_t = tanh(c_{t−1}): L = c_3 = w³ uses w once at each step"""
    w, h, c = Value(0.5, label="w"), [Value(0.0)], [Value(1.0)]
    unrolled = Unrolled(h, [], c)
    for t in (1, 2, 3):
        h, c = [c[0].tanh()], [w * c[0]]
        unrolled.steps.append(Step(t, [], h, c))
    assert contributions(c[0], unrolled, w) == [0.25, 0.25, 0.25]


def test_the_ledgers_of_one_gate_stand_together():
    found = [matrix.name for matrix in matrices(GRU(2, 2, bias=True, seed=1).parameters())]
    assert found[:10] == ["w_ir", "w_hr", "b_hr", "w_iz", "w_hz", "b_hz", "w_in", "w_hn", "b_in", "b_hn"]


def test_the_words_stand_over_the_columns_that_they_pick_in_every_gate():
    _, unrolled, loss = with_loss(GRU(2, 2, seed=1), [1, 0, 1])
    loss.backward()
    source = draw(loss, unrolled, "units", captions=["cat", "mat", "cat"]).source
    assert source.count(">cat<") == 3 * 3 and source.count(">mat<") == 3 * 2      # in the sum, and at its steps


def test_the_routes_of_a_long_scalar_lstm_are_grouped_by_step():
    net, unrolled, loss = with_loss(LSTM(1, 1, seed=1), [[1], [0.5], [-1], [0.2]])
    loss.backward()
    rule = chain_rule(loss, net.w_hf[0][0], unrolled)
    assert rule.grouped and [term.t for term in rule.terms] == [4, 3, 2, 1]
    assert close(sum(term.product for term in rule.terms), net.w_hf[0][0].grad)
