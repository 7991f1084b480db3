"""The texts of an SVG, each in the width that the layout gave it, so that they fit whatever fonts a machine has.

Graphviz measures a text with the fonts of the machine that lays it out.  Its JSON tells every width; in the SVG
    <text textLength="35.0" lengthAdjust="spacingAndGlyphs">∂L/∂w<tspan dy="2.6" font-size="80%">h</tspan></text>
makes any other font as wide.  To Graphviz a subscript is a text of its own; here a line is one text again.
"""

import html
import json
import re
from typing import NamedTuple

SUBSCRIPT = 0.8                                       # its size, and how far below the line it stands
DROP = 0.2
FAMILY = re.compile(r' font-family="[^"]*"')
PART = re.compile(r'<!--[^\n]*-->\n<g id="(\w+)to\d+" class="edge e">(?:(?!<!--).)*?(<path [^>]*/>)'
                  r'(?:(?!<!--|</g>\n</svg>).)*', re.DOTALL)
ARROW = re.compile(r'(<g id="(\w+)" class="edge e">.*?)(?=<path )', re.DOTALL)
TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>\n?")
Widths = dict[tuple[str, float, bool], float]         # {(words, size, bold): width}


class Run(NamedTuple):
    """What Graphviz writes as one text: the place of its start on the baseline"""

    attributes: str
    words: str
    x: float
    y: float
    size: float
    width: float
    low: bool

    @property
    def ends(self) -> float:
        return self.x + self.width * (0.5 if 'text-anchor="middle"' in self.attributes else 1)


def widths_of(layout: str) -> Widths:
    """The widths in the JSON of a layout.  Raises ValueError for what is not JSON."""
    found: Widths = {}
    waiting = [json.loads(layout)]
    while waiting:
        part = waiting.pop()
        size, bold = 0.0, False
        for key, value in part.items():
            if key in ("objects", "edges"):
                waiting += [inner for inner in value if isinstance(inner, dict)]         # a cluster counts its own
            for operation in value if key.endswith("draw_") else ():
                if operation["op"] == "F":
                    size = operation["size"]
                elif operation["op"] == "t":
                    bold = bool(operation["fontchar"] & 1)
                elif operation["op"] == "T":
                    found[spaced(operation["text"]), size, bold] = operation["width"]
    return found


def fitted(svg: str, widths: Widths) -> str:
    """The SVG with the width of every text; a text that is not among the widths keeps its own"""
    lines: list[list[Run]] = []
    last = 0

    def line(match: re.Match) -> str:
        nonlocal last
        run = run_of(match[1], match[2], widths)
        goes_on = last == match.start() and lines and joins(lines[-1][-1], run)
        last = match.end()
        if goes_on:
            lines[-1].append(run)
            return ""
        lines.append([run])
        return f"\0{len(lines) - 1}\0"

    kept = TEXT.sub(line, joined(svg))
    fitted = re.sub(r"\0(\d+)\0", lambda match: written(lines[int(match[1])]), kept)
    families = set(FAMILY.findall(fitted))
    if len(families) == 1:                            # said once
        fitted = FAMILY.sub("", fitted).replace("<svg ", f"<svg{families.pop()} ", 1)
    return fitted


def joined(svg: str) -> str:
    """The SVG with each arrow as one element, also one that Graphviz drew in parts, e7to0, e7to1 and e7"""
    lines: dict[str, str] = {}

    def part(match: re.Match) -> str:
        lines[match[1]] = lines.get(match[1], "") + match[2] + "\n"
        return ""

    return ARROW.sub(lambda arrow: arrow[1] + lines.get(arrow[2], ""), PART.sub(part, svg))


def run_of(attributes: str, words: str, widths: Widths) -> Run:
    size, low = float(attribute(attributes, "font-size")), 'baseline-shift="sub"' in attributes
    bold = 'font-weight="bold"' in attributes
    width = widths.get((spaced(html.unescape(words)), size, bold), 0)
    x, y = float(attribute(attributes, "x")), float(attribute(attributes, "y"))
    return Run(attributes, words, x, y, size, width, low)


def attribute(attributes: str, name: str) -> str:
    return re.search(rf'\b{name}="([^"]*)"', attributes)[1]            # type: ignore[index]


def spaced(words: str) -> str:
    """The words with plain spaces: the SVG has another kind of them where two stand side by side"""
    return words.replace("\xa0", " ")


def joins(before: Run, run: Run) -> bool:
    """Whether a run goes on with a line: a subscript, or what follows one"""
    return before.low != run.low and before.y == run.y and abs(before.ends - run.x) < 0.05


def written(line: list[Run]) -> str:
    """A line as one text; nothing for spaces"""
    first, width = line[0], sum(run.width for run in line)
    if not spaced(html.unescape("".join(run.words for run in line))).strip():
        return ""
    words, drop, was_low = "", DROP * first.size, False
    for run in line:
        if run.low:
            words += f'<tspan dy="{drop:.2f}" font-size="{SUBSCRIPT:.0%}">{run.words}</tspan>'
        else:
            words += f'<tspan dy="{-drop:.2f}">{run.words}</tspan>' if was_low else run.words
        was_low = run.low
    length = f' textLength="{width:g}" lengthAdjust="spacingAndGlyphs"' if width else ""
    attributes = first.attributes.replace('text-anchor="start" ', "").replace('.00"', '"')
    attributes = attributes.replace(' baseline-shift="sub"', "")
    return f"<text {attributes}{length}>{words}</text>\n"
