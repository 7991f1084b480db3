"""What a picture is asked to show, and how."""

from dataclasses import dataclass, fields, replace

from minigrad.value import Value


@dataclass(frozen=True)
class Options:
    """The keywords of draw().

    fold       the Values that view "graph" keeps as boxes; None: all
    highlight  a Value, a list of Values along a path, or a time step; all else fades
    captions   what to write for the inputs: one for each step, in "shape" one for each input
    blank      Values and pairs (user, operand) whose gradient, or contribution, is asked for
    gradients  whether they are shown; draw() shows them once backward() has run
    """

    fold: list[Value] | None = None
    highlight: Value | list[Value] | int | None = None
    captions: tuple[str, ...] = ()
    blank: tuple = ()
    gradients: bool = True


KEYWORDS = [field.name for field in fields(Options) if field.name != "gradients"]


def options_of(who: str, given: dict) -> Options:
    """The Options that were given.  Raises TypeError that lists them for one that is not there; who: was asked"""
    unknown = [name for name in given if name not in KEYWORDS]
    if unknown:
        raise TypeError(f"{who}: there is no option {unknown[0]!r}; the options are {', '.join(KEYWORDS)}")
    captions = tuple(str(caption) for caption in given.get("captions", ()))
    return replace(Options(), **{**given, "captions": captions})
