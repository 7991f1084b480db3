// The colours of gradients, as theme.py mixes them: orange +, blue −, three decades from full to faint.

class Colours {
  constructor(themes) {
    this.themes = themes;
    this.use("light");
    this.largest = 0;                                 // G: fixed at the start, else nothing would be seen to vanish
  }

  use(name) {
    this.name = name;
    this.theme = this.themes[name];
  }

  // 0 where nothing is seen, 1 for G; an arrow may grow somewhat beyond
  magnitude(gradient, most = 1) {
    const size = Math.abs(gradient);
    if (!size || !this.largest) return 0;
    return Math.min(Math.max(1 + Math.log10(size / this.largest) / 3, 0), most);
  }

  hue(gradient, norm) {
    return norm ? this.theme.norm : gradient > 0 ? this.theme.positive : this.theme.negative;
  }

  // the ground of a number
  fill(gradient, norm) {
    if (!Number.isFinite(gradient)) return this.theme.blank;
    if (!gradient) return this.theme.paper;
    return mix(this.theme.paper, this.hue(gradient, norm), 0.06 + 0.54 * this.magnitude(gradient) ** 1.5);
  }

  // colour and width of the arrow along which a gradient flows back
  line(gradient, norm) {
    const m = this.magnitude(gradient), wide = this.magnitude(gradient, 1.2);
    return [mix(this.theme.pale_line, this.hue(gradient, norm), 0.25 + 0.75 * m), 0.8 + 3.7 * wide * wide];
  }
}

function mix(low, high, share) {
  const channel = (colour, k) => parseInt(colour.slice(k, k + 2), 16);
  const part = (k) => Math.round(channel(low, k) + (channel(high, k) - channel(low, k)) * share);
  return "#" + [1, 3, 5].map((k) => part(k).toString(16).padStart(2, "0")).join("");
}
