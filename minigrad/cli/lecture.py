"""demo, unroll, step, vanish: the lecture's network, in numbers, in a picture, event by event."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minigrad.cli import reports, vanishing
from minigrad.cli.options import LECTURE
from minigrad.cli.output import say
from minigrad.cli.pages import page_line
from minigrad.cli.player import play
from minigrad.draw import draw
from minigrad.draw.plot import Panel, plot
from minigrad.notation import number

MOST_CURVES = 6                                       # in one panel of a plot


def run_demo(options: Namespace) -> int:
    directory = Path(getattr(options, "out", "minigrad-demo"))
    directory.mkdir(parents=True, exist_ok=True)
    return lecture(LECTURE, [directory / "unrolled.svg", directory / "unrolled.html"])


def run_unroll(options: Namespace) -> int:
    return lecture(network_of(options), [Path(options.out)])


def network_of(options: Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in LECTURE}


def lecture(settings: dict[str, Any], paths: list[Path]) -> int:
    """Prints the forward pass and the gradients with their terms, draws the picture and the page, prints ten steps of
    descent."""
    net = reports.network(**settings)
    net.loss.backward()
    say(reports.forward_lines(net, settings["target"]))
    say(reports.backward_lines(net))
    for path in paths:
        print(page_line(net.loss, net.unrolled, path) if path.suffix.lower() == ".html" else
              draw(net.loss, net.unrolled).save_and_say(path))
    print()
    weights = [settings["w_i"], settings["w_h"], settings["w_o"]]
    say(reports.descent_lines(settings["inputs"], settings["target"], weights, settings["truncate"]))
    return 0


def run_step(options: Namespace) -> int:
    net = reports.network(**network_of(options))
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


def run_vanish(options: Namespace) -> int:
    if len(options.w_h) > MOST_CURVES:
        raise ValueError(f"--w-h: {len(options.w_h)} weights are more than {MOST_CURVES}, too many to tell apart")
    inputs = vanishing.random_inputs(options.steps)
    panels = []
    print("L = o_n and w_i = 1, so ∂L/∂o_t is the product of the factors ∂o_k/∂o_{k−1} from k = t+1 to n\n")
    for title, xs in ((f"{options.activation}, every x_t = 0", [0.0] * options.steps),
                      (f"{options.activation}, inputs in (−1, 1)", inputs)):
        flows = [vanishing.flow(w_h, xs, options.activation) for w_h in options.w_h]
        positive = [norm for flow in flows for norm in flow.gradient_norms if norm > 0]
        print(f"--- {title}")
        for flow in flows:
            say(vanishing.flow_lines(flow, min(positive), max(positive)))
        panels.append(panel(title, {f"w_h = {number(flow.w_h)}": flow.gradient_norms for flow in flows}))
    print(vanishing.reason(options.activation))
    norms = vanishing.compare_cells(inputs, options.activation)
    print(f"\n--- {vanishing.CELLS}\n")
    say(vanishing.cell_lines(norms))
    say(vanishing.why_gates_help())
    panels.append(panel(vanishing.CELLS, norms, vanishing.NORMS))
    print(plot(panels, "time step t", "|∂L/∂o_t|").save_and_say(options.out))
    return 0


def panel(title: str, curves: dict[str, list[float]], y_label: str = "") -> Panel:
    return Panel(title, {name: list(enumerate(norms)) for name, norms in curves.items()}, y_label)
