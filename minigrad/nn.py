"""Networks of Values.  The Elman RNN, and what it leaves behind when it is unrolled over time:

    o_0 = 0
    o_t = f(W_i·x_t + W_h·o_{t−1} + b_h)      t = 1 … n
    s   = W_o·o_t + b_o

x_t   input at step t: input_size Values; or an int k for the one-hot vector that is 1 at place k
o_t   state after step t: hidden_size Values
s     the readout: output_size Values, before any σ
W_i   hidden_size × input_size,  W_h hidden_size × hidden_size,  W_o output_size × hidden_size, lists of rows
"""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minigrad.value import Value, as_value, layer, relu, sigmoid, tanh
from minigrad.weights import Start, matrix, name_vector, vector


class Module:
    """Anything whose attributes hold parameters: Values, other Modules, or lists, tuples and dicts of them."""

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter once, with where it is found: ("w_h[0][1]", Value), in the order of the attributes."""
        seen = set()
        places = [(name, value) for name, value in vars(self).items()]
        while places:
            name, value = places.pop(0)
            if isinstance(value, Value) and value not in seen:
                seen.add(value)
                yield name, value
            elif isinstance(value, (list, tuple)):
                places[:0] = [(f"{name}[{i}]", item) for i, item in enumerate(value)]
            elif isinstance(value, dict):
                places[:0] = [(f"{name}[{key!r}]", item) for key, item in value.items()]
            elif isinstance(value, Module):
                places[:0] = [(f"{name}.{inner}", item) for inner, item in vars(value).items()]

    def parameters(self) -> list[Value]:
        return [value for _, value in self.named_parameters()]

    def zero_grad(self) -> None:
        for value in self.parameters():
            value.grad = 0


class Linear(Module):
    """y = W·x + b.   linear(x): input_size numbers or Values → output_size Values.

    Starts uniformly in ±1/√input_size, reproducibly by the seed.
    """

    def __init__(self, input_size: int, output_size: int, *, bias=True, seed=0):
        refuse_sizes("Linear", input_size=input_size, output_size=output_size)
        start = Start(1 / math.sqrt(input_size), seed)
        self.weight = start.matrix("weight", output_size, input_size)
        self.bias = start.vector("bias", output_size) if bias else None

    def __call__(self, x) -> list[Value]:
        if not isinstance(x, (list, tuple)):
            size = len(self.weight[0])
            raise ValueError(f"Linear: the input is {str(x)[:40]}; it must be a list of {size} numbers")
        if len(x) != len(self.weight[0]):
            raise ValueError(f"Linear: {len(x)} inputs; it needs {len(self.weight[0])}")
        return weighted_sums(False, [(self.weight, [as_value(item) for item in x])], self.bias)

    def __repr__(self) -> str:
        return f"Linear({len(self.weight[0])}, {len(self.weight)}, bias={self.bias is not None})"


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


class RNN(Module):
    """The Elman RNN of this file's head.  Weights start uniformly in ±1/√hidden_size, reproducibly by the seed.

    activation   f: "tanh", "identity", "relu" or "sigmoid"
    bias         with b_h and b_o, or without
    fused        False: every product and sum is a Value of its own, for reading and drawing.
                 True: one `dot` for each unit, for training.  The gradients are the same.
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size=1, *, activation="tanh", bias=False, fused=False, seed=0
    ):
        refuse_sizes("RNN", input_size=input_size, hidden_size=hidden_size, output_size=output_size)
        start = Start(1 / math.sqrt(hidden_size), seed)
        self.w_i = start.matrix("w_i", hidden_size, input_size)
        self.w_h = start.matrix("w_h", hidden_size, hidden_size)
        self.w_o = start.matrix("w_o", output_size, hidden_size)
        self.b_h = start.vector("b_h", hidden_size) if bias else None
        self.b_o = start.vector("b_o", output_size) if bias else None
        self.choose(activation, fused)

    @classmethod
    def from_weights(cls, w_i, w_h, w_o, b_h=None, b_o=None, activation="tanh", fused=False) -> "RNN":
        """An RNN of given weights: matrices are lists of rows, biases lists.  Values are used as they are, and
        named where they have no label; numbers become new Values.  Raises ValueError where the sizes do not fit."""
        rnn = cls.__new__(cls)
        rnn.w_i, rnn.w_h, rnn.w_o = matrix("w_i", w_i), matrix("w_h", w_h), matrix("w_o", w_o)
        rnn.b_h = None if b_h is None else vector("b_h", b_h)
        rnn.b_o = None if b_o is None else vector("b_o", b_o)
        hidden, outputs = len(rnn.w_h), len(rnn.w_o)
        for name, fits, shape in (
            ("w_h", len(rnn.w_h[0]) == hidden, "as many columns as rows: hidden_size × hidden_size"),
            ("w_i", len(rnn.w_i) == hidden, f"{hidden} rows, one for each unit of w_h"),
            ("w_o", len(rnn.w_o[0]) == hidden, f"{hidden} columns, one for each unit of w_h"),
            ("b_h", b_h is None or len(rnn.b_h or []) == hidden, f"{hidden} numbers, one for each unit of w_h"),
            ("b_o", b_o is None or len(rnn.b_o or []) == outputs, f"{outputs} numbers, one for each row of w_o"),
        ):
            if not fits:
                raise ValueError(f"RNN.from_weights: {name} must have {shape}")
        rnn.choose(activation, fused)
        return rnn

    def choose(self, activation: str, fused: bool) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"RNN: activation {activation!r} is not one of {', '.join(ACTIVATIONS)}")
        self.activation, self.fused = activation, fused

    @property
    def input_size(self) -> int:
        return len(self.w_i[0])

    @property
    def hidden_size(self) -> int:
        return len(self.w_h)

    def cell(self, x, state) -> list[Value]:
        """o_t = f(W_i·x_t + W_h·o_{t−1} + b_h): a new state from an input and a state; changes neither."""
        x, state = self.as_input(x), self.as_state(state)
        picked = [row[x] for row in self.w_i] if isinstance(x, int) else None      # W_i times a one-hot vector
        terms = [(self.w_h, state)] if picked else [(self.w_i, x), (self.w_h, state)]
        sums = weighted_sums(self.fused, terms, self.b_h, picked)
        return [ACTIVATIONS[self.activation](z) for z in sums]

    def unroll(self, xs, state=None) -> Unrolled:
        """Runs the cell over the inputs xs, from o_0 = state (zeros if not given): the time loop, and all it made.

        xs: n items.  A list of input_size numbers or Values is a vector, an int is an index into a one-hot vocabulary:
        [[1], [0.5], [-1]] are three scalar inputs, [2, 0, 1] three words.  Raises ValueError for anything else.
        """
        if not isinstance(xs, Iterable):
            needed = "a list with an item for each step, such as [[1], [0.5], [-1]]"
            raise TypeError(f"RNN.unroll: the inputs are {str(xs)[:40]}; they must be {needed}")
        xs = [self.as_input(x, t) for t, x in enumerate(xs, start=1)]
        if not xs:
            raise ValueError("RNN.unroll: no inputs; it needs at least one time step, such as [[1], [0.5], [-1]]")
        state = self.as_state([0] * self.hidden_size if state is None else state)
        unrolled = Unrolled(initial=state, steps=[])
        for t, x in enumerate(xs, start=1):
            state = self.cell(x, state)
            unrolled.steps.append(Step(t, x, state))
        return unrolled if self.fused else unrolled.label()

    def readout(self, state) -> list[Value]:
        """s = W_o·o_t + b_o: output_size Values, before any σ"""
        return weighted_sums(self.fused, [(self.w_o, self.as_state(state))], self.b_o)

    def as_input(self, x, t="t") -> "list[Value] | int":
        """x as Values, or as the index of a one-hot vector; a ValueError that shows both forms otherwise"""
        if isinstance(x, int) and not isinstance(x, bool) and 0 <= x < self.input_size > 1:
            return x
        if isinstance(x, (list, tuple)) and len(x) == self.input_size:
            return [as_value(item) for item in x]
        one_hot = f", or an int from 0 to {self.input_size - 1} for a one-hot vector" if self.input_size > 1 else ""
        example = "[" + ", ".join(["0.5"] * min(self.input_size, 3)) + (", …]" if self.input_size > 3 else "]")
        numbers = "number or Value" if self.input_size == 1 else "numbers or Values"
        vector = f"a list of {self.input_size} {numbers}, as in {example}"
        raise ValueError(f"RNN: x_{t} is {str(x)[:40]}; it must be {vector}{one_hot}")

    def as_state(self, state) -> list[Value]:
        if not isinstance(state, (list, tuple)) or len(state) != self.hidden_size:
            raise ValueError(f"RNN: the state is {str(state)[:40]}; it must be a list of {self.hidden_size} numbers")
        return [as_value(o) for o in state]

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {len(self.w_o)}"
        return f"RNN({sizes}, activation={self.activation!r}, bias={self.b_h is not None}, fused={self.fused})"


