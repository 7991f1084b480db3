"""Backpropagation through time: the terms by time step, against figures of independent arithmetic."""

import math
import random
from fractions import Fraction

import pytest
import reference
from conftest import close, lecture

from minigrad import Value, sigmoid
from minigrad.bptt import contributions, gradient_flow, ledgers
from minigrad.draw import draw
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import RNN, Step, Unrolled
from minigrad.snapshot import Snapshot

SCALAR, VECTOR = reference.SCALAR, reference.VECTOR


def vector_network(fused, one_hot):
    rows = range(3)
    rnn = RNN.from_weights(
        w_i=[[math.sin(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_h=[[math.cos(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_o=[[math.sin(10 + r) for r in rows]],
        fused=fused,
    )
    xs = [0, 1, 2] if one_hot else [[int(r == k) for r in rows] for k in rows]
    unrolled = rnn.unroll(xs)
    y_hat = sigmoid(rnn.readout(unrolled.state)[0])
    return rnn, unrolled, y_hat, binary_cross_entropy(y_hat, 1)


def flat(nested):
    return [x for item in nested for x in flat(item)] if isinstance(nested, list) else [nested]


def assert_all_close(got, expected):
    assert len(flat(got)) == len(flat(expected))
    assert all(close(a, b) for a, b in zip(flat(got), flat(expected))), (got, expected)


def added_from_the_last_step(terms):
    total = 0
    for term in reversed(terms):
        total += term
    return total


@pytest.mark.parametrize("fused", [False, True])
def test_the_lectures_scalar_network_gives_the_reference_figures(fused):
    rnn, unrolled, y_hat, loss = lecture(fused)
    loss.backward()
    w_i, w_h, w_o = rnn.parameters()
    assert_all_close([o.data for [o] in unrolled.states], SCALAR["o"])
    assert_all_close([o.grad for [o] in unrolled.states], SCALAR["dL_do"])
    assert_all_close([y_hat.data, loss.data, y_hat.grad], [SCALAR["y_hat"], SCALAR["L"], SCALAR["dL_dy_hat"]])
    assert_all_close([w_i.grad, w_h.grad, w_o.grad], [SCALAR["dL_dw_i"], SCALAR["dL_dw_h"], SCALAR["dL_dw_o"]])
    assert_all_close(contributions(loss, unrolled, w_i), SCALAR["contributions_w_i"])
    assert_all_close(contributions(loss, unrolled, w_h), SCALAR["contributions_w_h"])


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("one_hot", [False, True])
def test_the_vector_network_gives_the_reference_figures(fused, one_hot):
    rnn, unrolled, y_hat, loss = vector_network(fused, one_hot)
    loss.backward()
    assert_all_close([[o.data for o in state] for state in unrolled.states], VECTOR["o"])
    assert_all_close([[o.grad for o in state] for state in unrolled.states], VECTOR["dL_do"])
    assert_all_close([y_hat.data, loss.data], [VECTOR["y_hat"], VECTOR["L"]])
    for w, name in ((rnn.w_i, "W_i"), (rnn.w_h, "W_h")):
        assert_all_close([[v.grad for v in row] for row in w], VECTOR[f"dL_d{name}"])
        assert_all_close(contributions(loss, unrolled, w), VECTOR[f"contributions_{name}"])
    assert_all_close([w.grad for w in rnn.w_o[0]], VECTOR["dL_dw_o"])


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_terms_added_from_the_last_step_are_the_gradient_to_the_bit(fused, seed):
    rnn = RNN(2, 3, output_size=2, bias=True, fused=fused, seed=seed)
    random_ = random.Random(seed)
    unrolled = rnn.unroll([[random_.uniform(-1, 1), random_.uniform(-1, 1)] for _ in range(6)])
    loss = many_to_many(rnn, unrolled)
    loss.backward()
    for w in rnn.parameters():
        assert added_from_the_last_step(contributions(loss, unrolled, w)) == w.grad


def many_to_many(rnn, unrolled):
    """A loss at every step, added up in their order"""
    total = Value(0)
    for step in unrolled:
        total = total + mse_loss(rnn.readout(step.state), [0.1 * step.t] * len(rnn.w_o))
    return total


def test_many_to_many_gradients_agree_with_central_differences():
    xs = [[0.3], [-0.7], [0.2], [0.9]]

    def loss_of(weights):
        rnn = RNN.from_weights([[weights[0]]], [[weights[1]]], [[weights[2]]])
        return rnn, many_to_many(rnn, rnn.unroll(xs))

    start, h = [0.5, -1.3, 0.7], 1e-5
    rnn, loss = loss_of(start)
    loss.backward()
    for k, w in enumerate(rnn.parameters()):
        up, down = ([v + sign * h * (i == k) for i, v in enumerate(start)] for sign in (1, -1))
        assert close(w.grad, (loss_of(up)[1].data - loss_of(down)[1].data) / (2 * h), 1e-8)


def test_shared_weight_gradient_is_the_sum_over_untied_copies():
    xs = [Fraction(1), Fraction(1, 2), Fraction(-1), Fraction(2, 3)]
    w_i, w_h = Value(Fraction(1, 3)), Value(Fraction(-2, 5))
    tied = linear_network(xs, [w_i] * 4, [w_h] * 4)
    copies_i, copies_h = [Value(w_i.data) for _ in xs], [Value(w_h.data) for _ in xs]
    untied = linear_network(xs, copies_i, copies_h)
    tied[-1].backward()
    untied[-1].backward()
    assert w_i.grad == sum(w.grad for w in copies_i)
    assert w_h.grad == sum(w.grad for w in copies_h)
    assert isinstance(w_h.grad, Fraction)


def test_each_term_is_the_gradient_of_the_untied_copy_of_its_step():
    xs = [[Fraction(1)], [Fraction(1, 2)], [Fraction(-1)]]
    rnn = RNN.from_weights([[Fraction(1, 3)]], [[Fraction(-2, 5)]], [[Fraction(7, 2)]], activation="identity")
    unrolled = rnn.unroll(xs)
    loss = mse_loss(rnn.readout(unrolled.state), [Fraction(1, 7)])
    copies = [Value(Fraction(-2, 5)) for _ in xs]
    state = Value(0)
    for [x], w in zip(xs, copies):
        state = x * Value(Fraction(1, 3)) + state * w
    mse_loss(state * Fraction(7, 2), Fraction(1, 7)).backward()
    assert contributions(loss, unrolled, rnn.w_h[0][0]) == [w.grad for w in copies]


def linear_network(xs, w_i, w_h):
    """The states of o_t = x_t·w_i + o_{t−1}·w_h, squared once at the end"""
    states = [Value(Fraction(0))]
    for x, a, b in zip(xs, w_i, w_h):
        states.append(x * a + states[-1] * b)
    return [*states, states[-1] * states[-1]]


def test_a_use_outside_the_steps_is_a_term_of_its_own():
    rnn, unrolled, _, loss = lecture()
    w_h = rnn.w_h[0][0]
    regularised = loss + Fraction(1, 10) * w_h**2
    ledger = ledgers(regularised, unrolled, [w_h])[0]
    assert close(ledger.elsewhere, 0.2 * 0.8)
    assert_all_close(ledger.terms, SCALAR["contributions_w_h"])
    assert close(ledger.total, SCALAR["dL_dw_h"] + 0.16)


def test_a_weight_that_is_computed_has_its_uses_in_the_steps_and_what_made_it_has_not():
    raw = Value(0.4, label="raw")
    w_h = raw * 2
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[w_h]], w_o=[[1.2]])
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    loss = binary_cross_entropy(sigmoid(rnn.readout(unrolled.state)[0]), 1)
    assert_all_close(contributions(loss, unrolled, w_h), SCALAR["contributions_w_h"])
    ledger = ledgers(loss, unrolled, [raw])[0]
    assert ledger.terms == [0, 0, 0] and close(ledger.elsewhere, 2 * SCALAR["dL_dw_h"])


def test_an_unrolled_made_by_hand_has_the_same_terms():
    w_i, w_h, w_o = Value(0.5), Value(0.8), Value(1.2)
    state = [Value(0)]
    unrolled = Unrolled(state, [])
    for t, number in enumerate([1, 0.5, -1], start=1):
        x = [Value(number)]
        state = [(x[0] * w_i + state[0] * w_h).tanh()]
        unrolled.steps.append(Step(t, x, state))
    loss = binary_cross_entropy((state[0] * w_o).sigmoid(), 1)
    assert_all_close(contributions(loss, unrolled, w_h), SCALAR["contributions_w_h"])
    assert_all_close(contributions(loss, unrolled, w_o), [0, 0, SCALAR["dL_dw_o"]])


def test_contributions_neither_read_nor_write_a_grad():
    rnn, unrolled, _, loss = lecture()
    before = contributions(loss, unrolled, rnn.w_h)
    assert all(node.grad == 0 for node in gradients(loss))
    loss.backward()
    loss.backward()
    assert contributions(loss, unrolled, rnn.w_h) == before


def test_a_loss_of_another_network_is_refused():
    _, unrolled, _, _ = lecture()
    _, _, _, other = lecture()
    with pytest.raises(ValueError, match="was not computed from a state"):
        contributions(other, unrolled, Value(1))


def test_names_are_the_lectures_and_are_derived_without_writing():
    _, unrolled, y_hat, loss = lecture()
    labels = {node: node.label for node in gradients(loss)}
    found = Snapshot(loss, [unrolled]).name
    [o_2] = unrolled[1].state
    z_2 = o_2.operands[0]
    assert [found[v] for v in (o_2, z_2, *z_2.operands)] == ["o₂", "z₂", "x₂·w_i", "o₁·w_h"]
    assert [found[v] for v in (loss, y_hat, y_hat.operands[0])] == ["L", "ŷ", "s"]
    assert {node: node.label for node in gradients(loss)} == labels
    assert z_2.label == "" == y_hat.operands[0].label


def test_a_thousand_steps_are_itemised_without_recursion():
    rnn = RNN.from_weights([[0.5]], [[0.9]], [[1.0]])
    unrolled = rnn.unroll([[0.1]] * 1000)
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    loss.backward()
    terms = contributions(loss, unrolled, rnn.w_h[0][0])
    assert len(terms) == 1000 and added_from_the_last_step(terms) == rnn.w_h[0][0].grad


def test_states_of_an_own_loop_may_grow():
    w, state = Value(0.5, label="w"), [Value(1.0)]
    unrolled = Unrolled(state, [])
    for t in (1, 2):
        state = [*[w * o for o in state], Value(t)]
        unrolled.steps.append(Step(t, [], state))
    loss = state[0] * 3
    found = Snapshot(loss, [unrolled]).name
    assert [found[o] for o in state] == ["o₂[0]", "o₂[1]", "o₂[2]"] and unrolled.cells == [[], [], []]
    assert contributions(loss, unrolled, w) == [1.5, 1.5]


@pytest.mark.parametrize("view", [
    lambda loss, unrolled, w: contributions(loss, unrolled, w), lambda loss, unrolled, w: gradient_flow(loss, unrolled),
    lambda loss, unrolled, w: str(chain_rule(loss, w, unrolled)), lambda loss, unrolled, w: draw(loss, unrolled),
    lambda loss, unrolled, w: draw(loss, unrolled, "shape"),
])
def test_no_view_of_the_gradients_passes_infinity_on(view):
    rnn = RNN.from_weights([[1e200]], [[1e200]], [[1.0]], activation="identity")
    unrolled = rnn.unroll([[1]] * 3)
    with pytest.raises((ValueError, OverflowError), match="scale the inputs or the weights down"):
        view(rnn.readout(unrolled.state)[0], unrolled, rnn.w_h[0][0])


def test_a_ledger_of_values_of_values_has_a_repr():
    rnn = RNN.from_weights([[Value(Value(0.5))]], [[Value(Value(0.8))]], [[Value(Value(1.2))]])
    for truncate in (None, 1):
        unrolled = rnn.unroll([[1], [0.5], [-1]], truncate=truncate)
        loss = rnn.readout(unrolled.state)[0] + rnn.w_h[0][0] ** 2
        assert "elsewhere" in repr(ledgers(loss, unrolled, [rnn.w_h[0][0]])[0])
