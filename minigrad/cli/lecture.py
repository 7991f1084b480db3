"""demo, unroll, step, vanish: the lecture's network, in numbers, in a picture, event by event."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from minigrad.cli import reports, vanishing
from minigrad.cli.options import LECTURE
from minigrad.cli.output import say
from minigrad.cli.pages import page_line
from minigrad.cli.player import play
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.notation import number

MOST_CURVES = 6                                       # of a plot


def run_demo(options: Namespace) -> int:
    directory = Path(getattr(options, "out", "minigrad-demo"))
    directory.mkdir(parents=True, exist_ok=True)
    return lecture(LECTURE, [directory / "unrolled.svg", directory / "unrolled.html"])


def run_unroll(options: Namespace) -> int:
    return lecture(network_of(options), [Path(options.out)])


def network_of(options) -> dict:
    return {name: getattr(options, name) for name in LECTURE}


def lecture(numbers: dict, paths: list[Path]) -> int:
    """Prints the forward pass and the gradients with their terms, draws the picture and the page, prints ten steps of
    descent."""
    made = reports.network(**numbers)
    made.loss.backward()
    say(reports.forward_lines(made, numbers["target"]))
    say(reports.backward_lines(made))
    for path in paths:
        print(page_line(made.loss, made.unrolled, path) if path.suffix.lower() == ".html" else
              draw(made.loss, made.unrolled).save_and_say(path))
    print()
    weights = [numbers["w_i"], numbers["w_h"], numbers["w_o"]]
    say(reports.descent_lines(numbers["inputs"], numbers["target"], weights, truncate=numbers["truncate"]))
    return 0


def run_step(options: Namespace) -> int:
    made = reports.network(**network_of(options))
    keys = sys.stdin or []                            # None where it is closed
    play(made.loss, made.unrolled, typed() if sys.stdin and sys.stdin.isatty() else keys, print,
         options.svg)
    return 0


def typed() -> Iterator[str]:
    """The lines that a person types, with a prompt"""
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


def run_vanish(options: Namespace) -> int:
    if len(options.w_h) > MOST_CURVES:
        raise ValueError(f"--w-h: {len(options.w_h)} weights are more than {MOST_CURVES}, too many to tell apart")
    drawn = vanishing.random_inputs(options.steps)
    panels = []
    print("L = o_n and w_i = 1, so ∂L/∂o_t is the product of the factors ∂o_k/∂o_{k−1} from k = t+1 to n\n")
    for title, inputs in ((f"{options.activation}, every x_t = 0", [0.0] * options.steps),
                          (f"{options.activation}, inputs in (−1, 1)", drawn)):
        flows = [vanishing.flow(w_h, inputs, options.activation) for w_h in options.w_h]
        positive = [x for found in flows for x in found.gradient_norms if x > 0]
        print(f"--- {title}")
        for found in flows:
            say(vanishing.flow_lines(found, min(positive), max(positive)))
        curves = {f"w_h = {number(found.w_h)}": found.gradient_norms for found in flows}
        panels.append(panel(title, curves))
    print(vanishing.reason(options.activation))
    compared = vanishing.compare_cells(drawn, options.activation)
    print(f"\n--- {vanishing.CELLS}\n")
    say(vanishing.cell_lines(compared))
    say(vanishing.why_gates_help())
    panels.append(panel(vanishing.CELLS, compared, vanishing.NORMS))
    print(plot(panels, "time step t", "|∂L/∂o_t|").save_and_say(options.out))
    return 0


def panel(title: str, curves: dict[str, list[float]], y_label: str = "") -> Panel:
    return Panel(title, {name: list(enumerate(norms)) for name, norms in curves.items()}, y_label)
