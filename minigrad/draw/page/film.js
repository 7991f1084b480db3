// The film: both passes scene by scene, with the numbers of now.

class Film {
  constructor() {
    this.scenes = page.scenes.map(([phase, title, account, upto, since, boxes, arrows]) => (
      { phase, title, account, upto, since, boxes, arrows }));
    this.last = this.scenes.length - 1;
    this.firstBackward = this.scenes.findIndex((scene) => scene.phase === "seed");
    this.step = this.last;
    this.timer = 0;
    this.busy = [];
    this.slider = byId("p-slider");
    this.slider.max = this.last;
    this.slider.addEventListener("input", () => { this.stop(); this.go(Number(this.slider.value)); });
    this.button = byId("p-play");
    this.speed = byId("p-speed");
    this.speed.addEventListener("change", () => { if (this.timer) { this.stop(); this.play(); } });
  }

  get scene() {
    return this.scenes[this.step];
  }

  go(step) {
    this.step = Math.max(0, Math.min(this.last, step));
    on.changed();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = "▶ play";
  }

  play() {
    if (this.timer) return this.stop();
    if (this.step === this.last) this.go(0);
    this.button.textContent = "❚❚ pause";
    this.timer = setInterval(() => {
      if (this.step === this.last) this.stop();
      else this.go(this.step + 1);
    }, 900 * Number(this.speed.value));
  }

  do(what) {
    const { step, last, firstBackward } = this;
    const places = { first: 0, back: step - 1, next: step + 1, last, backward: firstBackward };
    if (what === "play") return this.play();
    this.stop();
    this.go(places[what]);
  }

  paint() {
    const { phase, boxes, arrows, title } = this.scene, now = this.step + " " + this.timer;
    if (now === this.painted) return;
    this.painted = now;
    for (const old of this.busy) old.classList.remove("busy", "back", "current");
    this.busy = [];
    const mark = (id, ...names) => {
      const element = byId(id);
      if (!element) return;
      element.classList.add(...names);
      this.busy.push(element);
    };
    for (const id of arrows) mark(id, "busy", ...(phase === "backward" ? ["back"] : []));
    for (const id of boxes) mark(id, "current");
    if (boxes.length) bringIntoView(byId(boxes[0]));
    this.slider.value = this.step;
    this.slider.setAttribute("aria-valuetext", title);
    byId("p-count").textContent = this.step + " / " + this.last;
  }
}

// where the picture is larger than its frame, the Value whose turn it is comes into it
function bringIntoView(element) {
  const frame = byId("p-frame");
  const inside = frame.getBoundingClientRect(), here = element.getBoundingClientRect();
  const right = (here.left + here.right - inside.left - inside.right) / 2;
  const down = (here.top + here.bottom - inside.top - inside.bottom) / 2;
  const out = here.left < inside.left + 20 || here.right > inside.right - 20;
  if (out && here.width < inside.width) frame.scrollLeft += right;        // of a wider one its name stays
  if (here.top < inside.top + 10 || here.bottom > inside.bottom - 10) frame.scrollTop += down;
}
