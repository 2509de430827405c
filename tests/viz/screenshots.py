"""The screenshots in `docs/` of pages that the README's examples write: `python -m tests.viz.screenshots`."""

from __future__ import annotations

import doctest
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZE = {"width": 1240, "height": 700}
PAGES = {  # the page, the keys that are pressed on it, light or dark → the picture
    "explorer": ("explore.html", ["ArrowLeft", "ArrowLeft"], "light"),
    "explorer-dark": ("explore.html", ["[", *["ArrowLeft"] * 3], "dark"),
    "training": ("training.html", ["Home", *["ArrowRight"] * 11], "light"),
}


def main() -> None:
    """Run the examples in a folder of their own, open the pages and write the pictures."""
    from playwright.sync_api import sync_playwright

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(readme, {}, "README.md", "README.md", 0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for name, (page, keys, scheme) in PAGES.items():
                tab = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
                tab.goto(Path(folder, page).as_uri())
                for key in keys:
                    tab.keyboard.press(key)
                tab.screenshot(path=ROOT / "docs" / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
