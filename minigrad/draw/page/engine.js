// value.py once more, for a page: a graph of numbers that are computed again when a leaf changes.
//
//   y = f(x₁, …, xₙ)     data[y]        the number
//                        partials[y]    [∂y/∂x₁, …, ∂y/∂xₙ], taken when y is computed
//                        gradient[y]    ∂L/∂y, the loss L the last node
//
// A node is its place in the order of making, so its operands come before it.  Where there is no answer a number is NaN
// or infinite here, and the graph says in words what was refused: neither is ever shown.

const OPERATIONS = {
  "+": { value: ([x, y]) => x + y, partials: () => [1, 1] },
  "-": { value: ([x, y]) => x - y, partials: () => [1, -1] },
  "*": { value: ([x, y]) => x * y, partials: ([x, y]) => [y, x] },
  "/": { value: ([x, y]) => x / y, partials: quotientDerivatives },
  "**": { value: ([x, y]) => (x > 0 || (x === 0 && y > 0) ? x ** y : NaN), partials: powerDerivatives },
  "**n": { value: ([x], n) => x ** n, partials: ([x], n) => [powerDerivative(x, n)] },
  neg: { value: ([x]) => -x, partials: () => [-1] },
  pos: { value: ([x]) => x, partials: () => [1] },
  abs: { value: ([x]) => Math.abs(x), partials: ([x]) => [Math.sign(x)] },
  exp: { value: ([x]) => Math.exp(x), partials: (_, __, y) => [y] },
  log: { value: ([x]) => (x > 0 ? Math.log(x) : NaN), partials: ([x]) => [1 / x] },
  sqrt: { value: ([x]) => Math.sqrt(x), partials: (_, __, y) => [0.5 / y] },
  sin: { value: ([x]) => Math.sin(x), partials: ([x]) => [Math.cos(x)] },
  cos: { value: ([x]) => Math.cos(x), partials: ([x]) => [-Math.sin(x)] },
  tanh: { value: ([x]) => Math.tanh(x), partials: ([x], _, y) => [tanhDerivative(x, y)] },
  sigmoid: { value: ([x]) => sigmoid(x), partials: ([x]) => [sigmoidDerivative(x)] },
  relu: { value: ([x]) => (x > 0 ? x : 0), partials: ([x]) => [x > 0 ? 1 : 0] },
  dot: { value: weightedSum, partials: dotDerivatives },
  log_sum_exp: { value: logSumExp, partials: softmax },
  cross_entropy: { value: crossEntropy, partials: crossEntropyDerivatives },
  bce_with_logits: { value: ([s, y]) => (s > 0 ? s : 0) - y * s + Math.log1p(Math.exp(-Math.abs(s))),
                     partials: ([s, y]) => [(1 - y) * sigmoid(s) - y * sigmoid(-s), -s] },
  cut: { value: ([x]) => x, partials: () => [0] },                     // the same number; no gradient flows back
  frozen: { value: (_, made) => made.data, partials: (_, made) => made.partials },     // it cannot be computed again
};

// ---------------------------------------------------------------------- derivatives that cannot be written plainly

