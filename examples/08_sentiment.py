# %% [markdown]
# # 08 Sentiment: which word pulled which weight
#
# The network of lesson 06 reads sentences: one word at each time step, and after the last word $\hat y = \sigma(s)$,
# near 1 for a positive sentence and near 0 for a negative one. Three things about the network are new, and each has a
# section of its own: a word is a one-hot vector, the state is a vector, and each unit has a bias. The readout adds up
# the units: $s = \sum_r w_o[r]\,o_n[r] + b_o$. The sums over time stay those of lesson 06: the gradient of each weight
# has a contribution of each word.
#
# The sentences are split: the model learns from most of them, and the others are **held out** to judge it.

# %%
from math import hypot, isclose, tanh
from pathlib import Path

from minigrad import text
from minigrad.bptt import contributions, gradient_flow
from minigrad.draw import draw
from minigrad.losses import binary_cross_entropy_with_logits
from minigrad.notation import number
from minigrad.optim import SGD
from minigrad.sentiment import Sentiment, default_sentences, split, train

EPOCHS, UNITS = 10, 4
SENTENCES = default_sentences()

learn, held_out = split(SENTENCES, seed=0)
vocabulary = text.Vocabulary.of([row.text for row in learn])
model = Sentiment(vocabulary, hidden_size=UNITS, seed=0)
rnn = model.rnn
print(f"{len(learn)} sentences to learn from, {len(held_out)} held out; 1 is positive, 0 negative")
print(f"the first to learn from: {learn[0].text!r} is {learn[0].label}")

# %% [markdown]
# ## A word is a one-hot vector
#
# The vocabulary numbers its words. Word $k$ is the vector $x$ with $x[k] = 1$ and 0 elsewhere, which is called
# **one-hot**. Now $w_i$ is a matrix: $w_i[r][j]$ leads from place $j$ of $x$ to unit $r$ of the state. Of the sum
# $\sum_j w_i[r][j]\,x[j]$ only $w_i[r][k]$ is left: a word picks column $k$ of $w_i$. So the cell takes the number $k$
# in place of the vector, and multiplies no zeros. Word 0 stands for every other word:
# those that were not seen twice in training.

# %%
sentence = next(row.text for row in learn if len(text.tokens(row.text)) > 1)
first, second = vocabulary.indices(sentence)[:2]
one_hot = [int(place == first) for place in range(len(vocabulary))]
o_1 = [o.data for o in rnn.cell(first, [0] * UNITS)]
print(f"{text.tokens(sentence)[0]!r} is word {first} of {len(vocabulary)}, and x = [… 1 at place {first} …]")
assert all(isclose(o.data, same) for o, same in zip(rnn.cell(one_hot, [0] * UNITS), o_1)), "it is not the same word"

# %% [markdown]
# ## The state is a vector
#
# The state was a number; now it has several, one for each **unit**. Each unit $r$ reads every unit $c$ of the state
# before; the weight $w_h[r][c]$ leads from unit $c$ to unit $r$. For word $k$ at step $t$:
# $$z_t[r] = w_i[r][k] + \sum_c w_h[r][c]\,o_{t-1}[c]$$
# Here $o_1$, as the cell made it above (with the bias of the next section), and by hand $z_2$, for the second word:

# %%
z_2 = []
for r in range(UNITS):
    from_state = sum(w.data * o for w, o in zip(rnn.w_h[r], o_1))
    z_2.append(rnn.w_i[r][second].data + from_state)
print("o₁ =", *map(number, o_1))
print("z₂ =", *map(number, z_2), "  without bias")

# %% [markdown]
# ## A bias
#
# Each unit adds one more weight, $b_h[r]$, that no input multiplies. It shifts the point where the unit changes sign:
# $$o_t[r] = \tanh(z_t[r] + b_h[r])$$

# %%
assert rnn.b_h is not None                            # an RNN may do without
o_2 = [tanh(z + b.data) for z, b in zip(z_2, rnn.b_h)]
print("o₂ =", *map(number, o_2))
assert all(isclose(o.data, by_hand) for o, by_hand in zip(rnn.cell(second, o_1), o_2)), "the cell is not its formula"

# %% [markdown]
# ## Learn
#
# The model learns from four sentences at a time, a **batch**: it takes one step down the gradient of their mean loss.
# An **epoch** is one pass through all sentences. A vector has a **norm**, its length $\|v\| = \sqrt{\sum_r v_r^2}$; the
# gradient over all weights is a vector too, and before each step it is **clipped**: where its norm is above 1, it is
# scaled down to 1. The steps are those of **Adam**, which is gradient descent along a mean of the last gradients, with
# a learning rate of its own for each weight.
#
# Two mean losses are printed: over the sentences that it learns from, while the weights still change, and over those
# held out, after the epoch. In the end the weights are those of the epoch with the lowest held-out $L$, which need not
# be the last. The accuracy is the share of the held-out sentences that the model judges right. (They also choose the
# epoch, which is a little flattering.) The mark to beat: always give the more frequent answer.

# %%
for progress in train(model, learn, held_out, epochs=EPOCHS):
    if progress.done == 1 and progress.held_out:      # at the end of an epoch
        print(f"epoch {progress.epoch:>2}   learned from: L {number(progress.loss, 3):>6}   held out: "
              f"L {number(progress.held_out.loss, 3):>5}, accuracy {number(progress.held_out.accuracy, 3)}")
if model.training:
    print(f"kept: the weights of epoch {model.training.epochs}, with the lowest held-out L")
positive = sum(row.label for row in held_out) / len(held_out)
print(f"always the same answer: accuracy {number(max(positive, 1 - positive), 3)}")

