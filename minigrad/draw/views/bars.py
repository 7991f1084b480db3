"""The ledger of a matrix as a bar under, or over, the columns of time steps: a cell for each."""

from minigrad.draw.picture import Box, Cell, Quantity, Text, size_of
from minigrad.draw.views.parts import Matrix
from minigrad.draw.views.pieces import cell, data
from minigrad.draw.views.sketch import Sketch
from minigrad.validation import unwrap
from minigrad.value import Value

LEAD = 108                                            # the width of the first cell


class Bars(Sketch):
    """A Sketch with bars.

    pitch    of the columns, in points;  columns: the steps of each;  states: what is handed on, at t = 0 … n
    vector   whether a state is one, and shown by its norm;  cut: the states that nothing flows back into
    narrow   whether a column has little room
    """

    pitch: int
    columns: list[range]
    states: list[list[Value]]
    vector: bool
    cut: set[Value]
    narrow: bool

    def size(self, quantities: list[Quantity]) -> Quantity:
        """A number; of vectors the norm"""
        return size_of(quantities, self.vector)

    def bar(self, matrix: Matrix, key: str, y: float, arrows=False) -> None:
        """The gradient of a matrix, or its norm, and each column's part of it"""
        weights, single = tuple(matrix.entries.values()), len(matrix.entries) == 1 and not self.vector
        equals = " " if not (single and self.gradients) else "=" if self.adds_up(weights) else "≠"
        cells = [self.lead_cell(matrix, single), cell(equals, width=12, padding=0)]
        for k, steps in enumerate(self.columns, start=1):
            term, cut = (self.size([self.term(w, *steps, kind=kind) for w in weights]) for kind in ("term", "cut"))
            texts = [Text((term,), bold=True, digits=3, signed=single)]
            if len(steps) > 1 and self.asked_step in steps:           # it is one of those that are added up here
                own = self.size([self.term(w, self.asked_step) for w in weights])
                texts += self.of_it(f"t = {self.asked_step}: ", own, single)
            if self.asked_value in weights and not single:    # the norm is that of all entries
                texts += self.of_it(f"{self.snapshot.name[self.asked_value]}: ", self.term(self.asked_value, *steps))
            if unwrap(cut.number):
                texts.append(Text(("cut ", cut), 9, "faint", digits=3))
            shown = Cell(tuple(texts), term) if self.gradients else Cell()
            cells.append(shown._replace(port=f"c{k}", width=self.pitch - 3, rounded=True))
            if arrows:
                head = "middle" if len(steps) > 1 else f"o{steps[0]}"
                pairs = tuple((o, w) for t in steps for o in self.states[t] for w in weights)
                told = self.told(self.state_name(steps[0]) if len(steps) == 1 else "⋯", matrix.name, term)
                self.arrow(f"{key}:c{k}", head, term, pairs, tooltip=told)
        elsewhere, width = self.size([self.term(w, 0) for w in weights]), LEAD + self.pitch * len(self.columns)
        if unwrap(elsewhere.number) and self.gradients:
            cells.append(self.amount("elsewhere", elsewhere, 9, 3, width=self.pitch - 3))
            width += self.pitch
        x = self.pitch / 2 - LEAD + width / 2 + 4
        self.put(Box(key, "bar", (tuple(cells),), (x, y), weights, spacing=3))

    def of_it(self, words: str, number: Quantity, is_signed=True) -> list[Text]:
        """A part of a term, in small; on a slide, where a cell has little room, in two lines"""
        parts: list[tuple[str | Quantity, ...]] = [(words,), (number,)] if self.narrow else [(words, number)]
        return [Text(part, 9, "faint", digits=3, signed=is_signed) for part in parts]

    def lead_cell(self, matrix: Matrix, single: bool) -> Cell:
        """The first cell: the gradient of a matrix, or its norm; before backward() the number of a single weight"""
        weights: list[Value] = list(matrix.entries.values())
        if not self.gradients:
            number = (Text((data(weights[0]),), digits=3),) if single else ()
            return Cell((Text((self.short(matrix.name),), 9, "faint"), *number), width=LEAD - 26, rounded=True)
        title = self.total_title(matrix.name, weights)
        total = self.size([self.gradient(weight) for weight in weights])
        lead = self.amount(title if single else f"‖{title}‖", total, 9, 3, width=LEAD - 26)
        if self.cut:
            full = self.size([Quantity("full", (w,), self.snapshot.ledgers[w].full) for w in weights])
            lead = lead._replace(texts=(*lead.texts, Text(("in full ", full), 9, "faint", digits=3)))
        return lead
