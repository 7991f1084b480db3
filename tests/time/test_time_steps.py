"""Time steps where a state is an input, is handed on, or is read late: against untied copies, in Fractions, with ==."""

import random
from fractions import Fraction
from typing import NamedTuple

import pytest

from minigrad import Value
from minigrad.bptt import contributions, ledgers, state_jacobians
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import GRU, LSTM, RNN, Step, Unrolled
from minigrad.snapshot import Snapshot


class Built(NamedTuple):
    """A network over time, and its weights: {(name, t): Value}, at t = 0 those used outside the steps"""

    unrolled: Unrolled
    loss: Value
    weights: dict[tuple[str, int], Value]


class Program:
    """A network chosen at random by a seed, built with one Value for each weight, or with a copy for each time step.

    tied      one Value for each weight
    markov    each step reads nothing but the states of the step before
    cut       each step starts from leaves of the same numbers: a state at two places is then two leaves
    """

    def __init__(self, seed: int, tied=True, markov=False, cut=False):
        self.random, self.tied, self.markov, self.cut = random.Random(seed), tied, markov, cut
        self.weights: dict[tuple[str, int], Value] = {}
        self.t = 0
        self.starts: list[list[Value]] = []           # what each step started from

    def fraction(self) -> Fraction:
        return Fraction(self.random.choice([-3, -2, -1, 1, 2, 3]), self.random.choice([2, 3, 5]))

    def weight(self, name: str, t: int | None = None) -> Value:
        t = self.t if t is None else t
        numbers = random.Random(name)                 # the same for every copy
        number = Fraction(numbers.choice([-2, -1, 1, 2]), numbers.choice([2, 3]))
        key = (name, 0 if self.tied else t)
        if key not in self.weights:
            self.weights[key] = Value(number, label=name)
        return self.weights[key]

    def either(self, chance: float) -> bool:
        return self.random.random() < chance

    def unit(self, sources: list[Value], name: str) -> Value:
        """A polynomial of some of the sources, of weights, and of a number made of weights alone"""
        total = Value(self.fraction())
        for k in range(self.random.randint(1, 3)):
            w = self.weight(f"{name}{k}")
            if self.either(0.2):
                w = w * 2 + self.weight("shared")     # made anew at each step
            total = total + w * self.random.choice(sources)
        return total * total * self.fraction() + total if self.either(0.3) else total

    def build(self) -> Built:
        units, n = self.random.randint(1, 3), self.random.randint(2, 4)
        state = [Value(self.fraction()) for _ in range(units)]
        if self.either(0.3):
            state[0] = Value(self.fraction()) * Value(self.fraction())       # computed before the first step
        if self.either(0.2):
            state[-1] = state[0]                      # at two places
        once = self.weight("once", 0) * self.weight("once", 0)       # made before the loop, and used at every step
        unrolled, earlier, losses, output = Unrolled(state, []), [state], [Value(0)], None
        for self.t in range(1, n + 1):
            if self.cut:
                state = [value.detach() for value in state]
                output = self.readout(state) if output is not None else None
            self.starts.append(state)
            x = self.input(state, earlier, output)
            read = [state] if self.markov else [self.random.choice(earlier), state]
            sources = [*x, *[o for one in read for o in one]]
            new = [self.unit(sources, "a") * once]
            for r in range(1, units):
                kind = self.random.random()
                if kind < 0.25:                       # handed on
                    new.append(self.random.choice(self.random.choice(read)))
                elif kind < 0.35:                     # the same Value twice
                    new.append(new[-1])
                elif kind < 0.45:                     # a second layer, on the first
                    new.append(self.unit([*sources, *new], f"b{r}"))
                else:
                    new.append(self.unit(sources, f"b{r}") * once)
            state = new
            unrolled.steps.append(Step(self.t, x, state))
            earlier.append(state)
            output = None
            if self.t == n or self.either(0.6):
                output = self.readout(state)
                losses.append(losses[-1] + (output - self.fraction()) * output)
        loss = losses[-1]
        if self.either(0.3):
            loss = loss + self.weight("a0", 0) * self.weight("a0", 0) * Fraction(1, 7)            # a regulariser
        return Built(unrolled, loss, self.weights)

    def readout(self, state: list[Value]) -> Value:
        drawn = random.Random(len(state))             # no draw of its own: it can be built twice
        total = Value(Fraction(1, 3))
        for r in sorted(range(len(state)), key=lambda _: drawn.random()):
            total = total + self.weight(f"o{r}") * state[r]
        return total

    def input(self, state: list[Value], earlier: list[list[Value]], output: Value | None) -> list[Value]:
        """Numbers, what a layer below made, states, or the output before"""
        kind = self.random.randrange(5)
        if kind == 0 and output is not None:
            return [output]
        if kind == 1:
            return list(state)
        if kind == 2 and not self.markov:
            return [self.random.choice(self.random.choice(earlier)), Value(self.fraction())]
        if kind == 3:
            return [Value(self.fraction()) * Value(self.fraction())]
        return [Value(self.fraction())]


