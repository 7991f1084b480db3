"""Module: the base of everything that holds parameters."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, ClassVar

from minigrad.value import Value


class Module:
    """Anything whose attributes hold parameters: Values, other Modules, or lists, tuples and dicts of them.

    SHAPES   {"w_h": ("hidden_size", "hidden_size"), "b_h": ("hidden_size",)}: the weights of a Layer
    """

    SHAPES: ClassVar[dict[str, tuple[str, ...]]] = {}

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter once, with its place: ("w_h[0][1]", Value), in the order of the attributes.

        Raises TypeError for a number in the place of a weight of a Linear or a recurrent network: nothing trains it.
        """
        seen = set[Value]()
        for place, item in self.rows():
            named = [(place, item)] if isinstance(item, Value) else [(f"{place}[{i}]", w) for i, w in enumerate(item)]
            for name, value in named:
                if value not in seen:
                    seen.add(value)
                    yield name, value

    def parameters(self) -> list[Value]:
        """The parameters, as an optimizer takes them"""
        rows = [[item] if isinstance(item, Value) else item for _, item in self.rows()]
        return list(dict.fromkeys(chain.from_iterable(rows)))

    def rows(self) -> Iterator[tuple[str, Value | Sequence[Value]]]:
        """(place, a parameter or a list of parameters), in the order of the attributes"""
        modules = {id(self)}
        waiting = self.places()[::-1]                 # a stack: the next is the last
        while waiting:
            name, item, is_weight = waiting.pop()
            inner: list[tuple[str, Any, bool]] = []
            if isinstance(item, Value):
                yield name, item
            elif isinstance(item, (list, tuple)):
                if {*map(type, item)} == {Value}:     # a row at once, because a model has thousands of weights
                    yield name, item
                else:
                    inner = [(f"{name}[{i}]", part, is_weight) for i, part in enumerate(item)]
            elif isinstance(item, dict):
                inner = [(f"{name}[{key!r}]", part, is_weight) for key, part in item.items()]
            elif isinstance(item, Module):
                if id(item) not in modules:           # a part may know the whole
                    modules.add(id(item))
                    inner = item.places(f"{name}.")
            elif is_weight:
                raise TypeError(not_a_weight_message(f"{type(self).__name__.lower()}.{name}", item))
            waiting += reversed(inner)

    def places(self, prefix: str = "") -> list[tuple[str, Any, bool]]:
        """(place, item, whether it must hold weights) for each attribute; a bias may be None"""
        return [(prefix + name, item, name in self.SHAPES and (len(self.SHAPES[name]) > 1 or item is not None))
                for name, item in vars(self).items()]

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for value in self.parameters():
            value.grad = 0


def not_a_weight_message(place: str, item: Any) -> str:
    """Why a number cannot stand in the place of a weight, or of a list of weights"""
    attribute = place.rpartition(".")[2]
    indices = "[0]" * (1 + attribute.startswith("w") - attribute.count("["))       # a matrix has two, a bias one
    problem = f"{place} is {str(item)[:40]}, of type {type(item).__name__}, not a Value, and would not be trained"
    example = item if isinstance(item, (int, float)) else 0.9
    return f"{problem}; to change a weight write {place}{indices}.data = {example}"
