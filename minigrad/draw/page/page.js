// The page: a change of any number is computed, and everything follows in the next frame.

const page = JSON.parse(byId("p-data").textContent);
const lossPlace = page.nodes.length - 1, vocabulary = new Vocabulary(), graph = new Graph(page.nodes, lossPlace);
const settings = new Settings(), colours = new Colours(page.themes);
graph.run();
const quantities = new Quantities();
quantities.read(graph.loss, 0);
colours.largest = Math.max(0, ...page.scale.map((q) => Math.abs(quantities.numbers[q])).filter(Number.isFinite));

const svg = document.querySelector("#p-frame svg");
for (const words of svg.querySelectorAll("[id^=legend], [id$=title]")) words.classList.add("still");
const picture = new Picture();
let term = null;                                      // of a weight: {node, steps} that is pointed at or pinned
let hand = page.leaves[0]?.node ?? null, pointed = null, pinned = null, dragging = false, waiting = 0, note = "";
const startLoss = graph.data[graph.loss];

const on = {
  changed: (learned = false) => { note = ""; if (!learned) learn.stop(); schedule(); },
  take: (node) => { if (node !== hand) note = ""; hand = node; schedule(); },
  begin: (node) => {
    hand = node;
    bar.hold(bar.knobs.get(node)?.knob);              // the keys go where the drag went
    pointed = term = null;
    learn.stop();
    on.drag(coneOf(node));
  },
  choose: (t, word) => {
    settings.remember();
    vocabulary.choose(t, word);
    learn.forget();
    on.changed();
  },
  ask: (t) => bar.ask(t),
  moveTo: (node, x) => {
    hand = node;
    settings.set(node, x);
    learn.forget();
    on.changed();
    const [least, most] = settings.leaves.get(node).bounds ?? [];
    if (x < least || x > most) note = `${page.names[node]} = ${number(graph.data[node])}: it is held between ${least} and ${most}`;
  },
  end: () => on.drag(null),
  drag: (cone) => {
    dragging = cone !== null;
    document.body.classList.toggle("dragging", dragging);
    handles.fade(cone);
    schedule();
  },
  click: (node, touch) => { hand = node; if (bar.knobs.has(node)) bar.press(bar.knobs.get(node), touch); schedule(); },
  reset: (node) => {
    settings.remember();
    settings.reset(node);
    if (node === undefined) pinned = term = null;
    learn.forget();
    on.changed();
  },
};
const handles = new Handles(), bar = new Bar(), film = new Film(), tiles = new Tiles(), strip = new Strip();
const lens = new Lens(), learn = new Learn(), quiz = new Quiz();
quantities.hides = (x) => quiz.hides(x);

// ---------------------------------------------------------------------- one update

function schedule() {
  waiting ||= requestAnimationFrame(update);
}

function update() {
  waiting = 0;
  graph.run();
  const { upto, since } = film.scene, asked = pinned ?? pointed, wrong = graph.refused ? refusedBox() : null;
  const hidden = (x, product) => quiz.hides(x) || quiz.hides(product);
  if (graph.refused) graph.gradient.fill(NaN);
  quiz.look();
  quantities.read(upto, since, wrong?.shows);
  picture.paint();
  handles.paint(hand, dragging);
  showRefusal(wrong);
  bar.paint(hand);
  film.paint();
  paintLoss();
  const node = asked ?? hand;
  tiles.show(node === graph.loss ? null : node);
  tiles.paint((x, product) => quiz.hidesTile(node, x, product));
  tiles.only(asked !== null && term && term.node === asked ? term.steps : null);
  lens.show(hand);
  lens.paint(learn.eta, hidden);
  learn.paint(hidden);
  strip.paint(page.states.flat().some((state) => quiz.hides(graph.gradient[state])));
  focusOn(asked);
  say(caption(asked));
  writeAddress();
}

function paintLoss() {
  const loss = graph.data[graph.loss], name = page.names[graph.loss], known = !graph.refused || Number.isFinite(loss);
  byId("p-lossname").textContent = name;
  byId("p-lossnumber").textContent = known ? number(loss) : "—";
  const change = loss - startLoss, moved = settings.anyMoved && known && Number.isFinite(change);
  const arrow = change > 0 ? "▲" : change < 0 ? "▼" : "=";
  const words = moved ? `${arrow} ${number(Math.abs(change), 3)} from ${number(startLoss, 3)}` : "";
  byId("p-change").textContent = known ? words : "pale: the last numbers";
}
