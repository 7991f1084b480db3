// Gradients that the reader is asked for: hidden wherever they stand until typed, to 1 % .

const NEAR = 0.01;

class Quiz {
  constructor() {
    this.open = new Set(page.quiz);
    if (!page.quiz.length) return;
    const place = make("section", { id: "p-quiz", class: "card", "aria-label": "questions" });
    document.getElementById("p-bar").after(place);
    for (const node of page.quiz) place.append(this.question(node));
  }

  question(node) {
    const name = `∂${page.names[graph.loss]}/∂${page.names[node]}`, answer = make("output");
    const field = make("input", { type: "text", inputmode: "decimal", size: 9, "aria-label": name });
    const check = make("button", {}, "check"), hint = make("button", { type: "button" }, "hint");
    const form = make("form", {}, `${name} = `, field, check, hint, answer);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const x = Number(field.value.replace("−", "-").replace(",", ".")), right = graph.gradient[node];
      if (field.value.trim() === "" || !Number.isFinite(x)) answer.textContent = "write a number, such as −0.25";
      else if (Math.abs(x - right) <= NEAR * Math.abs(right)) this.solve(node, form, answer, right);
      else if (Math.abs(x + right) <= NEAR * Math.abs(right)) answer.textContent = "the size is right, the sign is not";
      else answer.textContent = "not yet (within 1 % counts)";
    });
    hint.addEventListener("click", () => {
      const routes = page.routes[node]?.rows?.length ?? 0;
      answer.textContent = routes > 1 ? `add the products of its ${routes} routes; the tiles show their factors`
        : "multiply the factors along its route, in the tiles";
      on.take(node);
    });
    return form;
  }

  solve(node, form, answer, right) {
    this.open.delete(node);
    form.classList.add("solved");
    answer.textContent = `yes: ${number(right)}`;
    on.take(node);
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
