"""The shapes of recurrent networks against figures of PyTorch, and the terms of their gradients by time step."""

import copy
import runpy

import pytest
from conftest import ROOT, close, need
from shapes import NUMBERS, SHAPES, Setting, encoder_decoder, flat, one_to_many, stacked

from minigrad import Value
from minigrad.bptt import contributions, gradient_flow, ledgers, state_jacobians
from minigrad.draw import engines
from minigrad.explain import chain_rule
from minigrad.graph import gradients
from minigrad.losses import binary_cross_entropy_with_logits
from minigrad.nn import RNN, Step, Unrolled
from minigrad.replay import replay
from minigrad.snapshot import Snapshot

LESSON = ROOT / "examples" / "09_types_of_rnn.py"
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
fused_or_not = pytest.mark.parametrize("fused", [False, True], ids=["unfused", "fused"])
scalar_or_vector = pytest.mark.parametrize("size", [1, 2], ids=["scalar", "vector"])

# PyTorch 2.13, float64, torch.nn.RNN(2, 2) with weight_ih_l0, weight_hh_l0, bias_ih_l0 = A or B and bias_hh_l0 = 0, and
# torch.nn.Linear for the readout; the loss is binary_cross_entropy_with_logits(s, 1) of one output, else mse_loss.
#   one_to_many       y = x_1; three times: h, h_n = rnn(y, h_n); y = linear(h)
#   encoder_decoder   _, h_n = encoder(xs); h, _ = decoder([0, y_1, y_2], h_n); linear(h)
#   bidirectional     RNN(2, 2, bidirectional=True), the weights of B those with _reverse; Linear(4, 1)(h)
#   stacked           RNN(2, 2, num_layers=2), the weights of B those of layer 1; linear(h[-1])
TORCH: dict = {
    "one_to_one": {
        "outputs": [0.81160853827617108],
        "loss": 0.36751611464805439,
        "rnn.w_i": [[-0.16513080469359073, 0.082565402346795366], [0.13157492677622487, -0.065787463388112435]],
        "rnn.w_h": [[0, 0], [0, 0]],
        "rnn.b_h": [-0.16513080469359073, 0.13157492677622487],
        "out.weight": [[-0.19533868324296533, 0.11685247957586378]],
        "out.bias": [-0.30754783190424906],
    },
    "one_to_many": {
        "outputs": [
            0.81160853827617108, -0.17541958786247125, 0.63791481935319161, 0.2907073568718489,
            0.16096118366356982, 0.47552540728875692,
        ],
        "loss": 0.24235747286173789,
        "rnn.w_i": [[0.060103677481555456, -0.079040664624508816], [-0.14834352664845624, 0.053035975379675096]],
        "rnn.w_h": [[-0.033486929003638928, -0.057619956129783018], [-0.034696922841951243, 0.0027344271967703303]],
        "rnn.b_h": [0.035397487906199787, -0.16206363383825587],
        "out.weight": [[0.23736065278323529, -0.047550272408481829], [-0.029335991276432379, -0.057277381657832742]],
        "out.bias": [0.28004207438600442, -0.10050926417356669],
    },
    "many_to_one": {
        "outputs": [-0.51073416707130781],
        "loss": 0.98077209355775152,
        "rnn.w_i": [[0.36683902330760804, -0.088987321095713431], [-0.1743079232086879, 0.17081516330312496]],
        "rnn.w_h": [[-0.16909959183453188, -0.31318169695313164], [0.22219829363148508, 0.1637175132961603]],
        "rnn.b_h": [-0.31966328507640424, 0.4286415165097483],
        "out.weight": [[0.31718296430424098, -0.12996433396036475]],
        "out.bias": [-0.62497856459214718],
    },
    "many_to_many": {
        "outputs": [
            0.81160853827617108, -0.17541958786247125, 0.10049233739566506, 0.54039820573671082,
            -0.51073416707130781, -0.10668799820637798,
        ],
        "loss": 0.4208049686263689,
        "rnn.w_i": [[0.30079055578703912, -0.08302775767524638], [0.043000891268621069, 0.076423491802169785]],
        "rnn.w_h": [[-0.12171571950280735, -0.22470422646354324], [0.030120421951362698, -0.081086112101340257]],
        "rnn.b_h": [-0.19247598019776446, 6.8957365211758104e-05],
        "out.weight": [[0.29183262066474835, 0.023173998003053319], [0.24242041528909408, 0.032728919036550549]],
        "out.bias": [-0.099544430466490474, -0.18056979344404606],
    },
    "encoder_decoder": {
        "outputs": [
            -0.36049412165076211, 0.32303019478466199, -0.48087311383363424, 0.40113729829029976,
            0.29299014460019346, 0.2561688380338849,
        ],
        "loss": 0.29178422011602767,
        "encoder.w_i": [
            [0.075570475062715942, -0.087085645572781353],
            [0.090020522948550522, -0.0004294830689186054],
        ],
        "encoder.w_h": [[-0.11200669774408567, -0.07402482446911289], [0.0004277984736584528, -0.052670025537734436]],
        "encoder.b_h": [-0.21810363537253658, 0.027224210551584353],
        "decoder.w_i": [[0.080824049207488036, -0.02356525256937023], [0.042062341780780693, -0.010552137285371847]],
        "decoder.w_h": [[0.12128733548799731, -0.081777663103136417], [-0.077351599202487978, -0.042663535680934145]],
        "decoder.b_h": [-0.25498357010574335, 0.080764085424280346],
        "out.weight": [[0.004507664153805332, -0.24982566978099643], [-0.12832467937766395, 0.12302300564289363]],
        "out.bias": [-0.41612569696140089, 0.060112110369615557],
    },
    "bidirectional": {
        "outputs": [1.2100339146889358, 0.47809219195188291, -0.60787776816637296],
        "loss": 0.79019347461162459,
        "out.weight": [[0.89998550353212459, 0.11308206257748422, -0.30556512294005533, 0.78071239747461263]],
        "out.bias": [0.25349889231629719],
        "forward.w_i": [[0.81774797207904537, 0.099241486117094976], [-0.64869350255636848, 0.28910092206281196]],
        "forward.w_h": [[0.065264970865387184, -0.52869664591385612], [0.1729226765657019, 0.24711623573271421]],
        "forward.b_h": [0.29862639498209875, -0.034963189177939114],
        "backward.w_i": [[0.45013315181861796, -0.059229531660904854], [0.45660000794697986, 0.18744648704913852]],
        "backward.w_h": [[0.046514892255630998, 0.016237786321657486], [0.13317282477713724, -0.050076747330349468]],
        "backward.b_h": [-0.27314945014060454, 0.17200483889117391],
    },
    "stacked": {
        "outputs": [0.67336717948348102],
        "loss": 0.41210200891583915,
        "out.weight": [[-0.2152053876565157, 0.033706458247240306]],
        "out.bias": [-0.33774328348331573],
        "first.w_i": [[-0.14089773347898299, 0.10641445291903556], [-0.051088976558139369, -0.056050755944921669]],
        "first.w_h": [[0.11599041376985449, 0.094655423699271476], [-0.085506369101868623, -0.0040750319216117728]],
        "first.b_h": [0.18494608837099019, -0.21198699683901617],
        "second.w_i": [[0.01239464225937352, -0.13814325585719797], [-0.11668788836663924, 0.047090474444975668]],
        "second.w_h": [[0.015155886006496255, -0.26002592477994302], [0.061912423752035081, 0.14808755597448825]],
        "second.b_h": [-0.34742662094475235, 0.11515101630045434],
    },
}


