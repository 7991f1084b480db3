"""Curves, drawn by Graphviz like every other picture: several panels side by side.

On a logarithmic axis a zero, which has no logarithm, stands as a cross on a line below the axis that is marked 0; there
is none without a zero.  A linear axis begins at 0.  Curves are told apart by colour, by the mark on them and by their
dashes; none has orange or blue, the colours of a sign.
"""

import math
from typing import NamedTuple

from minigrad.draw.drawing import Drawing
from minigrad.draw.labels import at, font, plain_text, tag
from minigrad.draw.render import canvas
from minigrad.draw.theme import LIGHT, POINTS
from minigrad.notation import number

WIDTH, HEIGHT, BETWEEN = 330, 250, 90                 # of a panel, and from one panel to the next, in points
MOST_POINTS = 60                                      # of a curve; more are thinned out


class Style(NamedTuple):
    """How a curve is drawn.  shape: of Graphviz, of the marks on it;  dashes: of its line"""

    color: str
    shape: str
    dashes: str


STYLES = (
    Style(LIGHT.ink, "circle", "solid"), Style("#7a5195", "square", "dashed"), Style("#2f7d4f", "triangle", "solid"),
    Style("#a8326e", "diamond", "dotted"), Style("#6b5b1e", "invtriangle", "dashed"),
    Style("#557a8f", "pentagon", "solid"),
)
MARKS, MARK = 8, 6.5                                  # on a curve, and the size of one, in points


class Panel(NamedTuple):
    """A title, and curves by name: lists of (x, y), y ≥ 0.  A y_label gives it a y axis of its own."""

    title: str
    curves: dict[str, list[tuple[float, float]]]
    y_label: str = ""


def plot(panels: list[Panel], x_label: str, y_label: str, *, logarithmic=True) -> Drawing:
    """The panels side by side over common axes, y logarithmic or linear.

    Raises ValueError for a curve without a point, or with a y that is not finite or below 0.
    """
    for panel in panels:
        for name, curve in panel.curves.items():
            if not curve:
                raise ValueError(f"plot: the curve {name!r} has no points")
            for x, y in curve:
                if not 0 <= y < math.inf:
                    raise ValueError(f"plot: the curve {name!r} is {y} at {x}; it must be finite and not below 0")
    return Plot(panels, x_label, y_label, logarithmic).drawing()


class Axes(NamedTuple):
    """x linear, y logarithmic, from 10**low to 10**high;  zeros: whether some y is 0"""

    first: float
    last: float
    low: float
    high: float
    zeros: bool = False

    def x(self, x: float) -> float:
        return WIDTH * (x - self.first) / ((self.last - self.first) or 1)

    def y(self, y: float) -> float:
        """The height of y; zero lies a step below the axis"""
        return HEIGHT * (math.log10(y) - self.low) / (self.high - self.low) if y > 0 else -22.0

    def marks(self) -> list[tuple[str, float, str]]:
        """The numbers at the y axis: a key, the height, and how they are written"""
        found = []
        for exponent in ticks(round(self.low), round(self.high)):
            y = HEIGHT * (exponent - self.low) / (self.high - self.low)
            found.append((str(exponent), y, f"1e{exponent}".replace("-", "−") if exponent else "1"))
        return [*found, ("zero", self.y(0), "0")] if self.zeros else found

    def off(self, y: float) -> bool:
        """Whether y has no place on the axis"""
        return y <= 0


class LinearAxes(Axes):
    """Both linear, y from 0 to high"""

    def y(self, y: float) -> float:
        return HEIGHT * y / self.high

    def marks(self) -> list[tuple[str, float, str]]:
        unit = 10.0 ** (math.floor(math.log10(self.high)) - 1)
        last = math.floor(self.high / unit + 1e-9)    # 3e−4 / 1e−5 is rounded to just below 30
        return [(str(k), self.y(k * unit), number(k * unit)) for k in ticks(0, last)]

    def off(self, y: float) -> bool:
        return False


def axes_of(panels: list[Panel], logarithmic: bool) -> Axes:
    """Axes that hold every point of the panels"""
    points = [point for panel in panels for curve in panel.curves.values() for point in curve]
    if not points:
        raise ValueError("plot: there are no points")
    positive = [y for _, y in points if y > 0] or [1.0]
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    if not logarithmic:
        return LinearAxes(first, last, 0, max(positive))
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    return Axes(first, last, low, max(high, low + 1), any(y == 0 for _, y in points))


