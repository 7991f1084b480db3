// Gradient descent: w := w − η·∂L/∂w for every weight, one step or many; a map of the loss over two of the weights, the
// path that was taken, and the loss over the steps.

const CELLS = 48, SHADES = 14, BUDGET = 5, MOST_STEPS = 400;      // of the map; milliseconds of a frame; of one run
const GLIDE = 260, STILL = matchMedia("(prefers-reduced-motion: reduce)");         // milliseconds of a step


class Learn {
  constructor() {
    Object.assign(this, { eta: 0.5, timer: 0, losses: [], path: [], frame: 0, mapped: "", gliding: null });
    const weights = page.leaves.filter((leaf) => leaf.role === "weight").map((leaf) => leaf.node);
    this.weights = weights.length ? weights : page.leaves.filter((leaf) => !leaf.bounds).map((leaf) => leaf.node);
    const pairs = this.weights.slice(0, 2);
    [this.across, this.up] = pairs.length === 2 ? pairs : [pairs[0] ?? null, null];
    this.build(byId("p-learn"));
  }

  build(place) {
    const loss = page.names[graph.loss], legend = this.up === null ? "" : `; in the map grey is high ${loss}`;
    this.canvas = make("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
    this.over = drawing("0 0 100 100", "the loss over two weights");
    this.over.setAttribute("preserveAspectRatio", "none");
    this.trail = shape("polyline", { class: "trail" }, this.over);
    this.ahead = shape("line", { class: "ahead" }, this.over);
    this.dot = make("span", { class: "dot" });
    this.choices = [this.across, this.up].map((node, k) => this.choice(node, k));
    this.map = make("div", { class: "map" }, this.canvas, this.over, this.dot);
    this.chart = drawing("0 0 100 100", "the loss over the steps");
    this.chart.setAttribute("preserveAspectRatio", "none");
    this.line = shape("polyline", { class: "trail" }, this.chart);
    this.count = make("small");
    const decades = { type: "range", min: -3, max: 2, step: 0.01, value: Math.log10(this.eta) };
    this.slider = make("input", { ...decades, "aria-label": "η, the learning rate" });
    this.rate = make("b");
    this.run_ = make("button", { "data-do": "run" }, "▶ run");
    this.buttons = [make("button", { "data-do": "descend" }, "one step"), this.run_];
    this.slider.addEventListener("input", () => {
      this.eta = Number((10 ** this.slider.value).toPrecision(2));
      on.changed();
    });
    this.ranges = make("span");
    const axes = make("span", { class: "axes" }, "→ ", this.choices[0], " ↑ ", this.choices[1], this.ranges);
    const maps = this.up === null ? [] : [make("div", { class: "mapped" }, this.map, axes)];
    const chart = make("div", { class: "mapped" }, make("div", { class: "map" }, this.chart), this.count);
    place.append(make("h2", {}, `learn: w ← w − η·∂${loss}/∂w`, make("small", {}, legend)),
                 make("div", { class: "two" }, ...maps, chart),
                 make("div", { class: "rate" }, "η", this.slider, this.rate, ...this.buttons));
    for (const kind of ["pointerdown", "keydown", "change"]) document.addEventListener(kind, () => this.land(), true);
    onDrag(this.map, (event) => this.move(event));
  }

  choice(node, k) {
    const select = make("select", { "aria-label": ["weight across the map", "weight up the map"][k] });
    for (const weight of this.weights) select.append(make("option", { value: weight }, page.names[weight]));
    select.value = node;
    select.addEventListener("change", () => {
      this[k ? "up" : "across"] = Number(select.value);
      this.path = [];
      on.changed();
    });
    return select;
  }

  get reach() {
    const far = Math.max(...[this.across, this.up].map((node) => Math.abs(graph.data[node])));
    return [3, 5, 10, 20, 50, 100, 1e3, 1e6, 1e13].find((r) => r >= far);
  }

  // ---------------------------------------------------------------------- learning

  descend() {
    if (graph.refused || this.weights.length === 0) return false;
    if (!this.losses.length) this.begin();
    const slopes = this.weights.map((node) => graph.gradient[node]);
    this.weights.forEach((node, k) => settings.set(node, graph.data[node] - this.eta * slopes[k]));
    graph.run();
    this.losses.push(graph.refused ? NaN : graph.data[graph.loss]);
    this.path.push([graph.data[this.across], graph.data[this.up]]);
    return true;
  }

  begin() {
    this.losses = [graph.data[graph.loss]];
    this.path = [[graph.data[this.across], graph.data[this.up]]];
  }

  one() {
    this.stop();
    settings.remember();
    const before = settings.numbers();
    if (this.descend() && !STILL.matches) this.glide(before, settings.numbers());
    on.changed(true);
  }

  // the numbers go to those after the step in a quarter of a second
  glide(before, after) {
    const start = performance.now();
    const move = () => {
      const share = Math.min((performance.now() - start) / GLIDE, 1), eased = share * (2 - share);
      if (share === 1) return this.land();
      settings.restore(after.map((x, k) => before[k] + (x - before[k]) * eased));
      this.gliding = { after, frame: requestAnimationFrame(move) };
      on.changed(true);
    };
    move();
  }

  land() {
    if (!this.gliding) return;
    cancelAnimationFrame(this.gliding.frame);
    settings.restore(this.gliding.after);
    this.gliding = null;
    on.changed(true);
  }

  run() {
    if (this.timer) return this.stop();
    settings.remember();
    let left = MOST_STEPS;
    this.run_.textContent = "❚❚ stop";
    this.timer = setInterval(() => {
      if (!this.descend() || --left === 0) this.stop();
      on.changed(true);
    }, 80);
  }

  stop() {
    this.land();
    clearInterval(this.timer);
    this.timer = 0;
    this.run_.textContent = "▶ run";
  }

  // after the reader moved something the path is another's
  forget() {
    this.losses = [];
    this.path = [];
  }

  // ---------------------------------------------------------------------- painting

  paint(hidden) {
    const steps = Math.max(this.losses.length - 1, 0), loss = page.names[graph.loss];
    this.rate.textContent = number(this.eta, 2);
    for (const button of this.buttons) button.disabled = graph.refused !== null || !this.weights.length;
    const most = Math.max(20, steps), losses = this.losses.filter(Number.isFinite), high = Math.max(1e-12, ...losses);
    this.line.setAttribute("points", pointsOf(losses.map((y, k) => [k / most * 96 + 2, 96 - y / high * 88])));
    const fell = steps ? `${steps} step${steps > 1 ? "s" : ""}: ${loss} ${number(this.losses[0], 3)} → ${number(this.losses.at(-1), 3)}` : "";
    this.count.textContent = fell || `${loss} over the steps; G: one step`;
    if (this.up === null) return;
    const { reach } = this;
    this.ranges.textContent = ` ±${number(reach)}`;
    const at = ([x, y]) => [50 + x / reach * 50, 50 - y / reach * 50];
    this.trail.setAttribute("points", pointsOf(this.path.map(at)));
    const here = [graph.data[this.across], graph.data[this.up]], [x, y] = at(here);
    this.dot.style.left = x + "%";
    this.dot.style.top = y + "%";
    const slopes = [this.across, this.up].map((node) => graph.gradient[node]);
    const secret = graph.refused || slopes.some((slope) => hidden(slope, slope));
    const ahead = at(here.map((w, k) => w - this.eta * slopes[k]));
    set(this.ahead, { x1: x, y1: y, x2: secret ? x : ahead[0], y2: secret ? y : ahead[1] });
    this.shade(reach);
  }

  // draws the map again if another number than the two has changed, some rows in a frame
  shade(reach) {
    const { leaves } = settings, moves = (node) => node === this.across || node === this.up;
    const fixed = graph.data.filter((_, node) => leaves.has(node) && !moves(node));
    const key = [reach, this.across, this.up, colours.name, ...fixed].join();
    if (key === this.mapped) return;
    this.mapped = key;
    cancelAnimationFrame(this.frame);
    const losses = new Float64Array(CELLS * CELLS);
    let row = 0;
    this.work = (budget = BUDGET) => {
      const end = performance.now() + budget;
      for (; row < CELLS && performance.now() < end; row++) {
        for (let k = 0; k < CELLS; k++) {
          const x = ((k + 0.5) / CELLS * 2 - 1) * reach, y = (1 - (row + 0.5) / CELLS * 2) * reach;
          losses[row * CELLS + k] = graph.lossAt([[this.across, x], [this.up, y]]);
        }
      }
      if (row < CELLS) this.frame = requestAnimationFrame(() => this.work());
      else this.colour(losses);
    };
    this.work();
  }

  // the greyer the higher, in shades of equal share; where there is no answer, stripes
  colour(losses) {
    const finite = [...losses].filter(Number.isFinite).sort((a, b) => a - b), image = new ImageData(CELLS, CELLS);
    const low = finite[0] ?? 0, high = finite[Math.floor(finite.length * 0.97)] ?? 1, span = high - low || 1;
    const channel = (colour, k) => parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16), { theme } = colours;
    losses.forEach((loss, place) => {
      const share = Math.min(Math.max((loss - low) / span, 0), 1);
      const shade = Math.round(Math.sqrt(share) * SHADES) / SHADES;
      const striped = (place % CELLS + Math.floor(place / CELLS)) % 4 < 2 ? theme.not_a_number : theme.paper;
      const colour = Number.isFinite(loss) ? mix(theme.paper, theme.norm, shade * 0.6) : striped;
      for (let k = 0; k < 3; k++) image.data[4 * place + k] = channel(colour, k);
      image.data[4 * place + 3] = Number.isFinite(loss) ? 255 : 110;
    });
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  move({ clientX, clientY }) {
    const { left, top, width, height } = this.map.getBoundingClientRect(), { reach } = this;
    const within = (x) => Math.round(Math.min(Math.max(x, -1), 1) * reach * 100) / 100;
    settings.set(this.across, within((clientX - left) / width * 2 - 1));
    settings.set(this.up, within(1 - (clientY - top) / height * 2));
    this.forget();
    on.changed();
  }
}
