// What each number of the picture is now: the quantities of coded.py, at a moment of the passes.
//
//   numbers[q]   a number, or a word;   there[q]   whether it has arrived;   secret[q]   whether it is asked for
//   stale[q]     whether it is that of the last setting with an answer, because this one has none
//   upto         the last node that has been computed;   since   the first that has sent back all that it sends

class Quantities {
  constructor() {
    this.list = page.quantities;
    this.numbers = this.list.map(() => 0);
    this.there = this.list.map(() => true);
    this.secret = this.list.map(() => false);
    this.stale = this.list.map(() => false);
    this.hides = () => false;
    this.arriving = graph.gradient.slice();           // the gradients as far as they have come
    this.uses = this.list.map(([kind, weight, steps]) => {
      if (!["term", "cut"].includes(kind)) return [];
      return usesOf(graph, weight).filter(([user]) => steps.includes(page.step[user]));
    });
    this.cut = this.list.some((code) => code.includes("cut") || code.includes("full"));
  }

  // in a graph that refuses, what cannot be computed keeps its last number.  wrong: the nodes of the box that says why
  read(upto, since, wrong = []) {
    const unknown = this.unknown();
    if (graph.refused) {
      this.data = graph.data.map((x, k) => (wrong.includes(k) ? NaN : unknown[k] ? this.good.data[k] : x));
      [upto, since] = [graph.loss, 0];
    } else {
      const [data, gradient, partials] = [graph.data, graph.gradient, graph.partials].map((list) => list.slice());
      this.good = { data, gradient, partials };
      this.data = graph.data;
    }
    ({ gradient: this.gradient, partials: this.partials } = this.good);
    const started = since <= graph.loss || upto === graph.loss;
    graph.backward(since, this.arriving, this.partials);
    if (!started) this.arriving.fill(0);
    this.arrived = since > 0 ? hasArrived(graph, since, started) : this.data.map(() => true);
    Object.assign(this, { upto, since });
    this.missed = this.cut ? beyondTheCuts(graph, this.gradient, this.partials) : null;
    this.list.forEach(([kind, of], q) => {
      [this.numbers[q], this.there[q]] = this.valueOf(q);
      this.secret[q] = !["data", "word"].includes(kind) && this.hides(this.numbers[q]);
      this.stale[q] = graph.refused !== null && kind !== "word" && (kind !== "data" || unknown[of]);
    });
  }

  // of each node, whether it has no number: it was refused, or computed from one that was
  unknown() {
    const unknown = graph.data.map((x) => !Number.isFinite(x));
    if (!graph.refused) return unknown;
    graph.nodes.forEach((node, k) => { unknown[k] ||= node?.operands.some((operand) => unknown[operand]) ?? false; });
    return unknown;
  }

  valueOf(q) {
    const { numbers, there } = this, [kind, of, t, steps] = this.list[q];
    switch (kind) {
      case "number": return [of, true];
      case "word": return [vocabulary.name(of), true];
      case "data": return [this.data[vocabulary.leaf(of, t)], true];
      case "gradient": return [this.arriving[vocabulary.leaf(of, t)], this.arrived[vocabulary.leaf(of, t)]];
      case "full": return [this.inFull(vocabulary.leaf(of, t[0])), this.since === 0];
      case "partial": return [sum(of, (edge) => this.slope(edge)), of.every((edge) => this.carried(edge))];
      case "contribution": return [sum(of, (edge) => this.contribution(edge)), of.every((edge) => this.carried(edge))];
      case "product": return [of.reduce((all, part) => all * numbers[part], 1), of.every((part) => there[part])];
      case "norm": return [Math.hypot(...of.map((part) => numbers[part])), of.every((part) => there[part])];
      case "columns": return this.ofColumns(of, t, steps);
      default: return [sum(this.uses[q], (use) => this.term(use, kind)), this.haveSent(this.uses[q], kind)];
    }
  }

  // what a use adds to a gradient, or would add but for a cut
  term([user, position], kind) {
    return this.partials[user][position] * (kind === "cut" ? this.missed : this.gradient)[user];
  }

  haveSent(uses, kind) {
    return uses.every(([user]) => user >= this.since) && (kind !== "cut" || this.since === 0);
  }

  inFull(node) {
    return this.gradient[node] + this.missed[node];
  }

  // the norm of a kind of quantity over rows of the columns of all words: of the steps, or where there are none in all
  ofColumns(rows, kind, steps) {
    const added = new Map();
    if (!steps.length) {
      const used = vocabulary.steps.flatMap((t) => rows.map((row) => vocabulary.columns[vocabulary.now[t]][row]));
      const all = [...new Set(used)].map((leaf) => (kind === "full" ? this.inFull(leaf) : this.arriving[leaf]));
      return [Math.hypot(...all), kind === "full" ? this.since === 0 : used.every((leaf) => this.arrived[leaf])];
    }
    const uses = steps.flatMap((t) => vocabulary.uses[t] ?? []).filter(([, , row]) => rows.includes(row));
    for (const use of uses) {
      const leaf = graph.nodes[use[0]].operands[use[1]];
      added.set(leaf, (added.get(leaf) ?? 0) + this.term(use, kind));
    }
    return [Math.hypot(...added.values()), this.haveSent(uses, kind)];
  }

  // the operand of an edge: where words are chosen, that of the word of now
  operandOf(edge) {
    const [user, operand] = page.edges[edge];
    return vocabulary.leaf(operand, page.step[user]);
  }

  // ∂user/∂operand of an edge
  slope(edge) {
    const [user, , through] = page.edges[edge];
    if (typeof through === "number") return this.partials[user][through];
    return slopeAlong(graph, this.partials, user, this.operandOf(edge), through);
  }

  contribution(edge) {
    return this.slope(edge) * this.gradient[page.edges[edge][0]];
  }

  // whether it has sent its contribution back
  carried(edge) {
    const [user, , through] = page.edges[edge];
    return user >= this.since && (typeof through === "number" || through.every((place) => place >= this.since));
  }
}

function sum(list, of) {
  let total = 0;
  for (const item of list) total += of(item);
  return total;
}
