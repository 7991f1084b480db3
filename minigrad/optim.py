"""Gradient descent, with g = ∂L/∂w for every parameter w.

    SGD     v := μ·v + g,   w := w − η·v        μ is the momentum: 0 leaves the lecture's w := w − η·g
    Adam    m := β₁·m + (1−β₁)·g,   v := β₂·v + (1−β₂)·g²,   w := w − η·m̂/(√v̂ + ε)
            m̂ = m/(1 − β₁ᵏ),  v̂ = v/(1 − β₂ᵏ)  at the k-th step

The optimizer holds its own state.  A step happens completely or not at all: if it raises, or is interrupted by Ctrl-C
at any moment, no parameter and no state has changed.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import chain, repeat, starmap
from math import hypot, inf, sqrt
from numbers import Real

from minigrad.validation import Number, check_operands, is_finite, norm_is_finite, short_repr, unwrap
from minigrad.value import Value


class Optimizer:
    """What SGD and Adam share: the parameters, the learning rate η, and how a step is taken.

    Raises ValueError if there are no parameters or η ≤ 0, TypeError for a parameter that is not a leaf Value.
    """

    def __init__(self, parameters: Iterable[Value], lr: Number):
        kind = type(self).__name__
        self.parameters = parameter_list(kind, parameters, f"{kind}(model.parameters(), lr=…)")
        if not self.parameters:
            raise ValueError(f"{kind}: there are no parameters; pass a list of Values such as model.parameters()")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.operands:
                raise TypeError(f"{kind}: {parameter!r} is not a leaf Value; pass weights, not results")
        needed = f"{kind}: the learning rate is {lr!r}; it must be a finite number above 0"
        self.lr = setting(lr, lambda x: 0 < x < inf, needed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr})"

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0: leaf gradients add up until then."""
        for parameter in self.parameters:
            parameter.grad = 0

    def move_to(self, moved: list[Number], **state: object) -> None:
        """Gives the parameters their new numbers and the optimizer its new state, all or nothing.

        Raises OverflowError, with nothing changed, if a parameter would no longer be finite.
        """
        if not norm_is_finite(moved):
            for parameter, data in zip(self.parameters, moved):
                if not is_finite(data):
                    raise OverflowError(f"{parameter!r} would become {data}; use a learning rate below {self.lr}")
        if {*map(type, moved)} != {float}:            # such as NumPy scalars
            check_plain(self.parameters)
            moved = [plain_number(data) for data in moved]
        set_all(chain(zip(self.parameters, repeat("data"), moved), zip(repeat(self), state, state.values())))


class SGD(Optimizer):
    """SGD(parameters, lr=η, momentum=μ).step() takes one step down the gradient; zero_grad() prepares the next.

    v starts at 0; no dampening, as in PyTorch.  Raises ValueError unless 0 ≤ μ < 1.
    Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in deep learning, 2013.
    """

    def __init__(self, parameters: Iterable[Value], lr: Number, momentum: Number = 0):
        super().__init__(parameters, lr)
        needed = f"SGD: the momentum is {momentum!r}; it must lie from 0 to below 1"
        self.momentum = setting(momentum, lambda x: 0 <= x < 1, needed)
        self.v: list[Number] = [0] * len(self.parameters)     # ints: 0.0 would turn a Fraction into a float

    def step(self) -> None:
        """w := w − η·v.  Raises OverflowError, with nothing changed, if a parameter would no longer be finite."""
        lr, momentum = plain_number(self.lr), plain_number(self.momentum)
        if not momentum:                              # v = g
            self.move_to([w.data - lr * w.grad for w in self.parameters])
            return
        v = [momentum * v + w.grad for v, w in zip(self.v, self.parameters)]
        self.move_to([w.data - lr * v for w, v in zip(self.parameters, v)], v=v)


