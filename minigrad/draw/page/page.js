// The page: a change of any number is computed, and everything follows in the next frame.

const page = JSON.parse(document.getElementById("p-data").textContent);
const graph = new Graph(page.nodes), settings = new Settings(page, graph), colours = new Colours(page.themes);
graph.run();
const quantities = new Quantities(page, graph);
quantities.read(graph.loss, 0);
colours.largest = Math.max(0, ...page.scale.map((q) => Math.abs(quantities.numbers[q])).filter(Number.isFinite));

const svg = document.querySelector("#p-frame svg");
for (const words of svg.querySelectorAll("[id^=legend], [id$=title]")) words.classList.add("still");
const picture = new Picture(page, svg, colours);
let term = null;                                      // of a weight: {node, steps} that is pointed at or pinned
let hand = page.leaves[0]?.node ?? null, pointed = null, pinned = null, dragging = false, waiting = 0, startLoss = graph.data[graph.loss];

const on = {
  changed: (learned = false) => { if (!learned) learn.stop(); schedule(); },
  take: (node) => { hand = node; schedule(); },
  begin: (node) => { hand = node; dragging = true; pointed = term = null; learn.stop(); document.body.classList.add("dragging"); handles.fade(picture, quantities, coneOf(node)); },
  moveTo: (node, x) => { hand = node; settings.set(node, x); learn.forget(); on.changed(); },
  end: () => { dragging = false; document.body.classList.remove("dragging"); handles.fade(picture, quantities, null); schedule(); },
  click: (node) => { hand = node; bar.knobs.get(node)?.knob.focus(); schedule(); },
  reset: (node) => { settings.remember(); settings.reset(node); learn.forget(); on.changed(); },
};
const film = new Film(page, on), tiles = new Tiles(page, quantities, colours), lens = new Lens(page, settings, colours, on);
const learn = new Learn(page, settings, colours, on), strip = new Strip(page, graph, colours), quiz = new Quiz(page, graph, on);
const handles = new Handles(picture, page, settings, on), bar = new Bar(page, settings, on);
quantities.hides = (x) => quiz.hides(x);

// ---------------------------------------------------------------------- one update

function schedule() {
  waiting ||= requestAnimationFrame(update);
}

function update() {
  waiting = 0;
  graph.run();
  const { upto, since } = film.scene, asked = pinned ?? pointed, hidden = (x, product) => quiz.hides(x) || quiz.hides(product);
  if (graph.refused) graph.gradient.fill(NaN);
  quantities.read(upto, since);
  picture.paint(quantities, graph.refused !== null);
  handles.paint(hand, dragging);
  showRefusal();
  bar.paint(hand);
  film.paint();
  paintLoss();
  const node = asked ?? hand;
  tiles.show(node === graph.loss ? null : node);
  tiles.paint(hidden);
  tiles.only(asked !== null && term && term.node === asked ? term.steps : null);
  lens.show(hand);
  lens.paint(learn.eta, hidden);
  learn.paint(hidden);
  strip.paint([...quiz.open].length > 0 && page.states.flat().some((state) => quiz.open.has(state)));
  focusOn(asked);
  say(caption(asked));
  writeAddress();
}

function paintLoss() {
  const loss = graph.data[graph.loss], name = page.names[graph.loss], known = !graph.refused || Number.isFinite(loss);
  document.getElementById("p-lossname").textContent = name;
  document.getElementById("p-lossnumber").textContent = known ? number(loss) : "—";
  const change = loss - startLoss, moved = settings.anyMoved && known && Number.isFinite(change);
  document.getElementById("p-change").textContent = moved ? `${change > 0 ? "▲" : change < 0 ? "▼" : "="} ${number(Math.abs(change), 3)} from ${number(startLoss, 3)}` : "";
}

// ---------------------------------------------------------------------- what is said

function caption(asked) {
  if (graph.refused) return ["", refusal()];
  if (asked !== null && asked !== graph.loss) {
    const share = term && term.node === asked ? sum(graph.usesOf(asked).filter(([user]) => term.steps.includes(page.step[user])),
                                                    ([user, position]) => graph.partials[user][position] * graph.gradient[user]) : null;
    const words = share === null ? `the routes of ${page.names[asked]}: ` : `via ${steps(term.steps)}: ${number(share)} of `;
    return ["", `${words}${tiles.gradientName(asked)} = ${quiz.hides(graph.gradient[asked]) ? "?" : number(graph.gradient[asked])}`];
  }
  const { phase, title, account } = film.scene;
  if (phase === "done" && settings.anyMoved && hand !== null) {
    const slope = graph.gradient[hand];
    return ["", `${page.names[hand]} = ${number(graph.data[hand])}: ${page.names[graph.loss]} = ${number(graph.data[graph.loss])}, ${tiles.gradientName(hand)} = ${quiz.hides(slope) ? "?" : number(slope)}`];
  }
  return [title === phase ? "" : title, sentence(account, quantities)];
}

