"""The live page: its bytes, and the time of a frame of a drag, for each graph of tests/draw/page_graphs.py.

    python tests/benchmarks/page.py            needs Chromium

ms a frame   all that a new number of the leaf in hand changes: the passes, and what is shown of them
between      from one frame to the next, with the browser's layout and painting; it draws at most 60 a second
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "draw")]

from browser import Browser  # noqa: E402
from page_graphs import GRAPHS  # noqa: E402

from minigrad.draw import walkthrough  # noqa: E402

FRAMES = 120
DRAG = f"""new Promise((done) => {{
  const script = [], between = [];
  let before = performance.now();
  const move = (now) => {{
    const start = performance.now();
    settings.set(hand, Math.sin(script.length / 9)); update();
    script.push(performance.now() - start);
    between.push(now - before);
    before = now;
    if (script.length < {FRAMES}) return requestAnimationFrame(move);
    const at = (times, share) => times.sort((a, b) => a - b)[Math.floor(times.length * share)];
    done([at(script, 0.5), at(script, 0.95), at(between, 0.5)]);
  }};
  requestAnimationFrame(move);
}})"""


def measure(browser: Browser, path: Path) -> list[float]:
    """The median and the 95th percentile of the ms a frame, and the median between frames"""
    browser.open(path)
    drag = browser.call("Runtime.evaluate", expression=DRAG, awaitPromise=True, returnByValue=True)
    return drag["result"]["value"]


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("skipped: chromium is not installed here")
    with TemporaryDirectory() as directory, Browser(chromium, Path(directory) / "profile") as browser:
        browser.size(1440, 900)
        print(f"{'graph':<16} {'Values':>6} {'bytes':>8}   ms a frame: {'median':>6} {'95 %':>6}   {'between':>8}")
        for name, graph in GRAPHS.items():
            path = walkthrough(*graph({})).save(Path(directory) / f"{name}.html")
            middle, high, between = measure(browser, path)
            values = browser.evaluate("graph.data.length")
            print(f"{name:<16} {values:>6} {path.stat().st_size:>8} {middle:>21.1f} {high:>6.1f}   {between:>8.1f}")


if __name__ == "__main__":
    main()
