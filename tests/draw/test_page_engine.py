"""The engine in the page computes, differentiates and refuses as Python does."""

import json
import math
import random
import struct
from importlib.resources import files

import pytest
from page_graphs import GRAPHS, domains

from minigrad import Value
from minigrad.draw.page.graph import PageGraph
from minigrad.losses import cross_entropy
from minigrad.nn import RNN
from minigrad.notation import number, signed
from minigrad.snapshot import Snapshot

SETTINGS = 100

RUN = """(jobs) => jobs.map(({nodes, settings}) => {
  const graph = new Graph(nodes);
  return settings.map((leaves) => {
    for (const [leaf, x] of leaves) graph.data[leaf] = x;
    graph.run();
    return graph.refused ? graph.refused.op : [graph.data.slice(), graph.gradient.slice()];
  });
})"""


def page_graph(loss, unrolled=None):
    return PageGraph(Snapshot(loss, [unrolled] if unrolled else []))


def in_browser(browser, scripts, function, *given):
    """What a function gives that is defined beside some of the page's scripts, which run alone"""
    folder = files("minigrad") / "draw" / "page"
    source = "\n".join((folder / f"{script}.js").read_text(encoding="utf-8") for script in scripts.split())
    browser.call("Page.navigate", url="about:blank")
    return browser.evaluate(f"(() => {{ {source}\nreturn ({function})(...{json.dumps(given)}); }})()")


def random_setting(graph, low, high):
    return {leaf.label: random.random() if bounds else random.uniform(low, high)
            for leaf, bounds in graph.movable.items()}


def by_python(make, given):
    """(every number, every gradient) of the graph that Python makes of these leaves; or what it refuses them with"""
    try:
        loss, unrolled = make(given)
        graph = page_graph(loss, unrolled)
        gradient = graph.snapshot.gradient
        return [float(v.data) for v in graph.order], [float(gradient.get(v, 0)) for v in graph.order]
    except (ValueError, ArithmeticError) as error:
        return str(error)


def both(browser, make, settings):
    """[(by Python, by the page), …] for each setting"""
    graph = page_graph(*make({}))
    place = {leaf.label: graph.place[leaf] for leaf in graph.movable}
    given = [[[place[label], x] for label, x in setting.items()] for setting in settings]
    [answers] = in_browser(browser, "elementary engine", RUN, [{"nodes": graph.nodes, "settings": given}])
    return list(zip([by_python(make, setting) for setting in settings], answers))


def agree(a, b):
    return abs(a - b) <= max(1e-15, 1e-12 * max(abs(a), abs(b)))


@pytest.mark.parametrize("name", GRAPHS)
def test_every_number_and_gradient_is_pythons(browser, name):
    random.seed(name)
    graph = page_graph(*GRAPHS[name]({}))
    assert not graph.locked and len(graph.movable) > 1
    settings = [random_setting(graph, -2, 2) for _ in range(SETTINGS)]
    for python, answer in both(browser, GRAPHS[name], settings):
        assert not isinstance(python, str) and not isinstance(answer, str), (python, answer)
        for numbers, answered in zip(python, answer):
            assert len(numbers) == len(answered) and all(map(agree, numbers, answered))


def test_the_page_refuses_what_python_refuses(browser):
    random.seed(1)

    def anything():
        x = random.choice([0, 1, 2, *[random.uniform(-2, 2) for _ in range(8)]])
        return x if random.random() < 0.1 else abs(x)

    settings = [{label: anything() for label in "abc"} for _ in range(1000)]
    answers = both(browser, domains, settings)
    refused = [(python, answer) for python, answer in answers if isinstance(python, str) or isinstance(answer, str)]
    assert 300 < len(refused) < 900
    for python, answer in refused:
        assert isinstance(python, str) and isinstance(answer, str), (python, answer)
        operation = python.split(" of ")[0]
        assert answer in (operation, operation.split()[-1]) or "gradient" in python, (python, answer)


def test_a_leaf_beneath_an_operation_made_by_hand_is_locked_and_the_operation_frozen():
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    square = Value(9.0, "square", (x,), (6.0,))
    graph = page_graph(square * w)
    assert list(graph.movable) == [w] and graph.locked == {x: "square"}
    assert graph.nodes[graph.place[square]] == ["frozen", [0], {"op": "square", "data": 9, "partials": [6]}]


def test_a_value_whose_leaf_was_changed_since_is_frozen_as_it_was_recorded():
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    product = x * w
    x.data = 100.0
    graph = page_graph(product)
    assert graph.nodes[2][0] == "frozen" and set(graph.locked) == {x, w}


def test_the_constants_of_a_fused_network_and_the_target_of_a_class_are_found():
    rnn = RNN.from_weights(w_i=[[0.5]], w_h=[[0.8]], w_o=[[1.2]], fused=True)
    unrolled = rnn.unroll([[1], [0.5]])
    graph = page_graph(rnn.readout(unrolled.state)[0], unrolled)
    assert [node[2] for node in graph.nodes if isinstance(node, list) and node[0] == "dot"] == [[1], [0.5], []]
    for target in range(3):
        logits = [Value(x) for x in (800.0, 1.0, 0.0)]
        assert page_graph(cross_entropy(logits, target)).nodes[-1][2] == target


def test_a_target_is_held_between_0_and_1_where_the_loss_needs_it():
    for name, label in (("lecture", "y"), ("one_hot", "y"), ("units", "y")):
        graph = page_graph(*GRAPHS[name]({}))
        assert [leaf.label for leaf, bounds in graph.movable.items() if bounds == [0, 1]] == [label]
    assert not any(page_graph(*GRAPHS["lstm"]({})).movable.values())


def test_numbers_are_written_as_python_writes_them(browser):
    random.seed(3)
    numbers = [0, -0.0, 0.125, 0.375, 2.5, -0.5, 1e5, 99995, 0.00001, 5e-324, 1.7976931348623157e308, 12345.5, 0.1]
    numbers += [random.randrange(-10**6, 10**6) / 2 ** random.randrange(12) for _ in range(2000)]
    numbers += [random.uniform(-10, 10) * 10 ** random.randrange(-12, 12) for _ in range(2000)]
    numbers += filter(math.isfinite, [struct.unpack("d", random.randbytes(8))[0] for _ in range(1000)])
    digits = [1, 2, 3, 4, 6]
    write = "(xs, digits) => xs.map((x) => digits.map((d) => [number(x, d), signed(x, d)]))"
    written = in_browser(browser, "numbers", write, numbers, digits)
    assert written == [[[number(x, d), signed(x, d)] for d in digits] for x in numbers]
