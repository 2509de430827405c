"""How fast the explorer of a thousand boxes loads and steps in Chromium: `python -m tests.viz.speed`.

It prints the best and the median of some loads, and of steps until their picture is painted; nothing is asserted.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

import nn
from autodiff import Value
from viz import draw

LOADS, STEPS = 5, 100
PAINTED = """async (count) => {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    go(Math.floor((i + 0.5) / count * LAST));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - start);
  }
  return times;
}"""


def graph() -> Value:
    """Return the loss of a net whose picture has some thousand boxes."""
    net = nn.MLP(3, [18, 17, 1], activation="tanh", rng=0)
    loss: Value = (net([0.1, 0.2, 0.3]) - 1.0) ** 2
    for k in range(4):
        chain = Value(0.1 * k)
        for i in range(30):
            chain = chain * Value(0.9) if i % 3 else chain + Value(0.3)
        loss = loss + chain
    return loss


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    loss = graph()
    loss.backward()
    start = time.perf_counter()
    page = draw(loss, fold=None).explore()
    print(f"made in {time.perf_counter() - start:.2f} s, {len(page.html) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = page.save(Path(folder) / "page.html")
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1400, "height": 820})
        loads = []
        for _ in range(LOADS):
            start = time.perf_counter()
            tab.goto(path.as_uri())
            tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            loads.append(time.perf_counter() - start)
        boxes, steps = tab.locator("g.node").count(), tab.evaluate(PAINTED, STEPS)
        browser.close()
    print(f"{boxes} boxes: loaded and painted in {min(loads):.2f} s, median {median(loads):.2f} s")
    print(f"stepped and painted in {min(steps):.0f} ms, median {median(steps):.0f} ms, longest {max(steps):.0f} ms")


if __name__ == "__main__":
    main()
