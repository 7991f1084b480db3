"""Gradient descent.   w := w − η·∂L/∂w   for every parameter w"""

import math

from minigrad.value import Value, is_finite


class SGD:
    """SGD(parameters, lr=η).step() takes one step down the gradient; zero_grad() makes ready for the next.

    Raises ValueError for no parameters or a rate that is not above 0, TypeError for a parameter that is no leaf Value.
    """

    def __init__(self, parameters, lr: float):
        self.parameters, self.lr = list(parameters), lr
        if not self.parameters:
            raise ValueError("SGD: there are no parameters; pass a list of Values such as model.parameters()")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.operands:
                raise TypeError(f"SGD: {parameter!r} is not a leaf Value; pass weights, not results")
        if not lr > 0:
            raise ValueError(f"SGD: the learning rate is {lr}; it must be above 0")

    def step(self) -> None:
        """Raises OverflowError, with no parameter changed, if one would no longer be finite."""
        moved = [parameter.data - self.lr * parameter.grad for parameter in self.parameters]
        for parameter, data in zip(self.parameters, moved):
            if not is_finite(data):
                raise OverflowError(f"SGD: {parameter!r} would become {data}; use a learning rate below {self.lr}")
        for parameter, data in zip(self.parameters, moved):
            parameter.data = data

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = 0


def clip_grad_norm(parameters, largest: float) -> float:
    """Scales the gradients down together, so that their norm √Σ(∂L/∂w)² is at most `largest`; gives the norm before.

    The direction stays.  Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks,
    2013.  Raises ValueError if `largest` is not above 0.
    """
    if not largest > 0:
        raise ValueError(f"clip_grad_norm: the largest norm is {largest}; it must be above 0")
    parameters = list(parameters)
    norm = math.hypot(*[parameter.grad for parameter in parameters])
    if norm > largest:
        for parameter in parameters:
            parameter.grad *= largest / norm
    return norm