function sigmoid(x) {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// σ′(x) = e/(1 + e)², e = exp(−|x|): right where 1 − σ(x) has lost every digit
function sigmoidDerivative(x) {
  const e = Math.exp(-Math.abs(x));
  return e / (1 + e * (2 + e));
}

// 1 − tanh²x = 4·σ′(2x): the first has no digit left where tanh x is nearly 1
function tanhDerivative(x, y) {
  return Math.abs(y) < 0.7 ? 1 - y * y : 4 * sigmoidDerivative(2 * x);
}

function quotientDerivatives([x, y], _, quotient) {
  const subnormal = quotient !== 0 && Math.abs(quotient) < 2.2250738585072014e-308;     // it has lost digits
  return [1 / y, subnormal ? -x * (1 / y / y) : -quotient / y];
}

// n·xⁿ⁻¹ for a plain number n, in two halves: xⁿ⁻¹ can underflow where n·xⁿ⁻¹ does not
function powerDerivative(x, n) {
  if (n === 0) return 0;
  const half = Math.floor((n - 1) / 2);
  if (Number.isInteger(n)) return n * x ** half * x ** (n - 1 - half);
  return x > 0 || n > 1 ? timesPower(n, x, n - 1) : Infinity;
}

function powerDerivatives([x, y]) {
  if (x > 0) return [timesPower(y, x, y - 1), timesPower(Math.log(x), x, y)];
  return [y > 1 ? y * x ** (y - 1) : y < 1 ? Infinity : 1, 0];
}

function timesPower(factor, x, y) {
  const power = x ** y;
  return power < 2.2250738585072014e-308 ? factor * x ** (y / 2) * x ** (y / 2) : factor * power;
}

// ---------------------------------------------------------------------- functions of many

// Σ w·x, x = the constants, then the inputs.  xs: the weights, then the inputs
function weightedSum(xs, constants) {
  const inputs = (xs.length - constants.length) / 2, weights = xs.length - inputs;
  let sum = 0;
  for (let k = 0; k < weights; k++) sum += xs[k] * (k < constants.length ? constants[k] : xs[inputs + k]);
  return sum;
}

function dotDerivatives(xs, constants) {
  const weights = (xs.length + constants.length) / 2;
  return [...constants, ...xs.slice(weights), ...xs.slice(constants.length, weights)];
}

// [the largest x, r], Σ exp(xⱼ) = exp(largest)·(1 + r): nothing overflows, and a small r counts
function largestAndRest(xs) {
  const k = xs.indexOf(Math.max(...xs));
  return [xs[k], xs.reduce((sum, x, j) => (j === k ? sum : sum + Math.exp(x - xs[k])), 0)];
}

function logSumExp(xs) {
  const [largest, rest] = largestAndRest(xs);
  return largest + Math.log1p(rest);
}

function softmax(xs) {
  const [largest, rest] = largestAndRest(xs);
  return xs.map((x) => Math.exp(x - largest) / (1 + rest));
}

function crossEntropy(xs, target) {
  const [largest, rest] = largestAndRest(xs);
  return largest - xs[target] + Math.log1p(rest);
}

function crossEntropyDerivatives(xs, target) {
  const slopes = softmax(xs);
  slopes[target] = 0;
  slopes[target] = -slopes.reduce((sum, p) => sum + p, 0);     // not p − 1, which has no digit left where p is near 1
  return slopes;
}

// ---------------------------------------------------------------------- the graph

class Graph {
  // nodes: a number for a leaf; else [op, operands, constants, target or exponent of the op, or what is frozen]
  constructor(nodes) {
    this.nodes = nodes.map((node) => {
      if (typeof node === "number") return null;
      const [op, operands, extra] = node, power = op.startsWith("**") && op !== "**";
      return { op, operands, extra, rule: OPERATIONS[power ? "**n" : op], xs: operands.map(() => 0) };
    });
    this.loss = nodes.length - 1;
    this.data = nodes.map((node) => (typeof node === "number" ? node : 0));
    this.partials = nodes.map(() => []);
    this.gradient = nodes.map(() => 0);
    this.refused = null;
  }

  // every number, operands first; the value alone where no derivatives are wanted
  forward(data = this.data, derivatives = true) {
    this.nodes.forEach((node, place) => {
      if (!node) return;
      node.operands.forEach((operand, position) => { node.xs[position] = data[operand]; });
      data[place] = node.rule.value(node.xs, node.extra);
      if (derivatives) this.partials[place] = node.rule.partials(node.xs, node.extra, data[place]);
    });
    return data[this.loss];
  }

  // the chain rule: every use of a node adds its contribution, the latest made first; down to the node `since`
  backward(since = 0, gradient = this.gradient) {
    gradient.fill(0);
    gradient[this.loss] = 1;
    for (let place = this.loss; place >= since; place--) {
      const node = this.nodes[place];
      if (!node) continue;
      node.operands.forEach((operand, position) => {
        gradient[operand] += this.partials[place][position] * gradient[place];
      });
    }
  }

  // both passes; then `refused` is null, or {place, words} where Python would raise
  run() {
    this.forward();
    this.refused = this.refusedNumber();
    if (!this.refused) {
      this.backward();
      this.refused = this.refusedGradient();
    }
  }

  refusedNumber() {
    const place = this.data.findIndex((x) => !Number.isFinite(x));
    if (place < 0) return null;
    const { op, operands, extra } = this.nodes[place];
    return { place, op, operands, words: remedy(op, operands.map((operand) => this.data[operand]), extra) };
  }

  refusedGradient() {
    for (let place = this.loss; place >= 0; place--) {
      const node = this.nodes[place];
      if (node && node.operands.some((operand) => !Number.isFinite(this.gradient[operand]))) {
        return { place, op: node.op, operands: node.operands, words: "the gradient there is too large for a float" };
      }
    }
    return null;
  }

  // what the loss would be, were some leaves other numbers: [[leaf, number], …].  NaN where there is no answer
  lossAt(changes) {
    const data = this.data.slice();
    for (const [leaf, x] of changes) data[leaf] = x;
    const loss = this.forward(data, false);
    return Number.isFinite(loss) ? loss : NaN;
  }

  // ∂user/∂operand along all ways through the nodes between, the latest made first
  along(user, operand, between) {
    const slope = new Map([[user, 1], [operand, 0], ...between.map((place) => [place, 0])]);
    for (const place of [user, ...between]) {
      this.nodes[place].operands.forEach((end, position) => {
        if (slope.has(end)) slope.set(end, slope.get(end) + this.partials[place][position] * slope.get(place));
      });
    }
    return slope.get(operand);
  }

  // [user, position] of every use of a node, the latest made first
  usesOf(operand) {
    const uses = [];
    for (let place = this.loss; place >= 0; place--) {
      this.nodes[place]?.operands.forEach((other, k) => { if (other === operand) uses.push([place, k]); });
    }
    return uses;
  }

  // of each node, whether anything has come back to it from the nodes down to `since`
  hasArrived(since, started) {
    const arrived = this.data.map(() => false);
    arrived[this.loss] = started;
    for (let place = this.loss; place >= since; place--) {
      this.nodes[place]?.operands.forEach((operand) => { arrived[operand] = true; });
    }
    return arrived;
  }

  // what the gradients would have been more, had nothing been cut: what arrives at a cut goes on to the state behind it
  beyondTheCuts(missed) {
    missed.fill(0);
    for (let place = this.loss; place >= 0; place--) {
      const node = this.nodes[place];
      if (node?.op === "cut") missed[node.operands[0]] += this.gradient[place] + missed[place];
      else node?.operands.forEach((operand, k) => { missed[operand] += this.partials[place][k] * missed[place]; });
    }
  }
}

// what to do where an operation has no answer, in Python's words
function remedy(op, [x, y], n) {
  if (op === "log") return "it needs a number above 0";
  if (op === "sqrt") return "it needs a number that is not negative";
  if (op === "exp") return "a number here is too large for a float";
  if (op === "/" && y === 0) return "the divisor must not be 0";
  if (op === "**" && x < 0) return "a negative base needs a plain whole number as exponent";
  if (op === "**" && x === 0) return "a base of 0 needs an exponent above 0";
  if (op.startsWith("**") && x < 0 && !Number.isInteger(n)) return "a negative base needs a whole exponent";
  if (op.startsWith("**") && x === 0) return "0 has no negative power";
  return op.startsWith("**") ? "the result is too large for a float"
    : "the numbers are too large for a float: scale the inputs or the weights down";
}
