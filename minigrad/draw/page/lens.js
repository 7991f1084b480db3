// The loss as a function of the leaf in hand: a curve, today's point, and its tangent, whose slope is the gradient.

const LEFT = 38, RIGHT = 308, TOP = 10, FLOOR = 128, MOST_POINTS = 101;

class Lens {
  constructor() {
    this.node = null;
    const place = byId("p-lens");
    this.title = make("h2");
    this.slope = make("p");
    this.svg = drawing("0 0 320 150", "the loss as a function of this number");
    for (const name of ["zero", "floor", "wall", "curve", "start", "next", "tangent", "dot"]) {
      this[name] = shape({ curve: "path", dot: "circle" }[name] ?? "line", { class: name }, this.svg);
    }
    this.labels = ["low", "middle", "high", "top", "bottom"].map((name) => shape("text", { class: name }, this.svg));
    place.append(this.title, this.svg, this.slope);
    onDrag(this.svg, (event) => { this.held = true; this.move(event); }, () => { this.held = false; });
  }

  // the whole range of a number that is shown: 0 … 1 of a target, else as far as the number has gone
  rangeOf(x) {
    const [least, most] = settings.leaves.get(this.node).bounds ?? [];
    if (least !== undefined) return [least, most];
    const far = Math.max(Math.abs(x), Math.abs(settings.start[this.node])) * 1.1;
    const reach = [3, 5, 10, 20, 50, 100, 1000, 1e4, 1e6, 1e9, 1e13].find((r) => r >= far);
    return [-reach, reach];
  }

  show(node) {
    if (node === this.node) return;
    this.node = node;
    const loss = page.names[graph.loss];
    this.title.replaceChildren(`${loss}, if only `, make("b", {}, page.names[node]), " moved");
  }

  x(value) {
    return LEFT + (value - this.range[0]) / (this.range[1] - this.range[0]) * (RIGHT - LEFT);
  }

  y(loss) {
    return FLOOR - (loss - this.low) / (this.high - this.low) * (FLOOR - TOP);
  }

  paint(eta, hidden) {
    if (this.node === null) return;
    const { node } = this, now = graph.data[node], slope = graph.gradient[node];
    if (!this.held) this.range = this.rangeOf(now);   // while the point is dragged the axis stands still
    const points = Math.max(31, Math.min(MOST_POINTS, Math.round(40000 / graph.data.length)));     // fewer of many nodes
    const [from, to] = this.range, at = [...Array(points).keys()].map((k) => from + (to - from) * k / (points - 1));
    const losses = at.map((value) => graph.lossAt([[node, value]]));
    this.scale(losses.filter(Number.isFinite));
    const seen = (loss) => (loss > this.high * 1.5 + 1 ? NaN : this.y(loss));
    this.curve.setAttribute("d", pathOf(at.map((value, k) => [this.x(value), seen(losses[k])])));
    set(this.floor, { x1: LEFT, x2: RIGHT, y1: FLOOR, y2: FLOOR });
    set(this.wall, { x1: LEFT, x2: LEFT, y1: TOP, y2: FLOOR });
    const zero = this.low < 0 && this.high > 0 ? this.y(0) : FLOOR;
    set(this.zero, { x1: LEFT, x2: RIGHT, y1: zero, y2: zero });
    const began = Math.min(Math.max(this.x(settings.start[node]), LEFT), RIGHT);
    set(this.start, { x1: began, x2: began, y1: FLOOR - 7, y2: FLOOR });
    this.write(now);
    const secret = hidden(slope, slope), known = !graph.refused && !secret;
    for (const part of [this.tangent, this.dot, this.next]) part.style.visibility = graph.refused ? "hidden" : "";
    if (secret) this.tangent.style.visibility = this.next.style.visibility = "hidden";
    if (!graph.refused) this.point(now, graph.data[graph.loss], slope, eta);
    const written = make("b", {}, graph.refused ? "—" : secret ? "?" : number(slope));
    if (known && slope) written.style.color = colours.hue(slope);
    this.slope.replaceChildren(`slope here = ∂${page.names[graph.loss]}/∂${page.names[node]} = `, written);
  }

  scale(losses) {
    const low = Math.min(0, ...losses), high = Math.max(1e-9, ...losses.map((loss) => Math.min(loss, 1e6)));
    const nice = (x) => {
      const power = 10 ** Math.floor(Math.log10(x));
      return [1, 1.5, 2, 3, 5, 7, 10].find((m) => m * power >= x * 0.999) * power;
    };
    this.high = nice(high);
    this.low = low < 0 ? -nice(-low) : 0;
    const least = Math.min(...losses), span = high - least;
    if (least <= 0 || span <= 1e-6 * high || span >= 0.3 * high) return;
    this.low = least - 0.3 * span;                    // a curve that is nearly level is seen from near
    this.high = high + 0.3 * span;
  }

  point(now, loss, slope, eta) {
    const x = this.x(now), y = this.y(loss), wide = (RIGHT - LEFT) / (this.range[1] - this.range[0]);
    const rise = -slope * (FLOOR - TOP) / (this.high - this.low) / wide;
    const half = 52 / Math.hypot(1, rise);
    set(this.dot, { cx: x, cy: y, r: 5.5 });
    set(this.tangent, { x1: x - half, x2: x + half, y1: y - half * rise, y2: y + half * rise });
    this.tangent.style.stroke = slope ? colours.hue(slope) : "";
    const next = Math.min(Math.max(this.x(now - eta * slope), LEFT), RIGHT);
    set(this.next, { x1: x, x2: next, y1: FLOOR, y2: FLOOR });
  }

  write(now) {
    const [low, middle, high, top, bottom] = this.labels, [from, to] = this.range;
    const at = (text, x, y, words) => { set(text, { x, y }); text.textContent = words; };
    at(low, LEFT, 144, number(from, 3));
    at(middle, (LEFT + RIGHT) / 2, 144, number((from + to) / 2, 3));
    at(high, RIGHT, 144, number(to, 3));
    at(top, LEFT - 5, TOP + 6, number(this.high, 3));
    at(bottom, LEFT - 5, FLOOR + 3, number(this.low, 3));
    const loss = page.names[graph.loss], leaf = page.names[this.node];
    this.svg.setAttribute("aria-label", `${loss} as a function of ${leaf}, now ${number(now)}`);
  }

  // the point is dragged along the curve
  move(event) {
    if (this.node === null) return;
    const x = new DOMPoint(event.clientX, 0).matrixTransform(this.svg.getScreenCTM().inverse()).x;
    const [from, to] = this.range, value = from + (x - LEFT) / (RIGHT - LEFT) * (to - from);
    on.moveTo(this.node, Math.round(Math.min(Math.max(value, from), to) * 100) / 100);
  }
}

function drawing(box, label) {
  return shape("svg", { viewBox: box, role: "img", "aria-label": label });
}

// the points of a polyline
function pointsOf(points) {
  return points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

// a line through points, broken where there is none
function pathOf(points) {
  let path = "", drawn = false;
  for (const [x, y] of points) {
    if (Number.isFinite(y)) path += (drawn ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
    drawn = Number.isFinite(y);
  }
  return path;
}
