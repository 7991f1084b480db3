"""Gradient descent, with g = ∂L/∂w for every parameter w.

    SGD     v := μ·v + g,   w := w − η·v        μ is the momentum: 0 leaves the lecture's w := w − η·g
    Adam    m := β₁·m + (1−β₁)·g,   v := β₂·v + (1−β₂)·g²,   w := w − η·m̂/(√v̂ + ε)
            m̂ = m/(1 − β₁ᵏ),  v̂ = v/(1 − β₂ᵏ)  at the k-th step

The state of an optimizer lives in the optimizer, not in the parameters.
"""

from fractions import Fraction
from math import hypot, inf, sqrt

from minigrad.number import Number, is_finite, surely_finite
from minigrad.value import Value


class Optimizer:
    """What SGD and Adam share: the parameters, the learning rate η, and how a step is taken whole or not at all.

    Raises ValueError for no parameters or a rate that is not above 0, TypeError for a parameter that is no leaf Value.
    """

    def __init__(self, parameters, lr: Number):
        kind = type(self).__name__
        if hasattr(parameters, "parameters"):
            raise TypeError(f"{kind}: pass its parameters, as in {kind}(model.parameters(), lr=…)")
        if isinstance(parameters, Value):
            raise TypeError(f"{kind}: {parameters!r} is no list of parameters; pass one such as model.parameters()")
        self.parameters, self.lr = list(parameters), lr
        if not self.parameters:
            raise ValueError(f"{kind}: there are no parameters; pass a list of Values such as model.parameters()")
        refuse_rows(kind, self.parameters)
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.operands:
                raise TypeError(f"{kind}: {parameter!r} is not a leaf Value; pass weights, not results")
        if not (isinstance(lr, (int, float, Fraction)) and lr > 0):
            raise ValueError(f"{kind}: the learning rate is {lr!r}; it must be above 0")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr})"

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for parameter in self.parameters:
            parameter.grad = 0

    def move_to(self, moved: list) -> None:
        """Raises OverflowError, with no parameter changed, if one would no longer be finite."""
        if not surely_finite(moved):
            for parameter, data in zip(self.parameters, moved):
                if not is_finite(data):
                    raise OverflowError(f"{parameter!r} would become {data}; use a learning rate below {self.lr}")
        for parameter, data in zip(self.parameters, moved):
            parameter.data = data


class SGD(Optimizer):
    """SGD(parameters, lr=η, momentum=μ).step() takes one step down the gradient; zero_grad() makes ready for the next.

    v starts at 0; there is no dampening, as in PyTorch.  Raises ValueError for a μ that is not from 0 to below 1.
    Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in deep learning, 2013.
    """

    def __init__(self, parameters, lr: Number, momentum: Number = 0):
        super().__init__(parameters, lr)
        if not (isinstance(momentum, (int, float, Fraction)) and 0 <= momentum < 1):
            raise ValueError(f"SGD: the momentum is {momentum!r}; it must lie from 0 to below 1")
        self.momentum: Number = momentum
        self.v: list[Number] = [0] * len(self.parameters)     # ints: 0.0 would turn a Fraction into a float

    def step(self) -> None:
        """Raises OverflowError if a parameter would no longer be finite, and changes none."""
        v = [self.momentum * v + w.grad for v, w in zip(self.v, self.parameters)]
        self.move_to([w.data - self.lr * v for w, v in zip(self.parameters, v)])
        self.v = v


class Adam(Optimizer):
    """Adam(parameters, lr=0.001).step(): the step of each parameter is scaled by its own past gradients.

    Source: Kingma, Ba, Adam: a method for stochastic optimization, 2015.
    """

    def __init__(self, parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.steps = betas, eps, 0
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas) or not eps > 0:
            needed = "two betas must lie from 0 to below 1, eps above 0"
            raise ValueError(f"Adam: betas are {betas} and eps is {eps}; {needed}")
        self.m = [0.0] * len(self.parameters)
        self.v = [0.0] * len(self.parameters)

    def step(self) -> None:
        """Raises OverflowError if a parameter, or g², would no longer be finite, and changes nothing."""
        (beta_1, beta_2), eps = self.betas, self.eps
        rest_1, rest_2, k = 1 - beta_1, 1 - beta_2, self.steps + 1
        m, v = [beta_1 * m for m in self.m], [beta_2 * v for v in self.v]
        for i, w in enumerate(self.parameters):
            if w.grad != 0:                           # most are 0 where a batch holds few words of a large vocabulary
                m[i] += rest_1 * w.grad
                v[i] += rest_2 * w.grad * w.grad
                if v[i] == inf:
                    raise OverflowError(f"Adam: the gradient of {w!r} is too large to be squared; clip it")
        rate, correction = self.lr / (1 - beta_1**k), 1 / (1 - beta_2**k)
        self.move_to([w.data - rate * m / (sqrt(v * correction) + eps) for w, m, v in zip(self.parameters, m, v)])
        self.m, self.v, self.steps = m, v, k


def clip_grad_norm(parameters, largest: float) -> float:
    """Scales the gradients down together, so that their norm √Σg² is at most `largest`; gives the norm before.

    The direction stays.  Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks,
    2013.  Raises ValueError if `largest` is not above 0, OverflowError for a gradient that is not finite.
    """
    if not largest > 0:
        raise ValueError(f"clip_grad_norm: the largest norm is {largest}; it must be above 0")
    if hasattr(parameters, "parameters"):
        raise TypeError(f"clip_grad_norm: pass its parameters, as in clip_grad_norm(model.parameters(), {largest})")
    if isinstance(parameters, Value):
        raise TypeError(f"clip_grad_norm: {parameters!r} is no list of parameters; pass one such as [w]")
    parameters = list(parameters)
    refuse_rows("clip_grad_norm", parameters)
    parameters = list(dict.fromkeys(parameters))      # each once, also where two networks share it
    norm = hypot(*[parameter.grad for parameter in parameters])
    if not norm < inf:
        raise OverflowError("clip_grad_norm: a gradient is not finite, and cannot be scaled down")
    if norm > largest:
        for parameter in parameters:
            parameter.grad *= largest / norm
    return norm


def refuse_rows(kind: str, parameters: list) -> None:
    """Raises TypeError for a matrix of parameters."""
    if any(isinstance(parameter, (list, tuple)) for parameter in parameters):
        raise TypeError(f"{kind}: a matrix is no list of parameters; write [w for row in rnn.w_h for w in row]")
