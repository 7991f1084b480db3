"""Truncated backpropagation through time: what is kept, what was cut, and that both are the whole."""

import math
from fractions import Fraction

import pytest
import torch_reference as reference
from conftest import close

from minigrad import Value, dot, sigmoid
from minigrad.bptt import contributions, gradient_flow, ledgers, state_jacobians
from minigrad.draw import draw, walkthrough
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import GRU, LSTM, RNN, Step, Unrolled
from minigrad.replay import replay
from minigrad.snapshot import Snapshot

XS = [[Fraction(1)], [Fraction(1, 2)], [Fraction(-1)], [Fraction(2, 3)], [Fraction(3, 5)], [Fraction(-1, 4)]]


def exact(truncate, every_step=False, **given):
    """(rnn, unrolled, L) of a linear RNN in fractions, the loss after the last step or after each"""
    rnn = RNN.from_weights([[Fraction(1, 3)]], [[Fraction(-2, 5)]], [[Fraction(7, 2)]], activation="identity", **given)
    unrolled = rnn.unroll(XS, truncate=truncate)
    read = unrolled.steps if every_step else unrolled.steps[-1:]
    loss = Value(0)
    for step in read:
        loss = loss + mse_loss(rnn.readout(step.state), [Fraction(step.t, 7)])
    return rnn, unrolled, loss


def test_detach_is_a_leaf_of_the_same_number_that_sends_nothing_back():
    x = Value(Fraction(1, 3), label="x")
    y = x * x
    y.label = "y"
    leaf = y.detach()
    assert leaf is not y and leaf.data == y.data and leaf.operands == () and leaf.label == "y"
    (leaf * x).backward()
    assert x.grad == Fraction(1, 9) and leaf.grad == Fraction(1, 3) and y.grad == 0


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("truncate", [1, 2, 3, 4, 5])
def test_the_terms_kept_and_the_terms_cut_are_the_full_gradient_exactly(truncate, every_step, fused):
    rnn, unrolled, loss = exact(truncate, every_step, fused=fused)
    whole, steps, full = exact(None, every_step, fused=fused)
    loss.backward()
    full.backward()
    truncated = zip(ledgers(loss, unrolled, rnn.parameters()), ledgers(full, steps, whole.parameters()))
    for ledger, untruncated in truncated:
        assert ledger.total == ledger.weight.grad and sum(ledger.terms) == ledger.total
        assert ledger.full == ledger.total + sum(ledger.cut) == untruncated.weight.grad
        assert [a + b for a, b in zip(ledger.terms, ledger.cut)] == untruncated.terms
        assert ledger.truncation_error == abs(untruncated.total - ledger.total)
    assert any(ledger.truncation_error for ledger in ledgers(loss, unrolled, rnn.parameters()))


@pytest.mark.parametrize("truncate", [1, 2, 3, 4, 5])
def test_a_truncated_gradient_is_that_of_the_last_steps_from_a_state_that_is_given(truncate):
    rnn, _, loss = exact(truncate)
    loss.backward()
    first = rnn.unroll(XS[:-truncate])
    last = rnn.unroll(XS[-truncate:], [Value(first.state[0].data)])
    kept = {w: w.grad for w in rnn.parameters()}
    rnn.zero_grad()
    mse_loss(rnn.readout(last.state), [Fraction(6, 7)]).backward()
    assert kept == {w: w.grad for w in rnn.parameters()}


@pytest.mark.parametrize("truncate", [6, 7, 100])
def test_truncation_after_as_many_steps_as_there_are_changes_nothing(truncate):
    rnn, unrolled, loss = exact(truncate, True)
    ledger = ledgers(loss, unrolled, [rnn.w_h[0][0]])[0]
    assert unrolled.cuts == {} and ledger.cut == [0] * 6
    assert ledger.truncation_error == 0 and ledger.full == ledger.total


def test_the_cuts_count_back_from_the_last_step():
    for truncate, cut in ((1, [1, 2, 3, 4, 5]), (2, [2, 4]), (3, [3]), (4, [2]), (5, [1])):
        _, unrolled, _ = exact(truncate)
        assert list(unrolled.cuts.values()) == [unrolled.states[t][0] for t in cut]


