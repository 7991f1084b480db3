// How far the gradient gets back: ‖∂L/∂o_t‖ over the time steps on a logarithmic scale, and in words.

const FIRST_BAR = 38, BARS = 202, GROUND = 57, TALLEST = 42, DECADES = 4;      // the scale ends at 1e−4, 1e−8, …; 1, 1e4, …
const ROOM = 17;                                      // that the name of a state needs
// up to which ratio of the gradient it does so, and how each factor lies to 1
const WAYS = [[0.1, "vanishes", "below"], [0.8, "shrinks", "below"], [1.25, "keeps its size", "near"],
  [10, "grows", "above"], [Infinity, "explodes", "above"]];

class Strip {
  constructor() {
    this.states = page.states;
    this.shown = this.states.filter((state, t) => t && state.length).length > 1;
    this.place = byId("p-strip");
    if (!this.shown) return this.place.remove();
    this.svg = drawing("0 0 240 70", "");
    const step = BARS / this.states.length, last = this.states.length - 1, write = (x, y, words, side) => {
      const text = shape("text", { x, y, "text-anchor": side }, this.svg);
      text.textContent = words;
      return text;
    };
    this.middle = (t) => FIRST_BAR + (t + 0.5) * step;
    this.bars = this.states.map((_, t) => {
      return shape("rect", { x: this.middle(t) - step * 0.38, width: step * 0.76 }, this.svg);
    });
    this.start = this.norms();
    this.line = shape("polyline", {}, this.svg);
    this.one = shape("line", { x1: FIRST_BAR, x2: FIRST_BAR + BARS }, this.svg);
    this.marks = [0, 1, 2].map(() => write(FIRST_BAR - 3, 0, "", "end"));
    this.first = this.states.findIndex((state, t) => t && state.length);
    write(FIRST_BAR, 9, `‖∂${page.names[graph.loss]}/∂${this.nameOf(last).replace(/[₀-₉]+$/, "")}‖, log scale; dashed: at the start`, "start");
    this.states.forEach((state, t) => {
      const named = state.length && (step > ROOM || t === this.first || t === last);
      if (named) write(this.middle(t), 68, this.nameOf(t), "middle");
    });
    this.words = make("p");
    this.place.append(this.svg, this.words);
  }

  norms() {
    return this.states.map((state) => Math.hypot(...state.map((node) => graph.gradient[node])));
  }

  // whether the passes, as far as they are shown, have come to it
  arrived(t) {
    return this.states[t].every((node) => quantities.arrived[node]);
  }

  // the powers of ten at the ends of the scale: those of now and of the start lie between
  scale(norms) {
    const powers = [...norms, ...this.start].filter((norm) => norm > 0 && norm < Infinity).map(Math.log10);
    this.low = DECADES * Math.min(-1, Math.floor(Math.min(...powers) / DECADES));
    this.high = DECADES * Math.max(0, Math.ceil(Math.max(...powers) / DECADES));
    const level = (power) => GROUND - this.height(10 ** power);
    set(this.one, { y1: level(0), y2: level(0) });
    [0, this.high, this.low].forEach((power, k) => {
      this.marks[k].textContent = !k ? "1" : power ? `1e${String(power).replace("-", "−")}` : "";
      set(this.marks[k], { y: level(power) + 3 });
    });
    const points = this.start.map((norm, t) => [this.middle(t), GROUND - this.height(norm)]);
    set(this.line, { points: pointsOf(points.filter((_, t) => this.start[t] > 0)) });
  }

  height(norm) {
    return norm > 0 ? Math.max((Math.log10(norm) - this.low) / (this.high - this.low) * TALLEST, 1) : 0;
  }

  paint(secret) {
    if (!this.shown) return;
    this.place.classList.toggle("secret", secret || graph.refused !== null);
    const norms = this.norms();
    this.scale(norms);
    norms.forEach((norm, t) => {
      const height = Number.isFinite(norm) && this.arrived(t) ? this.height(norm) : 0;
      set(this.bars[t], { y: GROUND - height, height });
      this.bars[t].style.fill = colours.line(norm, true)[0];
    });
    const unknown = secret ? "the gradient at each state is part of the question" : graph.refused ? " " : "";
    const said = unknown || this.account(norms);
    if (said !== this.said) this.words.textContent = this.said = said;
    this.svg.setAttribute("aria-label", said);
  }

  // 9 factors ∂o_t/∂o_{t−1}, on average × 0.273, the 9th root of their product: it vanishes on its way back
  account(norms) {
    const { first } = this, last = norms.length - 1, factors = last - first;
    const ratio = norms[first] / norms[last], mean = ratio ** (1 / factors), name = (t) => this.nameOf(t);
    if (!norms[last]) return `nothing arrives at ${name(last)}`;
    if (!this.arrived(first)) return `${name(first)} is not reached yet`;
    const [, way, is] = WAYS.find(([most]) => ratio < most);
    const many = `${factors} factor${factors > 1 ? "s" : ""}, on average (geometric) × ${number(mean, 3)}`;
    const all = `${many}, together × ${number(ratio, 2)}: it ${way} on its way back${this.reason(mean, is)}`;
    return `from ${name(last)} back to ${name(first)}: ${all}`;
  }

  // of a scalar state: the factor is w_h times the slope of its activation
  reason(mean, is) {
    const { recurrent } = page;
    if (!recurrent) return "";
    const w = Math.abs(graph.data[recurrent.weight]), slope = mean / w;
    const f = recurrent.op === "sigmoid" ? "σ" : recurrent.op, least = { tanh: 0.4, sigmoid: 0.1 }[recurrent.op] ?? 0;
    if (!Number.isFinite(slope)) return "";
    const o = this.nameOf(this.states.length - 1).replace(/[₀-₉]+$/, "");
    const flat = { tanh: `${o} near ±1, so 1 − ${o}² is near 0`, sigmoid: `${o} near 0 or 1, so ${o}(1 − ${o}) is near 0` };
    const why = mean < 1 && slope < least ? `: ${f} saturates, ${flat[recurrent.op]}` : "";
    return `, because |${page.names[recurrent.weight]}| × ${f}′ = ${number(w, 3)} × ${number(slope, 3)} is ${is} 1${why}`;
  }

  nameOf(t) {
    return page.names[this.states[t][0]].replace(/\[.*/, "");
  }
}
