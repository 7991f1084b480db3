"""The benchmarks run, and what they count is as promised.  (What they time is for reading, not for a test.)"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from conftest import lecture

from minigrad.draw import walkthrough

BENCHMARKS = Path(__file__).parent / "benchmarks"


def benchmark(name: str):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_speed_benchmark_runs_and_says_what_it_ran_on():
    command = [sys.executable, str(BENCHMARKS / "speed.py"), "--turns", "1", "--largest", "10000"]
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS.parent.parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    assert f"Python {sys.version.split()[0]}" in done.stdout and "micrograd" in done.stdout and "torch" in done.stdout
    assert "BPTT by hand on floats" in done.stdout


def test_by_hand_fused_and_unfused_have_the_same_gradients():
    speed = benchmark("speed")
    given = speed.task(3, 5)
    steps = [speed.hand_step(given), speed.minigrad_step(given, True), speed.minigrad_step(given, False)]
    first, *others = [step() for step in steps]
    for other in others:
        assert all(abs(a - b) <= 1e-12 * abs(a) for a, b in zip(first, other, strict=True))


def test_nothing_is_left_after_del_with_the_collector_off():
    assert benchmark("speed").left_after_del() == 0


def test_memory_grows_as_the_number_of_nodes():
    speed = benchmark("speed")
    sizes = [4_000, 16_000, 64_000]
    assert abs(speed.slope(sizes, speed.growth(sizes)["bytes"]) - 1) < 0.15


def test_without_pytorch_the_training_benchmark_says_so_and_ends_well(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no torch')\n")
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{BENCHMARKS.parent.parent}", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(BENCHMARKS / "training.py")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "skipped: PyTorch is not installed here (python -m pip install torch)\n"


def test_the_benchmark_of_the_page_measures_every_frame_of_a_drag(browser, tmp_path):
    _, unrolled, _, loss = lecture()
    path = walkthrough(loss, unrolled).save(tmp_path / "page.html")
    script, slowest, between = benchmark("page").measure(browser, path)
    assert 0 < script <= slowest and between > 0
    assert browser.until("Math.abs(graph.data[hand] - Math.sin(119 / 9)) < 1e-9"), "the drag did not reach its end"
