"""What an unrolled network holds: its Steps, and what its states are called."""

import copy
from dataclasses import replace

import pytest

from minigrad import Value
from minigrad.nn import LSTM, RNN, Step, Unrolled


def a_step():
    return Step(2, [Value(1.0)], [Value(2.0)], [Value(3.0)], {"i": [Value(4.0)]})


def test_a_step_can_be_made_of_three_things_and_unpacks_as_them():
    x, state = [Value(1.0)], [Value(2.0)]
    step = Step(1, x, state)
    assert (step.cell, step.gates) == ([], {}) and step.carried == state
    t, given, made = step
    assert (t, given, made) == (1, x, state)


@pytest.mark.parametrize("change", [{"t": 3}, {"x": 1}, {"state": []}, {"cell": []}, {"gates": {}}])
def test_two_steps_are_equal_if_every_field_is_and_a_changed_copy_keeps_the_others(change):
    step = a_step()
    other = replace(step, **change)
    assert step == Step(step.t, step.x, step.state, step.cell, step.gates) and other != step
    assert replace(other, **{name: getattr(step, name) for name in change}) == step


def test_a_step_cannot_be_changed_and_can_be_copied():
    step = a_step()
    with pytest.raises(AttributeError):
        step.t = 3  # type: ignore[misc]
    copied = copy.deepcopy(step)
    assert copied.gates["i"][0].data == 4.0 and copied.gates["i"][0] is not step.gates["i"][0]
    assert repr(step) == "Step(t=2, x=[1], state=[2], cell=[3])"


def test_constants_and_one_hot_inputs_are_no_values():
    value = Value(1.0)
    assert [Step(1, x, []).inputs for x in ([value], (0.5, 1.0), 3)] == [[value], [], []]
    assert repr(Step(1, (0.5, 1.0), [])) == "Step(t=1, x=[0.5, 1], state=[])"


def labelled_states(*labels):
    unrolled = Unrolled([Value(0.0)], [])
    for t, label in enumerate(labels, start=1):
        unrolled.steps.append(Step(t, [], [Value(float(t), label=label)]))
    return unrolled


@pytest.mark.parametrize(("labels", "symbols"), [
    (("h_1", "h_2"), ("h",)), (("hid_1", "hid_2"), ("hid",)), (("", "s_2"), ("s",)), (("", ""), ("o",)),
    (("a", "b"), ("o",)), (("a_1", "b_2"), ("o",)), (("h_7", "h_8"), ("o",)),
])
def test_the_symbol_of_the_state_is_that_of_its_labels_if_they_agree(labels, symbols):
    assert labelled_states(*labels).state_symbols == symbols


def test_what_has_no_label_is_named_like_the_rest():
    unrolled = labelled_states("h_1", "", "h_3").label()
    assert [o.label for [o] in unrolled.states] == ["h_0", "h_1", "h_2", "h_3"]


def test_the_cells_of_an_lstm_have_a_symbol_of_their_own():
    unrolled = LSTM(1, 1).unroll([[1], [0.5]])
    assert unrolled.state_symbols == ("h", "c") and RNN(1, 1, fused=True).unroll([[1]]).state_symbols == ("o",)
