"""08  Sentiment from real sentences: which word pulled which weight.

You will see   an RNN of four units learn from sentences whether they are positive, and judge some it has not seen; then
               the one of those that it judges worst, and the gradient of every weight taken apart by word: the same
               sums over time as in lesson 06, now with a vector for a state.
To change      EPOCHS, to 1; the sentence, to `worst = text.Labelled("the film was not boring", 1)`; or all of them, to
               `SENTENCES = text.read_labelled("yours.tsv")`, which reads a text, a tab, and 0 or 1 from each line.
"""

from math import isclose, sqrt, tanh
from pathlib import Path

from minigrad import text
from minigrad.bptt import gradient_flow, ledgers
from minigrad.cli.reports import word_gradient_lines
from minigrad.draw import draw
from minigrad.notation import number
from minigrad.optim import SGD
from minigrad.sentiment import Sentiment, default_sentences, split, train

EPOCHS = 10
SENTENCES = default_sentences()

learn, held_out = split(SENTENCES, seed=0)
model = Sentiment(text.Vocabulary.of([row.text for row in learn]), hidden_size=4, seed=0)
print(f"{len(learn)} sentences to learn from, {len(held_out)} held out, {len(model.vocabulary)} words known.")
print(f"The first of them: {learn[0].text!r}, which is {learn[0].label} (1 is positive, 0 negative).\n")
print("  epoch   mean L   right of those held out")
for progress in train(model, learn, held_out, epochs=EPOCHS):
    if progress.done == 1 and progress.held_out:
        print(f"  {progress.epoch:>5}   {number(progress.loss, 3):>6}   {number(progress.held_out.accuracy, 3)}")
positive = sum(row.label for row in held_out) / len(held_out)
constant = max(positive, 1 - positive)
print(f"Someone who always says the same is right in {number(constant, 3)}.\n")


def loss_of(row):
    """(L, what the model made of the sentence)"""
    reading = model.read(row.text)
    return model.loss(reading, row.label), reading


worst = max(held_out, key=lambda row: loss_of(row)[0])
loss, reading = loss_of(worst)
model.rnn.zero_grad()
loss.backward()
print(f"Judged worst: {worst.text!r} is {worst.label}, and the model says ŷ = {number(reading.y_hat.data)}.")
print("""
Lesson 06 with four units: the state is a list, o_t = (o_t[0] … o_t[3]).  A word is a vector too, one-hot: 1 at its own
place, 0 elsewhere, so that of its products with w_i one is left; and each unit adds a bias, a weight of its own:
  o_t[r] = tanh(w_i[r][word] + Σ_c w_h[r][c]·o_{t−1}[c] + b_h[r]),   w_h[r][c] leads from unit c to unit r""")
last, rnn = reading.unrolled[-1], model.rnn
before = [o.data for o in reading.unrolled.states[-2]]
r, x = 2, model.vocabulary.indices(worst.text)[-1]
assert rnn.b_h is not None                            # an RNN may do without, this one does not
inner = rnn.w_i[r][x].data + sum(w.data * o for w, o in zip(rnn.w_h[r], before)) + rnn.b_h[r].data
print(f"  o_n[{r}] = tanh({number(inner)}) = {number(tanh(inner))} after {reading.words[-1]!r}")
assert isclose(last.state[r].data, tanh(inner), rel_tol=1e-9), "the state is not its formula"
norm = sqrt(sum(o.grad**2 for o in last.state))
print(f"Of a list of gradients the norm is shown, ‖v‖ = √Σ v²:  ‖∂L/∂o_n‖ = {number(norm)}.  The sums over time stay.")
assert isclose(norm, gradient_flow(loss, reading.unrolled)[-1], rel_tol=1e-9), "the norm is not that of the table"
print("A word pulls a weight by its term of that weight's gradient; w_i[2][word] leads from the word to unit 2.\n")
for line in word_gradient_lines(model.rnn, reading, loss):
    print(line)

weights = [*model.rnn.w_h[0], *model.rnn.w_h[1]]
for ledger in ledgers(loss, reading.unrolled, weights):           # one term for each word
    assert isclose(sum(ledger.terms), ledger.weight.grad, rel_tol=1e-9, abs_tol=1e-15), ledger
# without any backward pass: move one weight by ±h, and see how far L moves
w, h = model.rnn.w_h[0][0], 1e-5
found, data = w.grad, w.data
moved = []
for w.data in (data + h, data - h):
    moved.append(loss_of(worst)[0].data)
w.data = data
assert isclose(found, (moved[0] - moved[1]) / (2 * h), rel_tol=1e-5, abs_tol=1e-9), (found, moved)

pictures = Path("minigrad-lessons")
pictures.mkdir(exist_ok=True)
print(f"\n{draw(loss, reading.unrolled, captions=reading.words).save_and_say(pictures / '08_sentence.svg')}")

SGD(model.rnn.parameters(), lr=0.01).step()
after, reading = loss_of(worst)
print(f"One small step down this gradient: L falls from {number(loss.data)} to {number(after.data)}.")
assert after < loss, "L did not fall: the step down its gradient was too long"
accuracy = number(model.accuracy(held_out), 3)
assert model.accuracy(held_out) > constant, f"right in {accuracy} of those held out: more sentences or more epochs"
