// What is said: the caption, what was refused and where, and what a screen reader hears.

const TOUCH = matchMedia("(pointer: coarse)").matches;
const TOUCHED = "every gradient is known; hold a violet number to drag it, tap it to type; tap a box to see its routes";

function caption(asked) {
  if (graph.refused) return ["", refusal()];
  const { phase, title, account } = film.scene, factor = tiles.pointed && tiles.account(tiles.pointed);
  if (factor || note) return ["", factor || note];
  if (asked !== null && asked !== graph.loss) {
    const share = term?.node === asked ? `via ${steps(term.steps)}: ${number(shareOf(term))} of ` : "";
    return ["", `${share || `the routes of ${page.names[asked]}: `}${gradientOf(asked)}`];
  }
  const open = [...quiz.open].map((node) => tiles.gradientName(node));
  if (phase === "done" && open.length) return ["", `still to find: ${open.join(", ")}`];
  if (phase === "done" && settings.anyMoved && hand !== null) {
    return ["", `${page.names[hand]} = ${number(graph.data[hand])}: ${lossNow()}, ${gradientOf(hand)}${invitation()}`];
  }
  if (phase === "done") return ["", (TOUCH ? TOUCHED : sentence(account, quantities)) + invitation()];
  return [title === phase ? "" : title, sentence(account, quantities)];
}

// of a recurrent network with a state of one number, until it was followed
function invitation() {
  const w_i = settings.nodeOf.get("w_i");
  if (!page.recurrent || !settings.leaves.has(w_i)) return "";
  const now = graph.data[w_i], large = graph.data[page.recurrent.weight] === 2.5;
  if (!now) return large ? ". Every o is 0, and so is ∂L/∂w_h. Now try w_i = 0.05, w_h = 1" : "";
  return large ? ". Now try w_i = 0" : ". Try w_h = 2.5; then w_i = 0";
}

// ∂L/∂w_h = −0.5005
function gradientOf(node) {
  const slope = graph.gradient[node];
  return `${tiles.gradientName(node)} = ${quiz.hides(slope) ? "?" : number(slope)}`;
}

function lossNow() {
  return `${page.names[graph.loss]} = ${number(graph.data[graph.loss])}`;
}

// what the uses of a weight at some time steps add to its gradient
function shareOf({ node, steps }) {
  const uses = usesOf(graph, node).filter(([user]) => steps.includes(page.step[user]));
  return sum(uses, ([user, position]) => graph.partials[user][position] * graph.gradient[user]);
}

function steps([first, ...others]) {
  return first === 0 ? "what is in no step" : others.length ? `t = ${first} … ${others.at(-1)}` : `t = ${first}`;
}

let said = "", announced = 0;
function say([title, words]) {
  const all = title + "|" + words;
  if (all === said) return;
  said = all;
  const place = byId("p-caption");
  place.classList.toggle("refusal", graph.refused !== null);
  place.replaceChildren(...(title ? [make("span", {}, title), " "] : []), words);
  clearTimeout(announced);                            // a screen reader hears the last of many
  announced = setTimeout(() => { byId("p-said").textContent = `${title} ${words}`; }, 400);
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

// the words at the box
const flag = shape("g", { class: "flag" }, svg.querySelector("g"));
flag.append(shape("rect"), shape("text"));

// the first box that shows what came of it
function refusedBox() {
  const { place } = graph.refused, later = (node) => node >= place && node <= graph.loss && graph.nodes[node];
  const reached = (box) => Math.min(...box.shows.filter(later));
  const boxes = picture.boxes.filter((box) => box.shows.some(later)).sort((a, b) => reached(a) - reached(b));
  return boxes[0] ?? null;
}

function showRefusal(box) {
  for (const old of svg.querySelectorAll(".wrong")) old.classList.remove("wrong");
  flag.style.display = box ? "" : "none";
  if (!box) return;
  box.element.classList.add("wrong");
  placeFlag(box.element.getBBox());
}

// under a box, within the picture
function placeFlag(box) {
  const [rect, text] = flag.children, canvas = svg.viewBox.baseVal;
  text.textContent = refusal();
  const moved = svg.querySelector("g").getCTM().inverse().multiply(svg.getCTM());
  const left = canvas.x + moved.e + 4, right = canvas.x + canvas.width + moved.e - 6;
  const width = widthOf(text.textContent, 12, true) + 16;
  const x = Math.max(left, Math.min(box.x + box.width / 2 - width / 2, right - width)), y = box.y + box.height;
  set(rect, { x, y: y + 4, width, height: 22, rx: 5 });
  set(text, { x: x + width / 2, y: y + 19, "text-anchor": "middle", "font-size": "12", "font-weight": "bold" });
}
