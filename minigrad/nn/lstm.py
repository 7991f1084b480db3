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

∂⁺c_t/∂c_{t−1} = f_t, without a weight or an activation's derivative: where f_t is near 1, the gradient is kept.
Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000; torch.nn.LSTM, whose two biases of a gate are summed here.
"""

from typing import Any

from minigrad.elementary import sigmoid, tanh
from minigrad.nn.layer import WeightedSums
from minigrad.nn.matrices import Matrix, Vector, describe
from minigrad.nn.recurrent import Recurrent
from minigrad.nn.unrolled import Step, Unrolled
from minigrad.value import Value


class LSTM(Recurrent):
    """The LSTM; its arguments: see Recurrent.__init__.  b_hf is initialized to 1, so that the cell keeps its content
    until it learns to forget (Jozefowicz et al. 2015)."""

    SHAPES = {
        **dict.fromkeys(("w_ii", "w_if", "w_ig", "w_io"), ("hidden_size", "input_size")),
        **dict.fromkeys(("w_hi", "w_hf", "w_hg", "w_ho"), ("hidden_size", "hidden_size")),
        "w_o": ("output_size", "hidden_size"),
        **dict.fromkeys(("b_hi", "b_hf", "b_hg", "b_ho"), ("hidden_size",)),
        "b_o": ("output_size",),
    }
    ALL_ONES = ("b_hf",)

    w_ii: Matrix
    w_if: Matrix
    w_ig: Matrix
    w_io: Matrix
    w_hi: Matrix
    w_hf: Matrix
    w_hg: Matrix
    w_ho: Matrix
    b_hi: Vector | None
    b_hf: Vector | None
    b_hg: Vector | None
    b_ho: Vector | None

    def weighted_sums(self) -> dict[str, WeightedSums]:
        """{gate: its weighted sums}"""
        return {
            "i": WeightedSums(self.fused, self.w_ii, self.w_hi, self.b_hi),
            "f": WeightedSums(self.fused, self.w_if, self.w_hf, self.b_hf),
            "g": WeightedSums(self.fused, self.w_ig, self.w_hg, self.b_hg),
            "o": WeightedSums(self.fused, self.w_io, self.w_ho, self.b_ho),
        }

    def step(self, t: int, x: Any, carried: list[Value], sums: dict[str, WeightedSums]) -> Step:
        """c_t = f_t∘c_{t−1} + i_t∘g_t,  h_t = o_t∘tanh(c_t)"""
        h, c = carried[: self.hidden_size], carried[self.hidden_size :]
        i = [sigmoid(z) for z in sums["i"](x, h)]
        f = [sigmoid(z) for z in sums["f"](x, h)]
        g = [tanh(z) for z in sums["g"](x, h)]
        o = [sigmoid(z) for z in sums["o"](x, h)]
        c = [forget * before + write * new for forget, before, write, new in zip(f, c, i, g)]
        h = [show * tanh(content) for show, content in zip(o, c)]
        return Step(t, x, h, c, {"i": i, "f": f, "g": g, "o": o})

    def initial_unrolled(self, state: Any) -> Unrolled:
        """(h_0, c_0) = state, or zeros, before any step"""
        if state is None:
            state = [0] * self.hidden_size, [0] * self.hidden_size
        pair = isinstance(state, (list, tuple)) and len(state) == 2
        if not pair or not all(isinstance(part, (list, tuple)) for part in state):
            raise ValueError(f"LSTM: the state is {describe(state)}; it must be a pair (h, c) of lists of numbers")
        h, c = map(self.as_state, state)
        return Unrolled(h, [], c)
