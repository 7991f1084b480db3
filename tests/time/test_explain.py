"""The chain rule, taken from the graph: the lecture's formulas symbol by symbol and number by number."""

import math
import random
import re
from fractions import Fraction

import pytest
import reference
from conftest import close, lecture

from minigrad import Value, dot, sigmoid, tanh
from minigrad.bptt import contributions, gradient_flow, state_jacobians
from minigrad.explain import chain_rule
from minigrad.graph import fold, gradients
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import LSTM, RNN, Step, Unrolled
from minigrad.notation import index_of

SCALAR, VECTOR = reference.SCALAR, reference.VECTOR


def labelled(v, label):
    v.label = label
    return v


# ---------------------------------------------------------------------- the lecture's formulas


def test_it_prints_the_lectures_equation():
    rnn, _, _, loss = lecture()
    equation = str(chain_rule(loss, rnn.w_h[0][0])).split("\n\n")[0]
    assert equation == (
        "∂L/∂w_h = ∂L/∂ŷ · ∂ŷ/∂o₃ · ∂⁺o₃/∂w_h\n"
        "        + ∂L/∂ŷ · ∂ŷ/∂o₃ · ∂o₃/∂o₂ · ∂⁺o₂/∂w_h\n"
        "        + ∂L/∂ŷ · ∂ŷ/∂o₃ · ∂o₃/∂o₂ · ∂o₂/∂o₁ · ∂⁺o₁/∂w_h\n"
        "        = (−2.074)(0.2996)(0.549) + … = −0.3411 − 0.1594 + 0 = −0.5005"
    )


def test_it_prints_the_compact_sum_with_its_value_for_every_j():
    rnn, _, _, loss = lecture()
    compact = str(chain_rule(loss, rnn.w_i[0][0])).split("\n\n")[1].splitlines()
    assert compact[0] == "∂L/∂w_i = Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_i"
    assert compact[2] == "  j = 2:  (−2.074)(0.2389)(0.3482) = −0.1725"


def test_a_weight_that_is_used_once_has_one_plain_product():
    rnn, _, y_hat, loss = lecture()
    assert str(chain_rule(loss, rnn.w_o[0][0])) == (
        "∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o\n        = (−2.074)(−0.01478) = 0.03065"
    )
    assert str(chain_rule(loss, y_hat)) == "∂L/∂ŷ = −2.074"


def test_every_factor_of_the_lecture_is_the_reference_figure():
    rnn, _, _, loss = lecture()
    w_i, w_h, _ = rnn.parameters()
    found = {label: factor for w in (w_i, w_h) for term in chain_rule(loss, w).terms
             for label, factor in zip(term.labels, term.factors)}
    assert close(found["∂L/∂ŷ"], SCALAR["dL_dy_hat"])
    assert close(found["∂ŷ/∂o₃"], SCALAR["dy_hat_ds"] * 1.2)
    for k, label in ((1, "∂o₂/∂o₁"), (2, "∂o₃/∂o₂")):
        assert close(found[label], SCALAR["do_t_do_prev"][k])
    for t, digit in enumerate("₁₂₃"):
        assert close(found[f"∂⁺o{digit}/∂w_i"], SCALAR["immediate_do_dw_i"][t])
        assert close(found[f"∂⁺o{digit}/∂w_h"], SCALAR["immediate_do_dw_h"][t])
    for w, name in ((w_i, "w_i"), (w_h, "w_h")):
        products = [term.product for term in chain_rule(loss, w).terms]
        assert all(close(a, b) for a, b in zip(products, reversed(SCALAR[f"contributions_{name}"])))


def test_the_product_of_the_jacobians_is_the_derivative_of_the_last_state():
    _, unrolled, _, _ = lecture()
    factors = [jacobian[0][0] for jacobian in state_jacobians(unrolled)]
    assert all(close(a, b) for a, b in zip(factors, SCALAR["do_t_do_prev"]))
    assert close(factors[2] * factors[1], SCALAR["product_do_n_do_1"])


def test_each_factor_is_the_slope_times_w_h():
    _, unrolled, _, _ = lecture()
    for jacobian, [o] in zip(state_jacobians(unrolled), unrolled.states[1:]):
        assert close(jacobian[0][0], (1 - o.data**2) * 0.8)


