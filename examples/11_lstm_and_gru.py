"""11  LSTM and GRU: a road for the gradient.

You will see   three steps of an LSTM of one unit, every gate and every gradient computed once more with plain floats.
               ∂c_t/∂c_{t−1} is f_t itself, where every factor of a plain RNN is f′(z_t)·w_h (lesson 07); a step of a
               GRU holds z_t in the same way.  Then the gradients of networks of eight units over fifty steps; and a
               first word that is to be remembered over thirty.
The one idea   c_t = f_t·c_{t−1} + i_t·g_t: what is kept is multiplied by a gate, and a gate can stay near 1.  It need
               not: at its start, with f_t about σ(1) = 0.73, the gradient of an LSTM vanishes too.
To change      b_hf of WEIGHTS, to 5; then to -5, a gate that forgets.  Or SEED; or LENGTH, to 5, so short that the
               plain RNN learns it too, and the last check says so.
"""

import random
from math import exp, isclose, tanh
from pathlib import Path

from minigrad import Value
from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.cli.vanishing import CELLS, NORMS, OPEN_GATE_BIAS, cell_lines, compare_cells, random_inputs
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.losses import binary_cross_entropy_with_logits
from minigrad.nn import GRU, LSTM, RNN
from minigrad.nn.weights import vector
from minigrad.notation import added, number
from minigrad.optim import Adam

INPUTS = [1, 0.5, -1]
WEIGHTS = {
    "w_ii": 0.5, "w_if": -0.3, "w_ig": 0.9, "w_io": 0.2,
    "w_hi": 0.4, "w_hf": 0.6, "w_hg": -0.7, "w_ho": 0.8,
    "b_hi": 0.1, "b_hf": 1.0, "b_hg": 0.0, "b_ho": 0.2,
}
GATES = "ifgo"


def sigma(z):
    return 1 / (1 + exp(-z))


def as_lists(weights):
    """A weight w as the matrix [[w]], a bias b as [b]"""
    return {key: [[w]] if key[0] == "w" else [w] for key, w in weights.items()}


# ---------------------------------------------------------------------- one unit, with numbers

print("An LSTM of one unit.  Each gate is f(x_t·w_i + h_{t−1}·w_h + b), f = σ for i, f, o and tanh for g:")
print("  c_t = f_t·c_{t−1} + i_t·g_t,   h_t = o_t·tanh(c_t),   L = h_n\n")
lstm = LSTM.from_weights(**as_lists(WEIGHTS), w_o=[[1.0]])
unrolled = lstm.unroll([[x] for x in INPUTS])
loss, n = unrolled.state[0], len(unrolled)

# the same with plain floats: nothing of minigrad is used for these
plain = [{"c": 0.0, "h": 0.0}]
for x in INPUTS:
    before = plain[-1]
    now = {}
    for gate in GATES:
        z = x * WEIGHTS[f"w_i{gate}"] + before["h"] * WEIGHTS[f"w_h{gate}"] + WEIGHTS[f"b_h{gate}"]
        now[gate] = tanh(z) if gate == "g" else sigma(z)
    now["c"] = now["f"] * before["c"] + now["i"] * now["g"]
    now["h"] = now["o"] * tanh(now["c"])
    plain.append(now)

print("     t     x_t" + "".join(f"{f'{letter}_t':>9}" for letter in "ifgoch"))
for t in range(1, n + 1):
    step = unrolled[t - 1]
    found = {**step.gates, "c": step.cell, "h": step.state}
    print(f"  {t:>4}  {number(INPUTS[t - 1]):>6}" + "".join(f"{number(v.data):>9}" for [v] in found.values()))
    assert all(isclose(v.data, plain[t][letter], rel_tol=1e-12) for letter, [v] in found.items())

# ∂L/∂h_t and ∂L/∂c_t on paper: back through the three lines of each step
to_h, to_c = [0.0] * n + [1.0], [0.0] * (n + 1)
for t in range(n, 0, -1):
    now, before = plain[t], plain[t - 1]
    to_c[t] += to_h[t] * now["o"] * (1 - tanh(now["c"]) ** 2)
    to_gate = {"i": to_c[t] * now["g"], "f": to_c[t] * before["c"], "g": to_c[t] * now["i"]}
    to_gate["o"] = to_h[t] * tanh(now["c"])
    slope = {gate: 1 - now[gate] ** 2 if gate == "g" else now[gate] * (1 - now[gate]) for gate in GATES}
    to_h[t - 1] = sum(to_gate[gate] * slope[gate] * WEIGHTS[f"w_h{gate}"] for gate in GATES)
    to_c[t - 1] = to_c[t] * now["f"]

print("\nBack: ∂c_t/∂c_{t−1} with h_{t−1} held fixed; it is f_t, to the bit.  And all that arrives:\n")
print("     t   ∂c_t/∂c_{t−1}   |∂L/∂c_t|   |∂L/∂h_t|")
jacobians = state_jacobians(unrolled)                 # of (h, c): [1][1] leads from c to c
flow_h, flow_c = gradient_flow(loss, unrolled), gradient_flow(loss, unrolled, of="cell")
for t in range(n, -1, -1):
    factor = number(jacobians[t - 1][1][1]) if t else ""
    print(f"  {t:>4}   {factor:>13}   {number(flow_c[t]):>9}   {number(flow_h[t]):>9}")
    assert isclose(flow_c[t], abs(to_c[t]), rel_tol=1e-9) and isclose(flow_h[t], abs(to_h[t]), rel_tol=1e-9)
    assert t == 0 or jacobians[t - 1][1][1] == unrolled[t - 1].gates["f"][0].data

