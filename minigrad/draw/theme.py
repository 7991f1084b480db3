"""Colours, type and measures that every picture shares.

A gradient is drawn by its sign (orange +, blue −, safe for colour-blind readers; the sign is printed as well, or an
arrow without a number is dashed) and by its magnitude m = 1 + log10(|g|/G)/3 within 0 … 1, G the largest of the
picture: three decades fade from full to faint.
"""

import math
from typing import NamedTuple

from minigrad.validation import Number, unwrap


class Theme(NamedTuple):
    """The colours of a picture, "#rrggbb", by what they are for"""

    paper: str
    ink: str
    grey: str
    faint: str
    rule: str                                         # the frame of a box, the line of an input
    box: str
    input: str
    gold: str                                         # a weight
    gold_fill: str
    staircase: str
    band: str                                         # the ground of a time step
    band_rule: str
    positive: str
    negative: str
    norm: str                                         # a norm has no sign
    not_a_number: str
    zero_line: str                                    # nothing flows back
    pale_line: str
    current: str                                      # the Value whose turn it is
    blank: str                                        # a gradient that is still to come, or asked for


LIGHT = Theme(
    paper="#ffffff", ink="#1f2933", grey="#6b7785", faint="#4a5561", rule="#9aa5b1", box="#ffffff", input="#e9edf1",
    gold="#b8860b", gold_fill="#fff8dc", staircase="#fffdf5", band="#f4f6f8", band_rule="#d5dbe1", positive="#C85500",
    negative="#006BB0", norm="#4f5d73", not_a_number="#b3005e", zero_line="#8e99a5", pale_line="#c3cad2",
    current="#ffe58a", blank="#f1f3f5",
)
DARK = Theme(
    paper="#12171e", ink="#e6ebf0", grey="#9aa7b4", faint="#b7c1cb", rule="#66727f", box="#1b222b", input="#2a333d",
    gold="#d9a520", gold_fill="#2b2515", staircase="#1b1913", band="#191f27", band_rule="#323c47", positive="#e07b2e",
    negative="#4a9bd6", norm="#8b9bb4", not_a_number="#ff5fa8", zero_line="#7d8996", pale_line="#3d4752",
    current="#5c4d12", blank="#242c35",
)
THEMES = {"light": LIGHT, "dark": DARK}
FONT = "Helvetica,Arial,sans-serif"
POINTS = 72                                           # Graphviz measures sizes in inches
ALPHA = {"ghost": "38", "faded": "2c", "unseen": "01"}         # how opaque a look is; dot 2.43 would paint text of 00


class Scale:
    """The colours of the gradients of one picture; the largest of them is G."""

    def __init__(self, gradients, theme: Theme = LIGHT):
        self.theme = theme
        sizes = [abs(float(unwrap(g))) for g in gradients]
        self.largest = max([size for size in sizes if math.isfinite(size)], default=0.0)

    def magnitude(self, gradient: Number) -> float:
        """m: 0 where nothing is seen, 1 for the largest"""
        size = abs(float(unwrap(gradient)))
        if not math.isfinite(size):
            return 1.0
        if not size or not self.largest:
            return 0.0
        return min(max(1 + (math.log10(size) - math.log10(self.largest)) / 3, 0.0), 1.0)

    def hue(self, gradient: Number, norm=False) -> str:
        """The colour of the sign; of a norm a colour of its own"""
        if norm:
            return self.theme.norm
        if math.isnan(float(unwrap(gradient))):
            return self.theme.not_a_number
        return self.theme.positive if unwrap(gradient) > 0 else self.theme.negative

    def fill(self, gradient: Number, norm=False) -> str:
        """The ground of a number"""
        if not unwrap(gradient):
            return self.theme.paper
        return mix(self.theme.paper, self.hue(gradient, norm), 0.06 + 0.54 * self.magnitude(gradient) ** 1.5)

    def line(self, gradient: Number, norm=False) -> tuple[str, float]:
        """Colour and width of the arrow along which a gradient flows back"""
        m = self.magnitude(gradient)
        return mix(self.theme.pale_line, self.hue(gradient, norm), 0.25 + 0.75 * m), 0.8 + 3.7 * m * m


def mix(low: str, high: str, share: float) -> str:
    """The colour at `share` of the way from low to high, both "#rrggbb" """
    channels = [(int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in channels)