def ticks(low: int, high: int) -> list[int]:
    """At most seven round numbers from low to high: multiples of 1, 2, 5, 10, 20, 50, …"""
    steps = (factor * 10**k for k in range(6) for factor in (1, 2, 5))
    every = next(step for step in steps if (high - low) / step <= 6)
    return [x for x in range(low, high + 1) if x % every == 0]


class Plot:
    def __init__(self, panels: list[Panel], x_label: str, y_label: str, logarithmic: bool):
        self.panels, self.x_label, self.y_label, self.logarithmic = panels, x_label, y_label, logarithmic
        self.common = axes_of([panel for panel in panels if not panel.y_label] or panels, logarithmic)
        self.picture = canvas("minigrad", pinned=True, over="nodes", size=11)

    def drawing(self) -> Drawing:
        for k, panel in enumerate(self.panels):
            self.left = k * (WIDTH + BETWEEN)
            self.key = f"p{k}"
            self.axes = axes_of([panel], self.logarithmic) if panel.y_label else self.common
            self.frame(panel.title, panel.y_label or (self.y_label if k == 0 else ""))
            for c, (name, curve) in enumerate(panel.curves.items()):
                where = WIDTH * (c + 0.5) / len(panel.curves)
                self.curve(f"{self.key}c{c}", name, curve, STYLES[c % len(STYLES)], where)
        return Drawing(self.picture.source)

    def words(self, key: str, words: str, x: float, y: float, align="CENTER", **given) -> None:
        width = 50 if key.endswith("name") else 120
        cell = tag("TD", font(plain_text(words, longest=90), **given), width=width, align=align)
        html = tag("TABLE", tag("TR", cell), border=0, cellspacing=0, cellpadding=0)
        self.picture.node(key, label=f"<{html}>", pos=at(self.left + x, y))

    def point(self, key: str, x: float, y: float, **given) -> str:
        self.picture.node(key, label="", pos=at(self.left + x, y), **given)
        return key

    def line(self, key: str, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
        ends = [self.point(f"{key}{place}", *xy, shape="point", style="invis", width=".01") for place, xy in
                (("a", start), ("b", end))]
        self.picture.edge(*ends, color=color, arrowhead="none", penwidth=".6")

    def frame(self, title: str, y_label: str) -> None:
        """Title, grid, ticks, and the names of the axes"""
        axes, key = self.axes, self.key
        self.words(f"{key}title", title, WIDTH / 2, HEIGHT + 30, size=13, color=LIGHT.ink, bold=True)
        for mark, y, written in axes.marks():
            self.line(f"{key}zero" if mark == "zero" else f"{key}y{mark}", (0, y), (WIDTH, y), "#e3e8ed")
            self.words(f"{key}tick{mark}", written, -66, y, align="RIGHT", size=10, color=LIGHT.grey)
        for x in ticks(math.ceil(axes.first), math.floor(axes.last)):
            self.words(f"{key}x{x}", str(x), axes.x(x), -38, size=10, color=LIGHT.grey)
        self.words(f"{key}xlabel", self.x_label, WIDTH / 2, -56, size=11, color=LIGHT.faint)
        if y_label:
            self.words(f"{key}ylabel", y_label, 16, HEIGHT + 14, align="LEFT", size=11, color=LIGHT.faint)

    def curve(self, key: str, name: str, curve, style: Style, name_at: float) -> None:
        color, every = style.color, -(-len(curve) // MOST_POINTS)
        shown = [*curve[:-1:every], curve[-1]]
        marked = -(-len(shown) // MARKS)
        before = ""
        for k, (x, y) in enumerate(shown):
            place = self.axes.x(x), self.axes.y(y)
            if self.axes.off(y):
                here = self.point(f"{key}_{k}", *place)
                self.picture.node(here, label=f"<{font('×', size=12, color=color, bold=True)}>")
            elif k % marked == 0:
                here = self.mark(f"{key}_{k}", *place, style)
            else:
                here = self.point(f"{key}_{k}", *place, shape="point", width=".02", color=color)
            if before:
                dashes = "dashed" if self.axes.off(y) else style.dashes
                self.picture.edge(before, here, color=color, arrowhead="none", penwidth="1.8", style=dashes)
            before = here
        self.words(f"{key}name", name, name_at, -78, size=11, color=color, bold=True)
        self.mark(f"{key}key", name_at - 3.6 * len(name) - 6, -76.5, style)

    def mark(self, key: str, x: float, y: float, style: Style) -> str:
        size = f"{MARK / POINTS:.3f}"
        return self.point(key, x, y, shape=style.shape, style="filled", width=size, height=size, fixedsize="true",
                          color=style.color, fillcolor=style.color)
