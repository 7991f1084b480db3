"""Weights in PyTorch's layout: against outputs of PyTorch that are frozen here, and against PyTorch where it is."""

import math
import random

import pytest
import torch_reference as reference
from conftest import close

from minigrad.nn import (
    GRU,
    LSTM,
    RNN,
    Linear,
    from_torch_state_dict,
    readout_state_dict,
    to_torch_state_dict,
)

GATES = {"RNN tanh": 1, "RNN relu": 1, "GRU": 3, "LSTM": 4}
NETWORKS = [
    pytest.param(lambda bias: RNN(3, 4, 2, bias=bias, seed=1), "RNN", {}, id="RNN"),
    pytest.param(lambda bias: RNN(3, 4, 2, activation="relu", bias=bias), "RNN", {"nonlinearity": "relu"}, id="relu"),
    pytest.param(lambda bias: GRU(3, 4, 2, bias=bias, seed=1), "GRU", {}, id="GRU"),
    pytest.param(lambda bias: LSTM(3, 4, 2, bias=bias, seed=1), "LSTM", {}, id="LSTM"),
]
XS = [[math.sin(3 * t + i) for i in range(3)] for t in range(5)]


def numbers(nested):
    return [numbers(item) for item in nested] if isinstance(nested, list) else nested.data


def assert_all_close(got, expected):
    if isinstance(expected, list):
        assert len(got) == len(expected)
        for a, b in zip(got, expected):
            assert_all_close(a, b)
    else:
        assert math.isclose(got, expected, rel_tol=1e-12, abs_tol=1e-15)


def state_of(kind):
    """The state_dict() that gave reference.STACKED"""
    rows, state = 2 * GATES[kind], {}
    for k, key in enumerate(reference.STATE_KEYS):
        columns = 4 if key.startswith("weight_ih_l1") else 2
        made = reference.matrix(rows, columns, 3 * k + 1)
        state[key] = made if key.startswith("weight") else reference.numbers(rows, 3 * k + 1)
    return state


def outputs(layers, xs):
    """What stacked bidirectional layers give at each step: the states of both directions side by side"""
    for forward, reverse in layers:
        there, back = forward.unroll(xs).states[1:], reverse.unroll(xs[::-1]).states[:0:-1]
        xs = [[*a, *b] for a, b in zip(there, back)]
    return numbers(xs)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("kind", GATES)
def test_weights_of_pytorch_give_its_outputs(kind, fused):
    activation = "relu" if kind == "RNN relu" else "tanh"
    layers = from_torch_state_dict(state_of(kind), activation=activation, fused=fused)
    assert type(layers[0][0]).__name__ == kind[:4].strip() and layers[1][1].fused is fused
    assert_all_close(outputs(layers, reference.XS), reference.STACKED[kind])


@pytest.mark.parametrize("kind", GATES)
def test_there_and_back_again_is_the_same_network(kind):
    layers = from_torch_state_dict(state_of(kind))
    state = to_torch_state_dict(layers)
    assert list(state) == reference.STATE_KEYS
    again = from_torch_state_dict(state)
    assert to_torch_state_dict(again) == state and outputs(again, reference.XS) == outputs(layers, reference.XS)


def test_the_gates_stand_one_below_the_other_in_pytorchs_order():
    lstm = LSTM.from_weights(**reference.WEIGHTS["LSTM"])
    given, state = reference.WEIGHTS["LSTM"], to_torch_state_dict(lstm)
    assert state["weight_ih_l0"] == given["w_ii"] + given["w_if"] + given["w_ig"] + given["w_io"]
    assert state["weight_hh_l0"] == given["w_hi"] + given["w_hf"] + given["w_hg"] + given["w_ho"]
    assert state["bias_hh_l0"] == given["b_hi"] + given["b_hf"] + given["b_hg"] + given["b_ho"]
    assert state["bias_ih_l0"] == [0.0] * 8
    given, state = reference.WEIGHTS["GRU"], to_torch_state_dict(GRU.from_weights(**reference.WEIGHTS["GRU"]))
    assert state["weight_ih_l0"] == given["w_ir"] + given["w_iz"] + given["w_in"]
    assert state["bias_ih_l0"] == [0.0] * 4 + given["b_in"]
    assert state["bias_hh_l0"] == given["b_hr"] + given["b_hz"] + given["b_hn"]


