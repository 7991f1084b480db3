"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const svg = document.querySelector("svg"), slider = $("slider"), caption = $("caption");
const last = D.scenes.length - 1, firstBackward = D.scenes.findIndex((scene) => scene[0] === "seed");
let place = 0, timer = 0, pinned = "";

// every cell whose number or ground changes, with the lines that it shows now
const cells = Object.keys(D.cells).map((id) => {
  const group = $(id);
  if (D.shows[id].some((quantity) => quantity.kind === "term")) group.classList.add("term");
  return { id, group, lines: D.cells[id].at(-1)[2], texts: group.querySelectorAll("text"),
           ground: group.querySelector("path, polygon") };
});

// what an element is like in one scene: the last entry of its history until then
function state(history, k) {
  return history.filter(([from]) => from <= k).pop();
}

function toggle(id, name, on) {
  const element = $(id);
  if (element) element.classList.toggle(name, on);
}

function say(title, text) {
  const span = document.createElement("span");
  span.textContent = title;
  caption.replaceChildren(...(title ? [span, " "] : []), text);
}

// shows the picture as it is in one scene
function show(k) {
  place = Math.max(0, Math.min(last, k));
  const [phase, title, account, turn, edges] = D.scenes[place];
  for (const id in D.looks) {
    const [, look] = state(D.looks[id], place);
    for (const name of ["ghost", "unseen", "flat", "current"]) toggle(id, name, name === look);
  }
  for (const cell of cells) {
    const [, ground, lines] = state(D.cells[cell.id], place);
    cell.group.classList.toggle("blank", lines.includes(null));
    if (cell.ground && ground) cell.ground.setAttribute("fill", ground);
    lines.forEach((line, k) => {
      cell.texts[k].classList.toggle("unseen", line === null);
      if (line !== null && line !== cell.lines[k]) cell.texts[k].textContent = cell.lines[k] = line;
    });
  }
  for (const old of svg.querySelectorAll(".busy")) old.classList.remove("busy", "back");
  for (const id of edges) {
    toggle(id, "busy", true);
    toggle(id, "back", phase === "backward");
  }
  if (turn.length) bringIntoView($(turn[0]));
  slider.value = place;
  slider.setAttribute("aria-valuetext", title);
  $("count").textContent = place + " / " + last;
  if (!pinned) say(title, account);
}

// where the picture is wider than the screen, the Value whose turn it is comes into it
function bringIntoView(element) {
  const frame = svg.parentElement, inside = frame.getBoundingClientRect(), here = element.getBoundingClientRect();
  if (here.left < inside.left + 20 || here.right > inside.right - 20) {
    frame.scrollLeft += (here.left + here.right - inside.left - inside.right) / 2;
  }
}

// dims all but the routes of one element
function focus(id) {
  for (const old of svg.querySelectorAll(".on")) old.classList.remove("on");
  svg.classList.toggle("focus", id in D.focus);
  if (!(id in D.focus)) return show(place);
  const [text, on] = D.focus[id];
  for (const other of on) toggle(other, "on", true);
  say("", text);
}

function pin(id) {
  pinned = pinned === id ? "" : id;
  focus(pinned);
}

for (const id in D.focus) {
  const element = $(id);
  if (!element) continue;
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", D.focus[id][0]);
  element.addEventListener("pointerenter", (event) => { if (!pinned && event.pointerType === "mouse") focus(id); });
  element.addEventListener("pointerleave", (event) => { if (!pinned && event.pointerType === "mouse") focus(""); });
  element.addEventListener("focus", () => { if (!pinned && element.matches(":focus-visible")) focus(id); });
  element.addEventListener("blur", () => { if (!pinned) focus(""); });
  element.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); pin(id); });
}
svg.addEventListener("click", () => { if (pinned) pin(pinned); });

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "▶ play";
}

function play() {
  if (timer) return stop();
  if (place === last) show(0);
  $("play").textContent = "❚❚ pause";
  timer = setInterval(() => { if (place === last) stop(); else show(place + 1); }, 900);
}

const keys = {
  ArrowRight: () => show(place + 1),
  ArrowLeft: () => show(place - 1),
  Home: () => show(0),
  End: () => show(last),
  b: () => show(firstBackward),
  Escape: () => { pinned = ""; focus(""); },
};

function press(key) {
  if (key === " ") return play();
  if (!(key in keys)) return false;
  stop();
  keys[key]();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const on = event.target.closest("[tabindex][role=button], button, input");
  if (key === "Enter" && on && on.id in D.focus) pin(on.id);
  else if (key === " " && on && on.tagName === "BUTTON") return;      // the button's own
  else if (key === " " || key in keys) press(key);
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => press(button.dataset.key));
}
slider.max = last;
slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });

// links: #step=24, #focus=o_2 (a label or an id)
function follow() {
  const asked = new URLSearchParams(location.hash.slice(1));
  show(asked.has("step") ? Number(asked.get("step")) || 0 : asked.has("focus") ? last : place);
  const id = asked.get("focus") || "";
  pinned = "";
  if (id) pin(D.labels[id] || id);
  else focus("");
}
addEventListener("hashchange", follow);
follow();
