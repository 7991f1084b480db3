# %% [markdown]
# # 09 Types of RNN: seven ways to call three pieces
#
# Every network here is made of the same three pieces (the loop may be written out, and one network has a layer more):
#
# - `cell(x, state)` makes the next state from an input and the state before,
# - `unroll(xs)` runs the cell over all inputs, and keeps every step in an `Unrolled`,
# - `readout(state)` makes an output of a state, wherever you want one.
#
# Each network is a function of a few lines. It returns its outputs and what it unrolled. An output **sees** an input if
# it has a gradient with respect to it. Guess first which inputs each output sees; then the lesson prints it.
#
# The pictures are those of textbooks: inputs below, states in the middle, outputs above. The states of two `Unrolled`
# are marked ⁽¹⁾ and ⁽²⁾. The gradients are those of a loss, here the mean squared error.

# %%
from math import isclose
from pathlib import Path

from minigrad import Value
from minigrad.bptt import state_jacobians
from minigrad.draw import Drawing, draw
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN, Linear, Step, Unrolled
from minigrad.notation import name, signed

XS: list[list[float]] = [[1], [0.5], [-1]]
SEEN: dict[str, list] = {}                            # {network: the inputs that each output sees}


def network(w_i=0.5, w_h=0.8, w_o=1.2) -> RNN:
    return RNN.from_weights(w_i=[[w_i]], w_h=[[w_h]], w_o=[[w_o]])


def with_loss(outputs: list[Value]) -> Value:
    """L = mean of (s_t − y_t)², y = 1, 0, 1, 0, …; names the outputs s_1 … s_n"""
    for t, s in enumerate(outputs, start=1):
        s.label = f"s_{t}" if len(outputs) > 1 else "s"
    loss = mse_loss(outputs, [t % 2 for t in range(1, len(outputs) + 1)])
    loss.label = "L"
    loss.backward()
    return loss


def show(shape) -> Drawing:
    """Prints what each output sees, and gives the picture"""
    outputs, unrolleds = shape()
    loss = with_loss(outputs)
    inputs = [x for step in unrolleds[0] for x in step.inputs if not x.operands]
    SEEN[shape.__name__] = []
    for s in outputs:
        gradient = gradients(s)
        SEEN[shape.__name__].append([x.label for x in inputs if gradient.get(x)])
        print(f"{name(s.label):<2} = {signed(s.data):<9}  sees {', '.join(map(name, SEEN[shape.__name__][-1]))}")
    picture = draw(loss, unrolleds)
    Path("minigrad-lessons").mkdir(exist_ok=True)
    print(picture.save_and_say(f"minigrad-lessons/09_{shape.__name__}.svg"))
    return picture


# %% [markdown]
# ## One to one
#
# No time at all: a single step.

# %%
def one_to_one():
    rnn = network()
    unrolled = rnn.unroll([[1]])
    return rnn.readout(unrolled.state), [unrolled]


show(one_to_one)

# %% [markdown]
# ## Many to one
#
# Judge a sequence, as lessons 06 and 08 do: read out the last state. Does it see what came first?

# %%
def many_to_one():
    rnn = network()
    unrolled = rnn.unroll(XS)
    return rnn.readout(unrolled.state), [unrolled]


show(many_to_one)

# %% [markdown]
# ## Many to many
#
# Label every item: read out every state. Which outputs see the first input, and which see the last?

# %%
def many_to_many():
    rnn = network()
    unrolled = rnn.unroll(XS)
    return [rnn.readout(step.state)[0] for step in unrolled], [unrolled]


show(many_to_many)

# %% [markdown]
# ## Bidirectional
#
# In "many to many" an output does not see what is still to come. Here two networks read the same inputs, one from the
# end, and a `Linear` layer reads the two states of an item; its weights are random, the same in every run.

# %%
def bidirectional():
    forward, backward = network(), network(-0.4, 0.7)
    xs = [[Value(x)] for [x] in XS]
    there, back = forward.unroll(xs), backward.unroll(xs[::-1])
    readout = Linear(2, 1)
    return [readout(a.state + b.state)[0] for a, b in zip(there, reversed(back.steps))], [there, back]


