// The picture: the SVG that Graphviz drew, every number bound to its quantity and written again when that changes.

const SVG = "http://www.w3.org/2000/svg";

class Picture {
  constructor() {
    this.boxes = this.elements(page.boxes);
    this.arrows = this.elements(page.arrows);
    this.cells = Object.entries(page.cells).flatMap(([id, cell]) => {
      const group = byId(id);
      return group ? [new LiveCell(id, group, cell)] : [];
    });
  }

  elements(described) {
    return Object.entries(described).flatMap(([id, what]) => {
      const element = byId(id);
      const usual = { shows: [], edges: [], flow: null, look: "" };
      return element ? [{ ...usual, ...what, id, element }] : [];
    });
  }

  // what is drawn of it
  shapes(arrow) {
    const drawn = ":scope > path, :scope > polygon, :scope > g > path, :scope > g > polygon";
    return [...arrow.element.querySelectorAll(drawn)];
  }

  paint() {
    for (const cell of this.cells) cell.paint();
    for (const box of this.boxes) this.look(box, this.lookOf(box));
    for (const arrow of this.arrows) this.paintArrow(arrow);
    svg.classList.toggle("refused", graph.refused !== null);
  }

  // the colours of the legend, each under the number that it stands for
  paintLegend() {
    for (const ground of svg.querySelectorAll("[id^=legend] [fill], #graph0 > [fill]")) {
      const text = ground.nextElementSibling;
      if (ground.tagName === "text" || text?.tagName !== "text") continue;
      const written = text.textContent.replace(/^[≤≥] /, ""), x = Number(written.replaceAll("−", "-"));
      if (written.trim() && Number.isFinite(x)) ground.style.fill = colours.fill(x, !"+−".includes(written[0]));
    }
  }

  lookOf(box) {
    if (!box.edges.every((edge) => quantities.carried(edge))) return "unseen";
    const waits = (node) => node > quantities.upto && page.nodes[node][0];
    return box.shows.length && box.shows.every(waits) ? "ghost" : "";
  }

  paintArrow(arrow) {
    const { numbers, there, upto } = quantities, flow = arrow.flow;
    if (arrow.shows.some(([user]) => user > upto)) return this.look(arrow, "ghost");
    if (flow === null) return this.look(arrow, "");
    if (!there[flow] || quantities.secret[flow] || !Number.isFinite(numbers[flow])) return this.look(arrow, "flat");
    this.look(arrow, numbers[flow] ? "" : "nothing");
    const [colour, width] = colours.line(numbers[flow], quantities.list[flow][0] === "norm");
    const line = numbers[flow] ? colour + width.toFixed(2) : "";
    if (line === arrow.line) return;
    arrow.line = line;
    for (const shape of this.shapes(arrow)) {
      shape.style.stroke = line ? colour : "";
      shape.style.strokeWidth = line && shape.tagName === "path" ? width.toFixed(2) : "";
      const dashed = page.dashed && numbers[flow] < 0 && quantities.list[flow][0] !== "norm" && shape.tagName === "path";
      shape.style.strokeDasharray = line ? (dashed ? "5 2" : "none") : "";
      if (shape.tagName === "polygon") shape.style.fill = line ? colour : "";
    }
  }

  look(part, look) {
    if (part.look === look) return;
    if (part.look) part.element.classList.remove(part.look);
    if (look) part.element.classList.add(look);
    part.look = look;
    if (look) part.line = null;
    if (["flat", "nothing", "ghost"].includes(look) && part.flow !== null) this.clear(part);
  }

  clear(arrow) {
    for (const shape of this.shapes(arrow)) shape.removeAttribute("style");
  }

  // colours are mixed for a theme: after a change of it all are written again
  forget() {
    this.paintLegend();
    for (const cell of this.cells) cell.colour = null;
    for (const arrow of this.arrows) arrow.line = null;
  }
}