@pytest.mark.parametrize(("make", "name", "given"), NETWORKS)
@pytest.mark.parametrize("bias", [False, True])
def test_the_entries_are_those_of_the_module_and_hold_plain_floats(make, name, given, bias):
    state, rows = to_torch_state_dict(make(bias)), 4 * {"RNN": 1, "GRU": 3, "LSTM": 4}[name]
    assert list(state) == ["weight_ih_l0", "weight_hh_l0", *(["bias_ih_l0", "bias_hh_l0"] if bias else [])]
    assert (len(state["weight_ih_l0"]), len(state["weight_ih_l0"][0])) == (rows, 3)
    assert all(type(x) is float for row in state["weight_hh_l0"] for x in row)
    readout = readout_state_dict(make(bias))
    assert list(readout) == (["weight", "bias"] if bias else ["weight"]) and len(readout["weight"]) == 2


def test_the_readout_is_a_linear_and_comes_back_with_the_network():
    lstm = LSTM(2, 3, 2, bias=True, seed=4)
    again = from_torch_state_dict(to_torch_state_dict(lstm), readout=readout_state_dict(lstm))
    assert [w.data for w in again.parameters()] == [w.data for w in lstm.parameters()]
    assert [w.label for w in again.parameters()] == [w.label for w in lstm.parameters()]
    linear = from_torch_state_dict(readout_state_dict(lstm))
    assert isinstance(linear, Linear) and numbers(linear([1, 2, 3])) == numbers(lstm.readout([1, 2, 3]))
    assert to_torch_state_dict(linear) == readout_state_dict(lstm)


def test_without_a_readout_the_state_is_read_as_it_is():
    gru = from_torch_state_dict(to_torch_state_dict(GRU(1, 2)))
    assert numbers(gru.readout([0.3, -0.4])) == [0.3, -0.4]


