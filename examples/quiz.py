"""The exercise mode of the lessons:   python examples/06_bptt.py --quiz [--questions 3] [--seed 0]

Some gradients, and some contributions to them, are "?" in a table and in a picture, wherever they stand.  Each is asked
for; a number within half a per cent is right, so that one may calculate with the printed digits.  After a wrong answer
there is a hint and a second try; then the path is shown that gives the number.  Works over a pipe, one answer a line; q
or the end of the input ends it.  The same seed asks the same.  Exit status: 0 if all were right, else 1.  Lessons 02,
05, 06 and 07 have a quiz, the others none.
"""

import argparse
import math
import random
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from minigrad import Value
from minigrad.bptt import ledgers
from minigrad.draw import draw
from minigrad.draw.exercise import matches_any
from minigrad.draw.views.columns import MAX_STEPS
from minigrad.explain import chain_rule
from minigrad.graph import gradients, uses
from minigrad.nn import Unrolled
from minigrad.notation import formula, number
from minigrad.snapshot import Snapshot

TOLERANCE = 0.005


class Question(NamedTuple):
    """asked: ∂L/∂o₂;  blank: the Value, or (user, weight), whose number is hidden;  hint, path: what gives it, in
    symbols and with numbers"""

    asked: str
    answer: float
    blank: Value | tuple[Value, Value]
    hint: str
    path: str


def quiz(loss: Value, unrolled: Unrolled | None = None) -> int:
    """Asks for the gradients of a graph, as the command line says; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiz", action="store_true", help="ask, instead of the lesson")
    parser.add_argument("--questions", type=int, choices=range(1, 6), default=3, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="other questions for another seed (%(default)s)")
    given = parser.parse_args()                       # names what it does not know before anything is asked
    if not given.quiz:
        parser.error("without --quiz the lesson runs, and takes nothing else: add --quiz")
    loss.backward()
    found = list(questions(loss, unrolled))
    lesson = Path(sys.argv[0]).stem
    drawn = random.Random(f"{lesson} {given.seed}").sample(range(len(found)), min(given.questions, len(found)))
    asked = [found[k] for k in sorted(drawn)]
    hidden = tuple([question.answer for question in asked])

    print(f"{len(asked)} numbers are hidden: what is ?   (q ends; --seed {given.seed + 1} asks for others)")
    print(f"An answer within {TOLERANCE:.1%} is right; each has two tries.\n")
    for line in table(loss, unrolled, hidden):
        print(line)
    pictures = Path("minigrad-lessons")
    pictures.mkdir(exist_ok=True)
    view = "columns" if unrolled and len(unrolled) <= MAX_STEPS else "graph"
    drawing = draw(loss, unrolled, view, blank=[question.blank for question in asked])
    print(f"\n{drawing.save_and_say(pictures / f'{lesson}_quiz.svg')}\n")

    right = 0
    for k, question in enumerate(asked, start=1):
        answer = ask(f"{k}. {question.asked} = ")
        if answer is not None and not is_right(answer, question):
            print(f"not yet; {question.hint}")
            answer = ask("   again: ")
        if answer is None:
            break
        correct = is_right(answer, question)
        right += correct
        print(f"{'right' if correct else 'wrong'}: it is {number(question.answer)}")
        print(f"{question.path}\n")
    print(f"{right} of {len(asked)} right")
    return 0 if right == len(asked) else 1


def is_right(answer: float, question: Question) -> bool:
    return math.isclose(answer, question.answer, rel_tol=TOLERANCE)


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


def questions(loss: Value, unrolled: Unrolled | None) -> Iterator[Question]:
    """What can be asked, from the loss back: no 0, no number that can be read off elsewhere, none twice"""
    gradient, names = gradients(loss), Snapshot(loss, [unrolled] if unrolled else []).name
    stays = [0.0, 1.0, *(float(x) for node in gradient for x in (node.data, *node.partials))]
    hides = [float(x) for node in gradient for x in (gradient[node], *(p * gradient[node] for p in node.partials))]
    asked_before: list[float] = []

    def hard(x: float) -> bool:
        """Whether x is near no other number; those of a gradient or a contribution that are x itself are hidden"""
        others = [*stays, *asked_before, *(other for other in hides if not matches_any(other, (x,)))]
        new = not any(math.isclose(abs(x), abs(other), rel_tol=TOLERANCE) for other in others)
        asked_before.append(x)
        return new

    for v in reversed(list(gradient)):
        if shown(v, names) and hard(gradient[v]):
            asked = f"∂{names[loss]}/∂{names[v]}"
            hint = f"add partial × upstream over its uses: {', '.join(names[user] for user, _ in uses(loss, v))}"
            yield Question(asked, gradient[v], v, hint, indented(chain_rule(loss, v, unrolled).by_route()))
    for w in shared(loss, unrolled):
        terms = chain_rule(loss, w, unrolled).terms   # the last time step first
        for t, (user, _), term in zip(range(1, len(terms) + 1), uses(loss, w), reversed(terms)):
            if hard(term.product):
                asked = f"the contribution of t = {t} to ∂{names[loss]}/∂{names[w]}"
                rule = " · ".join(term.labels)
                product = "".join(f"({number(factor)})" for factor in term.factors)
                path = f"{rule}\n= {product} = {number(term.product)}"
                yield Question(asked, term.product, (user, w), f"it is {rule}", indented(path))


def table(loss: Value, unrolled: Unrolled | None, hidden: tuple[float, ...]) -> Iterator[str]:
    """Every Value with a name, and the sum of each shared weight, "?" for the numbers that are hidden"""
    gradient, names = gradients(loss), Snapshot(loss, [unrolled] if unrolled else []).name

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


def shared(loss: Value, unrolled: Unrolled | None) -> list[Value]:
    """The weights that are used at every step"""
    steps = len(unrolled) if unrolled else 0
    return [v for v in gradients(loss) if steps and not v.operands and v.label and len(uses(loss, v)) == steps]


def indented(path: str) -> str:
    return "\n".join(f"   {line}" for line in path.splitlines())
