"""09  The types of RNN: seven ways to call the same three pieces, cell, unroll and readout.

    unroll(xs)        one state for each input          cell(x, state)    one step of it, for a loop of your own
    readout(state)    the output of a state, wherever one is wanted

You will see   seven networks, each a function of a few lines that returns its outputs and what it unrolled.  The lesson
               prints which inputs an output sees, those with respect to which it has a gradient, and draws it as
               textbooks do: inputs below, states in the middle, outputs above.
To change      the inputs; or one shape into another: stacked into three layers, the decoder into a longer one.
"""

from pathlib import Path

from minigrad import Value
from minigrad.bptt import state_jacobians
from minigrad.draw import draw
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN, Linear, Step, Unrolled
from minigrad.notation import name, signed

XS: list[list[float]] = [[1], [0.5], [-1]]


def network(w_i=0.5, w_h=0.8, w_o=1.2) -> RNN:
    return RNN.from_weights(w_i=[[w_i]], w_h=[[w_h]], w_o=[[w_o]])


def one_to_one():
    """No time at all: one step, which is a network of one layer"""
    rnn = network()
    unrolled = rnn.unroll([[1]])
    return rnn.readout(unrolled.state), [unrolled]


def one_to_many():
    """Generate: every output is the next input, so the loop is written out"""
    rnn = network()
    x, unrolled = [Value(1, label="x_1")], Unrolled([Value(0)], [])
    outputs: list[Value] = []
    for t in (1, 2, 3):
        unrolled.steps.append(Step(t, x, rnn.cell(x, unrolled.state)))
        x = rnn.readout(unrolled.state)
        outputs += x
    return outputs, [unrolled]


def many_to_one():
    """Judge a sequence: read out the last state"""
    rnn = network()
    unrolled = rnn.unroll(XS)
    return rnn.readout(unrolled.state), [unrolled]


def many_to_many():
    """Label every item: read out every state"""
    rnn = network()
    unrolled = rnn.unroll(XS)
    return [rnn.readout(step.state)[0] for step in unrolled], [unrolled]


def encoder_decoder():
    """Translate: a second network starts from the last state of the first"""
    encoder, decoder = network(), network(-0.4, 0.7, 0.9)
    read = encoder.unroll(XS)
    written = decoder.unroll([[0], [1]], state=read.state)
    return [decoder.readout(step.state)[0] for step in written], [read, written]


def bidirectional():
    """Label every item by what comes before it and after it: two networks read the same inputs, one from the end"""
    forward, backward = network(), network(-0.4, 0.7)
    xs = [[Value(x)] for [x] in XS]
    there, back = forward.unroll(xs), backward.unroll(xs[::-1])
    readout = Linear(2, 1)
    return [readout(a.state + b.state)[0] for a, b in zip(there, reversed(back.steps))], [there, back]


def stacked():
    """Deep: the states of the first network are the inputs of the second"""
    first, second = network(), network(-0.4, 0.7, 0.9)
    below = first.unroll(XS)
    above = second.unroll([step.state for step in below])
    return second.readout(above.state), [below, above]


def with_loss(outputs: list[Value]) -> Value:
    """L = mean of (s_t − y_t)², y = 1, 0, 1, 0, …; and the names s_1 … s_n"""
    for t, s in enumerate(outputs, start=1):
        s.label = f"s_{t}" if len(outputs) > 1 else "s"
    loss = mse_loss(outputs, [t % 2 for t in range(1, len(outputs) + 1)])
    loss.label = "L"
    loss.backward()
    return loss


def seen(output: Value, unrolled: Unrolled) -> list[str]:
    """The inputs x_1 … x_n with respect to which an output has a gradient"""
    slopes = gradients(output)
    leaves = [x for step in unrolled if isinstance(step.x, list) for x in step.x if not x.operands]
    return [x.label for x in leaves if slopes.get(x)]


SHAPES = [one_to_one, one_to_many, many_to_one, many_to_many, encoder_decoder, bidirectional, stacked]


def main() -> None:
    directory = Path("minigrad-lessons")
    directory.mkdir(exist_ok=True)
    seen_by = {}
    for shape in SHAPES:
        outputs, unrolleds = shape()
        loss = with_loss(outputs)
        print(f"\n{shape.__name__.replace('_', ' ')}: {shape.__doc__}")
        seen_by[shape.__name__] = [seen(s, unrolleds[0]) for s in outputs]
        for s, xs in zip(outputs, seen_by[shape.__name__]):
            print(f"  {name(s.label):<2} = {signed(s.data):<8}  sees {', '.join(map(name, xs))}")
        print(draw(loss, unrolleds).save_and_say(directory / f"09_{shape.__name__}.svg"))

    n, every = len(XS), [f"x_{t}" for t in range(1, len(XS) + 1)]
    for kind, expected in {
        "many_to_many": [every[:t] for t in range(1, n + 1)],           # an output cannot see what is still to come …
        "bidirectional": [every] * n,                                   # … unless someone reads from the end
        "many_to_one": [every],
        "stacked": [every],
        "one_to_many": [["x_1"]] * len(seen_by["one_to_many"]),         # all that it generates grows from one input
        "encoder_decoder": [every] * len(seen_by["encoder_decoder"]),   # through one state, however long the sequence
    }.items():
        assert seen_by[kind] == expected, f"{kind}: its outputs see {seen_by[kind]}, and should see {expected}"

    # where an output is fed back, the state reaches the next one twice: ∂o_t/∂o_{t−1} = (1 − o_t²)·(w_h + w_i·w_o)
    _, [generated] = one_to_many()
    o_n, [[slope]] = generated.state[0].data, state_jacobians(generated)[-1]
    assert abs(slope - (1 - o_n**2) * (0.8 + 0.5 * 1.2)) < 1e-15


if __name__ == "__main__":
    main()
