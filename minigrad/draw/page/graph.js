// graph.py once more: what the picture asks of a graph besides its numbers.

// [user, position] of every use of a node, the latest made first
function usesOf(graph, operand) {
  const uses = [];
  for (let place = graph.loss; place >= 0; place--) {
    graph.nodes[place]?.operands.forEach((other, k) => { if (other === operand) uses.push([place, k]); });
  }
  return uses;
}

// ∂user/∂operand along all ways through the nodes between, the latest made first
function slopeAlong(graph, partials, user, operand, between) {
  const slope = new Map([[user, 1], [operand, 0], ...between.map((place) => [place, 0])]);
  for (const place of [user, ...between]) {
    graph.nodes[place].operands.forEach((end, position) => {
      if (slope.has(end)) slope.set(end, slope.get(end) + partials[place][position] * slope.get(place));
    });
  }
  return slope.get(operand);
}

// of each node, whether anything has come back to it from the nodes down to `since`
function hasArrived(graph, since, started) {
  const arrived = graph.data.map(() => false);
  arrived[graph.loss] = started;
  for (let place = graph.loss; place >= since; place--) {
    graph.nodes[place]?.operands.forEach((operand) => { arrived[operand] = true; });
  }
  return arrived;
}

// what the gradients would have been more, had nothing been cut: what arrives at a cut goes on to the state behind it
function beyondTheCuts(graph, gradient, partials) {
  const missed = gradient.map(() => 0);
  for (let place = graph.loss; place >= 0; place--) {
    const node = graph.nodes[place];
    if (node?.op === "cut") missed[node.operands[0]] += gradient[place] + missed[place];
    else node?.operands.forEach((operand, k) => { missed[operand] += partials[place][k] * missed[place]; });
  }
  return missed;
}
