// The bar of leaves: a knob for each number that can be moved, which is also where the keyboard holds it.

class Bar {
  constructor() {
    this.knobs = new Map();
    const place = document.getElementById("p-leaves"), seen = new Set();
    let role = null;
    const matrixOf = new Map();
    for (const matrix of page.matrices) for (const node of matrix[1].flat()) matrixOf.set(node, matrix);
    this.selects = new Map(vocabulary.steps.map((t) => [t, this.choice(t)]));
    this.columns = make("span", { class: "columns" });
    if (vocabulary.steps.length) place.append(...this.selects.values(), make("span", { class: "gap" }), this.columns);
    for (const leaf of page.leaves) {
      if (seen.has(leaf.node) || vocabulary.place.has(leaf.node)) continue;
      if (role !== null && role !== leaf.role) place.append(make("span", { class: "gap" }));
      role = leaf.role;
      const matrix = matrixOf.get(leaf.node);
      for (const node of matrix ? matrix[1].flat() : [leaf.node]) seen.add(node);
      place.append(matrix ? this.matrix(matrix) : this.knob(leaf.node, page.names[leaf.node]));
    }
    const inputs = page.leaves.filter((leaf) => leaf.role === "input").map((leaf) => leaf.node);
    if (inputs.length > 3) place.append(this.all(inputs));
    for (const [name, why] of page.locked) {
      place.append(make("span", { class: "locked", title: why, "aria-label": `${name}: ${why}` }, name + " 🔒"));
    }
  }

  knob(node, title, name = title) {
    const number = make("b"), what = { class: "knob", tabindex: 0, role: "spinbutton", "aria-label": name };
    const knob = make("span", what, ...(title ? [make("i", {}, title)] : []), number);
    this.knobs.set(node, { knob, number, text: "" });
    const bounds = settings.leaves.get(node).bounds;
    if (bounds) set(knob, { "aria-valuemin": String(bounds[0]), "aria-valuemax": String(bounds[1]) });
    draggable(knob, () => node, () => knob.focus());
    knob.addEventListener("focus", () => on.take(node));
    knob.addEventListener("keydown", (event) => this.key(event, node, knob));
    return knob;
  }

  // the word of a one-hot input; the list of the others is made when it is first opened
  choice(t) {
    const label = vocabulary.label[t], select = make("select", { "aria-label": `the word ${label}` });
    const fill = () => {
      if (select.length > 1) return;
      select.replaceChildren(...vocabulary.names.map((_, word) => new Option(vocabulary.nameOf(word, t), word)));
      select.value = vocabulary.now[t];
    };
    for (const kind of ["pointerdown", "focus", "keydown"]) select.addEventListener(kind, fill);
    select.addEventListener("change", () => on.choose(t, Number(select.value)));
    return make("label", { class: "choice" }, label, select);
  }

  // opens the list of a step
  ask(t) {
    const select = this.selects.get(String(t)).lastChild;
    select.scrollIntoView({ block: "nearest", inline: "nearest" });
    select.focus();
    select.showPicker?.();
  }

  // the words of now, and the columns that they pick
  showWords() {
    const chosen = Object.values(vocabulary.now).join();
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    for (const [t, { lastChild: select }] of this.selects) {
      const word = vocabulary.now[t];
      if (select.length < 2) select.replaceChildren(new Option(vocabulary.nameOf(word, t), word));
      select.value = word;
    }
    const words = new Map(vocabulary.steps.map((t) => [vocabulary.now[t], vocabulary.name(t)]));
    let first = 0;
    this.columns.replaceChildren(...(vocabulary.matrices ?? []).map(([name, count]) => {
      const rows = [...Array(count).keys()].map((r) => [...words.keys()].map((k) => vocabulary.columns[k][first + r]));
      first += count;
      return this.matrix([name, rows], [...words.values()]);
    }));
  }

  matrix([name, rows], heads = []) {
    const table = make("span", { class: "matrix" }, ...heads.map((head) => make("i", {}, head)));
    table.style.gridTemplateColumns = `repeat(${rows[0].length}, auto)`;
    for (const node of rows.flat()) {
      table.append(node === null ? make("span") : this.knob(node, "", page.names[node]));
    }
    return make("span", { class: "group" }, make("i", {}, name), table);
  }

  // one knob that scales every input
  all(inputs) {
    const shown = make("b", {}, "1");
    const what = { class: "knob", tabindex: 0, role: "spinbutton", "aria-label": "all inputs times" };
    const knob = make("span", { ...what, "aria-valuenow": 1 }, make("i", {}, "all x ×"), shown);
    let factor = 1, base = null;
    const scale = (to) => {
      base ??= inputs.map((node) => graph.data[node]);
      factor = Math.min(Math.max(Number(to.toPrecision(6)), -100), 100);
      shown.textContent = number(factor, 3);
      knob.setAttribute("aria-valuenow", factor);
      inputs.forEach((node, k) => settings.set(node, base[k] * factor));
      on.changed();
    };
    const end = () => { base = null; factor = 1; shown.textContent = "1"; };
    let from = null;
    onDrag(knob, ({ clientX }) => {
      from ??= clientX;
      scale(1 + (clientX - from) * PIXELS);
    }, () => { from = null; end(); knob.focus(); });
    knob.addEventListener("keydown", (event) => {
      const step = stride(event);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      if (base === null) settings.remember();
      scale(factor + step);
    });
    knob.addEventListener("blur", end);
    return knob;
  }

  key(event, node, knob) {
    const step = stride(event);
    if (event.ctrlKey || event.metaKey) return;
    if (step) {
      settings.remember();
      on.moveTo(node, graph.data[node] + step);
    } else if (/^[-−\d.]$/.test(event.key)) this.edit(node, knob, event.key);
    else if (event.key === "Enter") this.edit(node, knob);
    else if (event.key === "Backspace" || event.key === "Delete") on.reset(node);
    else if (event.key === "Escape") knob.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // a field in the place of the number, until Enter or Esc
  edit(node, knob, first = null) {
    const field = make("input", { type: "text", inputmode: "decimal", "aria-label": page.names[node], size: 8 });
    field.value = first ?? String(graph.data[node]);
    const { number } = this.knobs.get(node);
    let done = false;
    const leave = (keep) => {
      if (done) return;
      done = true;
      const x = Number(field.value.replace("−", "-").replace(",", "."));
      field.replaceWith(number);
      knob.focus();
      if (!keep || field.value.trim() === "" || !Number.isFinite(x)) return;
      settings.remember();
      on.moveTo(node, x);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); leave(event.key === "Enter"); }
    });
    field.addEventListener("pointerdown", (event) => event.stopPropagation());
    field.addEventListener("blur", () => leave(true));
    number.replaceWith(field);
    field.focus();
    if (first === null) field.select();
  }

  paint(hand) {
    this.showWords();
    for (const [node, entry] of this.knobs) {
      const x = graph.data[node], text = number(x);
      entry.knob.classList.toggle("held", node === hand);
      entry.knob.classList.toggle("moved", settings.moved(node));
      if (text === entry.text) continue;
      entry.number.textContent = entry.text = text;
      entry.knob.setAttribute("aria-valuenow", x);
      entry.knob.setAttribute("aria-valuetext", text);
    }
  }
}
