// Gradients that the reader is asked for: hidden wherever they stand until typed, to 1 %.  What would tell one is hidden
// too: what its uses send back to it, all that is computed from it, and until there is a hint the factors of its routes.
// After a wrong answer there is a hint and a second try, then the routes that give the number.

const NEAR = 0.01;

class Quiz {
  constructor() {
    this.open = new Set(page.quiz);
    this.hinted = new Set();
    this.secrets = new Set();
    if (!page.quiz.length) return;
    const place = make("section", { id: "p-quiz", class: "card", "aria-label": "questions" });
    byId("p-picture").after(place);
    const rules = "Find the gradients: what arrives at each use (upstream) × its partial, added up. What would tell them is hidden too. "
      + "An answer within 1 % is right, two tries each.";
    place.append(make("p", {}, rules), ...page.quiz.map((node) => this.ask(node)));
    requestAnimationFrame(() => this.seek(page.quiz[0]));          // when the page has started
  }

  // where the picture is larger than its frame, the cell with the gradient of a node comes into it
  seek(node) {
    const asks = (q) => page.quantities[q][0] === "gradient" && page.quantities[q][1] === node;
    const cell = picture.cells.find(({ quantities }) => quantities.some(asks));
    if (cell) bringIntoView(cell.group);
  }

  // what the secrets are, of the numbers of now
  look() {
    const { open, secrets } = this, from = new Set(open);           // the open ones, and all that is computed from them
    secrets.clear();
    for (let place = graph.loss; place >= 0; place--) {
      if (from.has(place)) graph.nodes[place]?.operands.forEach((node) => from.add(node));
    }
    for (const node of from) {
      let arrived = 0, told = false;
      for (const [user, position] of usesOf(graph, node)) {
        const sent = graph.partials[user][position] * graph.gradient[user];
        arrived += sent;
        const hidden = open.has(node) || from.has(user);
        told ||= hidden;
        if (hidden) secrets.add(sent);
        if (told) secrets.add(arrived);
      }
    }
  }

  ask(node) {
    const name = `∂${page.names[graph.loss]}/∂${page.names[node]}`, answer = make("output");
    const field = make("input", { type: "text", inputmode: "decimal", size: 9, "aria-label": name });
    const form = make("form", {}, `${name} = `, field, make("button", {}, "check"), answer);
    let tries = 0;
    form.addEventListener("focusin", () => {
      if (pinned !== node) pinned = term = null;      // the routes of the question before
      this.seek(node);
      schedule();
    });
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
        answer.textContent = `${near(x) ? "right" : "wrong"}: it is ${number(right)}, see the tiles`;
      } else {
        this.hinted.add(node);
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

  // whether a number would give one away: it is a secret, or minus one, and the reader has not found it
  hides(x) {
    const is = (other) => Math.abs(Math.abs(x) - Math.abs(other)) <= 1e-9 * Math.abs(other);
    const found = page.quiz.some((node) => !this.open.has(node) && is(graph.gradient[node]));
    if (found) return [...this.open].some((node) => is(graph.gradient[node]));
    for (const secret of this.secrets) if (is(secret)) return true;
    return false;
  }

  // whether a tile of a node would: as a hint the factors of its own routes are shown, but not their product
  hidesTile(node, x, product) {
    const hinted = this.hinted.has(node);
    return (this.open.has(node) && !hinted) || this.hides(x) || (!hinted && this.hides(product));
  }
}

// −0,25 and 1/8 too; NaN where nothing was typed
function numberIn(typed) {
  const [above, below = 1] = typed.replace("−", "-").replace(",", ".").split("/");
  return above.trim() ? above / below : NaN;
}
