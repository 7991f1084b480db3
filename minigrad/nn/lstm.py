"""The LSTM, long short-term memory, in PyTorch's equations:

    h_0 = c_0 = 0
    i_t = σ(W_ii·x_t + W_hi·h_{t−1} + b_hi)           the input gate: how much is written
    f_t = σ(W_if·x_t + W_hf·h_{t−1} + b_hf)           the forget gate: how much is kept
    g_t = tanh(W_ig·x_t + W_hg·h_{t−1} + b_hg)        what is written
    o_t = σ(W_io·x_t + W_ho·h_{t−1} + b_ho)           the output gate: how much is shown
    c_t = f_t∘c_{t−1} + i_t∘g_t                       t = 1 … n
    h_t = o_t∘tanh(c_t)
    s   = W_o·h_t + b_o

x_t   input at step t: input_size Values; or an int k for the one-hot vector that is 1 at place k
h_t   state after step t,  c_t its cell: hidden_size Values each
∘     unit by unit
W_i?  hidden_size × input_size,  W_h? hidden_size × hidden_size,  W_o output_size × hidden_size, lists of rows

∂c_t/∂c_{t−1} holds f_t itself, with no weight and no slope: where f_t is near 1, the gradient comes through.
Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000; torch.nn.LSTM, whose two biases of a gate are summed here.
"""

import math

from minigrad.nn.gated import Gated
from minigrad.nn.linear import WeightedSums, refuse_sizes
from minigrad.nn.unrolled import GatedStep, Unrolled
from minigrad.nn.weights import Start, given, matrix, optional_vector, vector
from minigrad.value import Value, sigmoid, tanh


class LSTM(Gated):
    """The LSTM of this file's head.  Weights start uniformly in ±1/√hidden_size, reproducibly by the seed; b_hf at 1,
    so that the cell keeps what it holds until it learns to forget (Jozefowicz et al. 2015).

    bias    with b_hi, b_hf, b_hg, b_ho and b_o, or without
    fused   False: every product and sum is a Value of its own, for reading and drawing.
            True: one `dot` for each unit of each gate, for training.  The gradients are the same.
    """

    def __init__(self, input_size: int, hidden_size: int, output_size=1, *, bias=False, fused=False, seed=0):
        refuse_sizes("LSTM", input_size=input_size, hidden_size=hidden_size, output_size=output_size)
        start = Start(1 / math.sqrt(hidden_size), seed)
        self.w_ii = start.matrix("w_ii", hidden_size, input_size)
        self.w_if = start.matrix("w_if", hidden_size, input_size)
        self.w_ig = start.matrix("w_ig", hidden_size, input_size)
        self.w_io = start.matrix("w_io", hidden_size, input_size)
        self.w_hi = start.matrix("w_hi", hidden_size, hidden_size)
        self.w_hf = start.matrix("w_hf", hidden_size, hidden_size)
        self.w_hg = start.matrix("w_hg", hidden_size, hidden_size)
        self.w_ho = start.matrix("w_ho", hidden_size, hidden_size)
        self.w_o = start.matrix("w_o", output_size, hidden_size)
        self.b_hi = start.vector("b_hi", hidden_size) if bias else None
        self.b_hf = vector("b_hf", [1.0] * hidden_size) if bias else None
        self.b_hg = start.vector("b_hg", hidden_size) if bias else None
        self.b_ho = start.vector("b_ho", hidden_size) if bias else None
        self.b_o = start.vector("b_o", output_size) if bias else None
        self.settle(self.w_ii, fused)

    @classmethod
    def from_weights(
        cls, w_ii, w_if, w_ig, w_io, w_hi, w_hf, w_hg, w_ho, w_o,
        b_hi=None, b_hf=None, b_hg=None, b_ho=None, b_o=None, fused=False,
    ) -> "LSTM":
        """An LSTM of given weights: matrices are lists of rows, biases lists.  Values are used as they are, and
        named where they have no label; numbers become new Values.  Raises ValueError where the sizes do not fit."""
        lstm = cls.__new__(cls)
        lstm.w_ii, lstm.w_if = matrix("w_ii", w_ii), matrix("w_if", w_if)
        lstm.w_ig, lstm.w_io = matrix("w_ig", w_ig), matrix("w_io", w_io)
        lstm.w_hi, lstm.w_hf = matrix("w_hi", w_hi), matrix("w_hf", w_hf)
        lstm.w_hg, lstm.w_ho = matrix("w_hg", w_hg), matrix("w_ho", w_ho)
        lstm.w_o = matrix("w_o", w_o)
        lstm.b_hi = optional_vector("b_hi", b_hi)
        lstm.b_hf = optional_vector("b_hf", b_hf)
        lstm.b_hg = optional_vector("b_hg", b_hg)
        lstm.b_ho = optional_vector("b_ho", b_ho)
        lstm.b_o = optional_vector("b_o", b_o)
        lstm.settle(lstm.w_ii, fused)
        return lstm

    def cell(self, x, state) -> tuple[list[Value], list[Value]]:
        """(h_t, c_t) from an input and the pair (h_{t−1}, c_{t−1}); changes neither."""
        step = self.step(1, self.as_input(x), self.start(state).carried[0], self.sums())
        return step.state, step.cell

    def sums(self) -> dict[str, WeightedSums]:
        """The weighted sum of every gate"""
        return {
            "i": self.joint(self.w_ii, self.w_hi, self.b_hi),
            "f": self.joint(self.w_if, self.w_hf, self.b_hf),
            "g": self.joint(self.w_ig, self.w_hg, self.b_hg),
            "o": self.joint(self.w_io, self.w_ho, self.b_ho),
        }

    def step(self, t: int, x, carried: list[Value], sums: dict[str, WeightedSums]) -> GatedStep:
        """c_t = f_t∘c_{t−1} + i_t∘g_t,  h_t = o_t∘tanh(c_t)"""
        h, c = carried[: self.hidden_size], carried[self.hidden_size :]
        i = [sigmoid(z) for z in sums["i"](x, h)]
        f = [sigmoid(z) for z in sums["f"](x, h)]
        g = [tanh(z) for z in sums["g"](x, h)]
        o = [sigmoid(z) for z in sums["o"](x, h)]
        c = [kept * before + written * new for kept, before, written, new in zip(f, c, i, g)]
        h = [shown * tanh(item) for shown, item in zip(o, c)]
        return GatedStep(t, x, h, {"i": i, "f": f, "g": g, "o": o}, c)

    def start(self, state) -> Unrolled:
        """(h_0, c_0) = state, or zeros, before any step"""
        if state is None:
            state = [0] * self.hidden_size, [0] * self.hidden_size
        pair = isinstance(state, (list, tuple)) and len(state) == 2
        if not pair or not all(isinstance(part, (list, tuple)) for part in state):
            raise ValueError(f"LSTM: the state is {given(state)}; it must be a pair (h, c) of lists of numbers")
        h, c = map(self.as_state, state)
        return Unrolled(h, [], c)