def test_the_jacobians_of_the_vector_network_are_the_reference_figures():
    rows = range(3)
    rnn = RNN.from_weights(
        w_i=[[math.sin(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_h=[[math.cos(1 + 3 * r + c) / 2 for c in rows] for r in rows],
        w_o=[[math.sin(10 + r) for r in rows]],
    )
    for found, expected in zip(state_jacobians(rnn.unroll([0, 1, 2])), VECTOR["do_t_do_prev"], strict=True):
        assert all(close(a, b) for row, wanted in zip(found, expected) for a, b in zip(row, wanted, strict=True))


def test_gradient_flow_is_the_norm_of_each_states_gradient():
    _, unrolled, _, loss = lecture()
    assert all(close(a, abs(b)) for a, b in zip(gradient_flow(loss, unrolled), SCALAR["dL_do"], strict=True))


# ---------------------------------------------------------------------- any graph


def a_diamond():
    a = Value(3, label="a")
    b = labelled(a * a, "b")
    d = labelled(b + a, "d")
    return labelled(d * b, "e"), a


def a_neuron():
    w, x, b = [Value(0.3, label="w_0"), Value(-0.7, label="w_1")], [Value(2.0), Value(1.5)], Value(0.1, label="b")
    n = labelled(dot(w, x) + b, "n")
    return labelled(tanh(n) * tanh(n), "L"), w[1]


def a_many_to_many_loss():
    rnn = RNN(1, 1, seed=3)
    total = Value(0)
    for step in rnn.unroll([[0.5], [-0.3], [0.8], [0.1]]):
        total = total + mse_loss(rnn.readout(step.state), [0.2])
    return labelled(total, "L"), rnn.w_h[0][0]


@pytest.mark.parametrize("graph", [a_diamond, a_neuron, a_many_to_many_loss])
def test_the_products_add_up_to_the_gradient(graph):
    loss, w = graph()
    rule = chain_rule(loss, w)
    loss.backward()
    assert close(sum(math.prod(term.factors) for term in rule.terms), w.grad)
    assert all(close(math.prod(term.factors), term.product) for term in rule.terms)
    assert close(rule.total, w.grad)


@pytest.mark.parametrize("seed", range(20))
def test_in_fractions_the_products_add_up_to_the_gradient_exactly(seed):
    source = random.Random(seed)
    values = [Value(Fraction(source.randint(-5, 5), source.randint(1, 5)), label=f"v_{k}") for k in range(3)]
    for k in range(3, 10):
        a, b = source.choice(values), source.choice(values)
        values.append(source.choice([a + b, a - b, a * b, a * 2]))
        values[-1].label = f"v_{k}" if source.random() < 0.7 else ""
    loss = values[-1]
    for w in values[:3]:
        if w in gradients(loss) and w is not loss:
            assert chain_rule(loss, w).total == gradients(loss)[w]


def test_plus_marks_an_operand_that_has_a_longer_route_and_no_other():
    loss, a = a_diamond()
    assert [term.labels for term in chain_rule(loss, a).terms] == [
        ("∂e/∂d", "∂⁺d/∂a"), ("∂e/∂d", "∂d/∂b", "∂b/∂a"), ("∂⁺e/∂b", "∂b/∂a"),
    ]


def test_keep_chooses_what_is_named():
    rnn, _, y_hat, loss = lecture()
    rule = chain_rule(loss, rnn.w_h[0][0], keep=[y_hat])
    assert [term.labels for term in rule.terms] == [("∂L/∂ŷ", "∂ŷ/∂w_h")]
    assert close(rule.total, SCALAR["dL_dw_h"])


def test_the_folded_edges_of_the_lecture_are_its_derivatives():
    rnn, unrolled, _, loss = lecture()
    folded = fold(loss, [v for v in gradients(loss) if v.label])
    [o_2], [o_3] = unrolled.states[2:]
    assert close(dict(folded[o_3])[o_2], SCALAR["do_t_do_prev"][2])
    assert close(dict(folded[o_3])[rnn.w_h[0][0]], SCALAR["immediate_do_dw_h"][2])


# ---------------------------------------------------------------------- long and wide


def test_ten_steps_are_printed_in_lines_that_can_be_read():
    rnn, _, _, loss = lecture(inputs=[(0.1 * t,) for t in range(10)])
    text = str(chain_rule(loss, rnn.w_h[0][0]))
    assert "∂L/∂ŷ · ∂ŷ/∂o₁₀ · ∂o₁₀/∂o₉ · … · ∂o₂/∂o₁ · ∂⁺o₁/∂w_h" in text
    assert len(text.splitlines()) == 10 + 1 + 1 + 11 and max(map(len, text.splitlines())) < 170


def test_a_thousand_steps_are_summarised():
    rnn, _, _, loss = lecture(inputs=[(0.1,)] * 1000)
    rule = chain_rule(loss, rnn.w_h[0][0])
    assert len(rule.terms) == 1000 and len(str(rule).splitlines()) < 20
    assert "… 996 more terms" in str(rule) and len(rule.latex()) < 5000


def test_routes_through_vectors_are_added_up_by_time_step_and_the_text_says_so():
    rnn = RNN(3, 3, seed=1)
    unrolled = rnn.unroll([0, 1, 2, 1])
    loss = labelled(binary_cross_entropy(sigmoid(rnn.readout(unrolled.state)[0]), 1), "L")
    w = rnn.w_h[0][1]
    rule = chain_rule(loss, w, unrolled)
    assert [term.t for term in rule.terms] == [4, 3, 2, 1]
    assert [term.product for term in rule.terms] == contributions(loss, unrolled, w)[::-1]
    listed = chain_rule(loss, w)
    assert rule.routes == len(listed.terms) == 40 and close(rule.total, listed.total)
    assert "40 routes lead from L back to w_h[0][1]" in str(rule) and "‖∂o₄/∂o₂‖" in str(rule)
    last, before = state_jacobians(unrolled)[3], state_jacobians(unrolled)[2]
    product = [[sum(last[r][k] * before[k][c] for k in range(3)) for c in range(3)] for r in range(3)]
    assert rule.terms[2].norm and close(rule.terms[2].norm, math.hypot(*[x for row in product for x in row]))


def test_too_many_routes_to_list_are_refused_with_the_remedy():
    rnn = RNN(2, 4, fused=True, seed=1)
    unrolled = rnn.unroll([[1, 2]] * 10).label()
    loss = labelled(mse_loss(rnn.readout(unrolled.state), [1]), "L")
    with pytest.raises(ValueError, match=r"\d{6} routes .* pass `unrolled`"):
        chain_rule(loss, rnn.w_h[0][0])
    assert len(chain_rule(loss, rnn.w_h[0][0], unrolled).terms) == 10


def test_a_regulariser_is_a_route_or_a_term_of_its_own():
    rnn, unrolled, _, loss = lecture()
    w_h = rnn.w_h[0][0]
    assert close(chain_rule(labelled(loss + 0.1 * w_h**2, "J"), w_h).total, SCALAR["dL_dw_h"] + 0.16)
    wide = RNN(2, 2, seed=1)
    unrolled = wide.unroll([[1, 2], [0.5, 1], [1, 1]])
    w = wide.w_h[0][0]
    rule = chain_rule(labelled(mse_loss(wide.readout(unrolled.state), [1]) + w * w, "J"), w, unrolled)
    assert close(rule.terms[-1].product, 2 * w.data) and "elsewhere:" in str(rule)


def test_a_value_that_is_no_part_of_the_loss_is_refused():
    _, _, _, loss = lecture()
    with pytest.raises(ValueError, match="is not in the graph"):
        chain_rule(loss, Value(1, label="stranger"))


# ---------------------------------------------------------------------- LaTeX


def test_latex_is_the_same_equation():
    rnn, _, _, loss = lecture()
    latex = chain_rule(loss, rnn.w_h[0][0]).latex()
    assert latex.startswith("\\begin{array}{rcl}") and latex.endswith("\\end{array}")
    assert r"\frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial o_{3}}" in latex
    assert r"\frac{\partial^{+} o_{1}}{\partial w_{h}}" in latex and "-0.3411 - 0.1594 + 0" in latex
    assert latex.count("{") == latex.count("}") and not set("−…∂₃ŷ") & set(latex)
    assert chain_rule(loss, rnn.w_h[0][0])._repr_latex_() == f"$${latex}$$"


def test_latex_of_a_hostile_label_is_escaped():
    w = Value(2, label=r"50% of_a {b} & $c \input")
    latex = chain_rule(labelled(w * w, "L"), w).latex()
    assert chain_rule(labelled(w * Value(2, label="🙂"), "L"), w).latex().isascii()
    assert r"\mathrm{50\%\ of\_a\ \{b\}\ \&\ \$c\ \backslash input}" in latex


def test_small_numbers_are_powers_of_ten_in_latex_and_no_label_is():
    w = Value(2e-9, label="w")
    assert r"4 \times 10^{-9}" in chain_rule(labelled(w * w, "L"), w).latex()
    w = Value(2.0, label="w1e5")
    assert r"\mathrm{w1e5}" in chain_rule(labelled(w * w, "L"), w).latex()


def test_what_no_file_can_hold_is_shown_in_a_label():
    w = Value(2.0, label="w\ud800\n")
    rule = chain_rule(labelled(w * w, "L"), w)
    assert r"∂L/∂w\ud800\n" in str(rule) and str(rule).encode() and rule.latex().isascii()


def test_a_count_of_routes_too_long_to_read_is_written_as_a_power():
    """Of two units that read both: 2**t routes to the t-th step, about 2**200 in all"""
    w, start = Value(0.1, label="w"), Value(0.5)
    unrolled = Unrolled([start, start], [])
    for t in range(1, 200):
        a, b = unrolled.state
        unrolled.steps.append(Step(t, [], [w * (a + b), w * (a - b)]))
    loss = unrolled.label().state[0] * 1
    assert "about 10^60 routes lead from L back to w" in str(chain_rule(loss, w, unrolled))
    with pytest.raises(ValueError, match=r"about 10\^60 routes .* pass `unrolled`"):
        chain_rule(loss, w)


@pytest.mark.parametrize("weight", ["w_ii", "w_hf", "w_ho"])
def test_the_terms_of_an_lstm_go_from_the_last_step_to_the_first(weight):
    lstm = LSTM(1, 1, seed=2)
    unrolled = lstm.unroll([[1], [0.5], [-1]])
    rule = chain_rule(unrolled.state[0], getattr(lstm, weight)[0][0], unrolled)
    steps = [int(index_of(term.user)) for term in rule.terms]
    assert steps == sorted(steps, reverse=True) and len(set(steps)) > 1
    rows = re.findall(r"j = (\d):", str(rule))
    assert rows == sorted(rows, reverse=True)
