"""What holds parameters."""

from collections.abc import Iterator
from typing import Any, ClassVar

from minigrad.value import Value


class Module:
    """Anything whose attributes hold parameters: Values, other Modules, or lists, tuples and dicts of them.

    SHAPES   {"w_h": ("hidden", "hidden"), "b_h": ("hidden",)}: the attributes that must hold weights, for a Layer
    """

    SHAPES: ClassVar[dict[str, tuple[str, ...]]] = {}

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter once, with where it is found: ("w_h[0][1]", Value), in the order of the attributes.

        Raises TypeError for a number in the place of a weight of a Linear or a recurrent network: nothing trains it.
        """
        seen, modules = set[Value](), {id(self)}
        places = self.places()
        while places:
            name, item, is_weight = places.pop(0)
            if isinstance(item, Value):
                if item not in seen:
                    seen.add(item)
                    yield name, item
            elif isinstance(item, (list, tuple)):
                places[:0] = [(f"{name}[{i}]", inner, is_weight) for i, inner in enumerate(item)]
            elif isinstance(item, dict):
                places[:0] = [(f"{name}[{key!r}]", inner, is_weight) for key, inner in item.items()]
            elif isinstance(item, Module):
                if id(item) not in modules:           # a part may know the whole
                    modules.add(id(item))
                    places[:0] = item.places(f"{name}.")
            elif is_weight:
                raise TypeError(not_a_weight_message(f"{type(self).__name__.lower()}.{name}", item))

    def places(self, prefix: str = "") -> list[tuple[str, Any, bool]]:
        """(where, what is there, whether it must be weights) for each attribute; a bias may be None"""
        return [(prefix + name, item, name in self.SHAPES and (len(self.SHAPES[name]) > 1 or item is not None))
                for name, item in vars(self).items()]

    def parameters(self) -> list[Value]:
        """The parameters alone, as an optimizer takes them"""
        found, modules = list[Value](), set[int]()
        waiting: list[tuple[Any, bool]] = [(self, False)]
        while waiting:
            item, is_weight = waiting.pop()
            if isinstance(item, Value):
                found.append(item)
            elif isinstance(item, (list, tuple)):
                if {*map(type, item)} == {Value}:     # a row of weights at once: this runs at every training step
                    found += item
                else:
                    waiting += [(inner, is_weight) for inner in reversed(item)]
            elif isinstance(item, dict):
                waiting += [(inner, is_weight) for inner in reversed(item.values())]
            elif isinstance(item, Module) and id(item) not in modules:
                modules.add(id(item))
                waiting += [(inner, must_be_weight) for _, inner, must_be_weight in reversed(item.places())]
            elif is_weight:
                list(self.named_parameters())         # raises the error that names the place
        return list(dict.fromkeys(found))

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for value in self.parameters():
            value.grad = 0


def not_a_weight_message(place: str, item: Any) -> str:
    """What is wrong with a number in the place of a weight, or of a list of them"""
    attribute = place.rpartition(".")[2]
    indices = "[0]" * (1 + attribute.startswith("w") - attribute.count("["))       # a matrix has two, a bias one
    what = f"{place} is {str(item)[:40]}, of type {type(item).__name__}, not a Value, and would not be trained"
    example = item if isinstance(item, (int, float)) else 0.9
    return f"{what}; to change a weight write {place}{indices}.data = {example}"
