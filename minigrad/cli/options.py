"""The options of the command line, and how they are checked before anything runs."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import minigrad
from minigrad.files import PICTURES
from minigrad.nn import ACTIVATIONS

LECTURE: dict[str, Any] = {"inputs": [1.0, 0.5, -1.0], "target": 1.0, "w_i": 0.5, "w_h": 0.8, "w_o": 1.2,
                           "truncate": None}


class OneLineParser(argparse.ArgumentParser):
    def __init__(self, *args: Any, **settings: Any):
        super().__init__(*args, **settings)
        # before Python 3.14 argparse takes −1e-3 for an option
        self._negative_number_matcher = re.compile(r"-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$", re.IGNORECASE)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:                                   # here, so that the message names the help of the command
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (try {self.prog} --help)\n")


def option_type(kind: str, convert: Callable[[str], Any], fits: Callable[[Any], bool]) -> Callable[[str], Any]:
    """A type for argparse: convert(text) if that fits, else an error that names the kind"""

    def convert_option(text: str) -> Any:
        try:
            if fits(value := convert(text)):
                return value
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"{text!r} is not {kind}")

    return convert_option


finite = option_type("a finite number", float, math.isfinite)
positive = option_type("a number above 0", float, lambda x: 0 < x < math.inf)
probability = option_type("a number from 0 to 1", float, lambda x: 0 <= x <= 1)
count = option_type("a whole number from 1 up", int, lambda n: n >= 1)
units = option_type("a whole number from 1 to 1000", int, lambda n: 1 <= n <= 1000)      # w_h has the square of it
whole = option_type("a whole number", int, lambda n: True)
picture = option_type("a name that ends in .svg, .png, .pdf or .gv", Path, lambda p: p.suffix.lower()[1:] in PICTURES)
page = option_type("a name that ends in .html", Path, lambda p: p.suffix.lower() == ".html")
either = option_type("a name that ends in .svg, .png, .pdf, .gv, or .html for a page", Path,
                     lambda p: p.suffix.lower()[1:] in (*PICTURES, "html"))


def parser() -> argparse.ArgumentParser:
    top = OneLineParser(prog="minigrad", description="Backpropagation through time, to run, read and see.")
    top.add_argument("--version", action="version", version=f"minigrad {minigrad.__version__}")
    commands = top.add_subparsers(dest="command", metavar="command")

    demo = commands.add_parser("demo", help="the lecture's worked example (also without any command)")
    demo.add_argument("--out", default="minigrad-demo", metavar="DIR", help="where picture and page go (%(default)s)")

    unroll = commands.add_parser("unroll", help="the same for your own numbers")
    add_network(unroll, inputs_required=True)
    to = "the picture, or a page whose numbers you move, such as unrolled.html (%(default)s)"
    unroll.add_argument("--out", type=either, default="unrolled.svg", metavar="FILE", help=to)

    known = "The words that occur at least twice in the training sentences are known."
    train = commands.add_parser("train", help="train on labelled sentences", epilog=known)
    forms = ".tsv (lines of text<TAB>label, no header), .csv (text,label) or .json ([[text, label], …])"
    train.add_argument("file", nargs="?", help=f"{forms}; without it, the sentences that come with minigrad")
    train.add_argument("--hidden", type=units, default=4, metavar="n", help="units of the state (%(default)s)")
    train.add_argument("--epochs", type=count, default=20, metavar="n", help="passes over the sentences (%(default)s)")
    stop = "stop when the held-out loss has not improved for n epochs (%(default)s)"
    train.add_argument("--patience", type=count, default=10, metavar="n", help=stop)
    train.add_argument("--lr", type=positive, default=0.05, metavar="η", help="learning rate (%(default)s)")
    train.add_argument("--batch", type=count, default=4, metavar="n", help="sentences per step (%(default)s)")
    train.add_argument("--seed", type=whole, default=0, metavar="n", help="for a reproducible run (%(default)s)")
    train.add_argument("--save", default="", metavar="FILE", help="where to keep the model, such as model.json")
    train.add_argument("--curve", type=picture, metavar="FILE", help="a picture of the loss, such as loss.svg")

    predict = commands.add_parser("predict", help="classify a sentence; with a label, show the gradients of each word")
    predict.add_argument("model", help="a file that `train --save` wrote")
    predict.add_argument("sentence")
    predict.add_argument("--label", type=int, choices=(0, 1), help="the right answer, for L, BPTT and the picture")
    predict.add_argument("--out", type=picture, metavar="FILE", help="the picture (sentence.svg)")
    predict.add_argument("--page", type=page, metavar="FILE", help="a page whose numbers you move, such as page.html")

    vanish = commands.add_parser("vanish", help="how the gradient shrinks or grows on its way back")
    vanish.add_argument("--steps", type=count, default=50, metavar="n", help="time steps (%(default)s)")
    vanish.add_argument("--w-h", type=finite, nargs="+", default=[0.5, 1.0, 2.0], metavar="w", help="(0.5 1 2)")
    vanish.add_argument("--activation", choices=list(ACTIVATIONS), default="tanh", help="(%(default)s)")
    vanish.add_argument("--out", type=picture, default="vanish.svg", metavar="FILE", help="the picture (%(default)s)")

    step = commands.add_parser("step", help="play the backward pass, one event at a time; also over a pipe")
    add_network(step, inputs_required=False)
    step.add_argument("--svg", type=picture, metavar="FILE", help="a picture of each event, such as now.svg")

    commands.add_parser("doctor", help="the versions of what matters, and which drawing engine was found")
    top.set_defaults(command="demo", out="minigrad-demo", **LECTURE)         # for a command with none of its own
    return top


def add_network(command: argparse.ArgumentParser, inputs_required: bool) -> None:
    """The inputs, target and weights of the lecture's network; the defaults are the lecture's"""
    default = None if inputs_required else LECTURE["inputs"]
    command.add_argument("--inputs", type=finite, nargs="+", required=inputs_required, default=default, metavar="x")
    command.add_argument("--target", type=probability, default=1.0, metavar="y", help="from 0 to 1 (%(default)g)")
    for option, weight in (("--w-i", "w_i"), ("--w-h", "w_h"), ("--w-o", "w_o")):
        command.add_argument(option, type=finite, default=LECTURE[weight], metavar="w", help="(%(default)g)")
    command.add_argument("--truncate", type=count, metavar="k", help="truncate the gradient after k steps back")