LATER = [pytest.param(range(k, k + 50), marks=pytest.mark.slow) for k in range(50, 300, 50)]
each_seed = pytest.mark.parametrize("seeds", [range(50), *LATER], ids=str)


@each_seed
def test_the_terms_of_a_ledger_are_the_gradients_of_untied_copies(seeds):
    for seed in seeds:
        tied, untied = Program(seed).build(), Program(seed, tied=False).build()
        assert tied.loss.data == untied.loss.data
        tied.loss.backward()
        untied.loss.backward()
        n, weights = len(tied.unrolled), [w for w in tied.weights.values() if w in gradients(tied.loss)]
        for ledger in ledgers(tied.loss, tied.unrolled, weights):
            name = ledger.weight.label
            expected = [untied.weights[name, t].grad if (name, t) in untied.weights else 0 for t in range(n + 1)]
            assert [ledger.elsewhere, *ledger.terms] == expected, name
            assert sum(ledger.terms) + ledger.elsewhere == ledger.total == ledger.weight.grad


@each_seed
def test_the_chain_rule_of_any_network_adds_up_to_the_gradient(seeds):
    for seed in seeds:
        built = Program(seed).build()
        built.unrolled.label()
        gradient = gradients(built.loss)
        for w in built.weights.values():
            if w in gradient:
                for unrolled in (built.unrolled, None):
                    rule = chain_rule(built.loss, w, unrolled)
                    assert rule.total == gradient[w] == sum(term.product for term in rule.terms)


def product_of(matrices):
    """The matrices multiplied, the last one on the left"""
    product = None
    for matrix in matrices:
        product = matrix if product is None else [
            [sum(a * b for a, b in zip(row, column)) for column in zip(*product)] for row in matrix
        ]
    return product


def by_value(row, values):
    """{Value: its derivative} where a Value may stand at several places, which share it"""
    found = dict.fromkeys(values, 0)
    for slope, value in zip(row, values):
        found[value] += slope
    return found


@each_seed
def test_where_the_state_carries_everything_the_product_of_the_jacobians_is_the_derivative(seeds):
    for seed in seeds:
        unrolled = Program(seed, markov=True).build().unrolled
        for row, o in zip(product_of(state_jacobians(unrolled)), unrolled.state):
            slopes = gradients(o)
            assert by_value(row, unrolled.initial) == {o_0: slopes.get(o_0, 0) for o_0 in unrolled.initial}


@each_seed
def test_each_jacobian_is_that_of_its_step_computed_from_leaves(seeds):
    for seed in seeds:
        unrolled = Program(seed, markov=True).build().unrolled
        program = Program(seed, markov=True, cut=True)
        cut = program.build().unrolled
        for t, jacobian in enumerate(state_jacobians(unrolled)):
            for row, o in zip(jacobian, cut[t].state):
                slopes = gradients(o)
                expected = [slopes.get(leaf, 0) for leaf in program.starts[t]]
                assert by_value(row, unrolled.states[t]) == by_value(expected, unrolled.states[t])


# ---------------------------------------------------------------------- networks that people build


