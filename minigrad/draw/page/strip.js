// How far the gradient gets back: ‖∂L/∂o_t‖ over the time steps, each line a hundred times the one below, and in words.

class Strip {
  constructor() {
    this.states = page.states;
    this.shown = this.states.filter((state, t) => t && state.length).length > 1;
    this.place = document.getElementById("p-strip");
    if (!this.shown) return this.place.remove();
    this.svg = drawing("0 0 300 54", "");
    this.svg.setAttribute("preserveAspectRatio", "none");
    const step = 300 / this.states.length;
    this.bars = this.states.map((_, t) => {
      return shape("rect", { x: t * step + step * 0.12, width: step * 0.76 }, this.svg);
    });
    const points = pointsOf(this.norms().map((norm, t) => [(t + 0.5) * step, 54 - this.height(norm)]));
    shape("polyline", { points }, this.svg);
    this.words = make("p");
    this.place.append(this.svg, this.words);
  }

  norms() {
    return this.states.map((state) => Math.hypot(...state.map((node) => graph.gradient[node])));
  }

  height(norm) {
    return norm > 0 ? Math.min(Math.max((Math.log10(norm) + 8) / 10, 0.02), 1) * 54 : 0;
  }

  paint(secret) {
    if (!this.shown) return;
    this.place.classList.toggle("secret", secret || graph.refused !== null);
    const norms = this.norms();
    norms.forEach((norm, t) => {
      const height = Number.isFinite(norm) ? this.height(norm) : 0;
      set(this.bars[t], { y: 54 - height, height });
      this.bars[t].style.fill = colours.line(norm, true)[0];
    });
    const unknown = secret ? "the gradient at each state is part of the question" : graph.refused ? " " : "";
    const said = unknown || this.account(norms);
    if (said !== this.said) this.words.textContent = this.said = said;
    this.svg.setAttribute("aria-label", said);
  }

  // 9 factors ∂o_t/∂o_{t−1}, on average × 0.273: it vanishes on its way back
  account(norms) {
    const first = this.states.findIndex((state, t) => t && state.length), last = norms.length - 1;
    const factors = last - first;
    const ratio = norms[first] / norms[last], mean = ratio ** (1 / factors), name = (t) => this.nameOf(t);
    if (!norms[last]) return `nothing arrives at ${name(last)}`;
    const way = ratio < 0.1 ? "vanishes on its way back" : ratio > 10 ? "explodes on its way back" : "gets there";
    const { names } = page, state = name(last).replace(/[₀-₉]+$/, "");
    const many = `${factors} factor${factors > 1 ? "s" : ""}, on average × ${number(mean, 3)}`;
    const all = `${many}, together × ${number(ratio, 2)}: it ${way}${this.reason(mean)}`;
    return `‖∂${names[graph.loss]}/∂${state}‖ from ${name(last)} back to ${name(first)}: ${all}`;
  }

  // of a scalar state: the factor is w_h times the slope of its activation
  reason(mean) {
    const { recurrent } = page;
    if (!recurrent) return "";
    const w = Math.abs(graph.data[recurrent.weight]), slope = mean / w;
    const f = recurrent.op === "sigmoid" ? "σ" : recurrent.op, least = { tanh: 0.4, sigmoid: 0.1 }[recurrent.op] ?? 0;
    if (!Number.isFinite(slope)) return "";
    const saturates = slope < least ? `: ${f} saturates` : "";
    return ` (|${page.names[recurrent.weight]}| ${number(w, 3)} × mean ${f}′ ${number(slope, 3)}${saturates})`;
  }

  nameOf(t) {
    return page.names[this.states[t][0]].replace(/\[.*/, "");
  }
}
