"""A Picture as DOT text.  Labels are data: no text becomes markup, an escape of Graphviz, or an attribute."""

import html
from itertools import count, pairwise

import graphviz

from minigrad.draw.picture import Arrow, Box, Cell, Group, Legend, Picture, Quantity, Text
from minigrad.draw.theme import ALPHA, FONT, LIGHT, POINTS, Scale, Theme
from minigrad.notation import number, signed
from minigrad.number import innermost

FRAMES = {                                            # kind of box → fill, width of the frame, its colour
    "mid": ("box", 1, "rule"),
    "input": ("input", 1, "rule"),
    "weight": ("gold_fill", 2, "gold"),
    "bar": ("gold_fill", 2, "gold"),
    "loss": ("box", 2, "ink"),
    "staircase": ("staircase", 2, "gold"),
}
CLASSES = {"chip": "chip", "bar": "v weight bar", "staircase": "v weight bar", "words": ""}


def dot(picture: Picture, theme: Theme = LIGHT, links=False) -> str:
    """The DOT text.  links: every cell with a number becomes an element of its own in the SVG, a_<its id>."""
    pen = Pen(Scale([quantity.number for quantity in picture.scale], theme), links)
    graph = canvas("minigrad", picture.pinned, picture.over, picture.size, theme)
    boxes = {box.id: box for box in picture.boxes}
    grouped = {key for group in picture.groups for key in group.boxes}
    for group in picture.groups:
        if group.at:
            pen.rectangle(graph, group)
    for box in picture.boxes:
        if box.id not in grouped:
            pen.box(graph, box)
    for group in picture.groups:
        if not group.at:
            cluster = graphviz.Digraph(f"cluster_{group.id}")
            pen.cluster(cluster, group)
            for key in group.boxes:
                pen.box(cluster, boxes[key])
            graph.subgraph(cluster)
    for arrow in picture.arrows:
        pen.arrow(graph, arrow)
    for k, corner in enumerate(picture.corners):
        graph.node(f"corner{k}", label="", shape="point", style="invis", width=".01", pos=at(*corner))
    for k, legend in enumerate(picture.legends):
        label = pen.legend(legend)
        if legend.at:
            graph.node(f"legend{k}", label=label, id=f"legend{k}", pos=at(*legend.at))
        else:
            graph.attr("graph", label=label, labelloc="b")
    return graph.source


def canvas(name: str, pinned: bool, over: str, size: int, theme: Theme = LIGHT) -> graphviz.Digraph:
    """An empty picture.  pinned: positions in points, straight edges; else laid out by dot from left to right"""
    graph = graphviz.Digraph(name)
    if pinned:
        layout = {"layout": "neato", "inputscale": "72", "notranslate": "true", "splines": "line",
                  "outputorder": "edgesfirst" if over == "nodes" else "nodesfirst"}
    else:
        layout = {"layout": "dot", "rankdir": "LR", "newrank": "true", "nodesep": ".16", "ranksep": ".32",
                  "splines": "true"}
    graph.attr("graph", pad=".15", bgcolor=theme.paper, fontname=FONT, **layout)
    graph.attr("node", shape="plain", fontname=FONT, fontsize=str(size), fontcolor=theme.ink, tooltip=" ")
    graph.attr("edge", fontname=FONT, fontsize="10", arrowsize=".65" if pinned else ".55")
    return graph


