"""Curves, drawn by Graphviz like every other picture: several panels side by side.

On a logarithmic axis a zero, which has no logarithm, is a cross on a line below the axis that is marked 0; without a
zero there is no such line.  A linear axis begins at 0.  Curves differ in colour, in the mark on them and in their
dashes; none is orange or blue, the colours of a sign.
"""

import math
from typing import NamedTuple

import graphviz

from minigrad.draw.drawing import Drawing
from minigrad.draw.markup import at, font, plain_text, tag
from minigrad.draw.picture import Point
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
CHARACTER, AROUND, LONGEST = 6.6, 26, 90              # of the names of curves: a width, what is around one, characters
GRID = "#e3e8ed"
BELOW = -22.0                                         # where a zero lies on a logarithmic axis


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
    common = axes_of([panel for panel in panels if not panel.y_label] or panels, logarithmic)
    picture = canvas("minigrad", pinned=True, over="nodes", size=11)
    for k, panel in enumerate(panels):
        axes = axes_of([panel], logarithmic) if panel.y_label else common
        pen = Pen(picture, f"p{k}", k * (WIDTH + BETWEEN), axes)
        pen.frame(panel.title, x_label, panel.y_label or (y_label if k == 0 else ""))
        places = name_places(list(panel.curves))
        for c, (name, curve) in enumerate(panel.curves.items()):
            pen.curve(f"c{c}", name, curve, STYLES[c % len(STYLES)], places[c])
    return Drawing(picture.source)


class Axes(NamedTuple):
    """x from `first` to `last`; y from `low` to `high`, on a logarithmic axis from 10**low to 10**high;  zeros: whether
    some y is 0"""

    first: float
    last: float
    low: float
    high: float
    logarithmic: bool = True
    zeros: bool = False

    def x(self, x: float) -> float:
        return WIDTH * (x - self.first) / ((self.last - self.first) or 1)

    def y(self, y: float) -> float:
        if self.off(y):
            return BELOW
        return HEIGHT * ((math.log10(y) if self.logarithmic else y) - self.low) / (self.high - self.low)

    def off(self, y: float) -> bool:
        """Whether y has no place on the axis"""
        return self.logarithmic and y <= 0

    def marks(self) -> list[tuple[str, float, str]]:
        """The numbers at the y axis: a key, the height, and how they are written"""
        if not self.logarithmic:
            unit = 10.0 ** (math.floor(math.log10(self.high)) - 1)
            last = math.floor(self.high / unit + 1e-9)          # 3e−4 / 1e−5 is rounded to just below 30
            return [(str(k), self.y(k * unit), number(k * unit)) for k in ticks(0, last)]
        found = [(str(k), HEIGHT * (k - self.low) / (self.high - self.low), f"1e{k}".replace("-", "−") if k else "1")
                 for k in ticks(round(self.low), round(self.high))]
        return [*found, ("zero", BELOW, "0")] if self.zeros else found


def axes_of(panels: list[Panel], logarithmic: bool) -> Axes:
    """Axes that hold every point of the panels"""
    points = [point for panel in panels for curve in panel.curves.values() for point in curve]
    if not points:
        raise ValueError("plot: there are no points")
    positive = [y for _, y in points if y > 0] or [1.0]
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    if not logarithmic:
        return Axes(first, last, 0, max(positive), logarithmic)
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    return Axes(first, last, low, max(high, low + 1), zeros=any(y == 0 for _, y in points))


def ticks(low: int, high: int) -> list[int]:
    """At most seven round numbers from low to high: multiples of 1, 2, 5, 10, 20, 50, …"""
    steps = (factor * 10**k for k in range(6) for factor in (1, 2, 5))
    every = next(step for step in steps if (high - low) / step <= 6)
    return [x for x in range(low, high + 1) if x % every == 0]


def name_places(names: list[str]) -> list[Point]:
    """Where the mark of each curve stands, before its name: in lines below the axis, each centred"""
    lines: list[list[float]] = [[]]                   # the widths of the names in a line
    for width in [CHARACTER * min(len(name), LONGEST) + AROUND for name in names]:
        if lines[-1] and sum(lines[-1]) + width > WIDTH + BETWEEN:
            lines.append([])
        lines[-1].append(width)
    return [((WIDTH - sum(line)) / 2 + sum(line[:k]), -78 - 16 * row)
            for row, line in enumerate(lines) for k in range(len(line))]


class Pen(NamedTuple):
    """Draws a panel: its ids begin with `key`, its x at `left`"""

    picture: graphviz.Digraph
    key: str
    left: float
    axes: Axes

    def point(self, key: str, x: float, y: float, label="", **given) -> str:
        """A node there; gives its id"""
        self.picture.node(f"{self.key}{key}", label=label, pos=at(self.left + x, y), **given)
        return f"{self.key}{key}"

    def mark(self, key: str, x: float, y: float, style: Style) -> str:
        size = f"{MARK / POINTS:.3f}"
        return self.point(key, x, y, shape=style.shape, style="filled", width=size, height=size, fixedsize="true",
                          color=style.color, fillcolor=style.color)

    def words(self, key: str, words: str, x: float, y: float, align="CENTER", width=120, **given) -> None:
        cell = tag("TD", font(plain_text(words, longest=LONGEST), **given), width=width, align=align)
        self.point(key, x, y, f"<{tag('TABLE', tag('TR', cell), border=0, cellspacing=0, cellpadding=0)}>")

    def frame(self, title: str, x_label: str, y_label: str) -> None:
        """Title, grid, ticks, and the names of the axes"""
        self.words("title", title, WIDTH / 2, HEIGHT + 30, size=13, color=LIGHT.ink, bold=True)
        for key, y, written in self.axes.marks():
            line = key if key == "zero" else f"y{key}"
            ends = [self.point(f"{line}{end}", x, y, shape="point", style="invis", width=".01")
                    for end, x in (("a", 0), ("b", WIDTH))]
            self.picture.edge(*ends, color=GRID, arrowhead="none", penwidth=".6")
            self.words(f"tick{key}", written, -66, y, align="RIGHT", size=10, color=LIGHT.grey)
        for x in ticks(math.ceil(self.axes.first), math.floor(self.axes.last)):
            self.words(f"x{x}", str(x), self.axes.x(x), -38, size=10, color=LIGHT.grey)
        self.words("xlabel", x_label, WIDTH / 2, -56, size=11, color=LIGHT.faint)
        if y_label:
            self.words("ylabel", y_label, 16, HEIGHT + 14, align="LEFT", size=11, color=LIGHT.faint)

    def curve(self, key: str, name: str, curve, style: Style, name_at: Point) -> None:
        color, every = style.color, -(-len(curve) // MOST_POINTS)
        shown = [*curve[:-1:every], curve[-1]]
        marked = -(-len(shown) // MARKS)
        before = ""
        for k, (x, y) in enumerate(shown):
            place, off = (f"{key}_{k}", self.axes.x(x), self.axes.y(y)), self.axes.off(y)
            if off:
                here = self.point(*place, f"<{font('×', size=12, color=color, bold=True)}>")
            elif k % marked == 0:
                here = self.mark(*place, style)
            else:
                here = self.point(*place, shape="point", width=".02", color=color)
            if before:
                self.picture.edge(before, here, color=color, arrowhead="none", penwidth="1.8",
                                  style="dashed" if off else style.dashes)
            before = here
        (x, y), width = name_at, CHARACTER * min(len(name), LONGEST)
        self.words(f"{key}name", name, x + 8 + width / 2, y, align="LEFT", width=round(width), size=11, color=color,
                   bold=True)
        self.mark(f"{key}key", x, y + 1.5, style)
