"""The backward pass as events, pinned to backward(), and how it is played in a terminal."""

import pytest
from conftest import close, lecture

from minigrad import Value
from minigrad.cli.player import play
from minigrad.graph import gradients
from minigrad.losses import mse_loss
from minigrad.nn import RNN
from minigrad.replay import replay
from minigrad.snapshot import Snapshot


class Watched(float):
    """A partial that notes the order in which backward() multiplies"""

    seen: list = []

    def __mul__(self, other):
        Watched.seen.append((float(self), float(other)))
        return float(self) * float(other)


def graphs():
    rnn = RNN(2, 3, output_size=2, bias=True, seed=1)
    unrolled = rnn.unroll([[1, 2], [0.5, -1], [0, 0.3]])
    total = Value(0)
    for step in unrolled:
        total = total + mse_loss(rnn.readout(step.state), [0.1, 0.2])
    _, lectures, _, loss = lecture()
    x = Value(2.0, label="x")
    return [(loss, lectures), (total, unrolled), (x * x + 3 * x, None)]


def test_events_come_in_the_order_of_backward_with_its_numbers():
    for loss, unrolled in graphs():
        events = replay(loss, unrolled, fold=False)
        for node in gradients(loss):
            node.partials = tuple(Watched(partial) for partial in node.partials)
        Watched.seen = []
        loss.backward()
        assert [(float(e.partial), float(e.upstream)) for e in events] == Watched.seen


def test_the_running_totals_end_at_the_gradients():
    for loss, unrolled in graphs():
        last = {event.operand: event.total for event in replay(loss, unrolled, fold=False)}
        loss.backward()
        assert last == {node: node.grad for node in last}
        assert len(last) == len(gradients(loss)) - 1


def test_there_is_one_event_for_each_operand():
    for loss, unrolled in graphs():
        assert len(replay(loss, unrolled, fold=False)) == sum(len(node.operands) for node in gradients(loss))


def test_a_loss_is_one_operation_so_that_the_first_event_is_the_derivative_with_respect_to_y_hat():
    _, unrolled, y_hat, loss = lecture()
    first, second, *_ = replay(loss, unrolled)
    assert first.description == "from L: ŷ gets 1 × −2.074 = −2.074"
    assert second.description.startswith("from L: y gets ")
    assert close(first.total, -1 / y_hat.data) and first.operand is y_hat
    assert "computed by BCE from ŷ (∂ = −2.074), y (∂ = 0.07104)" in played("p")[-1]


def test_whatever_is_folded_every_gradient_that_is_shown_is_that_of_backward():
    for loss, unrolled in graphs():
        totals = {event.operand: event.total for event in replay(loss, unrolled)}
        loss.backward()
        assert all(close(total, value.grad) for value, total in totals.items())


def test_an_account_is_a_sentence_in_the_lectures_names():
    _, unrolled, _, loss = lecture()
    accounts = [event.description for event in replay(loss, unrolled)]
    assert "from o₂: z₂ gets −0.4953 × 0.6965 = −0.345" in accounts
    assert "from o₁·w_h: w_h gets −0.345 × 0.4621 = −0.1594, and with the −0.3411 from before has −0.5005" in accounts


def test_replay_reads_and_writes_no_grad():
    _, unrolled, _, loss = lecture()
    before = [event.description for event in replay(loss, unrolled)]
    assert all(node.grad == 0 for node in gradients(loss))
    loss.backward()
    assert [event.description for event in replay(loss, unrolled)] == before


def test_every_value_of_any_graph_has_a_name():
    a, b = Value(1.5, label="a"), Value(2, label="b")
    root = ((a + b) * (a - 1) / b).exp() ** 2 - (-(a * b).tanh())
    names = set(Snapshot(root).name.values())
    assert {"a", "b", "1", "a + b", "a − 1", "a·b", "tanh(a·b)", "−tanh(a·b)"} <= names
    assert all(0 < len(name) <= 16 for name in names)


# ---------------------------------------------------------------------- playing it


def played(*commands):
    _, unrolled, _, loss = lecture()
    said: list[str] = []
    play(loss, unrolled, commands, said.append)
    return said


def test_next_and_back_move_by_one_event():
    said = played("", "n", "b", "b", "b")
    assert [line.split()[0] for line in said[1:5]] == ["1/26", "2/26", "3/26", "2/26"]
    assert said[5].split()[0] == "1/26" and said[6] == "this is the first event"


def test_go_finds_a_value_by_its_label_or_its_name():
    for label in ("o_2", "o₂"):
        assert "from o₂·w_h: o₂ gets" in played(f"g {label}")[-1]
    assert "there is no 'nobody' here; there are " in played("g nobody")[-1]


def test_the_neighbourhood_shows_what_made_a_value_and_what_uses_it():
    text = played("g o_2", "p")[-1]
    assert "o₂ = 0.5509, gradient so far −0.4953" in text
    assert "computed by tanh from z₂ (∂ = 0.6965)" in text and "used by o₂·w_h" in text


def test_quit_ends_it_and_so_does_the_end_of_the_input():
    assert len(played("n", "q", "n", "n")) == len(played("n")) == 3
    assert "last event" in played(*["n"] * 26)[-1]


def test_an_unknown_command_is_answered_with_the_help():
    assert played("jump")[-1].startswith("there is no command 'jump'.  n or Enter: next")


def test_a_leaf_has_no_pass_to_play():
    with pytest.raises(ValueError, match="there is no backward pass"):
        play(Value(1), None, [], print)
