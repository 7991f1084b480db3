"""What holds parameters."""

import re
from collections.abc import Iterator

from minigrad.value import Value


class Module:
    """Anything whose attributes hold parameters: Values, other Modules, or lists, tuples and dicts of them."""

    WEIGHT_NAMES = re.compile("")                     # of attributes in which a number would be a weight that was lost

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter once, with where it is found: ("w_h[0][1]", Value), in the order of the attributes.

        Raises TypeError for a number in the place of a weight of a Linear or a recurrent network: nothing trains it.
        """
        seen = set()
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
                places[:0] = item.places(f"{name}.")
            elif is_weight:
                raise TypeError(no_weight(f"{type(self).__name__.lower()}.{name}", item))

    def places(self, prefix="") -> list[tuple]:
        """(where, what is there, whether it must be weights) for each attribute"""
        names = self.WEIGHT_NAMES
        return [(prefix + name, item, bool(names.fullmatch(name)) and (name[0] == "w" or item is not None))
                for name, item in vars(self).items()]

    def parameters(self) -> list[Value]:
        """The parameters alone, as an optimizer takes them"""
        return [value for _, value in self.named_parameters()]

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for value in self.parameters():
            value.grad = 0


def no_weight(place: str, item) -> str:
    """What is wrong with a number in the place of a weight, or of a list of them"""
    attribute = place.rpartition(".")[2]
    indices = "[0]" * (1 + attribute.startswith("w") - attribute.count("["))       # a matrix has two, a bias one
    what = f"{place} is {str(item)[:40]}, a {type(item).__name__} and no Value, and would not be trained"
    example = item if isinstance(item, (int, float)) else 0.9
    return f"{what}; to change a weight write {place}{indices}.data = {example}"
