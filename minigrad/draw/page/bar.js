// The bar of leaves: a knob for each number that can be moved, which is also where the keyboard holds it.

class Bar {
  constructor() {
    this.knobs = new Map();
    const place = this.place = byId("p-leaves"), seen = new Set();
    const inputs = page.leaves.filter((leaf) => leaf.role === "input").map((leaf) => leaf.node);
    let role = null;
    const matrixOf = new Map();
    for (const matrix of page.matrices) for (const node of matrix[1].flat()) matrixOf.set(node, matrix);
    this.selects = new Map(vocabulary.steps.map((t) => [t, this.choice(t)]));
    this.columns = make("span", { class: "columns" });
    if (vocabulary.steps.length) place.append(...this.selects.values(), make("span", { class: "gap" }), this.columns);
    for (const leaf of page.leaves) {
      if (seen.has(leaf.node) || vocabulary.place.has(leaf.node)) continue;
      if (role !== null && role !== leaf.role) place.append(make("span", { class: "gap" }));
      if (role !== leaf.role && leaf.role === "input" && inputs.length > 3) place.append(this.all(inputs));
      role = leaf.role;
      const matrix = matrixOf.get(leaf.node);
      for (const node of matrix ? matrix[1].flat() : [leaf.node]) seen.add(node);
      place.append(matrix ? this.matrix(matrix) : this.knob(leaf.node, page.names[leaf.node]));
    }
    for (const [name, why] of page.locked) {
      place.append(make("span", { class: "locked", title: why, "aria-label": `${name}: ${why}` }, name + " 🔒"));
    }
  }

  knob(node, title, name = title) {
    const entry = this.spin(title, name, ofLeaf(() => node, (touch) => this.press(entry, touch)));
    this.knobs.set(node, entry);
    const bounds = settings.leaves.get(node).bounds;
    if (bounds) set(entry.knob, { "aria-valuemin": String(bounds[0]), "aria-valuemax": String(bounds[1]) });
    return entry.knob;
  }

  // a number that is dragged, moved by keys, or typed
  spin(title, name, it) {
    const number = make("b"), what = { class: "knob", tabindex: 0, role: "spinbutton", "aria-label": name };
    const knob = make("span", what, ...(title ? [make("i", {}, title)] : []), number);
    const entry = { knob, number, name, it, text: "" };
    draggable(knob, it);
    knob.addEventListener("focus", it.take);
    knob.addEventListener("keydown", (event) => this.key(event, entry));
    return entry;
  }

  // gives it the focus; the bar scrolls to it, and the page does not
  hold(element) {
    if (!element) return;
    element.focus({ preventScroll: true });
    const [here, inside] = [element, this.place].map((part) => part.getBoundingClientRect());
    this.place.scrollLeft += Math.min(0, here.left - inside.left) + Math.max(0, here.right - inside.right);
    this.place.scrollTop += Math.min(0, here.top - inside.top) + Math.max(0, here.bottom - inside.bottom);
  }

  // a tap gives a field to type in
  press(entry, touch) {
    this.hold(entry.knob);
    if (touch) this.edit(entry);
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

  // one number that scales every input, from what they were when it was 1
  all(inputs) {
    let base = null, factor = 1;
    const now = () => inputs.map((node) => graph.data[node]);
    const scaled = () => inputs.map((node, k) => settings.allowed(node, base[k] * factor));
    const at = () => {
      if (!base || now().some((x, k) => x !== scaled()[k])) [base, factor] = [now(), 1];      // they were moved since
      return factor;
    };
    const move = (x) => {
      at();
      factor = Math.min(Math.max(Number(x.toPrecision(6)), -100), 100);
      scaled().forEach((x, k) => settings.set(inputs[k], x));
      learn.forget();
      on.changed();
    };
    const reset = () => { settings.remember(); move(1); }, none = () => {};
    const it = { at, move, reset, begin: none, take: none, click: (touch) => this.press(this.scaling, touch),
                 held: () => document.activeElement === this.scaling.knob };
    this.scaling = this.spin("all x ×", "all inputs times", it);
    return this.scaling.knob;
  }

  key(event, entry) {
    const step = stride(event), { it } = entry, { key } = event;
    if (event.ctrlKey || event.metaKey) return;
    if (step) {
      settings.remember();
      it.move(it.at() + step);
    } else if (/^[-−\d.]$/.test(key)) this.edit(entry, key);
    else if (key === "Enter") this.edit(entry);
    else if (key === "Backspace" || key === "Delete") it.reset();
    else if (key === "Escape") entry.knob.blur();
    else if (!/^\p{L}$/u.test(key)) return;           // a letter is no shortcut here
    event.preventDefault();
    event.stopPropagation();
  }

  // a field in the place of the number, until Enter, Tab or Esc
  edit({ knob, number, name, it }, first = null) {
    if (!number.isConnected) return;
    const field = make("input", { type: "text", inputmode: "text", "aria-label": name, size: 8 });
    field.value = first ?? String(it.at());
    let done = false;
    const leave = (keep, focus = true) => {
      if (done) return;
      done = true;
      const x = numberIn(field.value);
      field.replaceWith(number);
      if (focus) this.hold(knob);
      if (!keep || !Number.isFinite(x)) return;
      settings.remember();
      it.move(x);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); leave(event.key === "Enter"); }
    });
    field.addEventListener("pointerdown", (event) => event.stopPropagation());
    field.addEventListener("blur", () => leave(true, false));
    number.replaceWith(field);
    this.hold(field);
    if (first === null) field.select();
  }

  paint(hand) {
    this.showWords();
    for (const [node, entry] of this.knobs) {
      entry.knob.classList.toggle("held", node === hand);
      entry.knob.classList.toggle("moved", settings.moved(node));
      this.write(entry, 4);
    }
    if (this.scaling) this.write(this.scaling, 3);
  }

  write(entry, digits) {
    const x = entry.it.at(), text = number(x, digits);
    if (text === entry.text) return;
    entry.number.textContent = entry.text = text;
    set(entry.knob, { "aria-valuenow": String(x), "aria-valuetext": text });
  }
}