function steps([first, ...others]) {
  return first === 0 ? "what is in no step" : others.length ? `t = ${first} … ${others.at(-1)}` : `t = ${first}`;
}

let said = "", announced = 0;
function say([title, words]) {
  const all = title + "|" + words;
  if (all === said) return;
  said = all;
  document.getElementById("p-caption").replaceChildren(...(title ? [make("span", {}, title), " "] : []), words);
  clearTimeout(announced);                            // a screen reader hears the last of many
  announced = setTimeout(() => { document.getElementById("p-said").textContent = `${title} ${words}`; }, 400);
}

// log of 1 − ŷ = 0: it needs a number above 0
function refusal() {
  const { op, operands, words } = graph.refused;
  const named = operands.map((node) => {
    const name = page.names[node], x = number(graph.data[node]);
    return name === x || x === "—" ? name : `${name} = ${x}`;
  });
  const shown = named.length > 3 ? [...named.slice(0, 2), "…", named.at(-1)] : named;
  return `${op} of ${shown.join(", ")}: ${words}`;
}

// the words at the box, or at the first box that shows what came of it
const flag = document.createElementNS(SVG, "g");
flag.setAttribute("class", "flag");
flag.append(document.createElementNS(SVG, "rect"), document.createElementNS(SVG, "text"));
svg.querySelector("g").append(flag);

function showRefusal() {
  for (const old of svg.querySelectorAll(".wrong")) old.classList.remove("wrong");
  flag.style.display = graph.refused ? "" : "none";
  if (!graph.refused) return;
  const from = graph.refused.place, reached = (box) => Math.min(...box.shows.filter((node) => node >= from && page.nodes[node][0]));
  const boxes = picture.boxes.filter((box) => Number.isFinite(reached(box))).sort((a, b) => reached(a) - reached(b));
  if (!boxes.length) return;
  const [rect, text] = flag.children, box = boxes[0].element.getBBox(), canvas = svg.viewBox.baseVal;
  boxes[0].element.classList.add("wrong");
  text.textContent = refusal();
  const offset = svg.querySelector("g").getCTM().inverse().multiply(svg.getCTM()), right = canvas.x + canvas.width + offset.e;
  const width = widthOf(text.textContent, 12, true) + 16, x = Math.max(canvas.x + offset.e + 4, Math.min(box.x + box.width / 2 - width / 2, right - width - 6));
  set(rect, { x, y: box.y + box.height + 4, width, height: 22, rx: 5 });
  set(text, { x: x + width / 2, y: box.y + box.height + 19, "text-anchor": "middle", "font-size": "12", "font-weight": "bold" });
}

// ---------------------------------------------------------------------- pointing at a box: its routes to the loss

const usersOf = page.nodes.map(() => []);
page.edges.forEach(([user, operand]) => usersOf[operand].push(user));
page.nodes.forEach((node, user) => { if (Array.isArray(node)) node[1].forEach((operand) => usersOf[operand].push(user)); });

// a node and all that was computed from it
function coneOf(node) {
  const cone = new Set([node]);
  for (const reached of cone) for (const user of usersOf[reached]) cone.add(user);       // the set grows while it is read
  return cone;
}

// what uses a weight at some time steps
function usersAt(weight, steps) {
  return graph.usesOf(weight).map(([user]) => user).filter((user) => steps.includes(page.step[user]));
}

function focusOn(asked) {
  const now = asked + " " + (term?.steps ?? "");
  if (now === focusOn.last) return;
  focusOn.last = now;
  svg.classList.toggle("focus", asked !== null);
  for (const old of svg.querySelectorAll(".on")) old.classList.remove("on");
  if (asked === null) return;
  const later = term && term.node === asked ? new Set([asked, ...usersAt(asked, term.steps).flatMap((user) => [...coneOf(user)])]) : coneOf(asked);
  for (const cell of picture.cells) {
    const [kind, node, steps] = page.quantities[cell.term] ?? [];
    cell.group.classList.toggle("off", kind === "term" && term !== null && (node !== term.node || !steps.every((t) => term.steps.includes(t))));
  }
  for (const box of picture.boxes) if (box.shows.some((node) => later.has(node)) || !box.shows.length && box.edges.some((edge) => later.has(page.edges[edge][1]))) box.element.classList.add("on");
  for (const arrow of picture.arrows) {
    if (arrow.shows.some(([user, operand]) => later.has(user) && later.has(operand))) for (const part of picture.lines(arrow)) part?.classList.add("on");
  }
}

