// value.py once more, for a page: a graph of numbers that are computed again when a leaf changes.
//
//   y = f(x₁, …, xₙ)     data[y]        the number
//                        partials[y]    [∂y/∂x₁, …, ∂y/∂xₙ], taken when y is computed
//                        gradient[y]    ∂L/∂y
//
// A node is its place in the order of making, so its operands come before it; leaves may also come after the loss.  Where
// there is no answer a number is NaN or infinite here, and the graph says in words what was refused: neither is shown.

// of the operands, what else the operation needs, and for the derivatives the value: [value, derivatives]
const OPERATIONS = {
  "+": [([x, y]) => x + y, () => [1, 1]],
  "-": [([x, y]) => x - y, () => [1, -1]],
  "*": [([x, y]) => x * y, ([x, y]) => [y, x]],
  "/": [([x, y]) => x / y, ([, y], _, z) => [1 / y, -z / y]],
  "**": [([x, y]) => (x > 0 || (x === 0 && y > 0) ? x ** y : NaN),
         ([x, y], _, z) => [y * x ** (y - 1), x > 0 ? z * Math.log(x) : 0]],
  "**n": [([x], n) => x ** n, ([x], n) => [n === 0 ? 0 : n * x ** (n - 1)]],
  neg: [([x]) => -x, () => [-1]],
  pos: [([x]) => x, () => [1]],
  abs: [([x]) => Math.abs(x), ([x]) => [Math.sign(x)]],
  exp: [([x]) => Math.exp(x), (_, __, y) => [y]],
  log: [([x]) => (x > 0 ? Math.log(x) : NaN), ([x]) => [1 / x]],
  sqrt: [([x]) => Math.sqrt(x), (_, __, y) => [0.5 / y]],
  sin: [([x]) => Math.sin(x), ([x]) => [Math.cos(x)]],
  cos: [([x]) => Math.cos(x), ([x]) => [-Math.sin(x)]],
  tanh: [([x]) => Math.tanh(x), ([x], _, y) => [tanhDerivative(x, y)]],
  sigmoid: [([x]) => sigmoid(x), ([x]) => [sigmoidDerivative(x)]],
  relu: [([x]) => (x > 0 ? x : 0), ([x]) => [x > 0 ? 1 : 0]],
  dot: [weightedSum, dotDerivatives],
  log_sum_exp: [logSumExp, (xs) => softmaxParts(xs)[2]],
  cross_entropy: [crossEntropy, crossEntropyDerivatives],
  bce_with_logits: [([s, y]) => (s > 0 ? s : 0) - y * s + Math.log1p(Math.exp(-Math.abs(s))),
                    ([s, y]) => [(1 - y) * sigmoid(s) - y * sigmoid(-s), -s]],
  cut: [([x]) => x, () => [0]],                       // the same number; no gradient flows back
  frozen: [(_, made) => made.data, (_, made) => made.partials],         // it cannot be computed again
};

class Graph {
  // nodes: a number for a leaf; else [op, operands, what else the operation needs]
  constructor(nodes, loss = nodes.length - 1) {
    this.nodes = nodes.map((node) => {
      if (typeof node === "number") return null;
      const [op, operands, extra] = node, [value, derivatives] = OPERATIONS[/^\*\*./.test(op) ? "**n" : op];
      return { op, operands, extra, value, derivatives, xs: operands.map(() => 0) };
    });
    this.loss = loss;
    this.data = nodes.map((node) => (typeof node === "number" ? node : 0));
    this.partials = nodes.map(() => []);
    this.gradient = nodes.map(() => 0);
    this.refused = null;
  }

  // every number, operands first; where it is asked for with its derivatives
  forward(data = this.data, partials = this.partials) {
    this.nodes.forEach((node, place) => {
      if (!node) return;
      node.operands.forEach((operand, position) => { node.xs[position] = data[operand]; });
      data[place] = node.value(node.xs, node.extra);
      if (partials) partials[place] = node.derivatives(node.xs, node.extra, data[place]);
    });
    return data[this.loss];
  }

  // the chain rule: every use of a node adds its contribution, the latest made first; down to the node `since`
  backward(since = 0, gradient = this.gradient, partials = this.partials) {
    gradient.fill(0);
    gradient[this.loss] = 1;
    for (let place = this.loss; place >= since; place--) {
      this.nodes[place]?.operands.forEach((operand, position) => {
        gradient[operand] += partials[place][position] * gradient[place];
      });
    }
  }

  // both passes; then `refused` is null, or {op, operands, place, words} where Python would raise
  run() {
    const given = (place, words) => ({ ...this.nodes[place], place, words });
    this.forward();
    let place = this.data.findIndex((x) => !Number.isFinite(x));
    this.refused = place < 0 ? null : given(place, remedy(this.nodes[place], this.data));
    if (this.refused) return;
    this.backward();
    const tooLarge = (node) => node?.operands.some((operand) => !Number.isFinite(this.gradient[operand]));
    place = this.nodes.findLastIndex(tooLarge);
    if (place >= 0) this.refused = given(place, "the gradient there is too large for a float");
  }

  // what the loss would be, were some leaves other numbers: [[leaf, number], …].  NaN where there is no answer
  lossAt(changes) {
    const data = this.data.slice();
    for (const [leaf, x] of changes) data[leaf] = x;
    const loss = this.forward(data, null);
    return Number.isFinite(loss) ? loss : NaN;
  }
}

// what to do where an operation has no answer, in Python's words
function remedy({ op, operands, extra: n }, data) {
  const [x, y] = operands.map((operand) => data[operand]);
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
