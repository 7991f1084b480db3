// Buttons, keys and the console; then the page starts.

function goBack(found) {
  if (!found) return;
  learn.forget();
  on.changed();
}

const actions = {
  zoomin: () => zoomBy(1.25), zoomout: () => zoomBy(0.8), fit: () => { zoom = whole(); fit(); }, link: copyLink, svg: saveSvg,
  theme: () => { chosen = colours.name === "dark" ? "light" : "dark"; theme(); },
  undo: () => goBack(settings.undo()), redo: () => goBack(settings.redo()),
  reset: () => on.reset(), descend: () => learn.one(), run: () => learn.run(),
};
const keys = {
  ArrowLeft: "back", ArrowRight: "next", " ": "play", Home: "first", End: "last", b: "backward", g: "descend", G: "run",
  r: "reset",
};

function perform(what) {
  if (what in actions) actions[what]();
  else film.do(what);
}
document.addEventListener("click", (event) => {
  const what = event.target.closest("button[data-do]")?.dataset.do, panel = event.target.closest("[data-panel]");
  if (what) perform(what);
  if (panel) toggle(panel);
});

// folds or shows a panel of the dock; the others take its room, and one alone is higher
function toggle(button) {
  const panel = byId(button.dataset.panel), dock = panel.parentNode;
  panel.hidden = !panel.hidden;
  set(button, { "aria-pressed": String(!panel.hidden) });
  dock.dataset.shown = [...dock.children].filter((other) => !other.hidden).length;
}

document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input, select"), key = event.key;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" && !event.target.closest("[type=text]")) {
    event.preventDefault();
    return perform(event.shiftKey ? "redo" : "undo");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || (inField && key !== "Escape")) return;
  const box = event.target.closest("[role=button][tabindex]");
  if (key === "Escape") { pinned = pointed = term = null; schedule(); }
  else if (key === "Enter" && box) pin(picture.boxes.find(({ element }) => element === box).shows.at(-1));
  else if ((key === " " || key === "Enter") && event.target.closest("button")) return;
  else if (event.target === tiles.place && (key === "Home" || key === "End")) return;
  else if ([frame, tiles.place].includes(event.target) && key.startsWith("Arrow")
           && event.target.scrollWidth > event.target.clientWidth) return;
  else if (key in keys) perform(keys[key]);
  else return;
  event.preventDefault();
});

const usual = [
  ["drag", "a violet number, the curve, or the dot in the map"], ["Tab", "to a number"], ["← →", "step"],
  ["space", "play"], ["B", "backward"], ["G", "one step of learning"], ["R", "reset"], ["Ctrl Z", "undo"],
];
const onLeaf = [
  ["↑ ↓", "±0.1"], ["Shift", "±0.01"], ["Alt", "±1"], ["0–9", "type"], ["Enter", "edit"], ["⌫", "start value"],
  ["Esc", "let go"],
];
function showKeys(list) {
  const said = list.flatMap(([key, what], k) => [k ? " · " : "", make("kbd", {}, key), ` ${what}`]);
  byId("p-keys").replaceChildren(...said);
}
function keysOfNow() {
  const unpin = pinned === null ? [] : [["Esc", "let go of the routes"]];
  showKeys(document.activeElement.closest(".knob") ? onLeaf : [...unpin, ...usual]);
}
for (const kind of ["focusin", "focusout", "click", "keyup"]) document.addEventListener(kind, () => setTimeout(keysOfNow));

// ---------------------------------------------------------------------- for the console

const known = (x) => (Number.isFinite(x) ? x : null);
window.minigrad = {
  set: (numbers) => {
    learn.stop();
    for (const [label, x] of Object.entries(numbers)) {
      if (!settings.setNamed(label, x)) throw new Error(`minigrad.set: ${label} cannot be set to ${x}`);
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
const held = handles.all.find((handle) => handle.node === hand);
if (held && !film.busy.length) bringIntoView(held.ground);        // of a large picture the corner may be empty
keysOfNow();
