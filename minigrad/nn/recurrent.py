"""What recurrent networks share: the time loop that unrolls them, and the readout of a state."""

import math
from typing import Any, ClassVar

from minigrad.nn.layer import Layer, WeightedSums
from minigrad.nn.matrices import Matrix, Vector, describe
from minigrad.nn.unrolled import Step, Unrolled
from minigrad.validation import Number, validate_number
from minigrad.value import Value, as_value


class Recurrent(Layer):
    """A network whose cell computes the next state from an input and the state before."""

    ALL_ONES: ClassVar[tuple[str, ...]] = ()

    input_size: int
    hidden_size: int
    fused: bool
    w_o: Matrix
    b_o: Vector | None

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int = 1,
        *, bias: bool = False, fused: bool = False, seed: int = 0,
    ) -> None:
        """Weights are initialized uniformly in ±1/√hidden_size, by the seed; the biases in ALL_ONES to 1.

        bias    whether there are biases, also that of the readout
        fused   False: a node for every product and sum, for reading and drawing
                True: one `dot` for each unit of each gate, for training; the gradients are the same
        """
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "output_size": output_size}
        self.initialize_weights(sizes, "hidden_size", bias, seed, self.ALL_ONES)
        self.input_size, self.hidden_size, self.fused = input_size, hidden_size, fused

    def weighted_sums(self) -> Any:
        """The weighted sums of the cell, prepared for any number of steps"""
        raise NotImplementedError

    def step(self, t: int, x: Any, carried: list[Value], sums: Any) -> Step:
        """Step t: the formula of the cell, from an input and everything that the step before passes on"""
        raise NotImplementedError

    def cell(self, x: Any, state: Any) -> Any:
        """The next state from an input and the state before, for an LSTM the pairs (h, c); changes neither."""
        step = self.step(1, self.as_input(x), self.initial_unrolled(state).carried[0], self.weighted_sums())
        return (step.state, step.cell) if step.cell else step.state

    def unroll(self, xs: Any, state: Any = None, *, truncate: int | None = None) -> Unrolled:
        """Runs the cell over the inputs xs, from o_0 = state, by default zeros.

        xs         n items.  A list of input_size numbers or Values is a vector, an int is an index into a one-hot
                   vocabulary: [[1], [0.5], [-1]] are three scalar inputs, [2, 0, 1] three words.  In a fused network
                   a vector of plain numbers is a constant, which gets no edge; else its numbers become Values.
        state      hidden_size numbers or Values; for an LSTM the pair (h_0, c_0)
        truncate   no gradient flows back through more than this many steps, counted from the last step

        Raises ValueError for any other input, state or truncate, TypeError if xs is not a list.
        """
        kind = type(self).__name__
        if truncate is not None and (type(truncate) is not int or truncate < 1):
            raise ValueError(f"{kind}.unroll: truncate is {truncate!r}; it must be a number of steps, an int from 1 up")
        if not hasattr(xs, "__iter__"):
            needed = "a list with an item for each step, such as [[1], [0.5], [-1]]"
            raise TypeError(f"{kind}.unroll: the inputs are {str(xs)[:40]}; they must be {needed}")
        xs = [self.as_input(x, t) for t, x in enumerate(xs, start=1)]
        if not xs:
            raise ValueError(f"{kind}.unroll: no inputs; it needs at least one time step, such as [[1], [0.5], [-1]]")
        unrolled = self.initial_unrolled(state)
        unrolled.one_hot = [getattr(self, name) for name, shape in self.SHAPES.items() if shape[1:] == ("input_size",)]
        carried = unrolled.carried[0]
        try:
            sums = self.weighted_sums()
            for t, x in enumerate(xs, start=1):
                if truncate and t > 1 and (len(xs) - t + 1) % truncate == 0:
                    carried = unrolled.cut(carried)
                step = self.step(t, x, carried, sums)
                carried = step.carried
                unrolled.steps.append(step)
        except (AttributeError, TypeError):
            self.parameters()                         # raises if the reason is a number in the place of a weight
            raise
        return unrolled if self.fused else unrolled.label()

    def initial_unrolled(self, state: Any) -> Unrolled:
        """o_0 = state, or zeros, before any step"""
        return Unrolled(self.as_state([0] * self.hidden_size if state is None else state), [])

    def readout(self, state: Any) -> list[Value]:
        """s = W_o·o_t + b_o: output_size Values, before any σ"""
        return WeightedSums(self.fused, self.w_o, b=self.b_o)(self.as_state(state))

    def as_input(self, x: Any, t: int | str = "t") -> list[Value] | tuple[Number, ...] | int:
        """x as Values, as constants, or as the index of a one-hot vector.  Raises ValueError for anything else."""
        if isinstance(x, int) and not isinstance(x, bool) and 0 <= x < self.input_size > 1:
            return x
        if isinstance(x, (list, tuple)) and len(x) == self.input_size:
            if self.fused and {*map(type, x)} == {float} and all(map(math.isfinite, x)):
                return tuple(x)                       # the usual case, fast
            if self.fused and not any(isinstance(item, Value) for item in x):
                return tuple([validate_number(item) for item in x])
            return [as_value(item) for item in x]
        one_hot = f", or an int from 0 to {self.input_size - 1} for a one-hot vector" if self.input_size > 1 else ""
        example = "[" + ", ".join(["0.5"] * min(self.input_size, 3)) + (", …]" if self.input_size > 3 else "]")
        numbers = "number or Value" if self.input_size == 1 else "numbers or Values"
        vector = f"a list of {self.input_size} {numbers}, as in {example}"
        raise ValueError(f"{type(self).__name__}: x_{t} is {describe(x)}; it must be {vector}{one_hot}")

    def as_state(self, state: Any) -> list[Value]:
        """A state as Values.  Raises ValueError if its length is not hidden_size."""
        if not isinstance(state, (list, tuple)) or len(state) != self.hidden_size:
            needed = f"it must be a list of {self.hidden_size} numbers"
            raise ValueError(f"{type(self).__name__}: the state is {describe(state)}; {needed}")
        return [as_value(o) for o in state]

    def __repr__(self) -> str:
        sizes = f"{self.input_size}, {self.hidden_size}, {len(self.w_o)}"
        return f"{type(self).__name__}({sizes}, bias={self.has_bias()}, fused={self.fused})"
