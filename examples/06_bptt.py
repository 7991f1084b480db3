"""06  Backpropagation through time: one weight, three uses, one gradient.

You will see   the lecture's page of formulas, each with its numbers; then the chain rule of ∂L/∂w_h, written out by the
               graph itself.  Every formula is computed a second time with plain floats, and must agree.
To change      w_h to 2; or the inputs: with one more of them the sums get one more term.
To practise    python examples/06_bptt.py --quiz

The formulas, the line of minigrad that computes each, and the test that holds it:

(1)  o_t = tanh(x_t·w_i + o_{t−1}·w_h)                nn/rnn.py: step
     test_nn.py: test_unroll_and_readout_are_the_formulas
(2)  ŷ = σ(o_n·w_o)                                   nn/recurrent.py: readout
     test_nn.py: test_unroll_and_readout_are_the_formulas
(3)  L = −y·log ŷ − (1−y)·log(1−ŷ)                    losses.py: binary_cross_entropy
     test_losses.py: test_binary_cross_entropy_is_the_lectures_formula
(4)  ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o                        explain.py: chain_rule
     test_explain.py: test_a_weight_that_is_used_once_has_one_plain_product
(5)  ∂o_k/∂o_{k−1} = f′(z_k)·w_h                      bptt.py: state_jacobians
     test_explain.py: test_each_factor_is_the_slope_times_w_h
(6)  ∂ŷ/∂o_j = ∂ŷ/∂o_n · Π_{k=j+1..n} ∂o_k/∂o_{k−1}   graph.py: gradients
     test_explain.py: test_every_factor_of_the_lecture_is_the_reference_figure
(7)  ∂L/∂w_h = Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_h       bptt.py: contributions
     test_bptt.py: test_the_lectures_scalar_network_gives_the_reference_figures
(8)  ∂L/∂w_i = Σ_j ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂w_i       bptt.py: contributions
     test_bptt.py: test_each_term_is_the_gradient_of_the_untied_copy_of_its_step
(9)  w := w − η·∂L/∂w                                 optim.py: step
     test_optim.py: test_a_step_is_the_lectures_update_and_zero_grad_makes_ready_for_the_next
"""

import sys
from math import exp, isclose, log, prod, tanh
from pathlib import Path

from minigrad import sigmoid
from minigrad.bptt import contributions, state_jacobians
from minigrad.draw import draw
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy
from minigrad.nn import RNN
from minigrad.notation import added, name, number
from minigrad.optim import SGD

INPUTS, Y, W_I, W_H, W_O, ETA = [1, 0.5, -1], 1, 0.5, 0.8, 1.2, 0.5

rnn = RNN.from_weights(w_i=[[W_I]], w_h=[[W_H]], w_o=[[W_O]])
unrolled = rnn.unroll([[x] for x in INPUTS])
y_hat = sigmoid(rnn.readout(unrolled.state)[0])
loss = binary_cross_entropy(y_hat, Y)
y_hat.label, loss.label = "y_hat", "L"
(w_i, w_h, w_o), n = rnn.parameters(), len(unrolled)

if sys.argv[1:]:                                      # here, so that the lesson runs without quiz.py beside it
    from quiz import quiz

    sys.exit(quiz(loss, unrolled))

loss.backward()

# the same with plain floats, o[t] for t = 0 … n: nothing of minigrad is used for these
o = [0.0]
for x in INPUTS:
    o.append(tanh(x * W_I + o[-1] * W_H))
p = 1 / (1 + exp(-o[n] * W_O))
slope = [1 - o_t * o_t for o_t in o]                  # f′(z_t)
dL_dp = -Y / p + (1 - Y) / (1 - p)
dp_do = [p * (1 - p) * W_O * prod(slope[k] * W_H for k in range(t + 1, n + 1)) for t in range(n + 1)]


def d(of, by):
    """∂o₂/∂o₁, from labels"""
    return f"∂{name(of)}/∂{name(by)}"


def show(formula, found, expected):
    """Prints a formula with its number, and holds that plain floats give the same"""
    print(f"  {formula:<52} = {number(found):>8}")
    assert isclose(found, expected, rel_tol=1e-12), (formula, found, expected)


print("Forward")
for t, [state] in enumerate(unrolled.states):
    inner = f"tanh({number(INPUTS[t - 1])}·{W_I} + {number(o[t - 1])}·{W_H})"
    show(f"(1)  {name(f'o_{t}')} = {inner}" if t else "     o₀", state.data, o[t])
