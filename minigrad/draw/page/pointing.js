// Pointing at a box shows its routes to the loss, at a term of a ledger those of its time step; a click pins them.

let users = null, usersFor = "";                       // of each node, where the words are those of now

function usersOf(operand) {
  const words = Object.values(vocabulary.now).join();
  if (!users || words !== usersFor) {
    usersFor = words;
    users = page.nodes.map(() => []);
    page.edges.forEach(([user], edge) => users[quantities.operandOf(edge)].push(user));
    graph.nodes.forEach((node, user) => node?.operands.forEach((operand) => users[operand].push(user)));
  }
  return users[operand];
}

// a node and all that was computed from it
function coneOf(node) {
  const cone = new Set([node]);
  for (const reached of cone) for (const user of usersOf(reached)) cone.add(user);     // the set grows while it is read
  return cone;
}

// what uses a weight at some time steps
function usersAt(weight, steps) {
  return usesOf(graph, weight).map(([user]) => user).filter((user) => steps.includes(page.step[user]));
}

function focusOn(asked) {
  const key = asked + " " + (term?.steps ?? "");
  if (key === focusOn.last) return;
  focusOn.last = key;
  svg.classList.toggle("focus", asked !== null);
  for (const old of svg.querySelectorAll(".on")) old.classList.remove("on");
  if (asked === null) return;
  const users = term?.node === asked ? usersAt(asked, term.steps) : usersOf(asked);
  const later = new Set([asked, ...users.flatMap((user) => [...coneOf(user)])]);
  for (const cell of picture.cells) {
    const { node, steps } = termOf(cell), same = node === term?.node && String(steps) === String(term?.steps);
    cell.group.classList.toggle("off", cell.term !== undefined && term !== null && !same);
  }
  const now = (user, operand) => vocabulary.leaf(operand, page.step[user]);
  const led = (pairs) => pairs.some(([user, operand]) => later.has(user) && later.has(now(user, operand)));
  for (const box of picture.boxes) {
    const chip = !box.shows.length && led(box.edges.map((edge) => page.edges[edge]));
    if (chip || box.shows.some((node) => later.has(node))) box.element.classList.add("on");
  }
  for (const arrow of picture.arrows) {
    if (led(arrow.shows)) arrow.element.classList.add("on");
  }
}

for (const box of picture.boxes) {
  const node = box.shows.at(-1);
  if (node === undefined || !(node in page.routes || node === graph.loss)) continue;
  const { element } = box;
  set(element, { tabindex: "0", role: "button", "aria-label": `${page.names[node]}: its routes to the loss` });
  element.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse" || dragging) return;
    pointed = node;
    tip(box);
    schedule();
  });
  element.addEventListener("pointerleave", () => { pointed = null; schedule(); });
  element.addEventListener("focus", () => {
    if (!element.matches(":focus-visible")) return;
    pointed = node;
    bringIntoView(element);
    schedule();
  });
  element.addEventListener("blur", () => { pointed = null; schedule(); });
  element.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    pin(node);
  });
}
for (const arrow of picture.arrows) arrow.element.addEventListener("pointerenter", () => tip(arrow));
svg.parentNode.addEventListener("click", () => { if (pinned !== null) pin(null); });      // on nothing that answers itself

// a term of a ledger: the routes through the uses at its time step
function termOf(cell) {
  const [, node, steps] = page.quantities[cell.term] ?? [];
  return { node: vocabulary.leaf(node, steps?.[0]), steps };
}

const rowOf = (cell) => cell.group.parentNode.id + " " + cell.ground?.getBBox().y, termIn = new Map();
for (const cell of picture.cells) {
  cell.term = cell.quantities.find((q) => page.quantities[q][0] === "term");
  if (cell.term !== undefined && cell.group.closest("#staircase")) termIn.set(rowOf(cell), cell.term);
}
for (const cell of picture.cells) {
  if (cell.group.closest("#staircase")) cell.term ??= termIn.get(rowOf(cell));      // a factor is of the term of its row
  if (!(page.quantities[cell.term]?.[1] in page.routes)) continue;
  const { group } = cell;
  group.classList.add("term");
  group.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse" || dragging || pinned !== null) return;
    term = termOf(cell);
    pointed = term.node;
    schedule();
  });
  group.addEventListener("pointerleave", () => { if (pinned === null) { term = null; schedule(); } });
  group.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const { node, steps } = termOf(cell), again = pinned === node && String(term?.steps) === String(steps);
    pinned = again ? null : node;
    term = again ? null : { node, steps };
    schedule();
  });
}

function pin(node) {
  pinned = pinned === node && term === null ? null : node;
  term = null;
  schedule();
}

// the tooltip, with the numbers of now
function tip(part) {
  if (!part.tip) return;
  part.tooltip ??= part.element.insertBefore(shape("title"), part.element.firstChild);
  part.tooltip.textContent = sentence(part.tip, quantities);
}