W_HR, W_HZ, W_HN = 0.3, -0.4, 0.8
gru = GRU.from_weights([[0.5]], [[-0.3]], [[0.9]], [[W_HR]], [[W_HZ]], [[W_HN]], [[1.0]])
steps = gru.unroll([[x] for x in INPUTS])
[[slope_of_h]] = state_jacobians(steps)[-1]
h = steps[-2].state[0].data
r, z_gate, new = [steps[-1].gates[gate][0].data for gate in "rzn"]
through_gate = (h - new) * z_gate * (1 - z_gate) * W_HZ
through_new = (1 - z_gate) * (1 - new**2) * (r * W_HN + r * (1 - r) * W_HR * W_HN * h)
written = f"{added([z_gate, through_gate, through_new])} = {number(slope_of_h)}"
print(f"\nA GRU keeps h itself: ∂h₃/∂h₂ = z₃ + (through the gate z₃) + (through n₃) = {written}")
assert isclose(slope_of_h, z_gate + through_gate + through_new, rel_tol=1e-12)

# ---------------------------------------------------------------------- fifty steps

print(f"\n{CELLS}; f ≈ 1 is σ({number(OPEN_GATE_BIAS)}) = {number(sigma(OPEN_GATE_BIAS), 3)}:\n")
reached = compare_cells(random_inputs(50), "tanh")
for line in cell_lines(reached):
    print(line)
assert reached["RNN"][0] < reached["LSTM c"][0] < 1e-3, "at its start an LSTM vanishes too, but later"
assert reached["c, f ≈ 1"][0] > 1e-2

# ---------------------------------------------------------------------- thirty words

LENGTH, UNITS, UPDATES, SEED = 30, 3, 80, 0
WORDS = 5                                             # 0 is bad, 1 is good; 2, 3, 4 say nothing


def pair(source):
    """Two texts, alike but for their first word"""
    rest = [source.randrange(2, WORDS) for _ in range(LENGTH - 1)]
    return [(0, [0, *rest]), (1, [1, *rest])]


def learn(network):
    """(the mean loss of every 5 updates, how many of 100 new texts are judged rightly)"""
    source, optimizer = random.Random(SEED), Adam(network.parameters(), lr=0.03)
    means, losses = [], []
    for update in range(1, UPDATES + 1):
        loss = Value(0)
        for y, text in [*pair(source), *pair(source)]:
            loss = loss + binary_cross_entropy_with_logits(network.readout(network.unroll(text).state)[0], y) / 4
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
        if update % 5 == 0:
            means.append((update, sum(losses[-5:]) / 5))
    new = [each for _ in range(50) for each in pair(source)]
    return means, sum((network.readout(network.unroll(text).state)[0] > 0) == y for y, text in new) / len(new)


keeping = LSTM(WORDS, UNITS, bias=True, fused=True, seed=SEED)
keeping.b_hf = vector("b_hf", [OPEN_GATE_BIAS] * UNITS)
print(f"\nThe first of {LENGTH} words is good or bad, the others say nothing.  {UNITS} units, {UPDATES} updates.")
print("left is ‖∂L/∂h₁‖ / ‖∂L/∂h_n‖ before the first of them, and of an LSTM the same of c:\n")
print("                        left   mean L at the end   right")
curves, right = {}, {}
for kind, network, of in (
    ("RNN", RNN(WORDS, UNITS, bias=True, fused=True, seed=SEED), "state"),
    ("LSTM", LSTM(WORDS, UNITS, bias=True, fused=True, seed=SEED), "cell"),
    ("LSTM, f ≈ 1", keeping, "cell"),
):
    (y, text), _ = pair(random.Random(SEED))
    over = network.unroll(text)
    flow = gradient_flow(binary_cross_entropy_with_logits(network.readout(over.state)[0], y), over, of)
    curves[kind], right[kind] = learn(network)
    left, end = number(flow[1] / flow[-1]), number(curves[kind][-1][1], 3)
    print(f"  {kind:<13} {left:>12}   {end:>17}   {number(right[kind], 3)}")
print("\n0.693 is ln 2, the loss of one who has to guess.  The state of an RNN could carry the word on; but with next")
print("to no gradient at the first step it does not learn to.  For the LSTM as it starts it depends on the seed.\n")
assert right["RNN"] < 0.6 and right["LSTM, f ≈ 1"] > 0.95, right

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
loss.backward()
print("States and cells of the LSTM of one unit, f_t on the arrows from c to c; the networks over fifty steps;")
print("and how the loss of the task falls:")
carried = [v for vector in unrolled.carried for v in vector]
print(draw(loss, unrolled, "graph", fold=carried).save_and_say(pictures / "11_lstm.svg"))
panel = Panel(CELLS, {kind: list(enumerate(norms)) for kind, norms in reached.items()})
print(plot([panel], "time step t", f"{NORMS} (log)").save_and_say(pictures / "11_roads.svg"))
panel = Panel(f"the first of {LENGTH} words", curves)
print(plot([panel], "update", "mean L", logarithmic=False).save_and_say(pictures / "11_learned.svg"))