show(f"(2)  ŷ = σ({number(o[n])}·{W_O})", y_hat.data, p)
show("(3)  L = −y·log ŷ − (1−y)·log(1−ŷ)", loss.data, -Y * log(p) - (1 - Y) * log(1 - p))

print("\nBackward, with (log u)′ = 1/u and σ′ = σ·(1−σ) of lesson 04, and tanh′ = (sinh/cosh)′ = (cosh² − sinh²)/cosh²")
print("= 1 − tanh²; so at ŷ = σ(s) it is σ′(s) = ŷ·(1−ŷ), and at o_t = tanh(z_t) it is f′(z_t) = 1 − o_t²")
upstream, to_state = gradients(loss)[y_hat], gradients(y_hat)
show("     ∂L/∂ŷ = −y/ŷ + (1−y)/(1−ŷ)", upstream, dL_dp)
written = f"({number(upstream)})({number(to_state[w_o])})"
show(f"(4)  ∂L/∂w_o = ∂L/∂ŷ · ∂ŷ/∂w_o = {written}", w_o.grad, dL_dp * p * (1 - p) * o[n])
for k, [[factor]] in enumerate(state_jacobians(unrolled), start=1):
    left = d(f"o_{k}", f"o_{k - 1}")
    show(f"(5)  {left} = f′({name(f'z_{k}')})·w_h = {number(slope[k])} × {W_H}", factor, slope[k] * W_H)
for j in range(n, 0, -1):
    factors = [d("y_hat", f"o_{n}"), *(d(f"o_{k}", f"o_{k - 1}") for k in range(n, j, -1))] if j < n else ["σ′(s)·w_o"]
    show(f"(6)  {d('y_hat', f'o_{j}')} = {' · '.join(factors)}", to_state[unrolled.states[j][0]], dp_do[j])

print("     A weight moves o_j in two ways: by its use in step j, and by what it did to o_{j−1}.  ∂⁺o_j/∂w counts the")
print("     first way alone; the second is counted where it begins, in the terms of the steps before.")
terms = {w: contributions(loss, unrolled, w) for w in (w_h, w_i)}
for place, (w, immediate) in zip("78", ((w_h, o), (w_i, [*INPUTS]))):
    print(f"  ({place})  the terms of ∂L/∂{w.label}, each ∂L/∂ŷ · ∂ŷ/∂o_j · ∂⁺o_j/∂{w.label}")
    for j in range(n, 0, -1):
        plus = slope[j] * immediate[j - 1]
        written = f"({number(dL_dp)})({number(dp_do[j])})({number(plus)})"
        show(f"     j = {j}:  {written}", terms[w][j - 1], dL_dp * dp_do[j] * plus)
    show(f"     their sum {added(terms[w][::-1])}", w.grad, sum(terms[w]))

j = max(n - 1, 1)
z_j, arrived = unrolled.states[j][0].operands[0], dL_dp * dp_do[j] * slope[j]
print("\nLesson 05 has the same terms, with the same factors in other groups:  ∂⁺o_j/∂w_h = f′(z_j)·o_{j−1}, and what")
print(f"arrives at the use of w_h is ∂L/∂ŷ · ∂ŷ/∂o_j · f′(z_j).  For j = {j}:")
show(f"     upstream = ({number(dL_dp)})({number(dp_do[j])})({number(slope[j])})", z_j.grad, arrived)
show(f"     the term = {number(o[j - 1])} × ({number(arrived)})", terms[w_h][j - 1], o[j - 1] * arrived)

print("\nThe chain rule of w_h, as the graph writes it:\n")
print(chain_rule(loss, w_h))

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("\nThe same as pictures: every product and sum, and the product over time as a staircase.")
print(draw(loss, unrolled).save_and_say(pictures / "06_bptt.svg"))
print(draw(loss, unrolled, "folded").save_and_say(pictures / "06_staircase.svg"))

# added from the last step, the order of the backward pass, the terms are the gradient to the bit
for w in (w_h, w_i):
    total = 0
    for term in reversed(terms[w]):
        total += term
    assert w.grad == total

print(f"\n  (9)  One step of gradient descent, w := w − η·∂L/∂w, η = {ETA}")
before = [(w.label, w.data, w.grad) for w in (w_i, w_h, w_o)]
SGD([w_i, w_h, w_o], lr=ETA).step()
for (label, data, grad), w in zip(before, (w_i, w_h, w_o)):
    show(f"     {label} = {number(data)} − {ETA}·({number(grad)})", w.data, data - ETA * grad)
