"""07  The vanishing and the exploding gradient: a product of n factors.

You will see   how much of ∂L/∂o_n is left at o_t, for t = n back to 0:  ∂L/∂o_t = ∂L/∂o_n · Π_{k=t+1..n} ∂o_k/∂o_{k−1},
               each factor f′(z_k)·w_h.  First without inputs, where every factor is w_h itself: the gradient halves,
               holds or doubles with each step.  Then with inputs, where tanh saturates and f′ is small: now even
               w_h = 2 vanishes, and fastest.
The one idea   0 < f′ ≤ 1, so no factor is larger than |w_h|.  With |w_h| < 1 the product always vanishes; with a larger
               w_h it may hold, explode, or vanish all the same.
To change      STEPS, to 5 or 50; the WEIGHTS, to 0.5, 1, 1.2; SIZE, to 0.1: inputs in (−0.1, 0.1).
To practise    python examples/07_vanishing_gradient.py --quiz, on four steps with w_h = 0.6
"""

import random
import sys
from math import isclose, tanh
from pathlib import Path

from minigrad.bptt import gradient_flow, state_jacobians
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.nn import RNN
from minigrad.notation import number

STEPS, WEIGHTS, SIZE = 30, (0.5, 1.0, 2.0), 1.0     # SIZE: of the inputs


def network(w_h, inputs):
    """(L, unrolled) of o_t = tanh(x_t + o_{t−1}·w_h),  L = o_n·w_o with w_o = 1, so that ∂L/∂o_n = 1"""
    rnn = RNN.from_weights(w_i=[[1.0]], w_h=[[w_h]], w_o=[[1.0]])
    unrolled = rnn.unroll([[x] for x in inputs])
    loss = rnn.readout(unrolled.state)[0]
    loss.label = "L"
    return loss, unrolled


if sys.argv[1:]:                                      # here, so that the lesson runs without quiz.py beside it
    from quiz import quiz

    sys.exit(quiz(*network(0.6, [0.3, -0.2, 0.5, 0.1])))

source = random.Random(0)
drawn = [source.uniform(-SIZE, SIZE) for _ in range(STEPS)]
panels = []
print("Each row: |∂L/∂o_t|, and × the factor ∂o_t/∂o_{t−1} = f′(z_t)·w_h of the step from t back to t−1.  Five such")
print("factors lie between two rows; the last line has all of f′(z_1) … f′(z_n) on average.\n")
for title, inputs in (("every x_t = 0", [0.0] * STEPS), (f"inputs in (−{number(SIZE)}, {number(SIZE)})", drawn)):
    print(f"--- {title}\n")
    flows, factors = {}, {}
    for w_h in WEIGHTS:
        loss, unrolled = network(w_h, inputs)
        flows[w_h] = gradient_flow(loss, unrolled)
        factors[w_h] = [jacobian[0][0] for jacobian in state_jacobians(unrolled)]
    print("     t  " + "".join(f"{f'w_h = {number(w_h)}':^23}" for w_h in WEIGHTS).rstrip())
    for t in range(STEPS, -1, -5):
        cells = [f"{number(flows[w][t]):>10}  {'× ' + number(factors[w][t - 1]) if t else '':<11}" for w in WEIGHTS]
        print(f"  {t:>4}  " + "".join(cells).rstrip())
    averages = [sum(factors[w]) / STEPS / w for w in WEIGHTS]
    print("    f′  " + "".join(f"{number(average, 3):>10}{'':<13}" for average in averages).rstrip() + "\n")
    panels.append(Panel(f"tanh, {title}", {f"w_h = {number(w)}": list(enumerate(flows[w])) for w in WEIGHTS}))

    # by plain floats: the factors f′(z_k)·w_h = (1 − o_k²)·w_h, multiplied up from the last step
    for w_h in WEIGHTS:
        o, slopes = 0.0, []
        for x in inputs:
            o = tanh(x + o * w_h)
            slopes.append(1 - o * o)
        product = 1.0
        for t in range(STEPS, 0, -1):
            assert isclose(flows[w_h][t], product, rel_tol=1e-9), (w_h, t)
            product *= slopes[t - 1] * w_h
        assert all(abs(factor) <= abs(w_h) for factor in factors[w_h]), "f′ is not between 0 and 1"

        left = flows[w_h][0]
        if not any(inputs):
            assert isclose(left, abs(w_h) ** STEPS), f"{left} is not w_h to the power of {STEPS}"
        assert left <= abs(w_h) ** STEPS * (1 + 1e-9), f"{left} is more than f′ ≤ 1 allows"

print("What is left at t = 0 is what can be learned from the first word.  Without inputs f′ = 1: w_h alone decides.")
print("The farther the inputs, or a w_h above 1, drive the state to the ends of tanh, the smaller is f′.\n")

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print("On a logarithmic axis a product of equal factors is a straight line.  Then the first steps as a staircase:")
print(plot(panels, "time step t", "|∂L/∂o_t| (log)").save_and_say(pictures / "07_vanish.svg"))
loss, unrolled = network(0.5, drawn[:10])
loss.backward()
print(draw(loss, unrolled).save_and_say(pictures / "07_staircase.svg"))
