// Gradients that the reader is asked for: hidden wherever they stand until typed, to 1 %.  After a wrong answer there is
// a hint and a second try, then the routes that give the number.

const NEAR = 0.01;

class Quiz {
  constructor() {
    this.open = new Set(page.quiz);
    if (!page.quiz.length) return;
    const place = make("section", { id: "p-quiz", class: "card", "aria-label": "questions" });
    document.getElementById("p-bar").after(place);
    place.append("Type what is hidden: within 1 % is right, two tries each.", ...page.quiz.map((node) => this.ask(node)));
  }

  ask(node) {
    const name = `∂${page.names[graph.loss]}/∂${page.names[node]}`, answer = make("output");
    const field = make("input", { type: "text", inputmode: "decimal", size: 9, "aria-label": name });
    const form = make("form", {}, `${name} = `, field, make("button", {}, "check"), answer);
    let tries = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const x = numberIn(field.value), right = graph.gradient[node];
      const near = (y) => Math.abs(y - right) <= NEAR * Math.abs(right);
      if (!Number.isFinite(x)) {
        answer.textContent = "write a number, such as −0.25 or 1/8";
        return;
      }
      if (near(x) || ++tries === 2) {
        this.open.delete(node);
        form.classList.add("solved");
        answer.textContent = `${near(x) ? "right" : "wrong"}: it is ${number(right)}, by the tiles`;
      } else {
        const one = page.routes[node]?.rows?.length === 1;
        answer.textContent = `${near(-x) ? "the sign is not right" : "not yet"}; `
          + (one ? "multiply along its route" : "add up its routes") + ", in the tiles";
      }
      pinned = node;                                  // its routes, in the picture and in the tiles
      term = null;
      schedule();
    });
    return form;
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
  const [above, below = 1] = typed.replace("−", "-").replace(",", ".").split("/");
  return above.trim() ? above / below : NaN;
}
