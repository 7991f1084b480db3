// What each number of the picture is now: the quantities of coded.py, at a moment of the passes.
//
//   numbers[q]   a number;   there[q]   whether it has arrived
//   upto         the last node that has been computed;   since   the first that has sent back all that it sends

class Quantities {
  constructor(page, graph) {
    this.graph = graph;
    this.list = page.quantities;
    this.edges = page.edges;
    this.numbers = this.list.map(() => 0);
    this.there = this.list.map(() => true);
    this.secret = this.list.map(() => false);         // asked for: a "?" stands in its place
    this.hides = () => false;
    this.arriving = graph.gradient.slice();           // the gradients as far as they have come
    this.arrived = graph.gradient.map(() => true);
    this.uses = this.list.map(([kind, weight, steps]) => {
      if (!["term", "cut"].includes(kind)) return [];
      return graph.usesOf(weight).filter(([user]) => steps.includes(page.step[user]));
    });
    this.missed = this.list.some(([kind]) => kind === "cut" || kind === "full") ? graph.gradient.slice() : null;
  }

  read(upto, since) {
    const { graph } = this, started = since <= graph.loss || upto === graph.loss;
    if (since > 0) {
      graph.backward(since, this.arriving);
      if (!started) this.arriving.fill(0);
      this.arrived = graph.hasArrived(since, started);
    } else {
      this.arriving = graph.gradient.slice();
      this.arrived.fill(true);
    }
    this.since = since;
    this.upto = upto;
    if (this.missed) graph.beyondTheCuts(this.missed);
    this.list.forEach((_, q) => {
      [this.numbers[q], this.there[q]] = this.valueOf(q);
      this.secret[q] = this.list[q][0] !== "data" && this.hides(this.numbers[q]);
    });
  }

  valueOf(q) {
    const { graph, numbers, there } = this, [kind, of] = this.list[q];
    switch (kind) {
      case "number": return [of, true];
      case "data": return [graph.data[of], true];
      case "gradient": return [this.arriving[of], this.arrived[of]];
      case "partial": return [sum(of, (edge) => this.slope(edge)), of.every((edge) => this.carried(edge))];
      case "contribution": return [sum(of, (edge) => this.contribution(edge)), of.every((edge) => this.carried(edge))];
      case "product": return [of.reduce((all, part) => all * numbers[part], 1), of.every((part) => there[part])];
      case "norm": return [Math.hypot(...of.map((part) => numbers[part])), of.every((part) => there[part])];
      case "full": return [graph.gradient[of] + this.missed[of], this.since === 0];
      default: {
        const upstream = kind === "term" ? graph.gradient : this.missed;
        const total = sum(this.uses[q], ([user, position]) => graph.partials[user][position] * upstream[user]);
        return [total, this.uses[q].every(([user]) => user >= this.since) && (kind === "term" || this.since === 0)];
      }
    }
  }

  // ∂user/∂operand of an edge
  slope(edge) {
    const [user, operand, through] = this.edges[edge];
    return typeof through === "number" ? this.graph.partials[user][through] : this.graph.along(user, operand, through);
  }

  contribution(edge) {
    return this.slope(edge) * this.graph.gradient[this.edges[edge][0]];
  }

  // whether it has sent its contribution back
  carried(edge) {
    const [user, , through] = this.edges[edge];
    return user >= this.since && (typeof through === "number" || through.every((place) => place >= this.since));
  }
}

function sum(list, of) {
  let total = 0;
  for (const item of list) total += of(item);
  return total;
}
