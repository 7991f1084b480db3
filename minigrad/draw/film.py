"""The backward pass as one SVG that plays by itself: CSS alone, no script, so that it moves as an <img> too.

Every scene is drawn, and what two scenes share is kept once.  What changes is there once for each look, and a keyframe
rule shows it from one scene to another.  Without the rules (reduced motion, no CSS) the last scene stands, complete.
"""

import hashlib
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from minigrad.draw.scenes import drawings, playable_picture, playable_snapshot, scenes
from minigrad.files import write_whole
from minigrad.nn import Unrolled
from minigrad.value import Value

SVG = "http://www.w3.org/2000/svg"
SECONDS, LAST_SECONDS = 1.8, 5.0                      # of a scene; of the last, where all is known
HIDDEN = 0.01                                         # the opacity of what only keeps its place
MAX_SCENES = 80                                       # more take longer than anyone looks


class Animation:
    """The SVG.  save() writes it; a notebook shows it."""

    def __init__(self, svg: str):
        self.svg = svg

    def save(self, path) -> Path:
        """Writes the SVG, whole or not at all, and gives the path.  Raises ValueError for a name without .svg."""
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise ValueError(f"cannot save an animation as {path.name!r}: the name must end in .svg")
        write_whole(path, self.svg.encode())
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Animation({len(self.svg)} characters of SVG; .save('bptt.svg') writes it)"


def animation(loss: Value, unrolled: Unrolled | None = None, *, seconds: float = SECONDS) -> Animation:
    """The backward pass of a loss, box by box, with a line that says what happens: an SVG for a web page or a README.

    Of a scalar RNN in columns, of any other graph as it is.  Needs no backward() before.  seconds: of each scene.
    Raises TypeError for several Unrolleds, ValueError for a graph too large or seconds that are not above 0,
    DrawingError without an engine.
    """
    if not seconds > 0:
        raise ValueError(f"animation: seconds is {seconds!r}; it must be above 0")
    snapshot = playable_snapshot("animation", loss, unrolled)
    picture = playable_picture(snapshot)
    played = [scene for scene in scenes(picture, snapshot) if scene.phase in ("seed", "backward", "done")]
    if len(played) > MAX_SCENES:
        way_out = "walkthrough() plays them in a page, frames() draws them one by one"
        raise ValueError(f"animation: {len(played)} scenes are more than {MAX_SCENES}; {way_out}")
    drawn = [drawing.svg(unseen=True) for drawing in drawings(picture, snapshot, played)]
    return Animation(film(drawn, seconds, f"The backward pass from {snapshot.name[loss]}, step by step"))


def film(drawn: list[str], seconds: float, title: str) -> str:
    """Pictures of the same elements as one SVG, one after the other"""
    name = "m" + hashlib.sha256("".join(drawn).encode()).hexdigest()[:6]      # two of them may stand on one page
    looks = [bare(ElementTree.fromstring(svg)) for svg in drawn]
    root = Element("svg", looks[-1].attrib)
    root.extend([merged([look[k] for look in looks], name) for k in range(len(looks[-1]))])
    heading, style = Element("title"), Element("style")
    heading.text, style.text = title, rules(root, name, len(drawn), seconds)
    root[:0] = [heading, style]
    root.attrib |= {"xmlns": SVG, "class": name, "role": "img", "aria-label": title}
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def bare(element: Element) -> Element:
    """Without namespaces, ids, hidden text and tooltips, which would differ where nothing else does"""
    if float(element.get("fill-opacity", 1)) < HIDDEN:
        return Element("text")
    copy = Element(element.tag.rpartition("}")[2], {
        key: value for key, value in element.attrib.items() if "}" not in key and key not in ("id", "class")})
    copy.text = element.text and element.text.strip() and element.text
    children = [bare(child) for child in element if not child.tag.endswith("}title")]
    loose = [child for child in children if child.tag != "g"]
    if 0 < len(loose) < len(children):                # the legend, of which a scene may have a line more
        legend = Element("g")
        legend.extend(loose)
        children = [legend, *[child for child in children if child.tag == "g"]]
    copy.extend(children)
    return copy


def merged(looks: list[Element], name: str) -> Element:
    """One element of its looks in all scenes, those that differ in turn"""
    first = looks[0]
    if any((look.tag, look.attrib, look.text, len(look)) != (first.tag, first.attrib, first.text, len(first))
           for look in looks):
        return in_turn(looks, name)
    found = Element(first.tag, first.attrib)
    found.text = first.text
    found.extend([merged([look[k] for look in looks], name) for k in range(len(first))])
    return found


def in_turn(looks: list[Element], name: str) -> Element:
    """The different looks of an element in a group, each in the class name-start-end of the scenes from `start` to
    before `end`; only that of the last scene is seen without the rules"""
    group, end = Element("g"), 0
    for _, alike in groupby(looks, ElementTree.tostring):
        look, *others = alike
        start, end = end, end + 1 + len(others)
        hidden = {"opacity": "0"} if end < len(looks) else {}
        shown = Element("g", {"class": f"{name}-{start}-{end}", **hidden})
        shown.append(look)
        group.append(shown)
    return group


def rules(root: Element, name: str, scenes: int, seconds: float) -> str:
    """What shows each look in its scenes, again and again"""
    whole = (scenes - 1) * seconds + LAST_SECONDS
    at = [f"{100 * k * seconds / whole:.4g}%" for k in range(scenes)]
    runs = {tuple(map(int, g.attrib["class"].split("-")[1:])) for g in root.iter("g") if "class" in g.attrib}
    frames, classes = [], []
    for start, end in sorted(runs):
        steps = ["0%{opacity:0}"] * (start > 0) + [f"{at[start]}{{opacity:1}}"]
        steps += [f"{at[end]},to{{opacity:0}}" if end < scenes else "to{opacity:1}"]
        frames.append(f"@keyframes {name}-{start}-{end}{{{''.join(steps)}}}")
        classes.append(f".{name}-{start}-{end}{{animation:{name}-{start}-{end} {whole:g}s step-end infinite}}")
    paused = f".{name}:hover [class]{{animation-play-state:paused}}"
    moving = "@media (prefers-reduced-motion:no-preference){" + "".join(classes) + paused + "}"
    return "".join([*frames, moving])