@pytest.mark.parametrize("wrong", [0, -1, 2.0, True, "2"])
def test_a_truncation_that_is_no_number_of_steps_is_refused(wrong):
    needed = "it must be a number of steps, an int from 1 up"
    with pytest.raises(ValueError, match=f"LSTM.unroll: truncate is .*; {needed}"):
        LSTM(1, 1).unroll([[1]], truncate=wrong)


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize(("kind", "units"), [("LSTM", 2), ("LSTM", 1), ("GRU", 2)])
def test_what_gated_networks_keep_and_cut_is_the_full_gradient(kind, units, every_step):
    def of(truncate):
        net = {"LSTM": LSTM, "GRU": GRU}[kind](2, units, bias=True, seed=3)
        unrolled = net.unroll([[0.1, -0.5], [1, 0.2], [0.7, 0.7], [-0.3, 0.9]], truncate=truncate)
        loss = Value(0)
        for step in unrolled.steps if every_step else unrolled.steps[-1:]:
            loss = loss + sigmoid(net.readout(step.state)[0])
        return net, unrolled, loss

    whole, _, full = of(None)
    full.backward()
    for truncate in (1, 2, 3):
        net, unrolled, loss = of(truncate)
        assert len(unrolled.cuts) == len(unrolled.carried[0]) * {1: 3, 2: 1, 3: 1}[truncate]
        for ledger, w in zip(ledgers(loss, unrolled, net.parameters()), whole.parameters()):
            assert math.isclose(ledger.total + sum(ledger.cut), w.grad, rel_tol=1e-12, abs_tol=1e-16)
            assert math.isclose(ledger.full, w.grad, rel_tol=1e-12, abs_tol=1e-16)


def test_an_lstm_is_cut_at_its_state_and_at_its_cell():
    lstm = LSTM.from_weights(**reference.WEIGHTS["LSTM"])
    unrolled = lstm.unroll(reference.XS, (reference.H_0, reference.C_0), truncate=2)
    assert list(unrolled.cuts.values()) == [*unrolled[0].state, *unrolled[0].cell]
    loss = -sigmoid(lstm.readout(unrolled.state)[0]).log()
    assert close(loss.data, reference.LSTM["L"])
    assert gradient_flow(loss, unrolled, of="cell")[:2] == [0, 0] and gradient_flow(loss, unrolled, of="cell")[2] > 0


def test_a_computed_weight_is_cut_too_where_it_was_used():
    raw = Value(Fraction(1, 5), label="raw")

    def of(truncate):
        rnn = RNN.from_weights([[Fraction(1, 3)]], [[raw * -2]], [[1]], activation="identity")
        unrolled = rnn.unroll(XS, truncate=truncate)
        return rnn, unrolled, unrolled.state[0]

    rnn, unrolled, loss = of(2)
    whole, steps, full = of(None)
    assert ledgers(loss, unrolled, [raw])[0].full == ledgers(full, steps, [raw])[0].total
    assert ledgers(loss, unrolled, [rnn.w_h[0][0]])[0].full == ledgers(full, steps, [whole.w_h[0][0]])[0].total


def test_the_terms_of_a_state_say_which_step_would_have_used_it():
    _, unrolled, loss = exact(2)
    _, steps, full = exact(None)
    o_4, original = unrolled.states[4][0], steps.states[4][0]
    assert ledgers(full, steps, [original])[0].terms == ledgers(loss + 0 * o_4, unrolled, [o_4])[0].cut


def test_an_own_time_loop_can_be_cut():
    w = Value(Fraction(1, 2), label="w")
    state = [Value(Fraction(1))]
    unrolled = Unrolled(state, [])
    for t in (1, 2, 3):
        state = unrolled.cut(state) if t == 3 else state
        state = [dot([w], state)]
        unrolled.steps.append(Step(t, [], state))
    ledger = ledgers(state[0], unrolled, [w])[0]
    assert ledger.terms == [0, 0, Fraction(1, 4)] and ledger.cut == [Fraction(1, 4), Fraction(1, 4), 0]
    assert ledger.full == Fraction(3, 4) and "in full 0.75" in repr(ledger)


def test_the_jacobian_across_a_cut_is_0_and_nothing_flows_beyond_it():
    _, unrolled, loss = exact(2)
    assert [jacobian[0][0] for jacobian in state_jacobians(unrolled)] == [
        Fraction(-2, 5), Fraction(-2, 5), 0, Fraction(-2, 5), 0, Fraction(-2, 5),
    ]
    assert gradient_flow(loss, unrolled)[:5] == [0.0] * 5


