// One-hot inputs: the reader chooses another word, and the columns that it picks become the operands of its step.

class Vocabulary {
  constructor() {
    const { names, columns, steps, labels, index, matrices } = page.words ?? { names: [], columns: [], steps: {} };
    Object.assign(this, { names, index, matrices, uses: {}, label: {}, start: {}, now: {} });
    this.place = new Map();                           // {leaf: [its word, its row]}
    this.columns = columns.map((column, word) => column.map((entry, row) => {
      const leaf = typeof entry === "number" ? entry : this.add(entry[0], `${labels[row]}[${index[word]}]`);
      this.place.set(leaf, [word, row]);
      return leaf;
    }));
    for (const [t, [label, name, word, uses]] of Object.entries(steps)) {
      this.label[t] = label;
      this.start[t] = [word, name];
      this.uses[t] = uses;
      this.now[t] = word;
    }
    this.steps = Object.keys(steps);
  }

  // an entry of a column that the graph does not hold
  add(number, label) {
    page.names.push(label);
    page.labels[label] ??= page.nodes.length;
    page.leaves.push({ node: page.nodes.length, role: "weight", bounds: null });
    return page.nodes.push(number) - 1;
  }

  // what the cell of step t has in the place of a leaf
  leaf(node, t) {
    const [word, row] = this.place.get(node) ?? [];
    return word !== undefined && word === this.start[t]?.[0] ? this.columns[this.now[t]][row] : node;
  }

  // a word, were it that of a step: the reader's own, which may be unknown, or another
  nameOf(word, t) {
    return word === this.start[t][0] ? this.start[t][1] : this.names[word];
  }

  name(t) {
    return this.nameOf(this.now[t], t);
  }

  choose(t, word) {
    this.now[t] = word;
    for (const [user, position, row] of this.uses[t]) graph.nodes[user].operands[position] = this.columns[word][row];
  }

  // the place of a word in the list, or -1: by its name, or by its index
  find(asked) {
    const place = this.names.indexOf(asked);
    return place < 0 ? this.index?.findIndex((k) => String(k) === asked) ?? -1 : place;
  }

  // of each step whose word was changed, the key and the word for a link
  get changes() {
    return this.steps.filter((t) => this.now[t] !== this.start[t][0]).map((t) => ["x_" + t, this.names[this.now[t]]]);
  }
}
