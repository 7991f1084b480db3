"""One reading of a graph: what it holds, that it walks once, and what it tells of a pass that is not over."""

import random
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
from conftest import lecture

from minigrad import Value, graph, ledger, sigmoid, snapshot
from minigrad.bptt import contributions, gradient_flow, ledgers, state_jacobians
from minigrad.cli.player import play
from minigrad.explain import chain_rule
from minigrad.graph import gradients, topological_order
from minigrad.losses import binary_cross_entropy, mse_loss
from minigrad.nn import GRU, LSTM, RNN, Step, Unrolled
from minigrad.replay import replay
from minigrad.snapshot import Snapshot

# ---------------------------------------------------------------------- gradients


def random_graph(seed, n=12):
    """A graph of sums and products of Fractions, in which no contribution is 0"""
    source = random.Random(seed)
    numbers = [Fraction(source.choice([-3, -2, 2, 3, 5]), source.choice([1, 7])) for _ in range(3)]
    values = [Value(number, label=f"v_{k}") for k, number in enumerate(numbers)]
    for _ in range(n):
        a, b = source.choice(values), source.choice(values[-4:])
        values.append(source.choice([a * b, a + b + 1, a * b + 3]))
    return values[-1]


@pytest.mark.parametrize("seed", range(20))
def test_its_gradients_are_those_of_backward_and_no_grad_is_read_or_written(seed):
    loss = random_graph(seed)
    for k, node in enumerate(topological_order(loss)):
        node.grad = k + 1
    read = Snapshot(loss)
    assert [node.grad for node in read.order] == list(range(1, len(read.order) + 1))
    for node in read.order:
        node.grad = 0
    loss.backward()
    assert read.gradient == {node: node.grad for node in read.order}
    assert read.data == {node: node.data for node in read.order}


@pytest.mark.parametrize("seed", range(20))
def test_the_edges_of_a_value_add_up_to_its_gradient(seed):
    read = Snapshot(random_graph(seed))
    assert len(read.edges) == sum(len(node.operands) for node in read.order)
    for node, sent in read.uses.items():
        assert all(edge.user.operands[edge.position] is node for edge in sent)
        total = 0
        for edge in sent:
            total += edge.contribution
            assert edge.contribution == edge.partial * edge.upstream and edge.total == total
        assert total == read.gradient[node] or node is read.loss


class Interrupted(Exception):
    pass


class Partial:
    """A partial that raises once a number of them have been multiplied"""

    left = 0

    def __init__(self, number):
        self.number = number

    def __mul__(self, other):
        if Partial.left == 0:
            raise Interrupted
        Partial.left -= 1
        return self.number * other


def interrupted_after(loss, k):
    """A pass that stops after k edges"""
    partials = {node: node.partials for node in topological_order(loss)}
    for node in partials:
        node.partials = tuple(Partial(x) for x in node.partials)
    Partial.left = k
    with pytest.raises(Interrupted):
        loss.backward()
    for node, kept in partials.items():
        node.partials = kept


@pytest.mark.parametrize("seed", range(12))
def test_in_the_middle_of_a_pass_memory_tells_how_many_edges_were_carried(seed):
    for k in range(len(Snapshot(random_graph(seed)).edges)):
        loss = random_graph(seed)
        interrupted_after(loss, k)
        read = Snapshot(loss, grads="stored")
        assert read.edges_added == k
        assert read.gradient == {node: node.grad for node in read.order}
        final = Snapshot(loss).gradient
        for edge in read.edges[:k]:                   # its user had everything when it was carried
            assert edge.upstream == final[edge.user] and edge.contribution == edge.partial * edge.upstream


@pytest.mark.parametrize("seed", range(12))
def test_where_leaves_held_gradients_only_edges_to_leaves_are_in_doubt(seed):
    for k in range(len(Snapshot(random_graph(seed)).edges)):
        loss = random_graph(seed)
        for node in topological_order(loss):
            node.grad = Fraction(1001, 997) if not node.operands else 0
        interrupted_after(loss, k)
        read = Snapshot(loss, grads="stored")
        assert read.edges_added is not None and read.edges_added >= k
        assert not any(edge.operand.operands for edge in read.edges[k : read.edges_added])


