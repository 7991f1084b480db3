"""The live page: one self-contained file with the picture, the graph as data, and a script that computes it again.

It loads nothing: a Content-Security-Policy forbids it, and allows the one style and the one script by their hashes.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from minigrad.draw import engines
from minigrad.draw.options import Options
from minigrad.draw.page.data import data_of
from minigrad.draw.page.handles import with_handles
from minigrad.draw.render import dot
from minigrad.draw.scenes import playable_snapshot
from minigrad.draw.theme import LIGHT, THEMES
from minigrad.draw.views import picture_of
from minigrad.files import write_whole
from minigrad.nn import Unrolled
from minigrad.notation import printable
from minigrad.value import Value

SCRIPTS = (                                           # in this order: the last starts the page
    "elementary", "engine", "graph", "vocabulary", "numbers", "quantities", "colours", "picture", "settings", "hand",
    "bar", "film", "tiles", "lens", "learn", "strip", "quiz", "page", "words", "pointing", "view", "keys",
)
MAX_STEPS, MAX_VALUES = 60, 3000                      # that are computed and shown while a number is dragged
MIXED = ("paper", "ink", "positive", "negative", "norm", "not_a_number", "zero_line", "pale_line", "blank")
DARK = THEMES["dark"]._replace(paper=THEMES["dark"].box)        # as in LIGHT they have one colour, and one rule


class Walkthrough:
    """The page.  save() writes it; a notebook shows it in a frame of its own."""

    def __init__(self, page: str):
        self.page = page

    def save(self, path) -> Path:
        """Writes the page, whole or not at all, and gives the path.  Raises ValueError for a name without .html."""
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"cannot save a walkthrough as {path.name!r}: the name must end in .html")
        write_whole(path, self.page.encode())
        return path

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{html.escape(self.page)}" width="100%" height="860" style="border:0"></iframe>'

    def __repr__(self) -> str:
        return f"Walkthrough({len(self.page)} characters; .save('walkthrough.html') writes the page)"


def walkthrough(loss: Value, unrolled: Unrolled | None = None, *, quiz: list[Value] | tuple = (),
                captions: Sequence[str] = (), vocabulary: Sequence[str] = ()) -> Walkthrough:
    """The page for a loss, in the view that draw() would choose.  Needs no backward() before.

    On it every leaf can be moved, and all numbers follow.  Steps that a truncated gradient does not reach are not
    played; the first scene says which.  The page is light or dark as the reader's system is; in an <iframe>, as the
    property color-scheme of that element says, also when it changes: iframe { color-scheme: inherit }.

    quiz        Values whose gradient the page hides, with what would tell it, until the reader has typed it
    captions    what to write for the inputs, one for each step
    vocabulary  the word of each index of a one-hot input, from which the reader chooses others; by default the indices

    Raises TypeError for several Unrolleds, ValueError for a graph too large to be read or a Value of `quiz` that is not
    in it, DrawingError without an engine.
    """
    snapshot = playable_snapshot("walkthrough", loss, unrolled)
    for size, what, most in ((len(unrolled or ()), "steps", MAX_STEPS), (len(snapshot.order), "Values", MAX_VALUES)):
        if size > most:
            remedy = "make it of fewer steps or units; draw(loss, unrolled, view='folded') draws any number"
            raise ValueError(f"walkthrough: {size} {what} are more than {most}; {remedy}")
    if not all(isinstance(value, Value) and value in snapshot.gradient and value is not loss for value in quiz):
        raise ValueError(f"walkthrough: quiz must list Values that {loss!r} was computed from, as in quiz=[w_h]")
    picture = with_handles(picture_of(snapshot, "auto", Options(captions=tuple(captions))), snapshot)
    data = data_of(picture, snapshot, quiz, vocabulary, captions)
    themes = {"light": LIGHT, "dark": DARK}
    data["themes"] = {name: {part: getattr(theme, part) for part in MIXED} for name, theme in themes.items()}
    svg = bare_svg(engines.render(dot(picture, links=True), "svg").decode())
    style = re.sub(r"\s*([{};,]|:(?= ))\s*", r"\1", read("page.css") + dark_rules(svg))
    script = '"use strict";\n' + "\n".join(bare_script(read(f"{name}.js")) for name in SCRIPTS)
    fields = {
        "STYLE_HASH": sha256(style), "SCRIPT_HASH": sha256(script), "STYLE": style, "SCRIPT": script, "SVG": svg,
        "TITLE": html.escape(printable(f"minigrad: how ∂{snapshot.name[loss]} comes about")),
        "DATA": json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
    }
    return Walkthrough(re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], read("page.html")) + "\n")


def read(name: str) -> str:
    """A file beside this one"""
    return (files("minigrad") / "draw" / "page" / name).read_text(encoding="utf-8").strip()


def sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def bare_script(script: str) -> str:
    """Without comments, indents and, outside strings, the spaces around signs: all that the files are for"""
    lines = [re.sub(r"(^|  +)// .*|^//$", "", line.strip()) for line in script.splitlines()]
    return "\n".join([bare_line(line) for line in lines if line])


def bare_line(line: str) -> str:
    if re.search(r"['\\]|[^ ]/|/[^ ]|`.*`.*`", line):   # a division has a space on both sides
        return line
    parts = re.split(r'("[^"]*"|`[^`]*`)', line)      # each second one is a string
    parts[::2] = [re.sub(r" ?(=>|&&|\|\||[=,{}?:;<>*/]) ?", r"\1", part) for part in parts[::2]]
    return "".join(parts)


def dark_rules(svg: str) -> str:
    """CSS: every light colour of the picture as its dark one"""
    rules = [f'[{kind}="{light}"] {{ {kind}: {dark} }}'
             for light, dark in zip(LIGHT, DARK) for kind in ("fill", "stroke") if f'{kind}="{light}"' in svg]
    return "\n".join([f"#p-frame svg {{ fill: {LIGHT.ink} }}",
                      f"[data-theme=dark] #p-frame {{ background: {DARK.paper}; svg {{ fill: {DARK.ink} }}",
                      *dict.fromkeys(rules), "}"])


CORNERS = 8                                           # of the path of a rounded rectangle: its sides, and its corners


def as_rectangle(path: re.Match) -> str:
    """A rounded rectangle as one, a fifth as long as the path that Graphviz writes for it"""
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", path[2])]
    xs, ys = numbers[::2], numbers[1::2]
    if len(xs) != 1 + 3 * CORNERS or "C" not in path[2]:
        return path[0]
    x, y, right, bottom = min(xs), min(ys), max(xs), max(ys)
    radius = min(abs(xs[0] - x), abs(right - xs[0]))
    return (f'<rect{path[1]} x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}" '
            f'rx="{radius:.1f}"/>')


def tenths(attribute: re.Match) -> str:
    """An attribute with its numbers in tenths"""
    return re.sub(r"\.0+(?!\d)", "", re.sub(r"\.(\d)\d+", r".\1", attribute[0]))


def bare_svg(svg: str) -> str:
    """The svg element alone, without what the page says itself: titles, fonts, links; in tenths of a point"""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>\n?|<!--.*?-->\n?|<a(?: [^>]*)?>\n?|</a>\n?", "", svg, flags=re.DOTALL)
    usual = r' (?:font-family|xml:space|text-anchor|stroke)="(?:Helvetica[^"]*|preserve|start|transparent)"'
    svg = re.sub(usual, "", svg)
    svg = re.sub(r' textLength="[^"]*" lengthAdjust="[^"]*"', "", svg)          # the script fits what it writes
    svg = re.sub(r' id="a_(?![^"]*c\d+")[^"]*"', "", svg)                       # of cells alone
    svg = re.sub(r'<path( [^>]*?) d="(M[^"]*)"/>', as_rectangle, svg)
    svg = re.sub(r'(<text[^>]*?) fill="' + LIGHT.ink + '"', r"\1", svg)          # the style says it once
    svg = re.sub(r' (?:d|points|x|y|width|height|rx|font-size)="[^"]*"', tenths, svg).replace(">\n<", "><")
    svg = svg.replace("scale(1 1) rotate(0) ", "")
    part = r'<g id="[^"]*" class="(?:node|edge)[^>]*>'
    svg = re.sub(f"({part})<g>(.*?)</g></g>(?={part}|</g></svg>)", r"\1\2</g>", svg, flags=re.DOTALL)
    return re.sub(r'<svg[^>]*?( viewBox="[^"]*")[^>]*>', r'<svg role="group" aria-label="computation graph"\1>', svg)
