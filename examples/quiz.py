"""The quiz of a lesson:   python examples/06_bptt.py --quiz

The gradients that the lesson lists are "?" in a table and in a picture, wherever they stand, and are asked for.  What
would tell one is "?" too: what its uses send back to it, and all that is computed from it.  An answer within 1 % is
right.  After a wrong one there is a hint and a second try; then the routes are shown that give the number.  A live page
that the lesson saves asks the same, by the same rules; there what was found stands in the picture.  Works over a pipe,
one answer a line; q or the end of the input ends it.  Exit status: 0 if all were right, else 1.  Lessons 02, 05, 06 and
07 have a quiz.
"""

import argparse
import math
import re
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from minigrad import Value
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.draw.exercise import hidden_numbers, matches_any
from minigrad.draw.views.columns import MAX_STEPS
from minigrad.explain import chain_rule
from minigrad.graph import gradients, uses
from minigrad.nn import Unrolled
from minigrad.notation import formula, number
from minigrad.snapshot import Snapshot
from minigrad.validation import Number

TOLERANCE = 0.01


def quiz(loss: Value, asked: Sequence[Value], unrolled: Unrolled | None = None) -> int:
    """Asks for ∂loss/∂v of each Value v in `asked`; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiz", action="store_true", help="ask, instead of the lesson")
    parser.parse_args()                               # names what it does not know before anything is asked
    loss.backward()
    gradient, snapshot = gradients(loss), Snapshot(loss, [unrolled] if unrolled else [])
    names, blank = snapshot.name, telling(loss, asked)
    hidden = hidden_numbers(snapshot, blank)

    print(f"Find {len(asked)} gradients: what arrives at each use (upstream) × its partial, added up.   (q ends)")
    print("Whatever would tell the answer is hidden as well.")
    print(f"An answer within {TOLERANCE * 100:g} % is right, two tries each.\n")
    for line in table(loss, unrolled, names, hidden):
        print(line)
    pictures = Path("minigrad-lessons")
    pictures.mkdir(exist_ok=True)
    view = "columns" if unrolled and len(unrolled) <= MAX_STEPS else "graph"
    drawing = draw(loss, unrolled, view, blank=blank)
    print(f"\n{drawing.save_and_say(pictures / f'{Path(sys.argv[0]).stem}_quiz.svg')}\n")

    right = 0
    for k, v in enumerate(asked, start=1):
        answer = ask(f"{k}. ∂{names[loss]}/∂{names[v]} = ")
        if answer is not None and not is_right(answer, gradient[v]):
            hint = list(routes(loss, v, unrolled))
            print("the sign is not right;" if is_right(-answer, gradient[v]) else "not yet;",
                  "add up its routes:" if len(hint) > 1 else "multiply along its route:")
            print(*hint, sep="\n")
            answer = ask("   again: ")
        if answer is None:
            break
        correct = is_right(answer, gradient[v])
        right += correct
        print(f"{'right' if correct else 'wrong'}: it is {number(gradient[v])}")
        print(*routes(loss, v, unrolled, numbers=True), sep="\n", end="\n\n")
    print(f"{right} of {len(asked)} right")
    return 0 if right == len(asked) else 1


def telling(loss: Value, asked: Sequence[Value]) -> list[Value | tuple[Value, Value]]:
    """The Values whose gradient is asked for, or computed from one that is; and the pairs (user, operand) whose
    contribution is a term of one that is asked for, or computed from one"""
    gradient, secret = gradients(loss), set(asked)
    for v in reversed(list(gradient)):                # users first
        if v in secret:
            secret |= gradient.keys() & v.operands
    pairs = [(user, v) for v in secret for user, _ in uses(loss, v) if v in asked or user in secret]
    return [*secret, *pairs]


def is_right(answer: float, gradient: float) -> bool:
    return abs(answer - gradient) <= TOLERANCE * abs(gradient)


def ask(prompt: str) -> float | None:
    """A number that is typed, or None at the end; asks again for what is not a number"""
    while True:
        try:
            typed = input(prompt).strip().replace("−", "-")
        except (EOFError, KeyboardInterrupt):
            print()
            return None
        if typed == "q":
            return None
        try:
            answer = float(Fraction(typed) if "/" in typed else typed)
        except (ValueError, ZeroDivisionError, OverflowError):
            answer = math.nan
        if math.isfinite(answer):
            return answer
        print(f"{typed[:20]!r} is not a number: type one such as -0.25, 2.5e-3 or 1/8")


def routes(loss: Value, v: Value, unrolled: Unrolled | None, numbers=False) -> Iterator[str]:
    """∂L/∂g · ∂⁺g/∂e for each route from the loss back to v; with numbers also = (5)(2) = 10"""
    for term in chain_rule(loss, v, unrolled).terms:
        product = "".join(f"({number(factor)})" for factor in term.factors)
        yield f"   {' · '.join(term.labels)}" + (f" = {product} = {number(term.product)}" if numbers else "")


def table(loss: Value, unrolled: Unrolled | None, names: dict[Value, str], hidden: list[Number]) -> Iterator[str]:
    """Every Value with a name, and the sum of each shared weight, "?" for the numbers that are hidden"""
    gradient = gradients(loss)

    def written(x: float) -> str:
        return "?" if matches_any(x, hidden) else number(x)

    yield f"  {'':<6} {'number':>9}  {'∂' + names[loss] + '/∂':>9}   made by"
    for v in reversed(list(gradient)):
        if shown(v, names) or v is loss:
            made_by = formula(v.op, [names[operand] for operand in v.operands]) if v.operands and v is not loss else ""
            yield f"  {names[v]:<6} {number(v.data):>9}  {written(gradient[v]):>9}   {made_by}".rstrip()
    for ledger in ledgers(loss, unrolled, shared(loss, unrolled)) if unrolled else []:
        terms = " + ".join(f"({written(term)})" for term in ledger.terms)
        left = f"∂{names[loss]}/∂{names[ledger.weight]}"
        yield f"  {left} = {terms} = {written(ledger.total)}   (t = 1 … {len(ledger.terms)})"


def shown(v: Value, names: dict[Value, str]) -> bool:
    """Whether a Value has a label or is one of the lecture's z_t and s; inputs x_t and the target y are left out"""
    if v.label:
        return v.label == "y_hat" or v.label[0] not in "xy"
    return bool(re.fullmatch("s|z[₀-₉]+", names[v]))


def shared(loss: Value, unrolled: Unrolled) -> list[Value]:
    """The weights that are used at every step"""
    return [v for v in gradients(loss) if not v.operands and v.label and len(uses(loss, v)) == len(unrolled)]