class LiveCell {
  constructor(id, group, { texts: given, fill = null }) {
    const texts = given.map((text) => (text.parts ? text : { parts: text }));
    this.id = id;
    this.group = group;
    this.fill = fill;
    this.ground = group.querySelector("path, polygon, rect");
    const elements = group.querySelectorAll("text");
    const lines = texts.map((text, k) => new LiveLine(text, elements[k], this.ground, group));
    this.lines = lines.filter((line) => line.element);
    this.quantities = texts.flatMap((text) => text.parts.filter((part) => typeof part === "number"));
  }

  // what has not arrived is not shown; where it is more than a gradient, the words that speak of it neither
  paint() {
    const { numbers, there, list } = quantities;
    const missing = this.quantities.filter((q) => !there[q]), flows = missing.some((q) => list[q][0] !== "gradient");
    const product = this.quantities.some((q) => list[q][0] === "term" && quantities.secret[q]);
    for (const line of this.lines) {
      line.covered = product;                         // its factors would tell it
      line.show(!flows && !line.quantities.some((q) => !there[q]));
      line.fade(line.quantities.some((q) => quantities.stale[q]));
      if (line.shown && line.quantities.length) line.write();
    }
    this.group.classList.toggle("blank", missing.length > 0);
    if (this.fill === null || !this.ground) return;
    const shown = there[this.fill] && !quantities.secret[this.fill];
    const colour = shown ? colours.fill(numbers[this.fill], list[this.fill][0] === "norm") : colours.theme.blank;
    if (colour !== this.colour) this.ground.style.fill = this.colour = colour;
    if (quantities.stale[this.fill] === this.stale) return;
    this.ground.classList.toggle("stale", this.stale = quantities.stale[this.fill]);
  }
}

// a line of text in a cell, which keeps its middle, or its left or right end, and never grows out of its room
class LiveLine {
  constructor(text, element, ground, group) {
    Object.assign(this, { digits: 4, signed: false, room: 0, ink: null, longest: 24 }, text);
    Object.assign(this, { element, group, shown: true });
    this.quantities = this.parts.filter((part) => typeof part === "number");
    if (!element) return;
    this.size = parseFloat(element.getAttribute("font-size"));
    this.bold = element.getAttribute("font-weight") === "bold";
    this.last = element.textContent;
    this.anchor(ground);
  }

  anchor(ground) {
    const { element } = this, frame = this.group.closest(".node, .edge")?.querySelector("path, polygon, rect");
    const width = widthOf(this.last, this.size, this.bold), left = parseFloat(element.getAttribute("x"));
    const middle = left + width / 2;
    const around = (ground ?? (frame && this.group.closest(".node") ? frame : element)).getBBox();
    const from = around.x, to = around.x + around.width, centre = (from + to) / 2;
    const bar = this.group.closest(".bar"), free = !ground && (!frame || bar !== null);
    const row = [...this.group.closest("g.node, g.edge").querySelectorAll("text")].filter((other) => other !== element
      && Math.abs(other.getAttribute("y") - element.getAttribute("y")) < 5).map((other) => other.getBBox());
    const others = row.filter((box) => ground === null || (box.x >= from && box.x + box.width <= to));
    const leftOf = Math.max(from, ...others.filter((box) => box.x < left).map((box) => box.x + box.width));
    const rightOf = Math.min(to, ...others.filter((box) => box.x > left + 1).map((box) => box.x));
    const chip = !ground && (bar !== null || !frame?.closest(".v"));
    this.x = Math.abs(middle - centre) < 6 && !others.length ? centre : middle;
    if (chip) {                                       // beside an arrow, or in a cell of a bar: as wide as seven digits
      this.space = Math.max(widthOf("−0.00000", this.size, this.bold), width);
      this.side = Math.abs(middle - centre) < 8 || free ? "middle" : "start";
      if (bar) this.space = Math.min(this.space, 2 * Math.min(this.x - from, to - this.x) - 4);
    } else if (others.length && left > centre) {
      this.side = "end";
      this.space = Math.max(left + width, to - 6) - leftOf - 4;
    } else if (others.length) {
      this.side = "start";
      this.space = rightOf - left - 3;
    } else {
      this.side = "middle";
      this.space = 2 * Math.min(this.x - from, to - this.x) - 4;
    }
    if (this.side === "start") this.x = left;
    if (this.side === "end") this.x = Math.max(left + width, to - 6);
    element.setAttribute("text-anchor", this.side);
    element.setAttribute("x", this.x.toFixed(2));
  }