@every_shape
@fused_or_not
def test_outputs_and_every_gradient_are_those_of_pytorch(shape, fused):
    built, figures = shape(Setting(fused)), dict(TORCH[shape.__name__])
    built.loss.backward()
    assert close_all([s.data for s in flat(built.outputs)], flat(figures.pop("outputs")))
    assert close(built.loss.data, figures.pop("loss"))
    parameters = built.parameters()
    assert parameters.keys() == figures.keys()
    for name, w in parameters.items():
        assert close_all([value.grad for value in flat(w)], flat(figures[name])), name


def close_all(got, expected, absolute=1e-15):
    return all(close(a, b) or abs(a - b) <= absolute for a, b in zip(got, expected, strict=True))


@every_shape
@fused_or_not
def test_scalar_networks_agree_with_central_differences(shape, fused):
    built, h = shape(Setting(fused, size=1)), 1e-5
    built.loss.backward()
    of = dict(zip(built.unrolleds, "AB"))
    for network, name in [(k, w) for k in built.unrolleds for w in ("w_i", "w_h", "b_h")]:
        moved = []
        for by in (h, -h):
            numbers = copy.deepcopy(NUMBERS)
            row = numbers[of[network]][name]
            (row if name == "b_h" else row[0])[0] += by
            moved.append(shape(Setting(fused, size=1, numbers=numbers)).loss.data)
        [w] = flat(built.parameters()[f"{network}.{name}"])
        assert abs(w.grad - (moved[0] - moved[1]) / (2 * h)) < 1e-9, (network, name)


