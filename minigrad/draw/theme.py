"""What every picture shares: colours, fonts, and the pieces of Graphviz's HTML-like labels.

A gradient is drawn by its sign (orange +, blue −, safe for colour-blind readers; the sign is printed as well) and by
its magnitude m = 1 + log10(|g|/G)/3 within 0 … 1, G the largest of the picture: three decades fade from full to faint.
"""

import html
import math
import re

import graphviz

from minigrad.notation import number, printable, signed
from minigrad.number import Number, innermost
from minigrad.value import Value

INK, GREY, FAINT, RULE = "#1f2933", "#6b7785", "#4a5561", "#9aa5b1"
INPUT, GOLD, GOLD_FILL, BAND, BAND_RULE = "#e9edf1", "#b8860b", "#fff8dc", "#f4f6f8", "#d5dbe1"
POSITIVE, NEGATIVE, NORM, ZERO_LINE, PALE_LINE = "#C85500", "#006BB0", "#4f5d73", "#a9b2bc", "#c3cad2"
NOT_A_NUMBER = "#b3005e"
CURRENT, BLANK = "#ffe58a", "#f1f3f5"                 # the Value whose turn it is; a gradient that is still to come
GHOST, UNSEEN = "38", "00"                            # how transparent: not computed yet, not there yet
FONT = "Helvetica,Arial,sans-serif"
POINTS = 72                                           # Graphviz measures sizes in inches


def canvas(name: str, outputorder: str, fontsize: int) -> graphviz.Digraph:
    """An empty picture of pinned nodes: positions in points, straight edges"""
    picture = graphviz.Digraph(name)
    picture.attr(
        "graph", layout="neato", inputscale="72", notranslate="true", splines="line", outputorder=outputorder,
        pad=".15", bgcolor="white", fontname=FONT,
    )
    picture.attr("node", shape="plain", fontname=FONT, fontsize=str(fontsize), fontcolor=INK, tooltip=" ")
    picture.attr("edge", fontname=FONT, fontsize="10", arrowsize=".65")
    return picture


def at(x: float, y: float) -> str:
    """A pinned position in points"""
    return f"{x:g},{y:g}!"


class Scale:
    """The colours of the gradients of one picture; the largest of them is G."""

    def __init__(self, gradients):
        sizes = [abs(float(innermost(g))) for g in gradients]
        self.largest = max([size for size in sizes if math.isfinite(size)], default=0.0)

    def magnitude(self, gradient: Number) -> float:
        size = abs(float(innermost(gradient)))
        if not math.isfinite(size):
            return 1.0
        if not size or not self.largest:
            return 0.0
        return min(max(1 + (math.log10(size) - math.log10(self.largest)) / 3, 0.0), 1.0)

    def fill(self, gradient: Number, hue="") -> str:
        if not innermost(gradient):
            return "#ffffff"
        return mix("#ffffff", hue or hue_of(gradient), 0.06 + 0.54 * self.magnitude(gradient) ** 1.5)

    def line(self, gradient: Number, hue="") -> dict[str, str]:
        """Edge attributes: colour and width by the contribution that flows back along the edge"""
        if not innermost(gradient):
            return NOTHING_LINE
        m = self.magnitude(gradient)
        color = mix(PALE_LINE, hue or hue_of(gradient), 0.25 + 0.75 * m)
        return {"color": color, "penwidth": f"{0.8 + 3.7 * m * m:.2f}"}


def has_gradient(loss: Value) -> bool:
    """Whether backward() has run; a picture before that shows data alone"""
    return bool(innermost(loss.grad))


INPUT_LINE = {"color": RULE, "penwidth": "0.80"}
NOTHING_LINE = {"color": ZERO_LINE, "penwidth": "0.80", "style": "dashed"}     # nothing flows back


def hue_of(gradient: Number) -> str:
    if math.isnan(float(innermost(gradient))):
        return NOT_A_NUMBER
    return POSITIVE if innermost(gradient) > 0 else NEGATIVE


