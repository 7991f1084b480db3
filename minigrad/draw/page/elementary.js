// elementary.py once more: derivatives that lose their digits if they are written plainly, and functions of many numbers.

function sigmoid(x) {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// σ′(x) = e/(1 + e)², e = exp(−|x|): right where 1 − σ(x) has lost every digit
function sigmoidDerivative(x) {
  const e = Math.exp(-Math.abs(x));
  return e / (1 + e * (2 + e));
}

// 1 − tanh²x = 4·σ′(2x): the first has no digit left where y = tanh x is nearly 1
function tanhDerivative(x, y) {
  return Math.abs(y) < 0.7 ? 1 - y * y : 4 * sigmoidDerivative(2 * x);
}

// [max x, r, softmax], Σ exp(xⱼ) = exp(max)·(1 + r): nothing overflows, and a small r counts
function softmaxParts(xs) {
  const largest = xs.indexOf(Math.max(...xs)), powers = xs.map((x) => Math.exp(x - xs[largest]));
  const rest = powers.reduce((sum, power, k) => (k === largest ? sum : sum + power), 0);
  return [xs[largest], rest, powers.map((power) => power / (1 + rest))];
}

function logSumExp(xs) {
  const [largest, rest] = softmaxParts(xs);
  return largest + Math.log1p(rest);
}

function crossEntropy(xs, target) {
  const [largest, rest] = softmaxParts(xs);
  return largest - xs[target] + Math.log1p(rest);
}

// the softmax, but −Σ of the others at the target: p − 1 has no digit left where p is near 1
function crossEntropyDerivatives(xs, target) {
  const [, , slopes] = softmaxParts(xs);
  slopes[target] = 0;
  slopes[target] = -slopes.reduce((sum, p) => sum + p, 0);
  return slopes;
}

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
