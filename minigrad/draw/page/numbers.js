// How numbers are written, as notation.py writes them: four significant digits, a real minus, 5.8e−7.

function number(x, digits = 4) {
  if (!Number.isFinite(x)) return "—";
  const [figures, exponent] = rounded(Math.abs(x), digits);
  const kept = figures.replace(/0+$/, ""), sign = x < 0 ? "−" : "";
  if (!kept) return "0";
  if (exponent < -4 || exponent >= digits) {
    const mantissa = kept.length > 1 ? kept[0] + "." + kept.slice(1) : kept;
    return sign + mantissa + "e" + (exponent < 0 ? "−" : "") + Math.abs(exponent);
  }
  if (exponent < 0) return sign + "0." + "0".repeat(-exponent - 1) + kept;
  const whole = figures.slice(0, exponent + 1), rest = figures.slice(exponent + 1).replace(/0+$/, "");
  return sign + whole + (rest && "." + rest);
}

function signed(x, digits = 4) {
  const written = number(x, digits);
  return "0—−".includes(written[0]) && (written.length === 1 || written[0] === "−") ? written : "+" + written;
}

// the significant digits of x ≥ 0, and the exponent of the first.  JavaScript rounds 0.125 up and Python to even
function rounded(x, digits) {
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  if (x.toExponential(digits).split("e")[0].endsWith("5")) {
    const [exact, power] = x.toExponential(60).split("e"), figures = exact.replace(".", "");
    const even = "02468".includes(figures[digits - 1]);
    if (even && /^50*$/.test(figures.slice(digits))) return [figures.slice(0, digits), Number(power)];
  }
  return [mantissa.replace(".", ""), Number(exponent)];
}

// ---------------------------------------------------------------------- how wide a text is

const ruler = document.createElement("canvas").getContext("2d");
const advances = { normal: {}, bold: {} };            // of each letter, in a font of 100 px; measured once

function widthOf(text, size, bold) {
  const known = advances[bold ? "bold" : "normal"];
  let sum = 0;
  for (const letter of text) {
    if (!(letter in known)) {
      ruler.font = (bold ? "bold " : "") + "100px Helvetica, Arial, sans-serif";
      known[letter] = ruler.measureText(letter).width;
    }
    sum += known[letter];
  }
  return sum * size / 100;
}