class Pen:
    """Writes the parts of a picture into a graph, in the colours of its scale and theme"""

    def __init__(self, scale: Scale, links: bool):
        self.scale, self.theme, self.links = scale, scale.theme, links

    def color(self, of: str | Quantity, alpha: str = "") -> str:
        """A colour of the theme, or that of the line along which a quantity flows back"""
        if isinstance(of, Quantity):
            return self.line(of)["color"] + alpha
        return getattr(self.theme, of) + alpha

    def fill(self, of: str | Quantity, alpha: str = "") -> str:
        """A colour of the theme, or that of the ground of a quantity; "" for none"""
        if not of:
            return ""
        return (self.scale.fill(of.number, of.kind == "norm") if isinstance(of, Quantity) else self.color(of)) + alpha

    def line(self, flow: Quantity | str) -> dict[str, str]:
        """The attributes of an arrow"""
        if isinstance(flow, Quantity):
            if innermost(flow.number):
                color, width = self.scale.line(flow.number, flow.kind == "norm")
                return {"color": color, "penwidth": f"{width:.2f}"}
            flow = "nothing"
        if flow == "nothing":
            return {"color": self.theme.zero_line, "penwidth": "0.80", "style": "dashed"}
        if flow in ("gold", "ink"):
            return {"color": self.color(flow), "penwidth": {"gold": "1.6", "ink": "1.4"}[flow]}
        return {"color": self.color({"input": "rule", "hidden": "grey"}[flow]), "penwidth": "0.80"}

    # ------------------------------------------------------------------ elements

    def box(self, graph: graphviz.Digraph, box: Box) -> None:
        alpha = ALPHA.get(box.look, "")
        given = {"id": box.id, "class": CLASSES.get(box.kind, f"v {box.kind}")}
        if box.at:
            given["pos"] = at(*box.at)
        if alpha:
            given["fontcolor"] = self.color("ink", alpha)
        if box.tooltip:
            given["tooltip"] = tooltip(str(box.tooltip))
        graph.node(box.id, label=f"<{self.table(box, alpha)}>", **given)

    def table(self, box: Box, alpha: str) -> str:
        rows, places = box.rows, count()
        html_rows = [row(*[self.cell(cell, box.id, places, alpha) for cell in cells]) for cells in rows]
        if box.kind not in FRAMES:
            return table(*html_rows, border=0, cellborder=0, cellspacing=0, cellpadding=0)
        fill, width, rule = FRAMES[box.kind]
        fill = "current" if box.look == "current" else fill
        return table(*html_rows, border=width, color=self.color(rule, alpha), bgcolor=self.color(fill, alpha),
                     style="ROUNDED", cellborder=0, cellspacing=box.spacing, cellpadding=box.padding)

    def cell(self, cell: Cell, box_id: str, places: count, alpha: str) -> str:
        place = next(places)
        if cell.grid:
            rows = [row(*[self.cell(inner, box_id, places, alpha) for inner in cells]) for cells in cell.grid]
            words = table(*rows, border=0, cellborder=0, cellspacing=2, cellpadding=2)
        else:
            words = "<BR/>".join(self.text(text, alpha) for text in cell.texts) or " "
        given = {"id": f"{box_id}c{place}", "href": "#"} if self.links and cell.quantities else {}
        return td(
            words, **given, bgcolor=self.fill(cell.fill, alpha), style="ROUNDED" if cell.rounded else "",
            width=cell.width or "", colspan=cell.span if cell.span > 1 else "", align=cell.align, port=cell.port,
            cellpadding="" if cell.padding is None else cell.padding,
            **({"border": 1, "color": self.color(cell.rule, alpha)} if cell.rule else {}),
        )

    def text(self, text: Text, alpha: str) -> str:
        words = plain_text(str(text), text.longest)
        if text.ink == "unseen":
            return font(words, text.size, self.color("ink", ALPHA["unseen"]), text.bold)
        color = self.color(text.ink or "ink", alpha) if text.ink or alpha else ""
        return font(words, text.size, color, text.bold)

    def arrow(self, graph: graphviz.Digraph, arrow: Arrow) -> None:
        """The arrow, in straight parts from corner to corner if it leads around boxes"""
        line = self.line("input" if arrow.look in ("flat", "ghost") else arrow.flow)
        line["color"] += ALPHA.get(arrow.look, "")
        stops = [arrow.tail, *[f"{arrow.id}_{k}" for k in range(len(arrow.via))], arrow.head]
        for stop, corner in zip(stops[1:], arrow.via):
            graph.node(stop, label="", id=stop, shape="point", color=line["color"], tooltip=" ", pos=at(*corner),
                       width=f"{float(line['penwidth']) / POINTS:.3f}")
        if arrow.tooltip:
            line["tooltip"] = tooltip(str(arrow.tooltip))
        for k, (tail, head) in enumerate(pairwise(stops)):
            last, given = head == arrow.head, dict(line)
            given |= {"id": arrow.id if last else f"{arrow.id}to{k}", "class": "e"}
            given |= {} if last else {"arrowhead": "none"}
            if arrow.label:
                chip = Box(arrow.id, "chip", arrow.label)
                given["label"] = f"<{self.table(chip, ALPHA['unseen'] if arrow.look in ('flat', 'ghost') else ALPHA.get(arrow.look, ''))}>"
            if arrow.pull:
                given["weight"] = str(arrow.pull)
            graph.edge(tail, head, **given)

    # ------------------------------------------------------------------ grounds and legend

    def rectangle(self, graph: graphviz.Digraph, group: Group) -> None:
        assert group.at
        (x, y), (width, height) = group.at, group.size
        graph.node(
            group.id, label="", id=group.id, **{"class": "step"}, shape="box", style="rounded,filled",
            color=self.theme.band_rule, fillcolor=self.theme.band, fixedsize="true", width=f"{width / POINTS:.4f}",
            height=f"{height / POINTS:.4f}", pos=at(x, y),
        )
        title = td(font(plain_text(group.title), 14, self.theme.grey), width=60, align="LEFT")
        label = table(row(title), border=0, cellspacing=0, cellpadding=0)
        graph.node(f"{group.id}title", label=f"<{label}>", pos=at(x - width / 2 + 34, y + height / 2 - 13))

    def cluster(self, cluster: graphviz.Digraph, group: Group) -> None:
        cluster.attr(
            label=group.title, labeljust="l", labelloc="t", fontsize="13", margin="8", fontcolor=self.theme.grey,
            style="rounded,filled", color=self.theme.band_rule, fillcolor=self.theme.band, tooltip=" ",
        )

    def legend(self, legend: Legend) -> str:
        """What is what, and the colours of seven gradients from −G to +G, or of four norms"""
        grey, cells = self.theme.grey, []
        words = [td(font(plain_text(part, 120), 11, grey)) for part in legend.words]
        if legend.colours and self.scale.largest:
            cells.append(td(font("norm:" if legend.norm else "gradient:", 11, grey)))
            for share in (0, 0.01, 0.1, 1) if legend.norm else (-1, -0.1, -0.01, 0, 0.01, 0.1, 1):
                g = share * self.scale.largest
                written = number(g, 2) if legend.norm else signed(g, 2)
                if legend.open_ended and abs(share) == 1:
                    written = ("≥ " if share > 0 else "≤ ") + written
                cells.append(td(font(written, 10), width=46, bgcolor=self.scale.fill(g, legend.norm)))
        spaced = {"border": 0, "cellspacing": 3, "cellpadding": 3}
        if legend.at or not cells:
            return f"<{table(row(*words, *cells), **spaced)}>"
        both = [row(td(table(row(*line), **spaced))) for line in (words, cells)]
        return f"<{table(*both, border=0, cellspacing=0, cellpadding=0)}>"