def test_before_and_after_a_pass_and_after_that_of_another_loss():
    x = Value(3.0, label="x")
    shared = x * x
    loss, other = shared * 2, shared * 5
    assert Snapshot(loss, grads="stored").edges_added == 0 and not Snapshot(loss).backward_ran
    loss.backward()
    assert Snapshot(loss, grads="stored").edges_added == len(Snapshot(loss).edges) and Snapshot(loss).backward_ran
    loss.backward()                                   # x has both passes
    assert Snapshot(loss, grads="stored").edges_added == len(Snapshot(loss).edges)
    other.backward()
    assert Snapshot(loss, grads="stored").edges_added is None


def test_without_gradients_there_is_data_alone():
    read = Snapshot(random_graph(1), grads=None)
    assert read.gradient == {} and read.data and {edge.contribution for edge in read.edges} == {None}
    assert read.name and read.role


def test_it_cannot_be_changed_and_refuses_what_it_cannot_read():
    _, unrolled, _, loss = lecture()
    with pytest.raises(FrozenInstanceError):
        Snapshot(loss).gradient = {}  # type: ignore[misc]
    with pytest.raises(ValueError, match=r'grads is .all.; it must be "computed", "stored" or None'):
        Snapshot(loss, grads="all")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a list of Unrolleds, as in Snapshot\(loss, \[unrolled\]\)"):
        Snapshot(loss, unrolled)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is not a Value"):
        Snapshot(0.5)  # type: ignore[arg-type]


# ---------------------------------------------------------------------- one walk


def walks_of(call, monkeypatch) -> int:
    """How many walks of a whole graph a call takes; those that stop at given nodes are inner walks"""
    counted = []

    def counting(root, stop_at=(), **given):
        if not stop_at:
            counted.append(root)
        return topological_order(root, stop_at, **given)

    with monkeypatch.context() as patched:
        for module in (graph, ledger, snapshot):
            patched.setattr(module, "topological_order", counting)
        call()
    return len(counted)


