"""Curves on a logarithmic axis, drawn by Graphviz like every other picture: several panels side by side.

A zero has no logarithm: it stands as a cross on the line below the axis that is marked 0.
"""

import math
from typing import NamedTuple

from minigrad.draw import theme
from minigrad.draw.drawing import Drawing

WIDTH, HEIGHT, BETWEEN = 330, 250, 90                 # of a panel, and from one panel to the next, in points
COLOURS = (theme.NEGATIVE, theme.INK, theme.POSITIVE, "#7a5195", "#2f7d4f", "#b8860b")
MOST_POINTS = 60                                      # of a curve; more are thinned out


class Panel(NamedTuple):
    """A title, and curves by name: lists of (x, y), y ≥ 0.  A y_label gives it a y axis of its own."""

    title: str
    curves: dict[str, list[tuple[float, float]]]
    y_label: str = ""


def plot(panels: list[Panel], x_label: str, y_label: str) -> Drawing:
    """The panels side by side over common axes, y logarithmic.  Raises ValueError if there is no point to draw."""
    return Plot(panels, x_label, y_label).drawing()


class Axes(NamedTuple):
    first: float
    last: float
    low: int                                          # exponents of ten
    high: int

    def x(self, x: float) -> float:
        return WIDTH * (x - self.first) / ((self.last - self.first) or 1)

    def y(self, y: float) -> float:
        """The height of y; zero lies a step below the axis"""
        return HEIGHT * (math.log10(y) - self.low) / (self.high - self.low) if y > 0 else -22.0


def axes_of(panels: list[Panel]) -> Axes:
    """Axes that hold every point of the panels"""
    points = [point for panel in panels for curve in panel.curves.values() for point in curve]
    if not points:
        raise ValueError("plot: there are no points")
    positive = [y for _, y in points if y > 0] or [1.0]
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    return Axes(min(x for x, _ in points), max(x for x, _ in points), low, max(high, low + 1))


def ticks(low: int, high: int) -> list[int]:
    """At most seven round numbers from low to high: multiples of 1, 2, 5, 10, 20, 50, …"""
    steps = (factor * 10**k for k in range(6) for factor in (1, 2, 5))
    every = next(step for step in steps if (high - low) / step <= 6)
    return [x for x in range(low, high + 1) if x % every == 0]


class Plot:
    def __init__(self, panels: list[Panel], x_label: str, y_label: str):
        self.panels, self.x_label, self.y_label = panels, x_label, y_label
        self.common = axes_of([panel for panel in panels if not panel.y_label] or panels)
        self.picture = theme.canvas("minigrad", "edgesfirst", 11)

    def drawing(self) -> Drawing:
        for k, panel in enumerate(self.panels):
            self.left = k * (WIDTH + BETWEEN)
            self.key = f"p{k}"
            self.axes = axes_of([panel]) if panel.y_label else self.common
            self.frame(panel.title, panel.y_label or (self.y_label if k == 0 else ""))
            for c, (name, curve) in enumerate(panel.curves.items()):
                where = WIDTH * (c + 0.5) / len(panel.curves)
                self.curve(f"{self.key}c{c}", name, curve, COLOURS[c % len(COLOURS)], where)
        return Drawing(self.picture.source)

    def words(self, key: str, words: str, x: float, y: float, align="CENTER", **given) -> None:
        width = 50 if key.endswith("name") else 120
        cell = theme.cell(theme.font(theme.text(words, longest=90), **given), width=width, align=align)
        html = theme.label(theme.table(theme.row(cell), border=0, cellspacing=0, cellpadding=0))
        self.picture.node(key, label=html, pos=theme.at(self.left + x, y))

    def point(self, key: str, x: float, y: float, **given) -> str:
        self.picture.node(key, label="", pos=theme.at(self.left + x, y), **given)
        return key

    def line(self, key: str, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
        ends = [self.point(f"{key}{place}", *xy, shape="point", style="invis", width=".01") for place, xy in
                (("a", start), ("b", end))]
        self.picture.edge(*ends, color=color, arrowhead="none", penwidth=".6")

    def frame(self, title: str, y_label: str) -> None:
        """Title, grid, ticks, and the names of the axes"""
        axes, key = self.axes, self.key
        self.words(f"{key}title", title, WIDTH / 2, HEIGHT + 30, size=13, color=theme.INK, bold=True)
        for exponent in ticks(axes.low, axes.high):
            y = HEIGHT * (exponent - axes.low) / (axes.high - axes.low)
            self.line(f"{key}y{exponent}", (0, y), (WIDTH, y), "#e3e8ed")
            written = f"1e{exponent}".replace("-", "−") if exponent else "1"
            self.words(f"{key}tick{exponent}", written, -66, y, align="RIGHT", size=10, color=theme.GREY)
        self.line(f"{key}zero", (0, axes.y(0)), (WIDTH, axes.y(0)), "#e3e8ed")
        self.words(f"{key}tickzero", "0", -66, axes.y(0), align="RIGHT", size=10, color=theme.GREY)
        for x in ticks(math.ceil(axes.first), math.floor(axes.last)):
            self.words(f"{key}x{x}", str(x), axes.x(x), -38, size=10, color=theme.GREY)
        self.words(f"{key}xlabel", self.x_label, WIDTH / 2, -56, size=11, color=theme.FAINT)
        if y_label:
            self.words(f"{key}ylabel", y_label, 16, HEIGHT + 14, align="LEFT", size=11, color=theme.FAINT)

    def curve(self, key: str, name: str, curve, color: str, name_at: float) -> None:
        every = -(-len(curve) // MOST_POINTS)
        shown = [*curve[:-1:every], curve[-1]]
        before = ""
        for k, (x, y) in enumerate(shown):
            at = self.axes.x(x), self.axes.y(y)
            if y > 0:
                here = self.point(f"{key}_{k}", *at, shape="point", width=".045", color=color)
            else:
                cross = theme.label(theme.font("×", size=12, color=color, bold=True))
                here = self.point(f"{key}_{k}", *at)
                self.picture.node(here, label=cross)
            if before:
                style = {} if y > 0 else {"style": "dashed"}
                self.picture.edge(before, here, color=color, arrowhead="none", penwidth="1.8", **style)
            before = here
        self.words(f"{key}name", name, name_at, -78, size=11, color=color, bold=True)
