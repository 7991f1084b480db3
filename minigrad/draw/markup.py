"""Text as text in a label of Graphviz, which is like HTML: no text becomes markup, or an escape of Graphviz."""

import html
import re

import graphviz

from minigrad.draw.typesetting import SUBSCRIPT
from minigrad.notation import printable

SUBSCRIPTED = re.compile(r"(?<!\w)([^\W\d_]\d?)_(t−1|[A-Za-z0-9]{1,3}(?:\{\w+\})?)(?!\w)")      # w_h, o_t−1
UNDER_SUBSCRIPT = 4                                   # so many points larger


def plain_text(words: str, longest=24) -> str:
    """Any text as text in an HTML-like label: shortened, nothing in it markup or an escape of Graphviz"""
    words = words if len(words) <= longest else words[: longest - 1] + "…"
    return html.escape(printable(words)).replace("\\", "\\\\") or " "


def with_subscripts(words: str, size: int) -> str:
    """The names in a text as on paper, w_h with a low h; at the edge of a low text a space must not be lost"""
    low = font(tag("SUB", r"\2"), max(round(SUBSCRIPT * size), 1))
    return re.sub(r" ?\0 ?", lambda match: match[0].replace(" ", "&#160;").replace("\0", ""),
                  SUBSCRIPTED.sub(rf"\1\0{low}\0", words)) if "_" in words else words


def tooltip(words: str) -> str:
    """Any text as the value of an attribute, which graphviz quotes: no escape of Graphviz in it, and of a long one only
    the start and the end, where the numbers are"""
    words = words if len(words) <= 200 else f"{words[:99]}…{words[-100:]}"
    return graphviz.escape(printable(words))


def at(x: float, y: float) -> str:
    """A pinned position in points"""
    return f"{x:g},{y:g}!"


def tag(name: str, inside: str, **attributes) -> str:
    """<NAME KEY="value">inside</NAME>, without the attributes that are "" """
    written = "".join([f' {key.upper()}="{value}"' for key, value in attributes.items() if value != ""])
    return f"<{name}{written}>{inside}</{name}>"


def font(words: str, size: int = 0, color="", bold=False) -> str:
    """Text in a size and a colour; 0 and "" are those of the picture"""
    words = f"<B>{words}</B>" if bold else words
    given = (f' COLOR="{color}"' if color else "") + (f' POINT-SIZE="{size}"' if size else "")
    return f"<FONT{given}>{words}</FONT>" if given else words


def lines(written: list[str], sizes: list[int]) -> str:
    """Lines under one another; one under a subscript stands lower, by the size of the spaces around it"""
    if len(written) == 1:
        return written[0]
    spaced = written[:1]
    for above, line, size in zip(written, written[1:], sizes[1:]):
        space = font("&#160;", size + UNDER_SUBSCRIPT) if "<SUB>" in above else ""
        spaced.append(space + line + space)
    return "<BR/>".join(spaced)
