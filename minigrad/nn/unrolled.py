"""Unrolled: the states, inputs and gates of a recurrent network over the time steps t = 1 … n."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from minigrad.nn.matrices import Matrix, name_vector
from minigrad.value import Value


@dataclass(frozen=True)
class Step:
    """One time step.  Unpacks as t, x, state.

    t        from 1
    x        x_t: a list of Values, a tuple of constant numbers, or an int for a one-hot vector
    state    o_t; h_t of an LSTM or a GRU
    cell     c_t of an LSTM; else []
    gates    {"i": i_t, …}, a list of Values for each gate of an LSTM or a GRU, by PyTorch's letters; else {}
    """

    t: int
    x: list[Value] | tuple[Any, ...] | int
    state: list[Value]
    cell: list[Value] = field(default_factory=list)
    gates: dict[str, list[Value]] = field(default_factory=dict)

    @property
    def inputs(self) -> list[Value]:
        """The Values of x_t; [] for a one-hot vector and for constants"""
        return [] if isinstance(self.x, int) else [x for x in self.x if isinstance(x, Value)]

    @property
    def carried(self) -> list[Value]:
        """Everything that this step passes to the next: the state, then the cell of an LSTM"""
        return [*self.state, *self.cell]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.t, self.x, self.state))

    def __repr__(self) -> str:
        x = self.x if isinstance(self.x, int) else preview(self.x)
        cell = f", cell={preview(self.cell)}" if self.cell else ""
        return f"Step(t={self.t}, x={x}, state={preview(self.state)}{cell})"


class Unrolled:
    """The initial state o_0 and the n Steps, over which it iterates.  Made by unroll(), or by hand from any time loop.

    initial_cell   c_0 of an LSTM
    cuts           {leaf: the state that it replaces}, where the gradient is truncated; see cut()
    one_hot        the matrices of which an int x_t picks a column; unroll() tells them
    """

    def __init__(self, initial: list[Value], steps: list[Step], initial_cell: list[Value] | tuple[Value, ...] = ()):
        self.initial, self.steps, self.initial_cell = initial, steps, list(initial_cell)
        self.cuts: dict[Value, Value] = {}
        self.one_hot: list[Matrix] = []

    def cut(self, carried: list[Value]) -> list[Value]:
        """Leaves with the same numbers, for the next step to start from: no gradient flows back into `carried`."""
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
        """c_n of an LSTM; else []"""
        return self.cells[-1]

    @property
    def cells(self) -> list[list[Value]]:
        """[c_0, c_1, …, c_n] of an LSTM; else empty lists"""
        return [self.initial_cell, *(step.cell for step in self.steps)]

    @property
    def carried(self) -> list[list[Value]]:
        """Everything that is passed on, at t = 0 … n: each state, then its cell in an LSTM"""
        return [[*self.initial, *self.initial_cell], *(step.carried for step in self.steps)]

    @property
    def state_symbols(self) -> tuple[str, ...]:
        """The symbols of the state and of an LSTM's cell: those of their labels if all agree, such as h_1, h_2; else
        ("o",) as in the lecture, or as in PyTorch ("h",) for a GRU and ("h", "c") for an LSTM."""
        gated = bool(self.steps and self.steps[0].gates) or bool(self.initial_cell)
        symbols = (common_symbol(self.states) or ("h" if gated else "o"),)
        return (*symbols, common_symbol(self.cells) or "c") if self.initial_cell else symbols

    def label(self) -> "Unrolled":
        """Labels every x_t, o_t, h_t and c_t (`o_2`, or `o_2[0]` in a vector) that has no label.  Returns self."""
        for symbol, vectors in zip(self.state_symbols, (self.states, self.cells)):
            for t, vector in enumerate(vectors):
                name_vector(f"{symbol}_{t}", vector)
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

    def __getitem__(self, place: int) -> Step:
        return self.steps[place]

    def __repr__(self) -> str:
        return f"Unrolled({len(self)} steps, hidden_size={len(self.initial)})"


def common_symbol(vectors: list[list[Value]]) -> str:
    """h if the labels of the vectors at t = 0 … n are h_0, h_1, … or h_1[0], …; "" if they differ or have no index"""
    symbols = set()
    for t, vector in enumerate(vectors):
        for value in vector:
            match = re.fullmatch(r"(.+?)_(\d+)(\[\d+\])?", value.label)
            if match and int(match[2]) == t:
                symbols.add(match[1])
    return symbols.pop() if len(symbols) == 1 else ""


def preview(values: Sequence[Any]) -> str:
    """At most four numbers, for a repr"""
    return f"[{', '.join(f'{v:.4g}' for v in values[:4])}{', …' if len(values) > 4 else ''}]"
