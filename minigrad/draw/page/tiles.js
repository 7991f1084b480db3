// The chain rule of one gradient as tiles: a row for each route, the symbol of a factor over its number.
//
//   a tile has the colour of the product up to it;  a gold frame: the immediate derivative ∂⁺, with all else held fixed

class Tiles {
  constructor() {
    Object.assign(this, { node: null, tiles: [], place: byId("p-tiles"), pointed: null });
    this.away = new Set();                            // the rows that are scrolled out of sight
    this.eye = new IntersectionObserver((rows) => {
      for (const { target, isIntersecting } of rows) this.away[isIntersecting ? "delete" : "add"](target);
      schedule();
    }, { root: this.place });
    const rows = Object.values(page.routes).map((routes) => routes.rows?.length ?? 1);
    byId("p-dock").style.setProperty("--rows", Math.max(0, ...rows));
    this.place.addEventListener("pointerover", ({ target }) => {
      const element = target.closest(".tile");
      this.pointed = this.tiles.find((tile) => tile.element === element && tile.k >= 0) ?? null;
      schedule();
    });
    this.place.addEventListener("pointerleave", () => { this.pointed = null; schedule(); });
  }

  symbol(edge, immediate) {
    const [user] = page.edges[edge], operand = quantities.operandOf(edge);
    const name = (node) => (page.names[node].includes(" ") ? `(${page.names[node]})` : page.names[node]);
    return `∂${immediate ? "⁺" : ""}${name(user)}/∂${name(operand)}`;
  }

  // ∂o₃/∂o₂ = w_h · tanh′ = 0.8 × 0.92 = 0.736; the product so far: −0.3674
  account({ row, k, text, product, element }) {
    if (!Number.isFinite(product) || text === "?") return null;
    const [edge] = row[k], { states, recurrent, names } = page, symbol = element.firstChild.textContent;
    const place = (node) => states.findIndex((state) => state.includes(node));
    const within = recurrent && place(page.edges[edge][0]) - place(page.edges[edge][1]) === 1 && !symbol.includes("⁺");
    const w = recurrent && graph.data[recurrent.weight], slope = quantities.slope(edge) / w;
    const made = within && w ? `${names[recurrent.weight]} · ${recurrent.op}′ = ${number(w)} × ${number(slope)} = ` : "";
    return `${symbol} = ${made}${text}; the product so far, which is its colour: ${number(product)}`;
  }

  gradientName(node) {
    return `∂${page.names[graph.loss]}/∂${page.names[node]}`;
  }

  // the routes of a node; of an entry of a word's column those through the steps where it is the word
  routesOf(node) {
    const { routes, edges, step } = page;
    const [, row] = vocabulary.place.get(node) ?? [];
    if (row === undefined) return routes[node];
    const all = [...vocabulary.place].filter(([leaf, [, r]]) => r === row && leaf in routes).map(([leaf]) => routes[leaf]);
    if (!all.length) return undefined;
    const rows = all.flatMap((one) => one.rows ?? []).filter((way) => quantities.operandOf(way.at(-1)[0]) === node);
    const steps = all.flatMap((one) => one.steps ?? []).filter(([t, q]) => vocabulary.leaf(page.quantities[q][1], t) === node);
    const later = (a, b) => step[edges[b.at(-1)[0]][0]] - step[edges[a.at(-1)[0]][0]];
    return { rows: rows.sort(later), steps: steps.length ? steps.sort(([a], [b]) => b - a) : undefined };
  }

  // builds the rows of a node; their numbers are written by paint()
  show(node) {
    const now = node + " " + Object.values(vocabulary.now);
    if (now === this.shown) return;
    this.shown = now;
    this.node = node;
    this.tiles = [];
    this.pointed = null;
    this.eye.disconnect();
    this.away.clear();
    const routes = this.routesOf(node) ?? {}, table = make("div", { class: "rows" });
    const rows = routes.rows ?? [];
    for (const row of rows) {
      const line = make("div", { class: "route" });
      line.dataset.step = page.step[page.edges[row.at(-1)[0]][0]];
      row.forEach(([edge, immediate], k) => {
        const tile = this.tile(this.symbol(edge, immediate), immediate && row.length > 1 ? "tile gold" : "tile");
        line.append(k ? "×" : this.tiles.length ? "+" : "=", tile.element);
        this.tiles.push({ ...tile, row, k });
      });
      const total = this.tile("", "tile total");
      line.append("=", total.element);
      this.tiles.push({ ...total, row, k: -1 });
      table.append(line);
      this.eye.observe(line);
    }
    const line = make("div", { class: "route steps" });
    for (const [t, q] of routes.steps ?? []) {
      const tile = this.tile(t ? `t = ${t}` : "elsewhere", "tile");
      line.append(this.tiles.length ? "+" : "=", tile.element);
      tile.element.dataset.step = t;
      this.tiles.push({ ...tile, q });
    }
    if (routes.steps) table.append(line);
    this.head = make("p");
    const many = routes.routes ? [make("small", {}, `${routes.routes} routes lead back; added up by time step:`)] : [];
    this.place.replaceChildren(this.head, ...many, table);
  }