for (const box of picture.boxes) {
  const node = box.shows.at(-1);
  if (node === undefined || !(node in page.routes || node === graph.loss)) continue;
  const { element } = box;
  set(element, { tabindex: "0", role: "button", "aria-label": `${page.names[node]}: its routes to the loss` });
  element.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse" && !dragging) { pointed = node; tip(box); schedule(); } });
  element.addEventListener("pointerleave", () => { pointed = null; schedule(); });
  element.addEventListener("focus", () => { if (element.matches(":focus-visible")) { pointed = node; schedule(); } });
  element.addEventListener("blur", () => { pointed = null; schedule(); });
  element.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (!event.target.closest(".yours, .grip")) pin(node);
  });
}
for (const arrow of picture.arrows) arrow.element.addEventListener("pointerenter", () => tip(arrow));
svg.addEventListener("click", (event) => { event.preventDefault(); if (pinned !== null && !event.target.closest(".node")) pin(null); });

// a term of a ledger: the routes through the uses at its time step
for (const cell of picture.cells) {
  cell.term = cell.quantities.find((q) => page.quantities[q][0] === "term");
  const [, node, steps] = page.quantities[cell.term] ?? [];
  if (!(node in page.routes)) continue;
  const { group } = cell;
  group.classList.add("term");
  group.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse" && !dragging && pinned === null) { pointed = node; term = { node, steps }; schedule(); }
  });
  group.addEventListener("pointerleave", () => { if (pinned === null) { term = null; schedule(); } });
  group.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const again = pinned === node && String(term?.steps) === String(steps);
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
  part.tooltip ??= part.element.insertBefore(document.createElementNS(SVG, "title"), part.element.firstChild);
  part.tooltip.textContent = sentence(part.tip, quantities);
}

// ---------------------------------------------------------------------- zoom, theme, link, SVG

const frame = document.getElementById("p-frame"), natural = svg.viewBox.baseVal;
const READABLE = 0.89;                                // the smallest letters have 9 points: 8 pixels
let zoom = 0;                                         // 0: as large as fits, and can be read
function fit() {
  const fits = Math.min(frame.clientWidth / natural.width, frame.clientHeight / natural.height, 1.6);
  const scale = zoom || Math.max(fits, READABLE);
  svg.style.width = Math.floor(natural.width * scale) + "px";
  svg.style.height = Math.floor(natural.height * scale) + "px";
  return scale;
}
function zoomBy(factor) {
  const before = fit(), [x, y] = [frame.scrollLeft + frame.clientWidth / 2, frame.scrollTop + frame.clientHeight / 2];
  zoom = Math.min(Math.max(before * factor, 0.2), 5);
  fit();
  frame.scrollTo(x * zoom / before - frame.clientWidth / 2, y * zoom / before - frame.clientHeight / 2);
}
new ResizeObserver(fit).observe(frame);
frame.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 300));
}, { passive: false });

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = "";
function theme(name = chosen || (dark.matches ? "dark" : "light")) {
  document.documentElement.dataset.theme = name;
  colours.use(name);
  picture.forget();
  for (const tile of tiles.tiles) tile.colour = null;
  schedule();
}
dark.addEventListener("change", () => theme());
addEventListener("beforeprint", () => { theme("light"); update(); });
addEventListener("afterprint", () => theme());

// the picture as a file of its own, in the colours of now
function svgOfNow() {
  const copy = svg.cloneNode(true), style = document.createElementNS(SVG, "style"), own = svg.querySelectorAll("*");
  style.textContent = "svg{font-family:Helvetica,Arial,sans-serif}.unseen,.grip{opacity:0}.ghost{opacity:.22}.dots{stroke:#7a2fd0;stroke-dasharray:2 2}.yours{fill:#7a2fd0;font-weight:bold}";
  copy.querySelectorAll("*").forEach((element, k) => {
    const { fill, stroke } = getComputedStyle(own[k]);
    if (own[k].hasAttribute("fill") || own[k].style.fill) element.setAttribute("fill", fill);
    if (own[k].hasAttribute("stroke")) element.setAttribute("stroke", stroke);
  });
  copy.prepend(style);
  set(copy, { xmlns: SVG, width: natural.width, height: natural.height, fill: colours.theme.ink });
  return new XMLSerializer().serializeToString(copy);
}