def mix(low: str, high: str, share: float) -> str:
    """The colour at `share` of the way from low to high, both "#rrggbb" """
    channels = [(int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)


# ---------------------------------------------------------------------- HTML-like labels


def text(words: str, longest=24) -> str:
    """Any text as text in an HTML-like label: shortened, nothing in it markup or an escape of Graphviz"""
    words = words if len(words) <= longest else words[: longest - 1] + "…"
    return html.escape(printable(words)).replace("\\", "\\\\") or " "


def tooltip(words: str) -> str:
    """Any text as the value of an attribute, which graphviz quotes: no escape of Graphviz in it, and of a long one only
    the start and the end, where the numbers are"""
    words = words if len(words) <= 200 else f"{words[:99]}…{words[-100:]}"
    return graphviz.escape(printable(words))


def attributes(**given) -> str:
    return "".join(f' {key.upper().replace("_", "-")}="{value}"' for key, value in given.items() if value != "")


def font(words: str, size: int | str = "", color="", bold=False) -> str:
    words = f"<B>{words}</B>" if bold else words
    given = attributes(color=color, point_size=size)
    return f"<FONT{given}>{words}</FONT>" if given else words


def cell(words: str, **given) -> str:
    return f"<TD{attributes(**given)}>{words}</TD>"


def row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def table(*rows: str, **given) -> str:
    return f"<TABLE{attributes(**given)}>{''.join(rows)}</TABLE>"


def label(html_table: str) -> str:
    return f"<{html_table}>"


def pill(gradient: Number, scale: Scale, digits=4, size: int | str = 12, seen=True, **given) -> str:
    """The cell of a gradient on its coloured ground; unseen it takes the same room"""
    words = font(signed(gradient, digits), size=size, color=INK if seen else INK + UNSEEN)
    return cell(words, bgcolor=scale.fill(gradient) if seen else BLANK, style="ROUNDED", **given)


def blank_pill(**given) -> str:
    """The cell of a gradient that is asked for"""
    return cell(font("?", size=12, bold=True), bgcolor=BLANK, style="ROUNDED", **given)


def faded(html_or_color: str, alpha: str) -> str:
    """The same with every colour as transparent as alpha says, two hexadecimal digits"""
    return re.sub(r"#[0-9a-fA-F]{6}(?![0-9a-fA-F])", lambda color: color[0] + alpha, html_or_color)


def term(words: str, gradient: Number, scale: Scale, **given) -> str:
    """The cell of one term of a ledger: what it is, and the number in bold"""
    html = f"{font(text(words), size=9, color=FAINT)}<BR/>{font(signed(gradient), bold=True)}"
    return cell(html, bgcolor=scale.fill(gradient), style="ROUNDED", **given)


def box(*rows: str, fill="#ffffff", border=1, rule=RULE, padding=2, spacing=2) -> str:
    """A rounded box of rows"""
    outer = {"border": border, "color": rule, "bgcolor": fill, "style": "ROUNDED"}
    return label(table(*rows, **outer, cellborder=0, cellspacing=spacing, cellpadding=padding))


def frame(kind: str) -> dict:
    """Fill and border of a box: "mid", "input", "weight" or "loss" """
    frames: dict[str, dict] = {
        "mid": {},
        "input": {"fill": INPUT},
        "weight": {"fill": GOLD_FILL, "border": 2, "rule": GOLD},
        "loss": {"border": 2, "rule": INK},
    }
    return frames[kind]


def brief(x: Number, write=signed) -> str:
    """A number in at most about eight characters, with fewer digits where it must be"""
    written = write(x)
    return written if len(written) <= 8 else write(x, 2) if len(write(x, 2)) <= 8 else write(x, 1)


def chip(local: str, contribution: str, color: str, align: str) -> str:
    """What stands beside an edge: the local derivative, and in bold the contribution that it sends back"""
    return label(
        table(
            row(cell(font(local, size=9, color=GREY), width=52, align=align)),
            row(cell(font(contribution, size=10, color=color, bold=True), align=align)),
            border=0, cellborder=0, cellspacing=0, cellpadding=0,
        )
    )


def legend(words: list[str], scale: Scale, hue="", open_ended=False, stacked=False) -> str:
    """The last row of a picture: what is what, and the colours of seven gradients from −G to +G, or of four norms.

    open_ended   what is larger than G has the colour of G
    stacked      the colours below the words, for a narrow picture
    """
    described = [cell(font(text(part, longest=120), size=11, color=GREY)) for part in words]
    cells = []
    if scale.largest:
        cells.append(cell(font("gradient:" if not hue else "norm:", size=11, color=GREY)))
        for share in (0, 0.01, 0.1, 1) if hue else (-1, -0.1, -0.01, 0, 0.01, 0.1, 1):
            g = share * scale.largest
            written = number(g, 2) if hue else signed(g, 2)
            if open_ended and abs(share) == 1:
                written = ("≥ " if share > 0 else "≤ ") + written
            cells.append(cell(font(written, size=10), width=46, bgcolor=scale.fill(g, hue)))
    plain = {"border": 0, "cellspacing": 3, "cellpadding": 3}
    if not stacked or not cells:
        return label(table(row(*described, *cells), **plain))
    both = [row(cell(table(row(*line), **plain))) for line in (described, cells)]
    return label(table(*both, border=0, cellspacing=0, cellpadding=0))