class Untied(RNN):
    """An RNN whose every call of the cell, and every readout, uses weights of its own"""

    def own(self, kept: str) -> RNN:
        made = RNN.__new__(RNN)
        vars(made).update({k: copy.deepcopy(v) for k, v in vars(self).items() if k not in ("cells", "readouts")})
        vars(self).setdefault(kept, []).append(made)
        return made

    def cell(self, x, state):
        return self.own("cells").cell(x, state)

    def unroll(self, xs, state=None, *, truncate=None):
        unrolled = Unrolled(self.as_state(state or [0] * self.hidden_size), [])
        for t, x in enumerate(xs, start=1):
            unrolled.steps.append(Step(t, self.as_input(x), self.cell(x, unrolled.state)))
        return unrolled

    def readout(self, state):
        return self.own("readouts").readout(state)


@every_shape
@fused_or_not
@scalar_or_vector
def test_each_term_is_the_gradient_of_the_untied_copy_of_its_step(shape, fused, size):
    tied, untied = shape(Setting(fused, size)), shape(Setting(fused, size, Untied))
    untied.loss.backward()
    for name, unrolled in tied.unrolleds.items():
        rnn, copies = tied.networks[name], untied.networks[name].cells
        for w in ("w_i", "w_h", "b_h"):
            terms = contributions(tied.loss, unrolled, getattr(rnn, w))
            expected = [[value.grad for value in flat(getattr(cell, w))] for cell in copies]
            assert all(close_all(flat(a), b) for a, b in zip(terms, expected, strict=True)), (name, w)
    if rnn is tied.networks["out"]:                   # its readouts end with the last step
        terms = contributions(tied.loss, unrolled, rnn.w_o)
        readouts = [flat(one.w_o) for one in untied.networks["out"].readouts]
        expected = [[0] * len(readouts[0])] * (len(terms) - len(readouts)) + [[w.grad for w in one] for one in readouts]
        assert all(close_all(flat(a), b) for a, b in zip(terms, expected, strict=True))


@every_shape
@fused_or_not
@scalar_or_vector
def test_the_weights_of_each_network_have_all_their_uses_in_its_own_steps(shape, fused, size):
    built = shape(Setting(fused, size))
    for name, unrolled in built.unrolleds.items():
        rnn = built.networks[name]
        of_cells = ledgers(built.loss, unrolled, flat([rnn.w_i, rnn.w_h, rnn.b_h]))
        assert all(ledger.elsewhere == 0 for ledger in of_cells)


@fused_or_not
@scalar_or_vector
@pytest.mark.parametrize(("shape", "earlier", "later"),
                         [(stacked, "first", "second"), (encoder_decoder, "encoder", "decoder")])
def test_what_feeds_a_network_is_no_step_of_it(shape, earlier, later, fused, size):
    built = shape(Setting(fused, size))
    rnn = built.networks[earlier]
    for ledger in ledgers(built.loss, built.unrolleds[later], flat([rnn.w_i, rnn.w_h, rnn.b_h])):
        assert not any(ledger.terms) and ledger.elsewhere == ledger.total != 0


@every_shape
@fused_or_not
@scalar_or_vector
def test_the_replay_and_the_flow_arrive_at_the_gradients_of_backward(shape, fused, size):
    built = shape(Setting(fused, size))
    built.loss.backward()
    for unrolled in built.unrolleds.values():
        last = {event.operand: event.total for event in replay(built.loss, unrolled)}
        assert all(total == operand.grad for operand, total in last.items())
        squares = [sum(o.grad**2 for o in state) for state in unrolled.states]
        assert close_all([norm**2 for norm in gradient_flow(built.loss, unrolled)], squares)