# ---------------------------------------------------------------------- HTML-like labels


def plain_text(words: str, longest=24) -> str:
    """Any text as text in an HTML-like label: shortened, nothing in it markup or an escape of Graphviz"""
    words = words if len(words) <= longest else words[: longest - 1] + "…"
    return html.escape(printable(words)).replace("\\", "\\\\") or " "


def tooltip(words: str) -> str:
    """Any text as the value of an attribute, which graphviz quotes: shortened, no escape of Graphviz in it"""
    return graphviz.escape(printable(words[:200]))


def printable(words: str) -> str:
    """The text with a visible \\n or \\x00 for what a file or a screen cannot hold as it is"""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def at(x: float, y: float) -> str:
    """A pinned position in points"""
    return f"{x:g},{y:g}!"


def attributes(**given) -> str:
    return "".join(f' {key.upper()}="{value}"' for key, value in given.items() if value != "")


def font(words: str, size: int = 0, color="", bold=False) -> str:
    """Text in a size and a colour; 0 and "" are those of the picture"""
    words = f"<B>{words}</B>" if bold else words
    given = attributes(color=color, **{"point-size": size or ""})
    return f"<FONT{given}>{words}</FONT>" if given else words


def td(words: str, **given) -> str:
    """A cell"""
    return f"<TD{attributes(**given)}>{words}</TD>"


def row(*cells: str) -> str:
    """A row of cells"""
    return f"<TR>{''.join(cells)}</TR>"


def table(*rows: str, **given) -> str:
    """A table of rows"""
    return f"<TABLE{attributes(**given)}>{''.join(rows)}</TABLE>"
