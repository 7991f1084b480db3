"""One self-contained page that plays both passes, scene by scene, and shows the routes of any gradient.

The page holds the final picture as SVG, and for every element when it appears; a short script toggles classes.  It
loads nothing: a Content-Security-Policy forbids it, and allows the one style and the one script by their hashes.
"""

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from pathlib import Path

from minigrad.draw import engines
from minigrad.draw.scenes import Scene, refuse_unplayable, scenes, sheet_of
from minigrad.draw.sheet import Sheet, Showing
from minigrad.draw.stale import warn_of_changes
from minigrad.files import write_whole
from minigrad.graph import count_paths, paths
from minigrad.nn import Unrolled
from minigrad.notation import count, number, printable, signed
from minigrad.value import Value

MOST_ROUTES = 3                                       # of a sum of products that is written out in a caption
PIXELS_PER_POINT = 0.95                               # at the least: the smallest text has 9 points


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
        return f'<iframe srcdoc="{html.escape(self.page)}" width="100%" height="720" style="border:0"></iframe>'

    def __repr__(self) -> str:
        return f"Walkthrough({len(self.page)} characters; .save('walkthrough.html') writes the page)"


def walkthrough(loss: Value, unrolled: Unrolled | None = None) -> Walkthrough:
    """The page for a loss: of a scalar RNN in columns, of any other graph as it is.  Needs no backward() before.

    Steps that a truncated gradient does not reach are no part of the graph, and not played; the first scene says which.
    Raises TypeError for several Unrolleds, ValueError for a graph too large to be read, DrawingError without an engine.
    """
    refuse_unplayable("walkthrough", loss, unrolled)
    warn_of_changes("walkthrough", loss, stacklevel=2)
    sheet = sheet_of(loss, unrolled, Showing(gradients=True, ids=True))
    svg = bare_svg(engines.render(sheet.source(), "svg").decode())
    width = float(re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+)', svg)[1])      # type: ignore[index]
    folder = files("minigrad") / "draw"
    style = (folder / "walkthrough.css").read_text(encoding="utf-8")
    style = style.replace("MIN_WIDTH", f"{width * PIXELS_PER_POINT:.0f}px").strip()
    script = (folder / "walkthrough.js").read_text(encoding="utf-8").strip()
    data = json.dumps(data_of(sheet), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = (folder / "walkthrough.html").read_text(encoding="utf-8")
    title = f"minigrad: how ∂{sheet.name(loss)} comes about"
    fields = {"STYLE_HASH": sha256(style), "SCRIPT_HASH": sha256(script), "TITLE": html.escape(printable(title)),
              "STYLE": style, "SVG": svg, "DATA": data, "SCRIPT": script}
    return Walkthrough(re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], page))


def sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def bare_svg(svg: str) -> str:
    """The svg element alone, without what the page says itself: titles, fonts, empty links"""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>\n?|<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:font-family|xml:space|xlink:href|xlink:title|target)="[^"]*"', "", svg)
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', '<svg role="group" aria-label="computation graph"', svg)


# ---------------------------------------------------------------------- what the script needs


