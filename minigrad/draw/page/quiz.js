// Gradients that the reader is asked for: hidden wherever they stand until typed, to 1 %.  After a wrong answer there is
// a hint and a second try, then the routes that give the number.

const NEAR = 0.01;

class Quiz {
  constructor() {
    this.open = new Set(page.quiz);
    if (!page.quiz.length) return;
    const place = make("section", { id: "p-quiz", class: "card", "aria-label": "questions" });
    document.getElementById("p-bar").after(place);
    place.append(make("small", {}, "Type what is hidden: within 1 % is right, two tries each."));
    for (const node of page.quiz) place.append(this.question(node));
  }

  question(node) {
    const name = `∂${page.names[graph.loss]}/∂${page.names[node]}`, answer = make("output");
    const field = make("input", { type: "text", inputmode: "decimal", size: 9, "aria-label": name });
    const check = make("button", {}, "check"), hint = make("button", { type: "button" }, "hint");
    const form = make("form", {}, `${name} = `, field, check, hint, answer);
    let tries = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const x = numberIn(field.value), right = graph.gradient[node];
      const near = (y) => Math.abs(y - right) <= NEAR * Math.abs(right);
      if (!Number.isFinite(x)) answer.textContent = "write a number, such as −0.25 or 1/8";
      else if (near(x)) this.solve(node, form, answer, "right");
      else if (++tries === 2) this.solve(node, form, answer, "wrong");
      else answer.textContent = `${near(-x) ? "the sign is not right" : "not yet"}; ${this.hint(node)}`;
    });
    hint.addEventListener("click", () => { answer.textContent = this.hint(node); });
    return form;
  }

  // what to do
  hint(node) {
    this.show(node);
    const routes = page.routes[node]?.rows?.length ?? 0;
    return routes > 1 ? `add up its ${routes} routes: the tiles show their factors`
      : "multiply along its route: the tiles show the factors";
  }

  // the routes, lit in the picture, with their factors in the tiles
  show(node) {
    pinned = node;
    term = null;
    schedule();
  }

  solve(node, form, answer, verdict) {
    this.open.delete(node);
    form.classList.add("solved");
    answer.textContent = `${verdict}: it is ${number(graph.gradient[node])}, by the tiles`;
    this.show(node);
  }

  // whether a number would give one away: it is one, or minus one
  hides(x) {
    for (const node of this.open) {
      const right = Math.abs(graph.gradient[node]);
      if (Math.abs(Math.abs(x) - right) <= 1e-9 * right) return true;
    }
    return false;
  }
}

// −0,25 and 1/8 too; NaN where nothing was typed
function numberIn(typed) {
  const [above, below = "1"] = typed.replace("−", "-").replace(",", ".").split("/");
  return above.trim() === "" ? NaN : Number(above) / Number(below);
}
