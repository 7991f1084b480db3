// Zoom, light and dark, the picture as a file, and the link to what is seen.

const frame = byId("p-frame"), natural = svg.viewBox.baseVal;
const sizes = [...svg.querySelectorAll("text[font-size]")].map((text) => parseFloat(text.getAttribute("font-size")));
const LEAST = TOUCH ? 9 : 8;                          // pixels of the smallest letter
const READABLE = LEAST / Math.min(9.9, ...sizes);
let zoom = 0;                                         // 0: as large as fits, and can be read
function whole() {
  return Math.min(frame.clientWidth / natural.width, frame.clientHeight / natural.height, 1.6);
}
function fit() {
  const scale = zoom || Math.max(whole(), READABLE);
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
addEventListener("beforeprint", () => { theme("light"); update(); learn.work?.(Infinity); });
addEventListener("afterprint", () => theme());

// the picture as a file of its own, in the colours of now
function svgOfNow() {
  const copy = svg.cloneNode(true), style = shape("style"), own = svg.querySelectorAll("*");
  style.textContent = "svg { font-family: Helvetica, Arial, sans-serif } .unseen, .grip { opacity: 0 } "
    + ".ghost { opacity: .22 } .dots { stroke: #7a2fd0; stroke-dasharray: 2 2 } .yours { fill: #7a2fd0; font-weight: bold }";
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
  const file = new Blob([svgOfNow()], { type: "image/svg+xml" });
  const link = make("a", { href: URL.createObjectURL(file), download: "minigrad.svg" });
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
  learn.stop();
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