def data_of(sheet: Sheet) -> dict:
    """scenes     [phase, title, account, ids of the elements whose turn it is, ids of the edges in use]
    known      {id: the scene from which an element is there}
    flowed     {id: the scene from which an edge, its numbers or a term is coloured}
    pills      {id: [[scene, text, colour], …]}
    focus      {id: [caption, ids on its routes]}
    labels     {label: id}, for links such as #focus=o_2"""
    played = scenes(sheet)
    known: dict[str, int] = {}
    flowed: dict[str, int] = {}
    for place, scene in enumerate(played):
        for node in scene.showing.known or ():
            for key in sheet.elements.get(node, []):
                known.setdefault(key, place)
        for node, operand in scene.showing.flowed or ():
            found = sheet.elements.get((node, operand), [])
            terms = [sheet.terms[node, operand]] if (node, operand) in sheet.terms else []
            for key in [*found, *terms]:
                flowed.setdefault(key, place)
    for edge, keys in sheet.elements.items():
        if isinstance(edge, tuple):                   # an edge is there when its node is, a ledger always
            there = [key for key in keys if not key.startswith("a_c")]
            known |= dict.fromkeys(there, known[sheet.elements[edge[0]][0]])
    return {
        "scenes": [[s.phase, s.title, s.account, sheet.elements.get(s.showing.current, []), edges_of(sheet, s)]
                   for s in played],
        "known": known,
        "flowed": flowed,
        "pills": {key: pill_history(sheet, value, played) for value, keys in sheet.pills.items() for key in keys},
        "focus": focus_of(sheet),
        "labels": {printable(v.label): keys[0]
                   for v, keys in sheet.elements.items() if isinstance(v, Value) and v.label},
    }


def edges_of(sheet: Sheet, scene: Scene) -> list[str]:
    return [key for edge in scene.edges for key in sheet.elements.get(edge, []) if key.startswith("e")]


def pill_history(sheet: Sheet, value: Value, played: list[Scene]) -> list[list]:
    """When the gradient of a Value changes, and to what"""
    history: list[list] = []
    for place, scene in enumerate(played):
        total = (scene.showing.totals or {}).get(value)
        if total is not None:
            now = [signed(total), sheet.scale.fill(total)]
            if not history or history[-1][1:] != now:
                history.append([place, *now])
    return history


def focus_of(sheet: Sheet) -> dict[str, list]:
    """For every box, and every term of a ledger, what a reader who points at it is shown"""
    shown = dict.fromkeys([operand for edges in sheet.into.values() for operand, _ in edges] + list(sheet.into))
    folded = {v: sheet.into.get(v, ()) for v in sheet.gradient if v in shown}
    routes = {v: count_paths(folded, sheet.loss, v) for v in folded}
    behind: dict[Value, list[Value]] = {v: [] for v in folded}            # the users of each
    for node, edges in sheet.into.items():
        for operand, _ in edges:
            behind[operand].append(node)

    def on_routes(value: Value) -> list[str]:
        reached = [value]
        ids = list(sheet.elements.get(value, []))
        for v in reached:                             # the list grows while it is read
            for user in behind[v]:
                ids += sheet.elements.get((user, v), [])
                ids += [sheet.terms[user, v]] if (user, v) in sheet.terms else []
                if user not in reached:
                    reached.append(user)
                    ids += sheet.elements.get(user, [])
        return list(dict.fromkeys(ids))

    def products(value: Value, last: str = "") -> str:
        """The routes' products, or how many routes there are"""
        if routes[value] > MOST_ROUTES:
            return f"{count(routes[value])} routes, together "
        ways = [[number(derivative) for _, _, derivative in path] for path in paths(folded, sheet.loss, value)]
        return " + ".join(" × ".join([*way, last] if last else way) or last for way in ways or [[]]) + " = "

    loss, found = sheet.name(sheet.loss), {}
    for value in folded:
        grad = f"∂{loss}/∂{sheet.name(value)} = "
        caption = grad + ("1" if value is sheet.loss else products(value) + number(sheet.gradient[value]))
        for key in sheet.elements.get(value, [])[:1]:
            found[key] = [caption, on_routes(value)]
    for (user, weight), key in sheet.terms.items():
        partial = sum(d for operand, d in sheet.into[user] if operand is weight)
        term = number(partial * sheet.gradient[user])
        caption = f"via {sheet.name(user)}, to ∂{loss}/∂{sheet.name(weight)}: {products(user, number(partial))}{term}"
        ids = [*sheet.elements.get((user, weight), []), key, *sheet.elements[weight], *on_routes(user)]
        found[key] = [caption, list(dict.fromkeys(ids))]
    return found
