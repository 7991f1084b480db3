"""What a picture is asked to show, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from minigrad.value import Value


@dataclass(frozen=True)
class Options:
    """The keywords of draw(), which says what they mean; and whether there are gradients to show"""

    fold: list[Value | str] | Literal[False] | None = None
    highlight: Value | list[Value] | int | None = None
    captions: tuple[str, ...] = ()
    blank: list[Value | tuple[Value, Value]] | tuple = ()
    grads: Literal["computed", "stored"] | None = "computed"
    roles: Mapping[Value | str, str] = field(default_factory=dict)
    gradients: bool = True


KEYWORDS = [keyword.name for keyword in fields(Options) if keyword.name != "gradients"]


def checked_options(who: str, given: dict) -> Options:
    """The Options that were given.  Raises TypeError that lists them for one that is not there; who: was asked"""
    unknown = [name for name in given if name not in KEYWORDS]
    if unknown:
        raise TypeError(f"{who}: there is no option {unknown[0]!r}; the options are {', '.join(KEYWORDS)}")
    if given.get("grads", "computed") not in ("computed", "stored", None):
        raise ValueError(f'{who}: grads is {given["grads"]!r}; it must be "computed", "stored" or None')
    return Options(**given | {"captions": tuple(str(caption) for caption in given.get("captions", ()))})
