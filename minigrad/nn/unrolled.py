"""What a recurrent network computed over the time steps t = 1 … n."""

from collections.abc import Iterator
from typing import NamedTuple

from minigrad.nn.weights import name_vector
from minigrad.value import Value


class Step(NamedTuple):
    """One time step: t from 1, the input x_t (Values, or an int for one-hot), the state o_t."""

    t: int
    x: "list[Value] | int"
    state: list[Value]

    def __repr__(self) -> str:
        x = few(self.x) if isinstance(self.x, list) else self.x
        return f"Step(t={self.t}, x={x}, state={few(self.state)})"


class Unrolled:
    """What an RNN computed over n time steps: the initial state o_0 and the Steps.  Iterable, of length n.

    Made by RNN.unroll, or by hand from a time loop of one's own.
    """

    def __init__(self, initial: list[Value], steps: list[Step]):
        self.initial, self.steps = initial, steps

    @property
    def state(self) -> list[Value]:
        """o_n"""
        return self.steps[-1].state if self.steps else self.initial

    @property
    def states(self) -> list[list[Value]]:
        """[o_0, o_1, …, o_n]"""
        return [self.initial, *(step.state for step in self.steps)]

    def label(self) -> "Unrolled":
        """Name every x_t and o_t (`o_2`, or `o_2[0]` in a vector) that has no label yet; gives self."""
        for t, state in enumerate(self.states):
            name_vector(f"o_{t}", state)
        for step in self.steps:
            if not isinstance(step.x, int):
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


def few(values: list[Value]) -> str:
    """The numbers of at most four Values, for a repr"""
    return f"[{', '.join(f'{v:.4g}' for v in values[:4])}{', …' if len(values) > 4 else ''}]"