function saveSvg() {
  const link = make("a", { href: URL.createObjectURL(new Blob([svgOfNow()], { type: "image/svg+xml" })), download: "minigrad.svg" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copyLink() {
  writeAddress.now();
  try {
    await navigator.clipboard.writeText(location.href);
    say(["", "the link is copied: it opens what you see now"]);
  } catch {
    say(["", "copy the address of this page: it opens what you see now"]);
  }
}

// ---------------------------------------------------------------------- the address

let writing = 0, fragment = "";
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(writeAddress.now, 220);
}
writeAddress.now = () => {
  fragment = settings.fragment({ step: film.step, last: film.last, focus: pinned, eta: learn.eta, hand });
  try {
    history.replaceState(null, "", fragment ? "#" + fragment : location.pathname + location.search);
  } catch { /* a frame of a notebook has no address of its own */ }
};

function follow() {
  const asked = settings.follow(location.hash.slice(1));
  film.step = Math.max(0, Math.min(film.last, asked.step ?? film.last));
  pinned = asked.focus;
  learn.eta = asked.eta ?? 0.5;
  learn.slider.value = Math.log10(learn.eta);
  hand = asked.hand ?? page.leaves[0]?.node ?? null;
  learn.forget();
  update();
}
addEventListener("hashchange", () => { if (location.hash.slice(1) !== fragment) follow(); });

// ---------------------------------------------------------------------- buttons and keys

const actions = {
  zoomin: () => zoomBy(1.25), zoomout: () => zoomBy(0.8), fit: () => { zoom = 0; fit(); }, link: copyLink, svg: saveSvg,
  theme: () => { chosen = colours.name === "dark" ? "light" : "dark"; theme(); },
  undo: () => { if (settings.undo()) { learn.forget(); on.changed(); } }, redo: () => { if (settings.redo()) { learn.forget(); on.changed(); } },
  reset: () => on.reset(), descend: () => learn.one(), run: () => learn.run(),
};
const keys = { ArrowLeft: "back", ArrowRight: "next", " ": "play", Home: "first", End: "last", b: "backward", g: "descend", G: "run", r: "reset" };

function perform(what) {
  if (what in actions) actions[what]();
  else film.do(what);
}
document.addEventListener("click", (event) => {
  const what = event.target.closest("button[data-do]")?.dataset.do;
  if (what) perform(what);
});
document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input, select"), key = event.key;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" && !inField) {
    event.preventDefault();
    return perform(event.shiftKey ? "redo" : "undo");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || (inField && key !== "Escape")) return;
  const box = event.target.closest("[role=button][tabindex]");
  if (key === "Escape") { pinned = pointed = term = null; schedule(); }
  else if (key === "Enter" && box) pin(picture.boxes.find(({ element }) => element === box).shows.at(-1));
  else if ((key === " " || key === "Enter") && event.target.closest("button")) return;
  else if (key in keys && !(event.target === frame && key.startsWith("Arrow") && frame.scrollWidth > frame.clientWidth)) perform(keys[key]);
  else return;
  event.preventDefault();
});

const usual = [["drag", "a violet number, the curve, or the dot in the map"], ["Tab", "to a number"], ["← →", "step"], ["space", "play"], ["B", "backward"], ["G", "one step of learning"], ["R", "reset"], ["Ctrl Z", "undo"]];
const onLeaf = [["↑ ↓", "±0.1"], ["Shift", "±0.01"], ["Alt", "±1"], ["0–9", "type"], ["Enter", "edit"], ["⌫", "start value"], ["Esc", "let go"]];
function showKeys(list) {
  document.getElementById("p-keys").replaceChildren(...list.flatMap(([key, what], k) => [k ? " · " : "", make("kbd", {}, key), ` ${what}`]));
}
document.addEventListener("focusin", (event) => showKeys(event.target.closest(".knob") ? onLeaf : usual));
showKeys(usual);

// ---------------------------------------------------------------------- for the console

const known = (x) => (Number.isFinite(x) ? x : null);
window.minigrad = {
  set: (numbers) => {
    for (const [label, x] of Object.entries(numbers)) {
      const node = settings.named(label);
      if (!settings.leaves.has(node)) throw new Error(`minigrad.set: ${label} is not a number that can be moved`);
      if (!Number.isFinite(x)) throw new Error(`minigrad.set: ${label} must be a finite number`);
      settings.set(node, x);
    }
    learn.forget();
    update();
  },
  values: () => Object.fromEntries(page.nodes.map((_, node) => [
    settings.labelOf.get(node) ?? "n" + node, { data: known(graph.data[node]), grad: known(graph.gradient[node]) }])),
  loss: () => known(graph.data[graph.loss]),
  refused: () => (graph.refused ? refusal() : ""),
};

theme();
fit();
follow();