def test_the_leaf_of_a_cut_has_the_label_of_its_state_and_a_name_of_its_own():
    _, unrolled, loss = exact(2, every_step=True)
    leaf, state = list(unrolled.cuts.items())[1]
    found = Snapshot(loss, [unrolled]).name
    assert leaf.label == state.label == "o_4" and (found[leaf], found[state]) == ("cut(o₄)", "o₄")
    assert any("cut(o₄)·w_h" in event.description for event in replay(loss, unrolled))


def test_the_chain_rule_of_a_truncated_loss_has_the_terms_that_were_kept():
    rnn, unrolled, loss = exact(2)
    w_h = rnn.w_h[0][0]
    rule = chain_rule(loss, w_h, unrolled)
    assert [term.product for term in rule.terms] == contributions(loss, unrolled, w_h)[:3:-1]
    net = LSTM(1, 2, seed=1)
    unrolled = net.unroll([[1], [0.5], [-1]], truncate=1)
    rule = chain_rule(sigmoid(net.readout(unrolled.state)[0]), net.w_ii[0][0], unrolled)
    assert rule.terms[0].labels[1:] == ("∂h₃[0]/∂c₃[0]", "∂c₃[0]/∂w_ii[0][0]") and len(rule.terms) == 1


@pytest.mark.parametrize("every_step", [False, True])
@pytest.mark.parametrize("network", [RNN(1, 1, seed=1), RNN(1, 3, seed=1), LSTM(1, 1, seed=1), GRU(1, 2, seed=1)])
def test_a_truncated_network_is_drawn_folded_with_what_was_cut(network, every_step):
    unrolled = network.unroll([[1], [0.5], [-1]], truncate=1)
    loss = Value(0)
    for step in unrolled.steps if every_step else unrolled.steps[-1:]:
        loss = loss + mse_loss(network.readout(step.state), [1])
    loss.backward()
    source = draw(loss, unrolled).source
    assert source == draw(loss, unrolled, "folded").source and source.count("cut ") >= 2
    assert "staircase" not in source and draw(loss, unrolled, "rolled").source
    for view in ("columns", "units"):
        with pytest.raises(ValueError, match=f"view '{view}' cannot show this: "):
            draw(loss, unrolled, view)


def test_in_the_graph_the_leaf_of_a_cut_is_no_weight():
    _, unrolled, loss = exact(2, every_step=True)
    loss.backward()
    boxes = [line for line in draw(loss, unrolled, "graph").source.splitlines() if ">cut(o₄)<" in line]
    assert len(boxes) == 1 and 'class="v input"' in boxes[0]
    assert "cut(o₄)" in walkthrough(loss, unrolled).page


def test_what_is_cut_of_a_weight_outside_the_cells_is_told_too():
    v = Value(Fraction(2, 5), label="v")
    rnn = RNN.from_weights([[Fraction(1, 2)]], [[v * 2]], [[Fraction(6, 5)]], activation="identity")
    whole = rnn.readout(rnn.unroll([[1], [1], [-1], [2]]).state)[0]
    truncated = rnn.unroll([[1], [1], [-1], [2]], truncate=2)
    [ledger] = ledgers(rnn.readout(truncated.state)[0], truncated, [v])
    assert ledger.cut_elsewhere != 0 and not any(ledger.cut)
    assert ledger.total + sum(ledger.cut) + ledger.cut_elsewhere == ledger.full == gradients(whole)[v]
    assert "in full" in repr(ledger)


def test_an_encoder_behind_a_cut_has_all_its_gradient_cut():
    encoder = RNN.from_weights([[Fraction(1, 2)]], [[Fraction(4, 5)]], [[1]], activation="identity")
    decoder = RNN.from_weights([[Fraction(7, 10)]], [[Fraction(3, 5)]], [[Fraction(6, 5)]], activation="identity")
    read, w_h = encoder.unroll([[1], [1]]), encoder.w_h[0][0]
    written = decoder.unroll([[0], [0]], read.state, truncate=1)
    [ledger] = ledgers(decoder.readout(written.state)[0], written, [w_h])
    full = gradients(decoder.readout(decoder.unroll([[0], [0]], read.state).state)[0])[w_h]
    assert ledger.total == 0 and ledger.cut_elsewhere == ledger.full == full != 0