class Adam(Optimizer):
    """Adam(parameters, lr=0.001).step(): the step of each parameter is scaled by its own past gradients.

    Source: Kingma, Ba, Adam: a method for stochastic optimization, 2015.
    """

    def __init__(
        self, parameters: Iterable[Value], lr: Number = 0.001,
        betas: Sequence[Number] = (0.9, 0.999), eps: Number = 1e-8,
    ):
        super().__init__(parameters, lr)
        needed = f"Adam: betas are {betas} and eps is {eps}; two betas must lie from 0 to below 1, eps above 0"
        if len(betas) != 2:
            raise ValueError(needed)
        self.betas = tuple([setting(beta, lambda x: 0 <= x < 1, needed) for beta in betas])
        self.eps = setting(eps, lambda x: 0 < x < inf, needed)
        self.steps = 0
        self.m = [0.0] * len(self.parameters)
        self.v = [0.0] * len(self.parameters)

    def step(self) -> None:
        """w := w − η·m̂/(√v̂ + ε).  Raises OverflowError, with nothing changed, if w or g² would not be finite."""
        lr, eps, (beta_1, beta_2) = plain_number(self.lr), self.eps, self.betas
        rest_1, rest_2, k = 1 - beta_1, 1 - beta_2, self.steps + 1
        m, v = [beta_1 * m for m in self.m], [beta_2 * v for v in self.v]
        for i, w in enumerate(self.parameters):
            if w.grad != 0:                           # most are 0 if a batch has few words of a large vocabulary
                m[i] += rest_1 * w.grad
                v[i] += rest_2 * w.grad * w.grad
                if v[i] == inf:
                    raise OverflowError(f"Adam: the square of the gradient of {w!r} overflows; clip the gradient")
        rate, correction = lr / (1 - beta_1**k), 1 / (1 - beta_2**k)
        moved = [w.data - rate * m / (sqrt(v * correction) + eps) for w, m, v in zip(self.parameters, m, v)]
        self.move_to(moved, m=m, v=v, steps=k)


def clip_grad_norm(parameters: Iterable[Value], max_norm: Number) -> float:
    """Scales all gradients by one factor, so that their norm √Σg² is at most `max_norm`; returns the norm before.

    Raises ValueError if max_norm ≤ 0, OverflowError if the norm is not finite.
    Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, 2013.
    """
    max_norm = setting(max_norm, lambda x: x > 0, f"clip_grad_norm: max_norm is {max_norm!r}; it must be above 0")
    parameters = parameter_list("clip_grad_norm", parameters, f"clip_grad_norm(model.parameters(), {max_norm})")
    parameters = list(dict.fromkeys(parameters))      # each once, also where two networks share it
    norm = hypot(*[parameter.grad for parameter in parameters])
    if not norm < inf:
        raise OverflowError("clip_grad_norm: the norm is not finite; zero the gradients, and scale the inputs down")
    if norm > max_norm:
        scaled = [parameter.grad * (max_norm / norm) for parameter in parameters]
        set_all(zip(parameters, repeat("grad"), scaled))
    return norm


def set_all(changes: Iterable[tuple[object, str, object]]) -> None:
    """Sets attributes, each (object, name, value): all or none, also if Ctrl-C is pressed.

    It is one call into C, because Python handles a signal only between two of its own instructions.
    """
    deque(starmap(setattr, changes), maxlen=0)


def plain_number(x: Number) -> Number:
    """x as an int, a float or a Fraction, also if it is a NumPy scalar.  Raises TypeError for anything else."""
    return x if type(x) is float else Value(x).data


def check_plain(parameters: Iterable[Value]) -> None:
    """Raises TypeError that names a parameter whose .data or .grad was set to a number of fewer digits, such as
    np.float32(0.1), which has half of them.  A gradient may be an np.float64, which has all."""
    check_operands(parameters)
    for parameter in parameters:
        grad = unwrap(parameter.grad)
        if not isinstance(grad, (int, float, Fraction)):
            kind = f"{short_repr(grad)}, a {type(grad).__name__}"
            raise TypeError(f"the gradient of {parameter!r} is {kind}: set its .grad to an int, float or Fraction")


def setting(x: Number, fits: Callable[[Number], bool], message: str) -> Number:
    """x as a plain number.  Raises ValueError with the message if it is not a number, or does not fit."""
    if not isinstance(x, Real) or not fits(x):
        raise ValueError(message)
    return x if x == inf else plain_number(x)


def parameter_list(caller: str, parameters: Iterable[Value], example: str) -> list[Value]:
    """The parameters as a list.  Raises TypeError for a module, a single Value or a matrix; says what to pass."""
    if hasattr(parameters, "parameters"):
        raise TypeError(f"{caller}: pass its parameters, as in {example}")
    if isinstance(parameters, Value):
        raise TypeError(f"{caller}: {parameters!r} is not a list of parameters; pass one such as [w]")
    parameters = list(parameters)
    if {list, tuple} & {*map(type, parameters)}:
        raise TypeError(f"{caller}: a matrix is not a list of parameters; write [w for row in rnn.w_h for w in row]")
    return parameters