  // the terms of some time steps stand out; null: all do
  only(steps) {
    for (const part of this.place.querySelectorAll("[data-step]")) {
      const out = steps !== null && !steps.includes(Number(part.dataset.step));
      part.classList.toggle("dim", out);
    }
    const said = steps && this.node + ":" + steps, row = this.place.querySelector(".rows [data-step]:not(.dim)");
    if (said && !this.seen) this.before = this.place.scrollTop;
    if (said && said !== this.seen && row) {          // the row that is meant comes into view
      const { top, bottom } = row.getBoundingClientRect(), first = this.head.getBoundingClientRect().bottom;
      const under = bottom - this.place.getBoundingClientRect().top - this.place.clientHeight;
      if (top < first) this.place.scrollTop -= first - top;
      else if (under > 0) this.place.scrollTop += Math.min(under, top - first);
    }
    if (!said && this.seen) this.place.scrollTop = this.before;
    this.seen = said;
  }

  tile(symbol, name) {
    const digits = make("b"), symbols = symbol ? [make("i", {}, symbol)] : [];
    const element = make("span", { class: name }, ...symbols, digits);
    return { element, digits, text: "", colour: "" };
  }

  paint(hidden) {
    if (this.node === null) return;
    const { gradient, since } = quantities, slope = new Map();
    const of = (edge) => {
      if (!slope.has(edge)) slope.set(edge, quantities.slope(edge));
      return slope.get(edge);
    };
    const total = gradient[this.node], secret = hidden(total, total);
    let product = 1, there = true;
    for (const tile of this.tiles) {
      const factor = tile.k >= 0 ? tile.row[tile.k][0] : null;
      if (tile.k === 0) [product, there] = [1, true];
      if (tile.q !== undefined) [product, there] = [quantities.numbers[tile.q], quantities.there[tile.q]];
      if (factor !== null) [product, there] = [product * of(factor), there && quantities.carried(factor)];
      const x = factor === null ? product : of(factor);
      tile.product = there && !quiz.hides(product) ? product : NaN;
      if (dragging && this.away.has(tile.element.parentNode)) continue;       // it would cost most of a frame
      this.write(tile, hidden(x, product) || (secret && factor === null), there ? x : NaN);
    }
    this.place.classList.toggle("stale", graph.refused !== null);
    const terms = this.tiles.filter((tile) => tile.k === -1 || tile.q !== undefined).map((tile) => tile.product);
    const sum = terms.length > 1 && !secret && terms.every(Number.isFinite) ? added(terms) + " = " : "";
    const shown = secret ? "?" : since > 0 && !terms.every(Number.isFinite) ? "…" : number(total);
    this.head.replaceChildren(`${this.gradientName(this.node)} = ${sum}`, make("b", {}, shown),
      make("small", {}, this.tiles.some((tile) => tile.k > 0) ? " · colour: the product so far; gold, ∂⁺: all else held fixed" : ""));
  }

  write(tile, secret, x) {
    const { product } = tile;
    const text = secret ? "?" : Number.isFinite(x) ? number(x) : "·";
    const colour = secret || !Number.isFinite(product) ? "" : colours.fill(product);
    if (text !== tile.text) tile.digits.textContent = tile.text = text;
    if (colour !== tile.colour) tile.element.style.background = tile.colour = colour;
  }
}

// −0.3411 − 0.1594 + 0
function added(numbers) {
  if (numbers.length > 6) return `the sum of ${numbers.length} terms`;
  return numbers.map((x, k) => (x < 0 ? (k ? " − " : "−") + number(-x) : (k ? " + " : "") + number(x))).join("");
}