def test_an_autonomous_network_reads_its_state_as_its_input():
    rnn = RNN.from_weights([[0.5]], [[0.8]], [[1.2]])
    unrolled = Unrolled([Value(0.3)], [])
    for t in (1, 2, 3):
        unrolled.steps.append(Step(t, unrolled.state, rnn.cell(unrolled.state, unrolled.state)))
    loss = (rnn.readout(unrolled.state)[0] - 1) ** 2
    terms = contributions(loss, unrolled, rnn.w_i[0][0])
    assert [round(term, 4) for term in terms] == [-0.2248, -0.2483, -0.2887]
    assert contributions(loss, unrolled, rnn.w_h[0][0]) == terms


def test_a_delay_line_has_an_identity_row_for_what_it_hands_on():
    w_i, a, b = Value(Fraction(1, 2)), Value(Fraction(2, 3)), Value(Fraction(-1, 5))
    unrolled = Unrolled([Value(Fraction(1)), Value(Fraction(2))], [])
    for t in (1, 2, 3):
        now, before = unrolled.state
        unrolled.steps.append(Step(t, [Value(Fraction(t))], [t * w_i + a * now + b * before, now]))
    assert state_jacobians(unrolled) == [[[a.data, b.data], [1, 0]]] * 3


def test_a_state_from_long_before_has_a_row_of_zeros():
    """o_3[1] is o_1[0]: it does not depend on o_2 but through no state in between"""
    w = Value(Fraction(1, 2))
    first = [w * 3, Value(Fraction(1))]
    second = [w * first[0], w * first[1]]
    third = [w * second[0], first[0]]
    unrolled = Unrolled([Value(3), Value(1)], [Step(1, [], first), Step(2, [], second), Step(3, [], third)])
    assert state_jacobians(unrolled)[2] == [[Fraction(1, 2), 0], [0, 0]]


def test_an_unchanged_state_read_by_a_readout_belongs_to_the_step_that_it_is_read_with():
    w, w_o = Value(Fraction(1, 2), label="w"), Value(Fraction(3), label="w_o")
    unrolled, loss = Unrolled([Value(Fraction(1)), Value(Fraction(2))], []), Value(0)
    for t in (1, 2, 3):
        now, before = unrolled.state
        unrolled.steps.append(Step(t, [], [w * now + before, now]))
        loss = loss + (w_o * unrolled.state[0] + w_o * unrolled.state[1]) * t
    expected = [t * (step.state[0].data + step.state[1].data) for t, step in enumerate(unrolled, start=1)]
    assert contributions(loss, unrolled, w_o) == expected


def test_an_encoder_that_the_decoder_attends_to_is_no_step_of_the_decoder():
    w, v = Value(Fraction(1, 2), label="w"), Value(Fraction(1, 3), label="v")
    read = [Value(Fraction(1)) * w, Value(Fraction(2)) * w]
    unrolled = Unrolled([Value(Fraction(0))], [])
    for t in (1, 2):
        state = unrolled.state[0]
        context = read[0] * state + read[1]           # attention, through no input
        unrolled.steps.append(Step(t, [], [v * (state + context)]))
    loss = unrolled.state[0] * unrolled.state[0]
    of_encoder, of_decoder = ledgers(loss, unrolled, [w, v])
    assert of_encoder.terms == [0, 0] and of_encoder.elsewhere == of_encoder.total != 0
    assert of_decoder.elsewhere == 0 and all(of_decoder.terms)


def test_a_layer_below_that_no_step_names_as_its_input_is_no_step_either():
    w, v = Value(Fraction(1, 2), label="w"), Value(Fraction(1, 3), label="v")
    below = [Value(Fraction(1))]
    for t in (1, 2, 3):
        below.append(w * below[-1] + t)
    unrolled = Unrolled([Value(Fraction(0))], [])
    for t in (1, 2, 3):
        unrolled.steps.append(Step(t, [], [v * (unrolled.state[0] + below[t])]))
    of_below, of_above = ledgers(unrolled.state[0] * 2, unrolled, [w, v])
    assert of_below.terms == [0, 0, 0] and of_below.elsewhere == of_below.total != 0
    assert of_above.elsewhere == 0 and all(of_above.terms)


