"""Layer: a Module with a table of the shapes of its weights.  WeightedSums: W·x + b of such weights."""

import math
import random
from collections.abc import Callable
from typing import Any, Self

from minigrad.functions import fused_dots, numbers_of
from minigrad.nn.matrices import Matrix, Vector, matrix, vector
from minigrad.nn.module import Module
from minigrad.validation import Number
from minigrad.value import Value


class Layer(Module):
    """A Module that makes, checks and names its weights by the table SHAPES.  A matrix has two sizes, rows × columns; a
    bias has one, and may be None."""

    def initialize_weights(
        self, sizes: dict[str, int], fan_in: str, bias: bool, seed: int, all_ones: tuple[str, ...] = ()
    ) -> None:
        """Sets every weight to Values, uniform in ±1/√sizes[fan_in] by the seed; the biases in all_ones to 1."""
        for name, size in sizes.items():
            if type(size) is not int or size < 1:
                raise ValueError(f"{type(self).__name__}: {name} is {size!r}; it must be an int from 1 up")
        bound, source = 1 / math.sqrt(sizes[fan_in]), random.Random(seed)
        for name, shape in self.SHAPES.items():
            weight: Any = None
            if len(shape) > 1:
                rows, columns = [range(sizes[size]) for size in shape]
                weight = matrix(name, [[source.uniform(-bound, bound) for _ in columns] for _ in rows])
            elif bias:
                places = range(sizes[shape[0]])
                weight = vector(name, [1.0 if name in all_ones else source.uniform(-bound, bound) for _ in places])
            setattr(self, name, weight)

    @classmethod
    def from_weights(cls, *weights: Any, **named: Any) -> Self:
        """A layer of given weights, in the order of SHAPES or by name: matrices are lists of rows, biases lists, which
        may be left out.  Values are used as they are, and get a label if they have none; numbers become new Values.
        What else is named goes to __init__, such as fused.

        Raises TypeError for a matrix that is missing, ValueError for a weight whose size does not fit those before it.
        """
        numbers = dict(zip(cls.SHAPES, weights))
        numbers |= {name: named.pop(name) for name in cls.SHAPES if name in named and name not in numbers}
        missing = [name for name, shape in cls.SHAPES.items() if len(shape) > 1 and name not in numbers]
        if missing or len(weights) > len(cls.SHAPES):
            problem = f"{', '.join(missing)} missing" if missing else f"{len(weights)} weights"
            raise TypeError(f"{cls.__name__}.from_weights: {problem}; it takes {', '.join(cls.SHAPES)}")
        layer_weights: dict[str, Any] = {}
        sizes: dict[str, int] = {}
        source: dict[str, str] = {}                   # the weight that each size was read from
        for name, shape in cls.SHAPES.items():
            if len(shape) == 1 and numbers.get(name) is None:
                layer_weights[name] = None
                continue
            weight: Any = matrix(name, numbers[name]) if len(shape) > 1 else vector(name, numbers[name])
            layer_weights[name] = weight
            actual = (len(weight), len(weight[0])) if len(shape) > 1 else (len(weight),)
            for size, length in zip(shape, actual):
                source.setdefault(size, name)
                sizes.setdefault(size, length)
            needed = tuple(sizes[size] for size in shape)
            if actual != needed:
                wrong = f"{name} has the size {' × '.join(map(str, actual))}; it must be {' × '.join(map(str, needed))}"
                others = dict.fromkeys(source[size] for size in shape if source[size] != name)
                reason = f", to fit {' and '.join(others)}" if others else ", as many rows as columns"
                raise ValueError(f"{cls.__name__}.from_weights: {wrong}{reason}")
        bias = any(layer_weights[name] for name, shape in cls.SHAPES.items() if len(shape) == 1)
        make: Callable[..., Self] = cls               # so that the __init__ of a subclass runs
        layer = make(**sizes, bias=bias, **named)
        vars(layer).update(layer_weights)
        return layer

    def has_bias(self) -> bool:
        """Whether it has any bias"""
        return any(getattr(self, name) for name, shape in self.SHAPES.items() if len(shape) == 1)


class WeightedSums:
    """W_x·x + W_h·h + b, prepared once for many time steps, which share the weights; or W_x·x + b.

    x       a list of Values; or a tuple of plain numbers, constants that get no edge; or an int k, the one-hot vector
            that picks column k
    fused   True: one `dot` for each row; a bias is the weight of an input that is always 1
            False: one product and one sum at a time, from left to right
    """

    def __init__(self, fused: bool, w_x: Matrix, w_h: Any = (), b: Vector | None = None) -> None:
        self.fused, self.w_x = fused, w_x
        self.w_h = [[]] * len(w_x) if w_h == () else w_h
        self.b: Any = [(bias,) for bias in b] if b else [()] * len(w_x)
        self.ones = (1,) if b else ()
        self.gathered: dict[bool, list[tuple[tuple[Value, ...], tuple[Number, ...]]]] = {}
        if not fused:
            self.rows()                               # raises AttributeError for a number in the place of a weight

    def __call__(self, x: "list[Value] | tuple[Number, ...] | int", h: "list[Value] | tuple[()]" = ()) -> list[Value]:
        if not self.fused:
            return self.one_by_one(x, h)
        if isinstance(x, int):
            columns = [(row[x],) for row in self.w_x]
            rows = [(w + weights, numbers_of(w) + ws) for w, (weights, ws) in zip(columns, self.rows(with_x=False))]
            return fused_dots(rows, (1, *self.ones), tuple(h))
        if isinstance(x, tuple):
            return fused_dots(self.rows(), self.ones + x, tuple(h))
        return fused_dots(self.rows(), self.ones, (*x, *h))

    def one_by_one(self, x: Any, h: Any) -> list[Value]:
        """The sums, with a node for each product and each +"""
        sums = []
        for row_x, row_h, b in zip(self.w_x, self.w_h, self.b):
            terms = [row_x[x]] if isinstance(x, int) else [item * w for w, item in zip(row_x, x)]
            terms += [*[item * w for w, item in zip(row_h, h)], *b]
            sums.append(sum(terms[1:], terms[0]))     # from left to right
        return sums

    def rows(self, with_x: bool = True) -> list[tuple[tuple[Value, ...], tuple[Number, ...]]]:
        """(weights, their numbers) of each row, the bias first; collected once for all steps"""
        if with_x not in self.gathered:
            w_x: Any = self.w_x if with_x else [()] * len(self.w_x)
            rows = [(*b, *row_x, *row_h) for b, row_x, row_h in zip(self.b, w_x, self.w_h)]
            self.gathered[with_x] = [(row, numbers_of(row)) for row in rows]
        return self.gathered[with_x]