def test_anything_that_can_be_made_a_list_is_taken():
    class Array:
        def __init__(self, rows):
            self.rows = rows

        def tolist(self):
            return self.rows

    state = {key: Array(w) for key, w in to_torch_state_dict(RNN(2, 3, bias=True)).items()}
    assert numbers(from_torch_state_dict(state).w_h) == numbers(RNN(2, 3, bias=True).w_h)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight_hh_l0": None}, "weight_hh_l0 is missing; there are weight_ih_l0, bias_ih_l0, bias_hh_l0"),
        ({"bias_ih_l0": None}, "bias_ih_l0 is missing"),
        ({"weight_hh_l0": [[1, 2]] * 5}, "weight_hh_l0 is 5 × 2; it must have 1, 3 or 4 times as many rows as columns"),
        ({"weight_ih_l0": [[1.0]] * 5}, "weight_ih_l0 has 5 rows; it must have 6"),
        ({"bias_hh_l0": [1.0] * 4}, "bias_hh_l0 has 4 rows; it must have 6"),
        ({"bias_hh_l0": [[1.0]] * 6}, "bias_hh_l0 is .*; it must be a list of numbers"),
        ({"weight_ih_l0": [[1.0], [1, 2]]}, "weight_ih_l0 is .*; it must be a list of rows of equal length"),
        ({"weight_ih_l0": 3}, "weight_ih_l0 is 3; it must be a list of rows"),
        ({"weight_hr_l0": [[1.0]]}, r"'weight_hr_l0' is unknown; pass the state_dict\(\) of a torch.nn.RNN"),
        ({"weight_ih_l2": [[1.0]]}, "weight_hh_l1 is missing"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_named(change, message):
    state = {**to_torch_state_dict(GRU(1, 2, bias=True)), **change}
    with pytest.raises(ValueError, match=f"from_torch_state_dict: {message}"):
        from_torch_state_dict({key: item for key, item in state.items() if item is not None})


def test_what_pytorch_has_not_is_refused():
    with pytest.raises(ValueError, match=r"torch\.nn\.RNN has no identity, only tanh and relu"):
        to_torch_state_dict(RNN(1, 1, activation="identity"))
    with pytest.raises(TypeError, match="is not an RNN, LSTM or GRU"):
        to_torch_state_dict(3)
    with pytest.raises(ValueError, match=r"activation 'relu' is for torch\.nn\.RNN, .* LSTM"):
        from_torch_state_dict(to_torch_state_dict(LSTM(1, 1)), activation="relu")
    with pytest.raises(ValueError, match="readout goes with one layer of one direction"):
        from_torch_state_dict(to_torch_state_dict([RNN(1, 1), RNN(1, 1)]), readout=readout_state_dict(RNN(1, 1)))


# ---------------------------------------------------------------------- where PyTorch is installed


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed here")


def loaded(torch, module, state):
    module = module.double()
    module.load_state_dict({key: torch.tensor(w, dtype=torch.float64) for key, w in state.items()}, strict=True)
    return module


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("make", "name", "given"), NETWORKS)
def test_a_network_made_here_loads_into_pytorch_and_gives_the_same_outputs(torch, make, name, given, bias):
    network = make(bias)
    module = loaded(torch, getattr(torch.nn, name)(3, 4, bias=bias, **given), to_torch_state_dict(network))
    head = loaded(torch, torch.nn.Linear(4, 2, bias=bias), readout_state_dict(network))
    states, _ = module(torch.tensor(XS, dtype=torch.float64))
    unrolled = network.unroll(XS)
    assert_all_close(numbers(unrolled.states[1:]), states.tolist())
    assert_all_close(numbers(network.readout(unrolled.state)), head(states[-1]).tolist())


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_a_network_of_pytorch_comes_here_with_its_own_start(torch, name):
    torch.manual_seed(3)
    module = getattr(torch.nn, name)(3, 4, num_layers=2, bidirectional=True).double()
    layers = from_torch_state_dict(module.state_dict(), fused=True)
    states, _ = module(torch.tensor(XS, dtype=torch.float64))
    assert_all_close(outputs(layers, XS), states.tolist())


def test_a_network_trained_here_gives_the_same_in_pytorch(torch):
    from minigrad.losses import mse_loss
    from minigrad.optim import SGD

    lstm, source = LSTM(3, 4, bias=True, fused=True), random.Random(1)
    optimizer = SGD(lstm.parameters(), lr=0.1)
    for _ in range(5):
        loss = mse_loss(lstm.readout(lstm.unroll(XS).state), [source.uniform(-1, 1)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    module = loaded(torch, torch.nn.LSTM(3, 4), to_torch_state_dict(lstm))
    h = module(torch.tensor(XS, dtype=torch.float64))[0][-1].tolist()
    assert all(close(a, b) for a, b in zip(numbers(lstm.unroll(XS).state), h))


@pytest.mark.parametrize("layers", [
    [], [RNN(2, 3), RNN(3, 3, activation="relu")], [RNN(2, 3), LSTM(3, 3)], [RNN(2, 3, bias=True), RNN(3, 3)],
    [(RNN(2, 3), RNN(2, 3), RNN(2, 3))], [RNN(2, 3), RNN(2, 3)], [(RNN(2, 3), RNN(2, 3)), RNN(6, 3)],
], ids=str)
def test_layers_that_are_no_module_of_pytorch_are_refused(layers):
    with pytest.raises(ValueError, match=r"one PyTorch module needs layers of one kind|must be 3, "):
        to_torch_state_dict(layers)


def test_a_module_in_place_of_its_state_dict_is_refused():
    class Module:
        def state_dict(self):
            return {}

    for given in ({"state": Module()}, {"state": to_torch_state_dict(RNN(1, 1)), "readout": Module()}):
        with pytest.raises(TypeError, match=r"pass the module's state_dict\(\), not the module"):
            from_torch_state_dict(**given)
    with pytest.raises(TypeError, match="has no readout; pass an RNN, LSTM or GRU"):
        readout_state_dict(Linear(1, 1))              # type: ignore[arg-type]