show(bidirectional)

# %% [markdown]
# ## One to many
#
# Generate: every output is the next input. The inputs are not known before, so the loop is written out. Only the first
# step reads $x_1$; by which ways does the second output see it? A state reaches the next one through $w_h$, and
# through the output $o_{t-1}\,w_o$ that became the input $x_t$:
# $$\partial o_t/\partial o_{t-1} = (1 - o_t^2)\,(w_h + w_i\,w_o)$$

# %%
def one_to_many():
    rnn = network()
    x, unrolled = [Value(1, label="x_1")], Unrolled([Value(0)], [])
    outputs: list[Value] = []
    for t in (1, 2, 3):
        unrolled.steps.append(Step(t, x, rnn.cell(x, unrolled.state)))
        x = rnn.readout(unrolled.state)
        outputs += x
    return outputs, [unrolled]


show(one_to_many)

# %% [markdown]
# ## Encoder and decoder
#
# Translate: a second network starts from the last state of the first. Everything that it can know of the inputs must
# fit into this one state. Do its later outputs still see $x_1$? (The two inputs of the decoder itself are not listed.)

# %%
def encoder_decoder():
    encoder, decoder = network(), network(-0.4, 0.7, 0.9)
    read = encoder.unroll(XS)
    written = decoder.unroll([[0], [1]], state=read.state)
    return [decoder.readout(step.state)[0] for step in written], [read, written]


show(encoder_decoder)

# %% [markdown]
# ## Stacked
#
# Deep: the states of the first network are the inputs of the second. How many routes lead from $s$ back to $x_1$? (One
# for each step: the gradient goes back in time, and at some step it goes down to the first network.)

# %%
def stacked():
    first, second = network(), network(-0.4, 0.7, 0.9)
    below = first.unroll(XS)
    above = second.unroll([step.state for step in below])
    return second.readout(above.state), [below, above]


show(stacked)

# %% [markdown]
# ## Check
#
# Each output sees what its picture promises, and in "one to many" a state reaches the next one in two ways.

# %%
n, every = len(XS), [f"x_{t}" for t in range(1, len(XS) + 1)]
for kind, expected in {
    "many_to_many": [every[:t] for t in range(1, n + 1)],
    "bidirectional": [every] * n,
    "many_to_one": [every],
    "stacked": [every],
    "one_to_many": [["x_1"]] * len(SEEN["one_to_many"]),
    "encoder_decoder": [every] * len(SEEN["encoder_decoder"]),
}.items():
    sees, should = ("; ".join(", ".join(xs) or "nothing" for xs in lists) for lists in (SEEN[kind], expected))
    assert sees == should, f"{kind}: its outputs see {sees}, and should see {should}"

_, [generated] = one_to_many()
o_n, [[slope]] = generated.state[0].data, state_jacobians(generated)[-1]
assert isclose(slope, (1 - o_n**2) * (0.8 + 0.5 * 1.2), rel_tol=1e-12), "the state does not reach the next one twice"
print("Every output sees what it should.")

# %% [markdown]
# ## Change it
#
# - One more input: `[[1], [0.5], [-1]]` → `[[1], [0.5], [-1], [2]]`
# - A longer translation: `decoder.unroll([[0], [1]]` → `decoder.unroll([[0], [1], [0], [1]]`
# - Generate more: `for t in (1, 2, 3):` → `for t in (1, 2, 3, 4, 5):`
# - No memory, $w_h = 0$, in every `network()` that is called without numbers; the check fails and says what the outputs
#   of "many to many" see then. Which other outputs still see an earlier input, and by what?
#   `w_h=0.8, w_o` → `w_h=0.0, w_o`
# - Both directions from the front; the check fails. The first item then goes with the backward state after all inputs,
#   the last with that after $x_1$ alone, so it is the items between that see too little:
#   `backward.unroll(xs[::-1])` → `backward.unroll(xs)`
