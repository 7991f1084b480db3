"""step: plays the backward pass in a terminal, or over a pipe: one event for each key.

    n (or Enter)  next          g NAME  go to the next event at o_2, w_h, …
    b             back          p       print the neighbourhood: operands and users of both Values
    q             quit          h       help

Each event may be drawn, too: the picture then shows what has arrived by then.
"""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from minigrad.cli.reports import network
from minigrad.draw.drawing import Drawing
from minigrad.draw.moment import at_moment, moment_of
from minigrad.draw.options import Options
from minigrad.draw.views import picture_of
from minigrad.nn import Unrolled
from minigrad.notation import name, number, operation
from minigrad.replay import events
from minigrad.snapshot import Snapshot
from minigrad.validation import Number
from minigrad.value import Value

HELP = "n or Enter: next   b: back   g NAME: go to o_2, w_h, …   p: print the neighbourhood   q: quit"


def run_step(options: Namespace) -> int:
    net = network(options)
    commands = sys.stdin or []                        # None if it is closed
    play(net.loss, net.unrolled, typed() if sys.stdin and sys.stdin.isatty() else commands, print, options.svg)
    return 0


def typed() -> Iterator[str]:
    """The lines that a user types, with a prompt"""
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


def play(loss: Value, unrolled: Unrolled | None, commands: Iterable[str], say: Callable[[str], None],
         picture: Path | None = None) -> None:
    """Plays loss.backward(): says the first event, then runs one command per line until q or the end.

    picture: a file to draw each event in
    """
    player = Player(Snapshot(loss, [unrolled] if unrolled else []), picture)
    say(f"The backward pass from {player.names[loss]}, {len(player.events)} events.  {HELP}")
    say(player.here())
    for line in commands:
        word, _, rest = line.strip().partition(" ")
        if word == "q":
            break
        say(player.run(word, rest.strip()))


class Player:
    """A position in the backward pass: the index of the event that has just happened"""

    def __init__(self, snapshot: Snapshot, picture: Path | None = None):
        self.snapshot, self.events, self.names = snapshot, events(snapshot), snapshot.name
        self.picture, self.at = picture, 0
        if not self.events:
            raise ValueError(f"{snapshot.loss!r} was not computed: there is no backward pass to play")

    def run(self, word: str, rest: str) -> str:
        """Runs one command; returns the answer"""
        if word in ("", "n", "b"):
            return self.move_to(self.at + (-1 if word == "b" else 1))
        if word == "g":
            return self.go_to(rest)
        if word == "p":
            event = self.events[self.at]
            return f"{self.about(event.node)}\n{self.about(event.operand)}"
        return HELP if word == "h" else f"there is no command {word!r}.  {HELP}"

    def move_to(self, index: int) -> str:
        """Moves to the event with an index, if there is one"""
        if not 0 <= index < len(self.events):
            return "this is the last event" if index > 0 else "this is the first event"
        self.at = index
        return self.here()

    def go_to(self, label: str) -> str:
        """Moves to the next event whose node or operand has the name, after the last from the first on"""
        wanted = {label, name(label)}
        indices = [k for k, e in enumerate(self.events) if {self.names[e.node], self.names[e.operand]} & wanted]
        if not indices:
            known = ", ".join(dict.fromkeys(self.names[e.operand] for e in self.events[:30]))
            return f"there is no {label!r} here; there are {known}"
        return self.move_to(next((k for k in indices if k > self.at), indices[0]))

    def here(self) -> str:
        """The current event, with its number; drawn, if there is a picture to draw it in"""
        if self.picture:
            moment = moment_of(self.snapshot, self.carried())
            picture = at_moment(picture_of(self.snapshot, "auto", Options()), self.snapshot, moment)
            Drawing.of(picture).save(self.picture)
        return f"{self.at + 1:>4}/{len(self.events)}  {self.events[self.at].description}"

    def carried(self) -> int:
        """How many of the Snapshot's edges have carried something after the event here"""
        event, edges = self.events[self.at], self.snapshot.edges
        if event.position < 0:                        # through a loss: all that was made after its operand has sent
            return sum(edge.user.made > event.operand.made for edge in edges)
        return next(k for k, edge in enumerate(edges, 1) if (edge.user, edge.position) == (event.node, event.position))

    def so_far(self, value: Value) -> Number:
        """The gradient of a Value after the current event"""
        totals = [event.total for event in self.events[: self.at + 1] if event.operand is value]
        return totals[-1] if totals else int(value is self.snapshot.loss)

    def about(self, value: Value) -> str:
        """A Value: its number, gradient so far, operands and users"""
        lines = [f"  {self.names[value]} = {number(value.data)}, gradient so far {number(self.so_far(value))}"]
        if value.operands:
            box = self.snapshot.losses.get(value)
            operands = ", ".join(f"{self.names[event.operand]} (∂ = {number(event.partial)})"
                                 for event in self.events if event.node is value)
            lines.append(f"    computed by {box.name if box else operation(value.op)} from {operands}")
        users = ", ".join(self.names[event.node] for event in reversed(self.events) if event.operand is value)
        lines.append(f"    used by {users or 'nothing: it is the root'}")
        return "\n".join(lines)
