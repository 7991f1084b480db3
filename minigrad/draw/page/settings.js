// What the reader has set: the numbers of the leaves, undo and redo, and the address that holds it all.

const RESERVED = ["step", "focus", "eta", "leaf"];    // words of a link with a meaning of their own

class Settings {
  constructor() {
    this.start = graph.data.slice();
    this.leaves = new Map(page.leaves.map((leaf) => [leaf.node, leaf]));
    this.past = [];
    this.future = [];
    this.nodeOf = new Map(Object.entries(page.labels));
    this.labelOf = new Map();
    for (const [label, node] of this.nodeOf) if (!this.labelOf.has(node)) this.labelOf.set(node, label);
  }

  // the number that a leaf takes when it is set to x: within its bounds, without the dust of 0.1 + 0.2
  allowed(node, x) {
    const [least, most] = this.leaves.get(node).bounds ?? [-1e12, 1e12];
    return Math.min(Math.max(Number(x.toPrecision(12)), least), most);
  }

  set(node, x) {
    if (this.leaves.has(node) && Number.isFinite(x)) graph.data[node] = this.allowed(node, x);
  }

  moved(node) {
    return graph.data[node] !== this.start[node];
  }

  get anyMoved() {
    return vocabulary.changes.length > 0 || page.leaves.some(({ node }) => this.moved(node));
  }

  // of every leaf, then of every word its place in the vocabulary
  numbers() {
    return [...page.leaves.map(({ node }) => graph.data[node]), ...Object.values(vocabulary.now)];
  }

  restore(numbers) {
    const { leaves } = page;
    leaves.forEach(({ node }, k) => { graph.data[node] = numbers[k]; });
    vocabulary.steps.forEach((t, k) => vocabulary.choose(t, numbers[leaves.length + k]));
  }

  // what was before a change, to be undone as one
  remember(before = this.numbers()) {
    const last = this.past.at(-1);
    if (last?.every((x, k) => x === before[k])) return;
    this.past.push(before);
    this.future = [];
    if (this.past.length > 200) this.past.shift();
  }

  undo(from = this.past, to = this.future) {
    const now = this.numbers();
    while (from.length) {
      const before = from.pop();
      if (before.every((x, k) => x === now[k])) continue;
      to.push(now);
      this.restore(before);
      return true;
    }
    return false;
  }

  redo() {
    return this.undo(this.future, this.past);
  }

  reset(node) {
    for (const leaf of node === undefined ? this.leaves.keys() : [node]) graph.data[leaf] = this.start[leaf];
    for (const t of node === undefined ? vocabulary.steps : []) vocabulary.choose(t, vocabulary.start[t][0]);
  }

  // sets a leaf, or the word of a step, by its name; false if there is none, or no such word
  setNamed(key, x) {
    const t = /^x_\d+$/.test(key) && !this.nodeOf.has(key) ? key.slice(2) : null;
    if (t in vocabulary.start) {
      const word = vocabulary.find(String(x));
      if (word >= 0) vocabulary.choose(t, word);
      return word >= 0;
    }
    const node = this.named(key);
    if (!this.leaves.has(node) || String(x).trim() === "" || !Number.isFinite(Number(x))) return false;
    this.set(node, Number(x));
    return true;
  }

  // ---------------------------------------------------------------------- the address

  // how a leaf is called in a link: its label, or n7 where that is a word with a meaning of its own
  key(node) {
    const label = this.labelOf.get(node) ?? "";
    return label && !RESERVED.includes(label) ? label : "n" + node;
  }

  // the state as a fragment: only what differs from the start, in full precision
  fragment({ step, last, focus, eta, hand }) {
    const asked = new URLSearchParams();
    for (const { node } of page.leaves) {
      if (this.moved(node)) asked.set(this.key(node), String(graph.data[node]));
    }
    for (const [key, word] of vocabulary.changes) asked.set(key, word);
    if (step !== last) asked.set("step", step);
    if (focus !== null) asked.set("focus", this.key(focus));
    if (eta !== 0.5) asked.set("eta", eta);
    if (hand !== null && hand !== page.leaves[0]?.node) asked.set("leaf", this.key(hand));
    return String(asked).replaceAll("%5B", "[").replaceAll("%5D", "]");
  }

  // the node that a label or n7 means, or null
  named(key) {
    const place = /^n\d+$/.test(key ?? "") ? Number(key.slice(1)) : -1;
    return this.nodeOf.get(key) ?? (place in page.nodes ? place : null);
  }

  // {step, focus, eta, hand} of a fragment, after the leaves were set as it says
  follow(fragment) {
    const asked = new URLSearchParams(fragment);
    this.reset();
    for (const [key, x] of asked) if (!RESERVED.includes(key)) this.setNamed(key, x);
    const step = Math.trunc(Number(asked.get("step") ?? NaN)), eta = Number(asked.get("eta") ?? NaN);
    const hand = this.named(asked.get("leaf"));
    return { step: Number.isFinite(step) ? step : asked.has("step") ? 0 : null, eta: eta > 0 && eta <= 100 ? eta : null,
             focus: this.named(asked.get("focus")), hand: this.leaves.has(hand) ? hand : null };
  }
}