  // it is the number of the last setting with an answer
  fade(stale) {
    if (stale === this.stale) return;
    this.element.classList.toggle("stale", this.stale = stale);
  }

  show(shown) {
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.classList.toggle("unseen", !shown);
  }

  // words and a number of the reader's own apart: the number alone is violet
  own() {
    this.element.textContent = "";
    this.pieces = this.parts.map((part) => {
      return shape("tspan", typeof part === "number" ? { class: "yours" } : {}, this.element);
    });
    this.last = "";
  }

  write() {
    const [text, size] = this.fitted();
    if (text !== this.last && this.pieces) {
      const at = this.parts.findIndex((part) => typeof part === "number");
      const before = this.parts.slice(0, at).join("").length, after = this.parts.slice(at + 1).join("").length;
      this.parts.forEach((part, k) => {
        this.pieces[k].textContent = k === at ? text.slice(before, text.length - after) : part;
      });
      this.last = text;
    } else if (text !== this.last) this.element.textContent = this.last = text;
    if (size !== this.written) this.element.setAttribute("font-size", this.written = size);
    if (this.ink === null) return;
    const { numbers, secret, list } = quantities, flow = secret[this.ink] ? 0 : numbers[this.ink];
    const seen = Number.isFinite(flow) && flow !== 0;
    const ink = seen ? colours.line(flow, list[this.ink][0] === "norm")[0] : colours.theme.zero_line;
    if (ink !== this.inked) this.element.style.fill = this.inked = ink;
  }

  // the text with as many digits as fit, in letters that are smaller where even one does not
  fitted() {
    let text = this.textOf(this.digits);
    for (let digits = this.digits - 1; digits > 0 && widthOf(text, this.size, this.bold) > this.space; digits--) {
      text = this.textOf(digits);
    }
    const width = widthOf(text, this.size, this.bold);
    return [text, width > this.space ? (this.size * this.space / width).toFixed(1) : this.size];
  }

  textOf(digits) {
    const { numbers, secret } = quantities;
    const text = this.parts.map((part) => (
      typeof part === "string" ? part : secret[part] || this.covered ? "?" : this.numberOf(numbers[part], digits))).join("");
    return text.length > this.longest ? text.slice(0, this.longest - 1) + "…" : text;
  }

  numberOf(x, digits) {
    if (typeof x === "string") return x;
    const write = this.signed ? signed : number, ways = [digits, 2, 1].map((most) => write(x, Math.min(digits, most)));
    return this.room ? ways.find((way) => way.length <= this.room) ?? ways[2] : ways[0];
  }
}

// a text of parts with the numbers of now; negative ones in brackets inside a formula
function sentence(text, { numbers, secret }) {
  let written = "";
  const parts = text.parts ?? text;
  for (const part of parts) {
    if (typeof part === "string") { written += part; continue; }
    const write = (x) => (typeof x === "string" ? x : (text.signed ? signed : number)(x, text.digits ?? 4));
    const x = secret[part] ? "?" : write(numbers[part]);
    const inside = /[·/^]$|[·+−/] $|^.*= .*·$/.test(written) || parts[parts.indexOf(part) + 1]?.[0] === "·";
    written += x[0] === "−" && inside ? `(${x})` : x;
  }
  return written;
}
