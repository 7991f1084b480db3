"""What holds parameters."""

from collections.abc import Iterator

from minigrad.value import Value


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
        """The parameters alone, as an optimizer takes them"""
        return [value for _, value in self.named_parameters()]

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for value in self.parameters():
            value.grad = 0