def test_an_output_made_in_the_middle_of_a_step_is_of_that_step():
    w, w_o, loss = Value(Fraction(1, 2), label="w"), Value(Fraction(3), label="w_o"), Value(0)
    unrolled = Unrolled([Value(Fraction(1)), Value(Fraction(1))], [])
    for t in (1, 2):
        a = w * unrolled.state[0]
        loss = loss + w_o * a                         # before the other unit
        unrolled.steps.append(Step(t, [], [a, w * unrolled.state[1]]))
    assert contributions(loss, unrolled, w_o) == [Fraction(1, 2), Fraction(1, 4)]


def test_a_masked_step_hands_everything_on_and_its_readout_is_that_of_the_step_before():
    w, w_o = Value(Fraction(1, 2), label="w"), Value(Fraction(3), label="w_o")
    first = [w * 2]
    unrolled = Unrolled([Value(2)], [Step(1, [], first), Step(2, [], first)])
    last = [w * first[0]]
    unrolled.steps.append(Step(3, [], last))
    loss = w_o * last[0] + w_o * first[0]
    assert contributions(loss, unrolled, w_o) == [1, 0, Fraction(1, 2)]


def test_a_loss_inside_a_cell_still_finds_its_step():
    """The loss reads z_2, and o_2 is beyond it"""
    rnn = RNN.from_weights([[Fraction(1, 2)]], [[Fraction(1, 3)]], [[1]], activation="identity")
    unrolled = Unrolled([Value(Fraction(1))], [])
    for t in (1, 2):
        x = [Value(Fraction(t))]
        state = rnn.cell(x, unrolled.state)
        unrolled.steps.append(Step(t, x, [state[0] * 2]))
    loss = unrolled.state[0].operands[0]
    snapshot = Snapshot(loss, [unrolled])
    assert snapshot.cell_step[loss] == 2 and unrolled.state[0] in snapshot.beyond
    assert contributions(loss, unrolled, rnn.w_i[0][0]) == [Fraction(2, 3), 2]


# ---------------------------------------------------------------------- to the bit


def trained(seed):
    """A network of floats with a readout at every step, truncated or not, and its loss after backward()"""
    source = random.Random(seed)
    kind = source.choice([RNN, LSTM, GRU])
    net = kind(2, source.randint(1, 3), output_size=2, bias=True, fused=source.random() < 0.5, seed=seed)
    xs = [[source.uniform(-1, 1), source.uniform(-1, 1)] for _ in range(source.randint(2, 8))]
    unrolled = net.unroll(xs, truncate=source.choice([None, 1, 2, 3]))
    loss = Value(0)
    for step in unrolled:
        loss = loss + mse_loss(net.readout(step.state), [0.1, -0.2])
    loss.backward()
    return net, unrolled, loss


@pytest.mark.parametrize("seed", range(60))
def test_terms_added_from_the_last_step_are_the_gradient_to_the_bit_also_if_truncated(seed):
    net, unrolled, loss = trained(seed)
    for ledger in ledgers(loss, unrolled, net.parameters()):
        total = 0
        for term in reversed(ledger.terms):
            total += term
        assert total == ledger.weight.grad, ledger.weight.label


@pytest.mark.parametrize("seed", range(30))
def test_the_terms_of_a_weight_used_several_times_in_a_step_are_close_to_its_gradient(seed):
    source = random.Random(seed)
    w, unrolled, loss = Value(source.uniform(-1, 1)), Unrolled([Value(0.3)], []), Value(0)
    for t in range(1, 7):
        o = unrolled.state[0]
        unrolled.steps.append(Step(t, [], [(w * o + w * source.uniform(-1, 1) + w * w).tanh()]))
        loss = loss + w * unrolled.state[0]
    loss.backward()
    [ledger] = ledgers(loss, unrolled, [w])
    sizes = sum(abs(edge.contribution) for edge in Snapshot(loss).uses[w])
    assert abs(sum(ledger.terms) + ledger.elsewhere - w.grad) <= 1e-15 * sizes