CALLS = {
    "contributions": lambda rnn, unrolled, loss: contributions(loss, unrolled, rnn.w_h),
    "ledgers": lambda rnn, unrolled, loss: ledgers(loss, unrolled, rnn.parameters()),
    "gradient_flow": lambda rnn, unrolled, loss: gradient_flow(loss, unrolled),
    "state_jacobians": lambda rnn, unrolled, loss: state_jacobians(unrolled),
    "chain_rule": lambda rnn, unrolled, loss: str(chain_rule(loss, rnn.w_h[0][0], unrolled)),
    "replay": lambda rnn, unrolled, loss: replay(loss, unrolled),
    "play": lambda rnn, unrolled, loss: play(loss, unrolled, ["g w_h", "p", "n", "b"], lambda said: None),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("units", [1, 2])
def test_a_public_call_walks_the_graph_once(call, units, monkeypatch):
    rnn = RNN(1, units, seed=1)
    unrolled = rnn.unroll([[1], [0.5], [-1]])
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    assert walks_of(lambda: call(rnn, unrolled, loss), monkeypatch) == 1


def test_of_a_truncated_loss_what_was_cut_is_walked_once_more(monkeypatch):
    rnn = RNN(1, 1, seed=1)
    unrolled = rnn.unroll([[1], [0.5], [-1], [0.2]], truncate=1)
    loss = mse_loss(rnn.readout(unrolled.state), [1])
    assert walks_of(lambda: ledgers(loss, unrolled, rnn.parameters()), monkeypatch) == 1 + 1


# ---------------------------------------------------------------------- roles


def roles_of(read):
    """{role: the names that have it, in order}"""
    return {role: [read.name[v] for v in read.order if read.role[v] == role] for role in set(read.role.values())}


def test_the_roles_of_the_lectures_network():
    _, unrolled, _, loss = lecture()
    found = roles_of(Snapshot(loss, [unrolled]))
    assert found["weight"] == ["w_i", "w_h", "w_o"] and found["input"] == ["x₁", "x₂", "x₃"]
    assert found["state"] == ["o₀", "o₁", "o₂", "o₃"] and found["output"] == ["ŷ"]
    assert found["target"] == ["y"] and found["loss"] == ["L"] and found["constant"] == ["1", "1"]


def test_gates_and_cells_have_roles():
    net = LSTM(1, 1, seed=1)
    unrolled = net.unroll([[1], [0.5]])
    found = roles_of(Snapshot(net.readout(unrolled.state)[0] * 2, [unrolled]))
    assert found["cell"] == ["c₀", "c₁", "c₂"] and found["state"] == ["h₀", "h₁", "h₂"]
    assert {name[0] for name in found["gate"]} == set("ifgo") and len(found["gate"]) == 8
    unrolled = GRU(1, 1, seed=1).unroll([[1], [0.5]])
    assert len(roles_of(Snapshot(unrolled.state[0], [unrolled]))["gate"]) == 6


def test_a_weight_is_known_by_its_use_and_not_by_how_its_label_begins():
    w, y_scale, x_shift = Value(0.5), Value(2.0, label="y_scale"), Value(0.1, label="x_shift")
    unrolled = Unrolled([Value(1.0)], [])
    for t in (1, 2):
        unrolled.steps.append(Step(t, [], [w * unrolled.state[0] * y_scale + x_shift]))
    loss = unrolled.state[0] * 2
    role = Snapshot(loss, [unrolled]).role
    assert [role[v] for v in (w, y_scale, x_shift)] == ["weight"] * 3


@pytest.mark.parametrize(("label", "role"), [
    ("x", "input"), ("x_1", "input"), ("x1", "input"), ("x[0]", "input"), ("x_2[1]", "input"), ("y", "target"),
    ("y_3", "target"), ("y[0]", "target"), ("y_scale", "weight"), ("xs", "weight"), ("yes", "weight"), ("w", "weight"),
    ("", "constant"),
])
def test_without_an_unrolled_a_whole_label_with_its_index_tells_the_role_of_a_leaf(label, role):
    leaf = Value(2.0, label=label)
    assert Snapshot(leaf * leaf).role[leaf] == role


def test_a_role_that_is_told_comes_first():
    w, h = Value(0.5, label="x_weight"), Value(1.0, label="x_1")
    out = w * h
    out.label = "prediction"
    read = Snapshot(out * out, roles={h: "weight", "x_weight": "input", "prediction": "output"})
    assert [read.role[v] for v in (h, w, out)] == ["weight", "input", "output"]
    with pytest.raises(ValueError, match="'wight' is not a role; the roles are input, target, weight"):
        Snapshot(out, roles={w: "wight"})
    with pytest.raises(ValueError, match="'nobody' is not a Value of the graph"):
        Snapshot(out, roles={"nobody": "input"})


def test_a_state_read_as_an_input_is_a_state_and_a_readout_fed_back_an_output():
    rnn = RNN(1, 1, seed=1)
    unrolled = Unrolled([Value(0.5)], [])
    x = [Value(1.0)]
    for t in (1, 2):
        unrolled.steps.append(Step(t, x, rnn.cell(x, unrolled.state)))
        x = rnn.readout(unrolled.state)
    unrolled.steps.append(Step(3, unrolled.state, rnn.cell(unrolled.state, unrolled.state)))
    role = Snapshot(unrolled.state[0] * 2, [unrolled]).role
    assert role[unrolled[1].x[0]] == "output" and role[unrolled[1].state[0]] == "state"  # type: ignore[index]
    assert role[unrolled[0].x[0]] == "input"  # type: ignore[index]


# ---------------------------------------------------------------------- names


def test_names_are_different_but_for_constants_and_none_is_a_label_of_another():
    taken = Value(1.5, label="v_6")
    a, b = Value(2.0, label="a"), Value(3.0, label="a")
    loss = ((a + b + taken) * (a - 1) * (b - 1) + taken * a * b).tanh() * (a + b + taken)
    read = Snapshot(loss)
    named = [read.name[v] for v in read.order if read.role[v] != "constant"]
    assert len(set(named)) == len(named) and read.name[taken] == "v₆" and {"a", "a′"} <= set(named)


@pytest.mark.parametrize("seed", range(30))
def test_in_any_graph_the_names_are_different(seed):
    loss = random_graph(seed, n=25)
    for k, node in enumerate(topological_order(loss)):
        if k % 3 == seed % 3:
            node.label = random.Random(seed + k).choice(["v_6", "v_9", "w", "s", "a·b", "L", "w" * 40])
    read = Snapshot(loss)
    named = [read.name[v] for v in read.order if read.role[v] != "constant"]
    assert len(set(named)) == len(named)
    labels = {v.label for v in read.order} | {"v₆", "v₉"}
    assert not [v for v in read.order if not v.label and read.name[v] in labels]


def test_a_long_label_is_shortened_where_one_can_see_it_and_keeps_its_indices():
    w = Value(2.0, label="the_weight_of_the_hidden_layer_at_the_output[12][3]")
    read = Snapshot(w * w)
    assert read.name[w] == "the_weight_of_t…[12][3]" or ("…" in read.name[w] and read.name[w].endswith("[12][3]"))
    assert len(read.name[w]) <= 24 and read.name[w].startswith("the_weight")
    assert "the_weight" in str(chain_rule(w * w, w)) and "…" in str(chain_rule(w * w, w))


def own_loop(label, n=3):
    """h_t = tanh(w·h_{t−1} + x_t), the states labelled by their maker"""
    w, state = Value(0.5, label="w"), [Value(0.3)]
    unrolled = Unrolled(state, [])
    for t in range(1, n + 1):
        state = [(w * state[0] + t * 0.1).tanh()]
        state[0].label = f"{label}_{t}"
        unrolled.steps.append(Step(t, [], state))
    y_hat = sigmoid(state[0] * 2)
    return w, unrolled, binary_cross_entropy(y_hat, 1)


@pytest.mark.parametrize(("label", "last"), [("h", "h₃"), ("hidden", "hidden₃"), ("s", "s₃")])
def test_states_keep_the_letters_of_their_maker_everywhere(label, last):
    w, unrolled, loss = own_loop(label)
    read = Snapshot(loss, [unrolled])
    assert unrolled.state_symbols == (label,) and read.name[unrolled.state[0]] == last
    assert read.name[unrolled.initial[0]] == f"{label}₀"
    assert not [name for name in read.name.values() if name.startswith("o")]
    rule = str(chain_rule(loss, w, unrolled))
    assert f"∂{last}/∂" in rule and "∂o" not in rule


def test_the_norms_of_a_grouped_rule_speak_of_the_makers_letters():
    w = [[Value(0.1 * (r + c + 1), label=f"w[{r}][{c}]") for c in range(2)] for r in range(2)]
    state = [Value(0.3), Value(0.4)]
    unrolled = Unrolled(state, [])
    for t in (1, 2, 3):
        state = [(row[0] * state[0] + row[1] * state[1]).tanh() for row in w]
        for i, value in enumerate(state):
            value.label = f"h_{t}[{i}]"
        unrolled.steps.append(Step(t, [], state))
    rule = str(chain_rule(state[0] + state[1], w[0][0], unrolled))
    assert "‖∂h₃/∂h₁‖" in rule and "∂o" not in rule


def test_the_cells_of_two_networks_have_different_names():
    rnn = RNN(1, 1, fused=True, seed=1)
    there, back = rnn.unroll([[1.0], [0.3]]), rnn.unroll([[0.3], [1.0]])
    read = Snapshot(there.state[0] * back.state[0], [there, back])
    named = [read.name[v] for v in (there.state[0], back.state[0])]
    assert named == ["o₂", "o₂′"]


def test_what_a_gradient_reached_beyond_a_cut_is_what_untruncated_copies_get():
    """A state cut twice, handed on in between, and read by a cell that looks past the cut"""
    w = Value(Fraction(1, 2), label="w")
    state = [Value(Fraction(1)), Value(Fraction(2))]

    def build(cut):
        unrolled, carried = Unrolled(state, []), state
        for t in (1, 2, 3, 4):
            if cut and t > 1:
                carried = unrolled.cut(carried)
            late = unrolled.states[max(0, t - 3)][0]
            carried = [w * carried[0] + carried[1] * late, carried[0]]
            unrolled.steps.append(Step(t, [], carried))
        return unrolled, carried[0] * carried[0] + unrolled[1].state[0]

    unrolled, loss = build(cut=True)
    whole, full = build(cut=False)
    [ledger], [expected] = ledgers(loss, unrolled, [w]), ledgers(full, whole, [w])
    assert [a + b for a, b in zip(ledger.terms, ledger.cut)] == expected.terms
    assert ledger.full == expected.total == gradients(full)[w] != ledger.total


@pytest.mark.parametrize(("before", "after"), [(2, 4), (4, 2)])
def test_the_sums_by_time_step_are_those_of_the_first_unrolled_whatever_others_are_read_with_it(before, after):
    """One RNN as encoder and as decoder, of another number of steps"""
    rnn = RNN.from_weights([[Fraction(1, 2)]], [[Fraction(2, 3)]], [[Fraction(3)]], activation="identity")
    encoder = rnn.unroll([[Fraction(1)]] * before)
    decoder = rnn.unroll([[Fraction(1, 5)]] * after, encoder.state)
    loss = mse_loss(rnn.readout(decoder.state), [1])
    for first, other in ((encoder, decoder), (decoder, encoder)):
        read = Snapshot(loss, [first, other])
        assert read.ledgers == {w: ledgers(loss, first, [w])[0] for w in rnn.parameters()}
        assert read.jacobians == state_jacobians(first)
