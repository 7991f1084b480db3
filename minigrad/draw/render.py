"""A Picture as DOT text.  Labels are data: no text becomes markup, an escape of Graphviz, or an attribute."""

from collections.abc import Iterator
from itertools import count

import graphviz

from minigrad.draw.markup import at, font, lines, plain_text, tag, tooltip, with_subscripts
from minigrad.draw.picture import Arrow, Box, Cell, Group, Legend, Picture, Quantity, Rows, Text
from minigrad.draw.theme import ALPHA, FONT, LIGHT, POINTS, Scale, Theme
from minigrad.notation import number, signed
from minigrad.validation import unwrap

FRAMES = {                                            # kind of box → fill, width of the frame, its colour
    "mid": ("box", 1, "rule"),
    "input": ("input", 1, "rule"),
    "weight": ("gold_fill", 2, "gold"),
    "bar": ("gold_fill", 2, "gold"),
    "loss": ("box", 2, "ink"),
    "staircase": ("staircase", 2, "gold"),
}
MOST_CAPTION, CAPTION_WIDTH = 200, 6.6                 # characters, and points for each
CLASSES = {"chip": "chip", "bar": "v weight bar", "staircase": "v weight bar", "words": ""}
LINES = {"input": ("rule", "0.80"), "hidden": ("grey", "0.80"), "nothing": ("zero_line", "1.50"),
         "gold": ("gold", "1.6"), "ink": ("ink", "1.4")}


def dot(picture: Picture, theme: Theme = LIGHT, links=False, through=True) -> str:
    """The DOT text.

    links    every cell with a number becomes an element of its own in the SVG, a_<its id>
    through  an arrow with numbers is two edges, to its numbers and on from them, so that they stand on it; else one
             edge, beside which Graphviz finds a place for them
    """
    pen = Pen(Scale([quantity.number for quantity in picture.scale], theme), links, picture)
    graph = canvas("minigrad", picture.pinned, picture.over, picture.size, picture.curved, theme, picture.direction)
    if picture.slide and not picture.pinned:
        graph.attr("graph", ratio=f"{picture.slide[1] / picture.slide[0]:.4f}")
    if picture.thin:
        graph.attr("edge", arrowsize=".45")
    boxes, grouped = {box.id: box for box in picture.boxes}, {key for group in picture.groups for key in group.boxes}
    if not through:
        pen.labels = {stop: boxes.pop(stop) for arrow in picture.arrows for stop in arrow.via if isinstance(stop, str)}
    elif picture.direction == "LR":
        pen.looks = {stop: ALPHA.get(arrow.look, "") for arrow in picture.arrows for stop in arrow.via
                     if isinstance(stop, str)}
    for group in picture.groups:
        if group.at:
            pen.rectangle(graph, group, *group.at)
    for key, box in boxes.items():
        if key not in grouped:
            pen.box(graph, box)
    for group in picture.groups:
        if not group.at:
            graph.subgraph(pen.cluster(group, [boxes[key] for key in group.boxes if key in boxes]))
    for arrow in picture.arrows:
        pen.arrow(graph, arrow)
    for k, corner in enumerate(picture.corners):
        graph.node(f"corner{k}", label="", shape="point", style="invis", width=".01", pos=at(*corner))
    for k, legend in enumerate(picture.legends):
        if legend.at:
            graph.node(f"legend{k}", label=pen.legend(legend), id=f"legend{k}", pos=at(*legend.at))
        elif not picture.caption:
            graph.attr("graph", label=pen.legend(legend), labelloc="b")
    if picture.caption:
        pen.caption(graph, picture)
    return graph.source


def canvas(name: str, pinned: bool, over: str, size: int, curved=False, theme: Theme = LIGHT, direction="LR"
           ) -> graphviz.Digraph:
    """An empty picture.  pinned: positions in points, edges straight or curved; else laid out by dot in a direction"""
    graph = graphviz.Digraph(name)
    if pinned:
        layout = {"layout": "neato", "inputscale": "72", "notranslate": "true",
                  "outputorder": "edgesfirst" if over == "nodes" else "nodesfirst"}
        layout |= {"splines": "true", "esep": "+3", "sep": "+4"} if curved else {"splines": "line"}
    else:
        layout = {"layout": "dot", "rankdir": direction, "newrank": "true", "nodesep": ".16", "ranksep": ".28",
                  "splines": "true"}
    graph.attr("graph", pad=".15", bgcolor=theme.paper, fontname=FONT, **layout)
    graph.attr("node", shape="plain", fontname=FONT, fontsize=str(size), fontcolor=theme.ink, tooltip=" ")
    graph.attr("edge", fontname=FONT, fontsize="10", arrowsize=".65" if pinned else ".55")
    return graph


