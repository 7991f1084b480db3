"""The words that a reader can choose from: for a one-hot input x_t = k, column k of each matrix that it picks from."""

from collections.abc import Sequence
from typing import Any

from minigrad.draw.page.graph import PageGraph, as_float
from minigrad.nn import Step
from minigrad.notation import name as on_paper
from minigrad.notation import printable
from minigrad.value import Value

MAX_ENTRIES = 2500                                    # of all columns


class Words:
    """picked    {t: k}: the column that step t picks; empty if there is nothing to choose
    rows      of all matrices, one below the other
    row_of    {entry of a picked column: its row}
    first     {entry of a picked column: the first t that picks it}
    uses      {t: [[user, position, row], …]}: where the cell of step t uses its column"""

    def __init__(self, graph: PageGraph):
        self.graph, snapshot = graph, graph.snapshot
        unrolled = snapshot.unrolleds[0] if snapshot.unrolleds else None
        steps: list[Step] = [step for step in unrolled or () if isinstance(step.x, int)]
        self.matrices = unrolled.one_hot if unrolled else []
        self.rows = [row for matrix in self.matrices for row in matrix]
        self.picked = {step.t: step.x for step in steps if isinstance(step.x, int)} if self.rows else {}
        columns = {t: [row[k] for row in self.rows] for t, k in self.picked.items()}
        self.row_of = {entry: r for column in columns.values() for r, entry in enumerate(column)}
        self.first = {entry: t for t in reversed(columns) for entry in columns[t]}
        self.uses: dict[int, list[list[int]]] = {t: [] for t in self.picked}
        for user in graph.order:
            t = snapshot.cell_step.get(user, 0)
            for position, operand in enumerate(user.operands if t in self.picked else ()):
                if operand in self.row_of and columns[t][self.row_of[operand]] is operand:
                    self.uses[t].append([graph.place[user], position, self.row_of[operand]])
        if any(graph.nodes[user][0] == "frozen" for uses in self.uses.values() for user, _, _ in uses):
            self.picked, self.first = {}, {}

    def data(self, vocabulary: Sequence[str], captions: Sequence[str]) -> dict[str, Any] | None:
        """names      of the words, or their indices;   index  their indices
        columns    of each word its entries: the place of a node, or [number] of one that is not in the graph
        matrices   [name, number of rows];   labels  of the entries of a row, without the index
        steps      {t: [name of x_t, its word, place of it among the words, uses]}
        Raises ValueError for a vocabulary that is not as long as a row."""
        if not self.picked:
            return None
        length, place = len(self.rows[0]), self.graph.place
        if vocabulary and len(vocabulary) != length:
            raise ValueError(f"walkthrough: the vocabulary has {len(vocabulary)} words; one-hot inputs have {length}")
        index = sorted({*range(min(length, MAX_ENTRIES // len(self.rows))), *self.picked.values()})
        names = [printable(str(vocabulary[k])) if vocabulary else str(k) for k in index]

        def entry(value: Value) -> Any:
            return place[value] if value in place else [as_float(value.data, value)]

        steps = {t: [on_paper(f"x_{t}"), str(captions[t - 1]) if captions else names[index.index(k)], index.index(k),
                     self.uses[t]] for t, k in self.picked.items()}
        labels = [printable(row[0].label.rpartition("[")[0]) for row in self.rows]
        return {"names": names, "index": index, "columns": [[entry(row[k]) for row in self.rows] for k in index],
                "matrices": [[on_paper(matrix[0][0].label.partition("[")[0]), len(matrix)] for matrix in self.matrices],
                "labels": labels, "steps": steps}
