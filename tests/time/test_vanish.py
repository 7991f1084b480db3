"""The vanishing gradient: its numbers against closed formulas, its table, its picture."""

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import close

from minigrad.bptt import gradient_flow
from minigrad.cli.main import main
from minigrad.cli.vanishing import (
    CELLS,
    NORMS,
    cell_lines,
    compare_cells,
    flow,
    flow_lines,
    random_inputs,
    verdict,
    why_gates_help,
)
from minigrad.draw.plot import Axes, Panel, plot, ticks
from minigrad.nn import LSTM


@pytest.mark.parametrize("w_h", [0.5, 1.0, 2.0, -0.9])
@pytest.mark.parametrize("activation", ["tanh", "identity"])
def test_without_inputs_every_factor_is_w_h_and_the_gradient_its_power(w_h, activation):
    found = flow(w_h, [0.0] * 20, activation)
    assert found.factors == [w_h] * 20
    assert all(close(reached, abs(w_h) ** (20 - t)) for t, reached in enumerate(found.gradient_norms))


def test_with_inputs_each_factor_is_the_slope_times_w_h():
    inputs = random_inputs(30, seed=3)
    found, o, factors = flow(2.0, inputs, "tanh"), 0.0, []
    for x in inputs:
        o = math.tanh(x + 2.0 * o)
        factors.append((1 - o * o) * 2.0)
    assert all(close(a, b, 1e-9) for a, b in zip(found.factors, factors, strict=True))
    assert close(found.gradient_norms[0], math.prod(map(abs, factors)), 1e-7)


def test_with_inputs_the_largest_weight_vanishes_fastest_for_tanh():
    inputs = random_inputs(50)
    first = [flow(w_h, inputs, "tanh").gradient_norms[0] for w_h in (0.5, 1.0, 2.0)]
    assert first[2] < first[0] < first[1] < 1


def test_what_reaches_the_first_step_of_each_network_is_what_pytorch_finds():
    """The norms of ∂L/∂h_0 and ∂L/∂c_0, of torch.nn.RNN, GRU and LSTM (torch 2.13, float64) with the same weights"""
    found = compare_cells(random_inputs(50), "tanh")
    for name, first in (("RNN", 7.721395526658498e-13), ("GRU", 1.3960157868019118e-12),
                        ("LSTM h", 9.647127648206166e-08), ("LSTM c", 6.129496915875105e-07),
                        ("c, f ≈ 1", 0.024796607987644943)):
        assert close(found[name][0], first, 1e-10) and len(found[name]) == 51
    assert all(close(found[name][50], 1) for name in ("RNN", "GRU", "LSTM h"))


def test_where_the_gates_do_not_read_the_state_the_gradient_of_the_cell_is_the_product_of_the_forget_gates():
    inputs, zero = random_inputs(20, seed=2), [[0.0]]
    lstm = LSTM.from_weights([[0.4]], [[0.9]], [[0.7]], [[-0.3]], zero, zero, zero, zero, [[1]], b_hf=[2.0])
    unrolled = lstm.unroll([[x] for x in inputs])
    reached = gradient_flow(unrolled.cell[0], unrolled, of="cell")
    kept = [1 / (1 + math.exp(-(0.9 * x + 2.0))) for x in inputs]
    assert all(close(reached[t], math.prod(kept[t:])) for t in range(21))


def test_the_table_of_the_networks_shows_a_dozen_steps_and_what_becomes_of_each():
    found = compare_cells(random_inputs(50), "tanh")
    head, *rows = cell_lines(found)
    assert head.split()[:3] == ["t", "RNN", "GRU"] and rows[0].split()[:4] == ["50", "1", "1", "1"]
    assert rows[10].split() == ["0", "7.721e−13", "1.396e−12", "9.647e−8", "6.129e−7", "0.0248"]
    assert rows[11] == "  RNN: the gradient vanishes: 7.721e−13 at the first step, on average × 0.572 per step"
    assert len(rows) == 16 and "0.7311" in " ".join(why_gates_help()) and "0.982" in " ".join(why_gates_help())


def test_verdicts():
    zero = [0.0] * 30
    assert "vanishes" in verdict(flow(0.5, zero, "tanh").gradient_norms)
    assert "explodes" in verdict(flow(2, zero, "tanh").gradient_norms)
    assert "holds" in verdict(flow(1, zero, "tanh").gradient_norms)
    assert "nothing gets through" in verdict(flow(1, [-1.0] * 30, "relu").gradient_norms)


def test_the_table_shows_a_dozen_steps_with_bars_by_magnitude():
    found = flow(0.5, [0.0] * 50, "tanh")
    lines = list(flow_lines(found, found.gradient_norms[0], 1.0))
    bars = [line.count("█") for line in lines[2:]]
    assert len(bars) <= 12 and bars == sorted(bars, reverse=True) and bars[0] == 39 and bars[-1] == 1
    assert lines[-1].split()[0] == "0" and "8.882e−16" in lines[-1]


