// The leaf in hand: numbers are dragged in the picture or in the bar, moved by keys, or typed.
//
//   drag       1 px is 0.01; with Shift 0.001, with Alt 0.1        double click   back to the start
//   ↑ → ↓ ←    ±0.1; with Shift ±0.01, with Alt ±1; Page ±1        digits type; Enter edits; Esc puts back; ⌫ resets

const PIXELS = 0.01, THRESHOLD = 3, HOLD = 350;       // pixels; milliseconds that a finger rests
let letGo = null;                                     // of what is dragged now: puts it back
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !letGo) return;
  event.stopPropagation();
  letGo();
}, true);

let dragged = false;                                  // a drag is not a click
document.addEventListener("pointerdown", () => { dragged = false; }, true);
document.addEventListener("click", (event) => { if (dragged) event.stopPropagation(); }, true);

// what a leaf is to the hand that holds it; click is what a press without a drag does
function ofLeaf(leaf, click) {
  return {
    at: () => graph.data[leaf()], move: (x) => on.moveTo(leaf(), x), begin: () => on.begin(leaf()),
    held: () => hand === leaf(), take: () => on.take(leaf()), reset: () => on.reset(leaf()), click,
  };
}

// makes an element drag a number.  A finger drags the one in hand, or after it has rested on it; else it scrolls
function draggable(element, it) {
  let from = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    if (document.activeElement.matches("[type=text]")) document.activeElement.blur();
    letGo = () => end(true);
    const x = event.clientX, touch = event.pointerType === "touch";
    from = { x, last: x, at: it.at(), before: settings.numbers(), moved: false, holds: !touch || it.held() };
    from.rest = setTimeout(() => { if (from) { from.holds = true; it.take(); } }, HOLD);
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("touchmove", (event) => { if (from?.holds) event.preventDefault(); }, { passive: false });
  element.addEventListener("contextmenu", (event) => { if (from) event.preventDefault(); });
  element.addEventListener("pointermove", (event) => {
    if (!from?.holds || (!from.moved && Math.abs(event.clientX - from.x) < THRESHOLD)) return;
    if (!from.moved) it.begin();
    from.moved = true;
    from.at += (event.clientX - from.last) * PIXELS * (event.shiftKey ? 0.1 : event.altKey ? 10 : 1);
    from.last = event.clientX;
    it.move(Math.round(from.at * (event.shiftKey ? 1000 : 100)) / (event.shiftKey ? 1000 : 100));
  });
  const end = (cancelled, { pointerType } = {}) => {
    if (!from) return;
    const { moved, before, rest } = from;
    clearTimeout(rest);
    dragged = moved;
    from = letGo = null;
    if (cancelled) settings.restore(before);
    else if (moved) settings.remember(before);
    else it.click(pointerType === "touch");
    on.end();
  };
  element.addEventListener("pointerup", (event) => end(false, event));
  element.addEventListener("pointercancel", () => end(true));
  element.addEventListener("lostpointercapture", (event) => end(false, event));
  element.addEventListener("click", (event) => event.stopPropagation());
  element.addEventListener("dblclick", (event) => {
    event.preventDefault();
    it.reset();
  });
}

// calls move(event) while a pointer that was pressed on an element moves; all that it moved can be undone as one
function onDrag(element, move, end = () => {}) {
  let before = null;
  const leave = ({ type }) => {
    if (before && type === "pointercancel") settings.restore(before);      // the finger scrolls the page
    else if (before) settings.remember(before);
    before = null;
    end();
    schedule();
  };
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    before = settings.numbers();
    element.setPointerCapture(event.pointerId);
    move(event);
  });
  element.addEventListener("pointermove", (event) => { if (before) move(event); });
  for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, leave);
}

// how far a key moves a number, or 0
function stride({ key, shiftKey, altKey }) {
  const sign = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[key] ?? 0;
  return sign * (Math.abs(sign) === 1 && altKey ? 1 : shiftKey ? 0.01 : 0.1);
}

// the violet numbers of the picture, each with a ground to hold it by and a line under it
class Handles {
  constructor() {
    this.all = [];
    for (const cell of picture.cells) {
      for (const line of cell.lines) {
        const [kind, node, t] = page.quantities[line.quantities[0]] ?? [];
        if (line.quantities.length !== 1) continue;
        if (kind === "word") this.all.push(this.word(line, node));
        if (kind !== "data" || !settings.leaves.has(node)) continue;
        const leaf = () => vocabulary.leaf(node, t);
        this.all.push(this.number(line, leaf));
      }
    }
  }

  number(line, leaf) {
    const handle = this.handle(line, leaf());
    for (const element of [line.element, handle.ground]) draggable(element, ofLeaf(leaf, (touch) => on.click(leaf(), touch)));
    return Object.defineProperty(handle, "node", { get: leaf });
  }

  // a click on the word of a one-hot input opens the list in the bar
  word(line, t) {
    const handle = this.handle(line, null);
    for (const element of [line.element, handle.ground]) {
      element.classList.add("word");
      element.addEventListener("click", (event) => { event.stopPropagation(); on.ask(t); });
    }
    return handle;
  }

  handle(line, node) {
    const ground = shape("rect", { class: "grip", rx: 4 }), rule = shape("line", { class: "dots" });
    if (line.parts.length > 1) line.own();
    else line.element.classList.add("yours");
    const words = line.parts.slice(0, line.parts.findIndex((part) => typeof part === "number")).join("");
    const before = widthOf(words, line.size, line.bold);
    line.bold = true;
    line.group.querySelector("text").before(ground);  // under all words of the cell
    line.element.after(rule);
    return { line, node, ground, rule, words, before, text: "" };
  }

  // while a leaf is dragged, the numbers that do not depend on it fade
  fade(cone) {
    for (const cell of picture.cells) {
      for (const line of cell.lines) {
        const steady = cone !== null && line.quantities.length > 0 && line.quantities.every((q) => {
          const [kind, node] = quantities.list[q];
          return kind === "data" && !cone.has(node);
        });
        line.element.classList.toggle("steady", steady);
      }
    }
  }

  // the ground and the line under a number as wide as it is
  paint(hand, dragging) {
    for (const handle of this.all) {
      const { line, ground, rule, node } = handle;
      ground.classList.toggle("held", node === hand && dragging);
      if (handle.text === line.last) continue;
      handle.text = line.last;
      const small = line.written / line.size || 1, before = handle.before * small;
      const own = widthOf(line.last.slice(handle.words.length), line.size, true) * small, width = Math.max(own, 12);
      const shift = { start: 0, middle: 0.5, end: 1 }[line.side], y = Number(line.element.getAttribute("y"));
      const left = line.x + before - (before + own) * shift - (width - own) / 2;
      set(ground, { x: left - 3, y: y - line.size * 0.95, width: width + 6, height: line.size * 1.3 });
      set(rule, { x1: left, x2: left + width, y1: y + 2, y2: y + 2 });
    }
  }
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === "number" ? value.toFixed(2) : value);
  }
}

function byId(id) {
  return document.getElementById(id);
}

// an element of an SVG
function shape(tag, attributes = {}, parent = null) {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  parent?.append(element);
  return element;
}

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}