class Pen:
    """Writes the parts of a picture into a graph, in the colours of its scale and theme"""

    def __init__(self, scale: Scale, links: bool, picture: Picture):
        self.scale, self.theme, self.links, self.picture = scale, scale.theme, links, picture
        self.labels: dict[str, Box] = {}              # the boxes that are labels of their arrows
        self.looks: dict[str, str] = {}               # how opaque the arrow is that goes from left to right through one

    def color(self, of: str | Quantity, alpha: str = "") -> str:
        """A colour of the theme, or that of the line along which a quantity flows back"""
        return (self.line(of)["color"] if isinstance(of, Quantity) else getattr(self.theme, of)) + alpha

    def fill(self, of: str | Quantity, alpha: str = "") -> str:
        """A colour of the theme, or that of the ground of a quantity; "" for none"""
        color = self.scale.fill(of.number, of.kind == "norm") if isinstance(of, Quantity) else of and self.color(of)
        return color and color + alpha

    def line(self, flow: Quantity | str) -> dict[str, str]:
        """The attributes of an arrow"""
        if isinstance(flow, Quantity) and unwrap(flow.number):
            color, width = self.scale.line(flow.number, flow.kind == "norm")
            line = {"color": color, "penwidth": f"{width / 2 if self.picture.thin else width:.2f}"}
            negative = flow.kind != "norm" and unwrap(flow.number) < 0
            return line | {"style": "dashed"} if self.picture.dashed and negative else line
        kind = flow if isinstance(flow, str) else "nothing"
        line = {"color": self.color(LINES[kind][0]), "penwidth": LINES[kind][1]}
        return line | {"style": "dotted"} if kind == "nothing" else line

    # ------------------------------------------------------------------ boxes

    def box(self, graph: graphviz.Digraph, box: Box) -> None:
        alpha = ALPHA.get(box.look, "")
        given = {"id": box.id, "class": CLASSES.get(box.kind, f"v {box.kind}")}
        given |= {"pos": at(*box.at)} if box.at else {}
        given |= {"fontcolor": self.color("ink", alpha)} if alpha else {}
        given |= {"tooltip": tooltip(str(box.tooltip))} if box.tooltip else {}
        graph.node(box.id, label=f"<{self.framed(box, alpha)}>", **given)

    def framed(self, box: Box, alpha: str) -> str:
        rows = self.rows(box.rows, box.id, count(), alpha)
        if box.kind not in FRAMES:
            rule = ""
            if box.look == "unseen" and box.id in self.looks:          # the arrow goes on where its numbers will stand
                rows, rule = rows.replace("</TR><TR>", "</TR><HR/><TR>"), self.color("rule", self.looks[box.id])
            return tag("TABLE", rows, color=rule, border=0, cellborder=0, cellspacing=0, cellpadding=0)
        fill, width, rule = FRAMES[box.kind]
        fill = "current" if box.look == "current" else fill
        return tag("TABLE", rows, border=width, color=self.color(rule, alpha), bgcolor=self.color(fill, alpha),
                   style="ROUNDED", cellborder=0, cellspacing=box.spacing, cellpadding=box.padding)

    def rows(self, rows: Rows, key: str, places: Iterator[int], alpha: str = "") -> str:
        written = ["".join([self.cell(cell, key, places, alpha) for cell in row]) for row in rows]
        return "".join([f"<TR>{row}</TR>" for row in written])

    def cell(self, cell: Cell, key: str, places: Iterator[int], alpha: str) -> str:
        own, alpha = f"{key}c{next(places)}", ALPHA.get(cell.look, alpha)
        if cell.grid:
            words = tag("TABLE", self.rows(cell.grid, key, places, alpha), border=0, cellborder=0, cellspacing=2,
                        cellpadding=2)
        else:
            sizes = [text.size or self.picture.size for text in cell.texts]
            words = lines([self.text(text, alpha) for text in cell.texts], sizes) or " "
        given: dict = {"id": own, "href": "#"} if self.links and any(text.changes for text in cell.texts) else {}
        given |= {"border": 1, "color": self.color(cell.rule, alpha)} if cell.rule else {}
        given |= {} if cell.padding is None else {"cellpadding": cell.padding}
        return tag("TD", words, **given, bgcolor=self.fill(cell.fill, alpha), style="ROUNDED" if cell.rounded else "",
                   width=cell.width or "", colspan=cell.span if cell.span > 1 else "", align=cell.align, port=cell.port)

    def text(self, text: Text, alpha: str) -> str:
        ink, alpha = ("ink", ALPHA["unseen"]) if text.ink == "unseen" else (text.ink, alpha)
        color = self.color(ink or "ink", alpha) if ink or alpha else ""
        words = with_subscripts(plain_text(str(text), text.longest), text.size or self.picture.size)
        return font(words, text.size, color, text.bold)

    # ------------------------------------------------------------------ arrows

    def arrow(self, graph: graphviz.Digraph, arrow: Arrow) -> None:
        """The arrow, in parts from stop to stop if it leads around boxes, or through one"""
        pale = arrow.look in ("flat", "ghost")
        line = self.line("input" if pale else arrow.flow)
        line["color"] += ALPHA.get(arrow.look, "")
        starts, ends = [arrow.tail], []
        into, out = (":n", ":s") if self.picture.direction == "TB" else (":w", ":e")
        line |= {"tooltip": tooltip(str(arrow.tooltip))} if arrow.tooltip else {}
        line |= {"weight": str(arrow.pull)} if arrow.pull else {}
        for k, stop in enumerate(arrow.via):
            if stop in self.labels:
                label = self.labels[stop]
                line["label"] = f"<{self.framed(label, ALPHA.get(label.look, ''))}>"
            elif isinstance(stop, str):                 # a box: straight through it
                ends.append(stop + into)
                starts.append(stop + out)
            else:
                corner = f"{arrow.id}_{k}"
                graph.node(corner, label="", id=corner, shape="point", color=line["color"], tooltip=" ", pos=at(*stop),
                           width=f"{float(line['penwidth']) / POINTS:.3f}")
                ends.append(corner)
                starts.append(corner)
        for k, (tail, head) in enumerate(zip(starts, [*ends, arrow.head])):
            part = {"id": arrow.id} if head == arrow.head else {"id": f"{arrow.id}to{k}", "arrowhead": "none"}
            graph.edge(tail, head, **{"class": "e"}, **part, **line)

    # ------------------------------------------------------------------ grounds and legend

    def rectangle(self, graph: graphviz.Digraph, group: Group, x: float, y: float) -> None:
        """The ground of a step, and its title in the upper left corner"""
        width, height = group.size
        graph.node(
            group.id, label="", id=group.id, **{"class": "step"}, shape="box", style="rounded,filled",
            color=self.theme.band_rule, fillcolor=self.theme.band, fixedsize="true", width=f"{width / POINTS:.4f}",
            height=f"{height / POINTS:.4f}", pos=at(x, y),
        )
        cell = Cell((Text((group.title,), 14, "grey"),), width=60, align="LEFT")
        self.box(graph, Box(f"{group.id}title", "words", ((cell,),), (x - width / 2 + 34, y + height / 2 - 13)))

    def cluster(self, group: Group, boxes: list[Box]) -> graphviz.Digraph:
        cluster = graphviz.Digraph(f"cluster_{group.id}")
        cluster.attr(
            label=group.title, labeljust="l", labelloc="t", fontsize="13", margin="8", fontcolor=self.theme.grey,
            style="rounded,filled", color=self.theme.band_rule, fillcolor=self.theme.band, tooltip=" ",
        )
        for box in boxes:
            self.box(cluster, box)
        return cluster

    def legend(self, legend: Legend) -> str:
        """What is what, and the colours of seven gradients from −G to +G, or of four norms"""
        words = [Cell((Text((part,), 11, "grey", longest=120),)) for part in legend.words]
        colours = []
        if self.scale.largest:
            colours.append(Cell((Text(("norm:" if legend.norm else "gradient:",), 11, "grey"),)))
            for share in (0, 0.01, 0.1, 1) if legend.norm else (-1, -0.1, -0.01, 0, 0.01, 0.1, 1):
                g = Quantity("norm" if legend.norm else "gradient", (), share * self.scale.largest)
                written = number(g.number, 2) if legend.norm else signed(g.number, 2)
                if legend.open_ended and abs(share) == 1:
                    written = ("≥ " if share > 0 else "≤ ") + written
                colours.append(Cell((Text((written,), 11 if self.picture.slide else 10),), g, width=46))
        spaced = {"border": 0, "cellspacing": 3, "cellpadding": 3}
        parts = [tag("TABLE", self.rows((tuple(cells),), "", count()), **spaced)
                 for cells in ([words, colours] if legend.stacked and colours else [[*words, *colours]])]
        if len(parts) == 1:
            return f"<{parts[0]}>"
        both = "".join(tag("TR", tag("TD", part)) for part in parts)
        return f"<{tag('TABLE', both, border=0, cellspacing=0, cellpadding=0)}>"


    def caption(self, graph: graphviz.Digraph, picture: Picture) -> None:
        """Under the legend, or where that has no place, over it"""
        lines = [Text((line,), 13, "ink", longest=MOST_CAPTION) for line in picture.caption]
        width = round(CAPTION_WIDTH * max(picture.room, *map(len, picture.caption)))
        rows = tuple([(Cell((line,), width=width, align="LEFT"),) for line in lines])
        if picture.pinned:
            [legend] = picture.legends or [Legend((), (0, min(box.at[1] for box in picture.boxes if box.at) - 60))]
            x, y = legend.at or (0, 0)
            self.box(graph, Box("caption", "words", rows, (x, y - (34 if legend.stacked else 20) - 8 * len(rows))))
        else:
            legends = "".join(tag("TR", tag("TD", self.legend(legend)[1:-1])) for legend in picture.legends)
            table = tag("TABLE", self.rows(rows, "caption", count()) + legends, border=0, cellborder=0, cellspacing=4)
            graph.attr("graph", label=f"<{table}>", labelloc="b")
