"""What a recurrent network computed over the time steps t = 1 … n."""

from collections.abc import Iterator
from typing import NamedTuple

from minigrad.nn.weights import name_vector
from minigrad.validation import Number
from minigrad.value import Value


class Step(NamedTuple):
    """One time step: t from 1, the input x_t (a list of Values, a tuple of constants, or an int for one-hot), the
    state o_t."""

    t: int
    x: "list[Value] | tuple[Number, ...] | int"
    state: list[Value]

    def __repr__(self) -> str:
        x = self.x if isinstance(self.x, int) else few(self.x)
        return f"{type(self).__name__}(t={self.t}, x={x}, state={few(self.state)})"

    @property
    def carried(self) -> list[Value]:
        """All that this step hands on to the next"""
        return self.state


class GatedStep(Step):
    """A Step of an LSTM or a GRU: the state is h_t.

    gates     {"i": i_t, …}, a list of Values for each gate, by PyTorch's letters
    cell      c_t of an LSTM; [] of a GRU
    """

    def __new__(cls, t: int, x, state: list[Value], gates: dict[str, list[Value]], cell=()):
        step = super().__new__(cls, t, x, state)
        step.gates, step.cell = gates, list(cell)
        return step

    def __getnewargs__(self):                         # so that it can be copied, as a Step can
        return (self.t, self.x, self.state, self.gates, self.cell)

    gates: dict[str, list[Value]]
    cell: list[Value]

    @property
    def carried(self) -> list[Value]:
        """h_t, and behind it c_t of an LSTM"""
        return [*self.state, *self.cell]


class Unrolled:
    """What an RNN computed over n time steps: the initial state o_0 and the Steps.  Iterable, of length n.

    An LSTM has an initial cell c_0 too.  Made by unroll, or by hand from a time loop of one's own.
    cuts: {leaf: the state that it was cut from}, where no gradient flows back (see cut).
    """

    def __init__(self, initial: list[Value], steps: list[Step], initial_cell=()):
        self.initial, self.steps, self.initial_cell = initial, steps, list(initial_cell)
        self.cuts: dict[Value, Value] = {}

    def cut(self, carried: list[Value]) -> list[Value]:
        """Leaves of the same numbers, for the next step to start from: no gradient flows back into what was carried."""
        leaves = [value.detach() for value in carried]
        self.cuts.update(zip(leaves, carried))
        return leaves

    @property
    def state(self) -> list[Value]:
        """o_n; h_n of an LSTM or a GRU"""
        return self.steps[-1].state if self.steps else self.initial

    @property
    def states(self) -> list[list[Value]]:
        """[o_0, o_1, …, o_n]"""
        return [self.initial, *(step.state for step in self.steps)]

    @property
    def cell(self) -> list[Value]:
        """c_n of an LSTM; [] of others"""
        return self.cells[-1]

    @property
    def cells(self) -> list[list[Value]]:
        """[c_0, c_1, …, c_n] of an LSTM; empty lists of others"""
        return [self.initial_cell, *(step.carried[len(step.state) :] for step in self.steps)]

    @property
    def carried(self) -> list[list[Value]]:
        """All that is handed on, at t = 0 … n: the states, and for an LSTM behind each its cell"""
        return [[*self.initial, *self.initial_cell], *(step.carried for step in self.steps)]

    @property
    def given(self) -> set[Value]:
        """All that the cells were given, and did not compute: the initial state, the inputs, the leaves of cuts"""
        inputs = [x for step in self.steps if isinstance(step.x, list) for x in step.x]
        return {*self.initial, *self.initial_cell, *inputs, *self.cuts}

    @property
    def letters(self) -> str:
        """How that which is handed on is called: "o", the lecture's; of a GRU "h" and of an LSTM "hc", PyTorch's"""
        if not self.steps or not isinstance(self.steps[0], GatedStep):
            return "o"
        return "hc" if self.initial_cell else "h"

    def label(self) -> "Unrolled":
        """Name every x_t, o_t, h_t and c_t (`o_2`, or `o_2[0]` in a vector) that has no label yet; gives self."""
        for letter, vectors in zip(self.letters, (self.states, self.cells)):
            for t, vector in enumerate(vectors):
                name_vector(f"{letter}_{t}", vector)
        for leaf, state in self.cuts.items():
            leaf.label = leaf.label or state.label
        for step in self.steps:
            if isinstance(step.x, list):
                name_vector(f"x_{step.t}", step.x)
        return self

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, place):
        return self.steps[place]

    def __repr__(self) -> str:
        return f"Unrolled({len(self)} steps, hidden_size={len(self.initial)})"


def few(values) -> str:
    """The numbers of at most four Values, for a repr"""
    return f"[{', '.join(f'{v:.4g}' for v in values[:4])}{', …' if len(values) > 4 else ''}]"