def refuse_sizes(kind: str, **sizes) -> None:
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ValueError(f"{kind}: {name} is {size!r}; it must be an int from 1 up")


def few(values: list[Value]) -> str:
    """The numbers of at most four Values, for a repr"""
    return f"[{', '.join(f'{v:.4g}' for v in values[:4])}{', …' if len(values) > 4 else ''}]"


def identity(z: Value) -> Value:
    return z


ACTIVATIONS = {"tanh": tanh, "identity": identity, "relu": relu, "sigmoid": sigmoid}


def weighted_sums(fused: bool, terms, bias=None, picked=None) -> list[Value]:
    """For every row r:  [picked_r +] Σ x·w over all (matrix, inputs) in terms [+ bias_r], from left to right."""
    rows = range(len(terms[0][0]))
    if fused:
        joined = [[w for matrix, _ in terms for w in matrix[r]] for r in rows]
        offsets = [[column[r] for column in (picked, bias) if column] for r in rows]
        return layer(joined, [x for _, inputs in terms for x in inputs], offsets)
    sums = []
    for r in rows:
        parts = [picked[r]] if picked else []
        parts += [x * w for matrix, inputs in terms for w, x in zip(matrix[r], inputs)]
        parts += [bias[r]] if bias else []
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        sums.append(total)
    return sums
