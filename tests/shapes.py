"""The shapes of recurrent networks: ways to call cell, unroll and readout.

    one to one         x → s                          the loop run once
    one to many        x → s_1 … s_n                  each output is the next input
    many to one        x_1 … x_n → s                  the readout of the last state
    many to many       x_1 … x_n → s_1 … s_n          the readout of every state
    encoder, decoder   x_1 … x_m → s_1 … s_n          the second starts from the last state of the first
    bidirectional      the same inputs read from both ends, the two states of an input joined
    stacked            the states of the first are the inputs of the second
"""

from typing import NamedTuple

from minigrad import Value
from minigrad.losses import binary_cross_entropy_with_logits, mse_loss
from minigrad.nn import RNN, Linear, Step, Unrolled

NUMBERS: dict = {
    "A": {"w_i": [[0.5, -0.3], [0.2, 0.8]], "w_h": [[0.4, -0.6], [0.7, 0.1]], "b_h": [0.1, -0.2]},
    "B": {"w_i": [[-0.4, 0.6], [0.9, 0.3]], "w_h": [[0.2, 0.5], [-0.8, 0.3]], "b_h": [-0.1, 0.3]},
    "out": {"w_o": [[0.9, -0.5], [0.3, 0.7]], "b_o": [0.05, -0.1]},
}
XS = [[1.0, -0.5], [0.3, 0.8], [-0.7, 0.2]]
YS = [[0.6, -0.2], [-0.4, 0.1], [0.5, 0.9]]


class Setting(NamedTuple):
    """How to build a shape: of vectors (size 2) or of scalars (size 1, the leading numbers of all)"""

    fused: bool = False
    size: int = 2
    kind: type[RNN] = RNN
    numbers: dict = NUMBERS

    def cut(self, nested):
        return [self.cut(x) if isinstance(x, list) else x for x in nested[: self.size]]

    def rnn(self, of: str, outputs=1) -> RNN:
        given = {name: self.cut(w) for name, w in {**self.numbers[of], **self.numbers["out"]}.items()}
        given["w_o"], given["b_o"] = given["w_o"][:outputs], given["b_o"][:outputs]
        return self.kind.from_weights(**given, fused=self.fused)

    def rows(self, of) -> list[list[float]]:
        return [self.cut(row) for row in of]


class Built(NamedTuple):
    """A network of a shape: its parts by name, what each left behind, its outputs, its loss"""

    networks: dict
    unrolleds: dict[str, Unrolled]
    outputs: list
    loss: Value

    def parameters(self) -> dict:
        """{"encoder.w_i": the matrix, …}, the readout's called out"""
        found = {f"{k}.{w}": getattr(self.networks[k], w) for k in self.unrolleds for w in ("w_i", "w_h", "b_h")}
        out = self.networks["out"]
        matrix, bias = (out.weight, out.bias) if isinstance(out, Linear) else (out.w_o, out.b_o)
        return found | {"out.weight": matrix, "out.bias": bias}


def flat(nested):
    return [x for item in nested for x in flat(item)] if isinstance(nested, (list, tuple)) else [nested]


def one_to_one(given: Setting) -> Built:
    rnn = given.rnn("A")
    unrolled = rnn.unroll(given.rows(XS[:1]))
    [s] = rnn.readout(unrolled.state)
    return Built({"rnn": rnn, "out": rnn}, {"rnn": unrolled}, [s], binary_cross_entropy_with_logits(s, 1))


def one_to_many(given: Setting) -> Built:
    rnn = given.rnn("A", outputs=2)
    x, unrolled = [Value(v) for v in given.cut(XS[0])], Unrolled([Value(0) for _ in range(given.size)], [])
    outputs = []
    for t in (1, 2, 3):
        unrolled.steps.append(Step(t, x, rnn.cell(x, unrolled.state)))
        x = rnn.readout(unrolled.state)               # the next input
        outputs.append(x)
    return Built({"rnn": rnn, "out": rnn}, {"rnn": unrolled}, outputs, mse(given, outputs))


def many_to_one(given: Setting) -> Built:
    rnn = given.rnn("A")
    unrolled = rnn.unroll(given.rows(XS))
    [s] = rnn.readout(unrolled.state)
    return Built({"rnn": rnn, "out": rnn}, {"rnn": unrolled}, [s], binary_cross_entropy_with_logits(s, 1))


def many_to_many(given: Setting) -> Built:
    rnn = given.rnn("A", outputs=2)
    unrolled = rnn.unroll(given.rows(XS))
    outputs = [rnn.readout(step.state) for step in unrolled]
    return Built({"rnn": rnn, "out": rnn}, {"rnn": unrolled}, outputs, mse(given, outputs))


def encoder_decoder(given: Setting) -> Built:
    encoder, decoder = given.rnn("A"), given.rnn("B", outputs=2)
    read = encoder.unroll(given.rows(XS))
    written = decoder.unroll(given.rows([[0, 0], *YS[:-1]]), state=read.state)
    outputs = [decoder.readout(step.state) for step in written]
    networks = {"encoder": encoder, "decoder": decoder, "out": decoder}
    return Built(networks, {"encoder": read, "decoder": written}, outputs, mse(given, outputs))


def bidirectional(given: Setting) -> Built:
    forward, backward, linear = given.rnn("A"), given.rnn("B"), Linear(2 * given.size, 1)
    for w, data in zip(linear.parameters(), [*given.cut([0.9, -0.5]), *given.cut([0.3, 0.7]), 0.05]):
        w.data = data
    xs = [[Value(v) for v in x] for x in given.rows(XS)]
    there, back = forward.unroll(xs), backward.unroll(xs[::-1])
    outputs = [linear(a.state + b.state) for a, b in zip(there, reversed(back.steps))]
    networks = {"forward": forward, "backward": backward, "out": linear}
    return Built(networks, {"forward": there, "backward": back}, outputs, mse_loss(flat(outputs), [0.6, -0.4, 0.5]))


def stacked(given: Setting) -> Built:
    first, second = given.rnn("A"), given.rnn("B")
    below = first.unroll(given.rows(XS))
    above = second.unroll([step.state for step in below])
    [s] = second.readout(above.state)
    networks = {"first": first, "second": second, "out": second}
    return Built(networks, {"first": below, "second": above}, [s], binary_cross_entropy_with_logits(s, 1))


def mse(given: Setting, outputs) -> Value:
    return mse_loss(flat(outputs), flat(given.rows(YS)))


SHAPES = [one_to_one, one_to_many, many_to_one, many_to_many, encoder_decoder, bidirectional, stacked]