def test_a_zero_is_a_cross_below_the_axis_and_no_number():
    drawing = plot([Panel("relu", {"w_h = 1": [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0)]})], "t", "y")
    assert drawing.source.count("×") == 2 and "nan" not in drawing.source and "inf" not in drawing.source


def test_points_stand_at_the_logarithm_of_their_value():
    drawing = plot([Panel("p", {"c": [(0, 1e-8), (1, 1e-4), (2, 1.0)]})], "t", "y")
    places = [line.partition('pos="')[2].partition("!")[0] for line in drawing.source.splitlines() if "p0c0_" in line]
    points = [tuple(map(float, place.split(","))) for place in places if place]
    assert points == [(0.0, 0.0), (165.0, 125.0), (330.0, 250.0)]


def test_on_a_linear_axis_points_stand_at_their_value_and_a_zero_is_a_point():
    drawing = plot([Panel("p", {"c": [(1, 0.5), (2, 0.25), (3, 0.0)]})], "t", "y", logarithmic=False)
    places = [line.partition('pos="')[2].partition("!")[0] for line in drawing.source.splitlines() if "p0c0_" in line]
    points = [tuple(map(float, place.split(","))) for place in places if place]
    assert points == [(0.0, 250.0), (165.0, 125.0), (330.0, 0.0)] and "×" not in drawing.source


@pytest.mark.parametrize(
    "high, marks",
    [(0.8, "0 0.2 0.4 0.6 0.8"), (0.69, "0 0.2 0.4 0.6"), (3e-4, "0 5e−5 0.0001 0.00015 0.0002 0.00025 0.0003"),
     (7.5, "0 2 4 6"), (120, "0 20 40 60 80 100 120")],
)
def test_the_marks_of_a_linear_axis_are_round_and_few(high, marks):
    found = Axes(0, 1, 0, high, logarithmic=False).marks()
    assert [written for _, _, written in found] == marks.split()
    assert all(math.isclose(y, 250 * float(w.replace("−", "-")) / high, abs_tol=1e-9) for _, y, w in found)


def test_a_panel_with_a_label_of_its_own_has_an_axis_of_its_own():
    wide, own = Panel("p", {"c": [(0, 1e-8), (1, 1.0)]}), Panel("q", {"d": [(0, 1e-2), (1, 1.0)]}, "other")
    source = plot([wide, own], "t", "y").source
    assert "other" in source
    first = [re.search(rf"p{k}c0_0 .*pos=\"([-\d.]+),([-\d.]+)!", source) for k in (0, 1)]
    assert [found and float(found[2]) for found in first] == [0.0, 0.0]


def test_ticks_are_round_and_few():
    assert ticks(-43, 16) == [-40, -30, -20, -10, 0, 10]
    assert ticks(0, 50) == [0, 10, 20, 30, 40, 50] and ticks(0, 1) == [0, 1]


@pytest.mark.parametrize("activation", ["tanh", "identity", "relu", "sigmoid"])
def test_the_command_prints_the_panels_and_draws_them(activation, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["vanish", "--steps", "20", "--w-h", "0.5", "1.5", "--activation", activation]) == 0
    out = capsys.readouterr().out
    assert f"--- {activation}, every x_t = 0" in out and f"--- {activation}, inputs in (−1, 1)" in out
    assert out.count("w_h = 0.5: the gradient") == 2 and "picture: vanish.svg" in out
    svg = ElementTree.parse(tmp_path / "vanish.svg")
    texts = [e.text for e in svg.iter() if e.tag.endswith("}text")]
    assert texts.count("w_h = 1.5") == 2 and texts.count("time step t") == 3 and "|∂L/∂o_t|" in texts
    assert CELLS in out and CELLS in texts and NORMS in texts and {"RNN", "GRU", "LSTM h", "LSTM c"} <= set(texts)


@pytest.mark.slow
def test_a_thousand_steps_do_not_flood(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["vanish", "--steps", "1000", "--w-h", "0.5", "--out", "v.gv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) < 70 and (tmp_path / "v.gv").stat().st_size < 100_000


@pytest.mark.parametrize("curve, message", [
    ([(0, math.nan), (1, 2)], "is nan at 0"), ([(0, -3), (1, 2)], "is -3 at 0"), ([(0, math.inf)], "is inf at 0"),
    ([], "has no points"),
])
def test_a_plot_refuses_what_has_no_place_on_its_axes(curve, message):
    for logarithmic in (True, False):
        with pytest.raises(ValueError, match=message):
            plot([Panel("p", {"a": [(0, 1.0)], "b": curve})], "t", "y", logarithmic=logarithmic)