# %% [markdown]
# ## One sentence
#
# The held-out sentence with the largest loss. $L$ is that of lesson 06, but computed from $s$, which is called the
# **logit** of $\hat y$. A float may round $\hat y$ to 1; then $\log(1 - \hat y)$ has no answer, but $L$ from $s$ still
# has one.

# %%
def read(row):
    """(L, unrolled) of a labelled sentence"""
    unrolled = rnn.unroll(vocabulary.indices(row.text))
    loss = binary_cross_entropy_with_logits(rnn.readout(unrolled.state)[0], row.label)
    loss.label = "L"
    return loss, unrolled


losses = [read(row)[0].data for row in held_out]
SENTENCE = held_out[losses.index(max(losses))]
loss, unrolled = read(SENTENCE)
rnn.zero_grad()
loss.backward()
print(f"{SENTENCE.text!r} is {SENTENCE.label}: ŷ = {number(model.read(SENTENCE.text).y_hat.data)}, L = {number(loss)}")
print(f"{sum(loss < other for other in losses)} of the {len(losses)} held-out sentences have a larger L")

# %% [markdown]
# What does each word do to this answer? Leave it out, and read the rest. (Words do not add up: the state decides what
# the next word does, as in "not bad".)

# %%
words = text.tokens(SENTENCE.text)
for t, word in enumerate(words):
    rest = " ".join([*words[:t], *words[t + 1 :]])
    if rest:
        print(f"without {word!r}:  ŷ = {number(model.read(rest).y_hat.data)}")

# %% [markdown]
# ## Which word pulled which weight
#
# That was the answer now; a pull is what learning would change: a word's contribution to the gradient of a weight. With
# $\delta_t[r] = \partial L/\partial z_t[r]$, word $k$ at step $t$ pulls $w_i[r][k]$ by $\delta_t[r]$, and $w_h[r][c]$
# by $\delta_t[r]\,o_{t-1}[c]$, which is 0 at the first word. The table has the norm of all that it pulls, beside that
# of what arrives at $o_t$.

# %%
pulls_i = contributions(loss, unrolled, rnn.w_i)      # a matrix for each word
pulls_h = contributions(loss, unrolled, rnn.w_h)
flow = gradient_flow(loss, unrolled)                  # may shrink or grow on its way back, as in lesson 07


def norm(matrix):
    return hypot(*[entry for row in matrix for entry in row])


print("   t  word        ‖∂L/∂o_t‖     on w_i     on w_h")
for t, word in enumerate(words, start=1):
    norms = flow[t], norm(pulls_i[t - 1]), norm(pulls_h[t - 1])
    print(f"  {t:>2}  {word:<10}" + "".join(f"{number(each, 3):>11}" for each in norms))

# %% [markdown]
# Then the one weight of $w_i$, in the column of the word, that it pulls most: down if its contribution is positive. Up
# does not mean good: a pull is towards a smaller $L$ of this sentence, and a unit can speak for 1 or against it.

# %%
for pull, word, k in zip(pulls_i, words, vocabulary.indices(SENTENCE.text)):
    column = [row[k] for row in pull]                 # its contribution to w_i[r][k], for each unit r
    r = max(range(UNITS), key=lambda unit: abs(column[unit]))
    print(f"{word!r} pulls w_i[{r}][{k}] most: {number(column[r], 3)}, so it pulls {'down' if column[r] > 0 else 'up'}")

# %% [markdown]
# The picture has them in golden frames: those of each word, and their sum.

# %%
picture = draw(loss, unrolled, captions=words)
Path("minigrad-lessons").mkdir(exist_ok=True)
print(picture.save_and_say("minigrad-lessons/08_sentence.svg"))
picture

# %% [markdown]
# ## Check
#
# The contributions add up to the gradient. Without any backward pass: move one weight by $\pm h$ and see how far $L$
# moves. One small step down the gradient lowers $L$. And the model is better than one that always says the same.

# %%
w, h = rnn.w_h[0][0], 1e-5
assert isclose(sum(pull[0][0] for pull in pulls_h), w.grad, rel_tol=1e-9, abs_tol=1e-15), "they do not add up"
data = w.data
w.data = data + h
up = read(SENTENCE)[0].data
w.data = data - h
down = read(SENTENCE)[0].data
w.data = data
assert isclose(w.grad, (up - down) / (2 * h), rel_tol=1e-5, abs_tol=1e-9), "the gradient is not the slope"

accuracy = model.accuracy(held_out)
SGD(rnn.parameters(), lr=0.01).step()
after = read(SENTENCE)[0]
print(f"one step down the gradient of this sentence: L {number(loss)} → {number(after)}")
assert after < loss, "L did not fall: the step down its gradient was too long"
assert accuracy > max(positive, 1 - positive), f"accuracy {number(accuracy, 3)}: more sentences or epochs are needed"
print(f"The contributions are the gradient, which is the slope; accuracy {number(accuracy, 3)} beats the mark.")

# %% [markdown]
# ## Change it
#
# - Little training: `EPOCHS, UNITS = 10, 4` → `EPOCHS, UNITS = 1, 4`
# - Is one number enough to remember a sentence? Compare the accuracy: `EPOCHS, UNITS = 10, 4` → `EPOCHS, UNITS = 10, 1`
# - No training at all; the check fails and says why: `EPOCHS, UNITS = 10, 4` → `EPOCHS, UNITS = 0, 4`
# - A sentence of yours: `SENTENCE = held_out[losses.index(max(losses))]` →
#   `SENTENCE = text.Labelled("the film was not boring", 1)`
# - The sentence that it judges best: `SENTENCE = held_out[losses.index(max(losses))]` →
#   `SENTENCE = held_out[losses.index(min(losses))]`
# - A file of your own, with a text, a tab, and 0 or 1 in each line: `SENTENCES = text.read_labelled("yours.tsv")`
