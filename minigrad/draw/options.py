"""What a picture is asked to show, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from minigrad.value import Value

CHOICES = {                                           # of the options that have few
    "grads": ("computed", "stored", None),
    "theme": ("light", "dark"),
    "aspect": (None, "16:9", "4:3", "wide"),
    "direction": ("LR", "TB"),
    "legend": (True, False),
    "digits": (None, 1, 2, 3, 4, 5, 6),
}


class Keywords(TypedDict, total=False):
    """The keywords of draw(), which says what they mean: for editors and type checkers"""

    fold: Sequence[Value | str] | set[Value] | Literal[False] | None
    highlight: Value | Sequence[Value] | int | None
    captions: Sequence[str]
    blank: Sequence[Value | tuple[Value, Value]]
    grads: Literal["computed", "stored"] | None
    roles: Mapping[Value | str, str]
    theme: Literal["light", "dark"]
    aspect: Literal["16:9", "4:3", "wide"] | None
    digits: int | None
    legend: bool
    direction: Literal["LR", "TB"]


@dataclass(frozen=True)
class Options:
    """The keywords, and whether there are gradients to show"""

    fold: Sequence[Value | str] | set[Value] | Literal[False] | None = None
    highlight: Value | Sequence[Value] | int | None = None
    captions: tuple[str, ...] = ()
    blank: list[Value | tuple[Value, Value]] | tuple = ()
    grads: Literal["computed", "stored"] | None = "computed"
    roles: Mapping[Value | str, str] = field(default_factory=dict)
    theme: Literal["light", "dark"] = "light"
    aspect: Literal["16:9", "4:3", "wide"] | None = None
    digits: int | None = None
    legend: bool = True
    direction: Literal["LR", "TB"] = "LR"
    gradients: bool = True


KEYWORDS = list(Keywords.__annotations__)


def checked_options(who: str, given: Mapping[str, Any]) -> Options:
    """The Options that were given.  Raises TypeError that lists them for one that is not there, ValueError for a choice
    that is not one; who: was asked"""
    unknown = [name for name in given if name not in KEYWORDS]
    if unknown:
        raise TypeError(f"{who}: there is no option {unknown[0]!r}; the options are {', '.join(KEYWORDS)}")
    for name, choices in CHOICES.items():
        choice = given.get(name, choices[0])
        if not any(choice == one and type(choice) is type(one) for one in choices):
            *others, last = [f'"{one}"' if isinstance(one, str) else str(one) for one in choices]
            raise ValueError(f"{who}: {name} is {choice!r}; it must be {', '.join(others)} or {last}")
    return Options(**{**given, "captions": tuple(str(caption) for caption in given.get("captions", ()))})