@every_shape
def test_the_chain_rule_of_a_scalar_shape_adds_up_to_the_gradient_of_backward(shape):
    built = shape(Setting(size=1))
    built.loss.backward()
    for unrolled, name in zip(built.unrolleds.values(), built.unrolleds):
        for w in ("w_i", "w_h"):
            [weight] = flat(getattr(built.networks[name], w))
            rule = chain_rule(built.loss, weight, unrolled)
            assert abs(sum(term.product for term in rule.terms) - weight.grad) < 1e-15


@fused_or_not
def test_generated_inputs_carry_the_product_of_the_loop_and_of_the_feedback(fused):
    """∂o_t/∂o_{t−1} = (1 − o_t²)·(w_h + w_i·w_o): the state goes on, and comes back as an input"""
    built = one_to_many(Setting(fused, size=1))
    slope = 0.4 + 0.5 * 0.9
    jacobians = state_jacobians(built.unrolleds["rnn"])
    assert close(jacobians[0][0][0], (1 - built.unrolleds["rnn"][0].state[0].data ** 2) * 0.4)     # x_1 is given
    for step, [[jacobian]] in zip(built.unrolleds["rnn"].steps[1:], jacobians[1:]):
        assert close(jacobian, (1 - step.state[0].data ** 2) * slope)


@fused_or_not
def test_one_network_read_twice_is_itemised_by_the_reading_that_is_asked_about(fused):
    """Siamese: one RNN over two sequences; the uses in the other are elsewhere"""
    rnn = Setting(fused, size=1).rnn("A")
    left, right = rnn.unroll([[1.0], [0.3]]), rnn.unroll([[-0.7], [0.2], [0.5]])
    loss = (left.state[0] - right.state[0]) ** 2
    loss.backward()
    [w] = rnn.w_h[0]
    ledgers_of = [ledgers(loss, unrolled, [w])[0] for unrolled in (left, right)]
    alone = []
    for unrolled in (left, right):                    # ∂L/∂o_n · ∂o_n/∂w_h of each reading
        alone.append(gradients(unrolled.state[0])[w] * unrolled.state[0].grad)
    assert [len(ledger.terms) for ledger in ledgers_of] == [2, 3]
    assert close_all([sum(ledger.terms) for ledger in ledgers_of], alone)
    assert close_all([ledger.elsewhere for ledger in ledgers_of], alone[::-1])


def test_a_gate_of_the_layer_below_is_no_output_of_the_layer_above():
    first, second = RNN(1, 1, activation="sigmoid", fused=True), RNN(1, 1, activation="sigmoid", fused=True, seed=1)
    below = first.unroll([[1], [0.5]])
    above = second.unroll([step.state for step in below])
    loss = binary_cross_entropy_with_logits(second.readout(above.state)[0], 1)
    named = Snapshot(loss, [above]).label
    assert not [label for label in named.values() if label.startswith("y_hat")]
    assert named[loss.operands[0]] == "s"


@pytest.mark.parametrize("engine", ["dot", ""])
def test_the_lesson_runs_with_an_engine_and_without(engine, tmp_path, monkeypatch, capsys):
    if engine:
        need(engine)
    monkeypatch.setattr(engines, "available", lambda: engine)
    monkeypatch.chdir(tmp_path)
    lesson = runpy.run_path(str(LESSON), run_name="__main__")
    pictures = sorted(path.name for path in (tmp_path / "minigrad-lessons").iterdir())
    names = sorted(lesson["SEEN"])
    assert pictures == [f"09_{name}.{'svg' if engine else 'gv'}" for name in names]
    assert set(names) == {shape.__name__ for shape in SHAPES}
    assert "s₃ = −0.07104 sees x₁, x₂, x₃" in " ".join(capsys.readouterr().out.split())


@fused_or_not
def test_the_layer_below_has_no_step_of_the_layer_above(fused):
    built = stacked(Setting(fused))
    below, above = built.unrolleds.values()
    assert Snapshot(built.loss, [above]).step.keys().isdisjoint(Snapshot(built.loss, [below]).cell_step)


def test_an_error_against_an_input_belongs_to_the_step_of_its_output():
    rnn = RNN(1, 1)
    xs = [Value(0.4), Value(0.2)]
    unrolled = rnn.unroll([[x] for x in xs])
    errors = [(rnn.readout(step.state)[0] - x) ** 2 for step, x in zip(unrolled, xs)]
    steps = Snapshot(errors[0] + errors[1], [unrolled]).step
    assert [steps[error] for error in errors] == [1, 2]
